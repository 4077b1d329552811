/* json_node.h -- what the parts of the json decoder share: the tree of wanted columns.
 *
 * The wanted columns form a tree of nodes, one per type. Two walks fill them, and agree:
 *
 *   json_strict.c   reads a line byte by byte, knows every rule and makes every message;
 *   json_fast.c     follows an index of the line's quotes and takes what is in its usual
 *                   form; a line that is not, good or bad, it leaves to the strict walk.
 *
 * Lines of one file tend to have their keys in one order, so each name remembers the one
 * that came after it last time, and that is tried first (Mison, VLDB 2017, calls it
 * speculation). Names nobody wants are learned too, so that they are passed over as fast. */
#ifndef LT_CONNECTORS_FORMATS_JSON_NODE_H
#define LT_CONNECTORS_FORMATS_JSON_NODE_H

#include "connectors/formats/json.h"
#include "connectors/formats/structural.h"
#include "data/text_fast.h"

enum { JSON_KEY_HEAD = 16, JSON_MAP_MAX = 16384 };

/* How the fast walk reads a value. */
enum json_form {
    JSON_UNWANTED,
    JSON_I8,
    JSON_I16,
    JSON_I32,
    JSON_I64,
    JSON_FLOAT,
    JSON_DOUBLE,
    JSON_DECIMAL,
    JSON_BOOLEAN,
    JSON_VARCHAR,
    JSON_DATE,
    JSON_TIMESTAMP,
    JSON_ROW,
    JSON_LIST,
    JSON_OTHER, /* leaves it to the strict walk */
};

/* A name that comes in an object: of a wanted field, or (node NULL) one that was learned. */
struct json_field {
    /* "name": as it last stood in the text, perhaps with a blank behind; all of its bytes if
     * they are no more than 16. */
    char key[JSON_KEY_HEAD];
    char rest[JSON_KEY_HEAD]; /* all ones where `key` has none */
    uint32_t key_size;
    struct json_field *next; /* the name that came after this one last time */
    uint64_t bit;            /* of a wanted field: which of node->all */
    uint64_t seen;           /* the object it last came in */
    uint8_t form;            /* enum json_form */
    /* Bound to a column of the batch that is built: */
    uint32_t view_max; /* text up to this long needs no more than a view of it */
    void *values;
    uint64_t *validity; /* NULL = all valid so far */
    struct lt_column *col;
    struct lt_fast_day day; /* the last date that was read */
    const char *text;       /* "name": and a blank */
    struct lt_str name;
    struct json_node *node;
    struct json_node *inside; /* of one nobody wants: the names of objects in it */
    uint32_t child;           /* column of the builder or child of the ROW's column */
};

struct json_node {
    const struct lt_type *type;
    struct lt_str path; /* "bid.price", for messages */
    /* ROW, and the record itself: the wanted fields. */
    uint32_t n_fields;
    struct json_field *fields;
    uint64_t all; /* the bits of all fields; never all there when they are more than 63 */
    struct json_field *first;  /* the name that came first last time */
    struct json_field nobody;  /* a name that is not known; its key matches nothing */
    uint32_t n_names;          /* wanted and learned */
    uint32_t names_cap;        /* a power of two */
    struct json_field **names; /* open addressing by hash */
    /* ARRAY: [0] the element; MAP: [0] key, [1] value. They have no names. */
    struct json_field *items[2];
};

struct lt_decoder {
    struct lt_alloc *alloc;
    struct lt_arena arena;
    struct lt_json_options options;
    const struct lt_tz *zone;
    struct json_node *root;
    struct lt_buf scratch;
    struct lt_buf source;
    uint64_t line;
    uint64_t bad;
    uint32_t learned; /* names nobody wants that are remembered */
    uint64_t objects; /* how many were begun: stamps json_field.seen */
    bool fresh;
    /* The record being read strictly. */
    struct lt_json_cursor cur;
    const char *start;
    struct lt_buffer *buffer;
    bool null_instead; /* some value became NULL because it was bad */
    struct lt_error *err;
    /* The fast walk. */
    const struct lt_structural *level; /* NULL = all lines are read strictly */
    uint16_t *index;
    size_t row_bytes; /* of a line, in the last call */
};

/* ---- json_tree.c -------------------------------------------------------- */

lt_status lt_json_tree_make(struct lt_arena *arena, const struct lt_schema *physical,
                            const struct lt_scan_request *request,
                            struct json_node **out) LT_MUST_CHECK;
/* The field of that name, as it is without escapes; node->nobody when it is not known. */
struct json_field *lt_json_tree_find(struct json_node *node, struct lt_str name);
/* Learns a name that is not known and has no escapes: its field, or node->nobody when there
 * are too many (or memory is out: then it is just not learned). */
struct json_field *lt_json_tree_learn(struct lt_decoder *dec, struct json_node *node,
                                      struct lt_str name);
/* The node for objects in a field nobody wants; NULL when memory is out. */
struct json_node *lt_json_tree_inside(struct lt_decoder *dec, struct json_field *field);
/* How the name stands in the text from here on: with a blank behind the colon? */
void lt_json_field_blank(struct json_field *field, bool blank);
/* Ties fields to the columns they fill: when a fast walk begins, and whenever a NULL may have
 * given a column its bitmap. */
void lt_json_field_bind(struct json_field *field, struct lt_column *col);
void lt_json_tree_bind(struct json_node *node, struct lt_column **columns);

/* The lane of the key in lane `end` among those of the map's keys that begin at `from`; `end`
 * when it is new. */
static inline uint32_t lt_json_map_find(const struct lt_column *keys, uint32_t from, uint32_t end)
{
    const struct lt_sv *sv = keys->values;
    uint32_t at = from;
    while (at < end && !lt_sv_equal(&sv[at], &sv[end]))
        at++;
    return at;
}

/* ---- json_strict.c ------------------------------------------------------ */

/* One line [start, end), into the next row of `into` if it is a record. */
lt_status lt_json_strict_line(struct lt_decoder *dec, const char *start, const char *end,
                              struct lt_batch_builder *into) LT_MUST_CHECK;
/* The value at dec->cur, after any blanks. */
lt_status lt_json_strict_value(struct lt_decoder *dec, struct json_node *node,
                               struct lt_column *col, uint32_t row) LT_MUST_CHECK;

/* ---- json_fast.c -------------------------------------------------------- */

/* Reads whole lines from data until `row_end` rows are there or less than a line is left that
 * can be indexed; what remains is for the strict walk. *used = bytes consumed. */
lt_status lt_json_fast_lines(struct lt_decoder *dec, const char *data, size_t size,
                             struct lt_batch_builder *into, uint32_t row_end,
                             size_t *used) LT_MUST_CHECK;

#endif
