/* json_decode.c -- JSON lines into columns.
 *
 * The wanted columns form a tree of nodes, one per type. A line is walked once,
 * and each value goes straight into its lane; what nobody wants is skipped (and
 * checked). Lines of one file tend to have their keys in one order, so a node
 * remembers the key it saw at each place, and tries that one first: most keys
 * cost one memcmp (Mison, VLDB 2017, calls it speculation). */
#include "connectors/formats/json.h"

#include <math.h>
#include <stdio.h>

#include "connectors/formats/lane.h"
#include "connectors/formats/text.h"

enum { JSON_PLACES = 32, JSON_PLACE_KEY_MAX = 35, JSON_MAP_MAX = 16384 };

struct json_place { /* the key last seen at a place in an object */
    int32_t field;
    uint8_t len; /* 0 = nothing remembered */
    char key[JSON_PLACE_KEY_MAX];
};

struct json_node {
    const struct lt_type *type;
    struct lt_str path; /* "bid.price", for messages */
    /* ROW, and the record itself: the wanted fields. */
    uint32_t n_fields;
    struct json_field {
        struct lt_str name;
        struct json_node *node;
        uint32_t child; /* column of the builder or child of the ROW's column */
        uint64_t seen;  /* the object it last came in */
    } * fields;
    struct json_place *places;
    /* ARRAY: [0] the element; MAP: [0] key, [1] value. */
    struct json_node *items[2];
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
    uint64_t objects; /* how many objects were begun: stamps json_field.seen */
    bool fresh;
    /* The record being read. */
    struct lt_json_cursor cur;
    const char *start;
    struct lt_buffer *buffer;
    bool null_instead; /* some value became NULL because it was bad */
    struct lt_error *err;
};

/* ---- messages ----------------------------------------------------------- */

static lt_status json_fail(struct lt_decoder *dec, const char *at, const char *what)
{
    if (dec->options.ignore_bad)
        return LT_DATA;
    size_t column = lt_utf8_length((struct lt_str){dec->start, (size_t)(at - dec->start)}) + 1;
    struct lt_str source = lt_buf_str(&dec->source);
    char excerpt[LT_EXCERPT_SIZE];
    lt_excerpt(excerpt, (struct lt_str){at, (size_t)(dec->cur.end - at)});
    return lt_fail(dec->err, LT_DATA, "%.*s%sline %llu, column %zu: %s%s%s%s", LT_STR_ARG(source),
                   source.len ? ": " : "", (unsigned long long)dec->line, column, what,
                   *excerpt ? ", at '" : ", at the end of the line", excerpt, *excerpt ? "'" : "");
}

static lt_status json_syntax(struct lt_decoder *dec)
{
    return json_fail(dec, dec->cur.at, dec->cur.problem);
}

/* The value at `at` cannot be had as the node's type. */
static lt_status json_bad(struct lt_decoder *dec, const struct json_node *node, const char *at)
{
    if (dec->options.ignore_bad)
        return LT_DATA;
    struct lt_buf type;
    lt_buf_init(&type, dec->alloc);
    lt_type_print(&type, node->type);
    char what[400];
    struct lt_str text = lt_buf_str(&type);
    snprintf(what, sizeof(what), "field '%.*s' does not fit its type %.200s",
             (int)(node->path.len < 100 ? node->path.len : 100), node->path.data, text.data);
    lt_buf_close(&type);
    return json_fail(dec, at, what);
}

/* ---- scalars ------------------------------------------------------------ */

static lt_status json_text(struct lt_decoder *dec, struct lt_str raw, bool escaped,
                           struct lt_str *out)
{
    *out = raw;
    if (!escaped)
        return LT_OK;
    lt_buf_clear(&dec->scratch);
    if (!lt_buf_reserve(&dec->scratch, raw.len + 1))
        return LT_NOMEM;
    out->data = dec->scratch.data;
    out->len = lt_json_unescape(dec->scratch.data, raw);
    return LT_OK;
}

static lt_status json_put_bytes(struct lt_decoder *dec, struct lt_column *col, uint32_t row,
                                struct lt_str text)
{
    char *out = lt_alloc_get(dec->alloc, text.len + 1);
    size_t size = 0;
    if (!out)
        return LT_NOMEM;
    lt_status status = lt_base64_decode(out, &size, text) && size <= col->type->length
                           ? lt_lane_str(col, row, (struct lt_str){out, size}, NULL)
                           : LT_DATA;
    lt_alloc_put(dec->alloc, out, text.len + 1);
    return status;
}

static lt_status json_put_string(struct lt_decoder *dec, const struct json_node *node,
                                 struct lt_column *col, uint32_t row)
{
    const char *at = dec->cur.at;
    struct lt_str raw, text;
    bool escaped;
    if (!lt_json_string(&dec->cur, &raw, &escaped))
        return json_syntax(dec);
    LT_TRY(json_text(dec, raw, escaped, &text));
    lt_status status;
    if (lt_type_is_binary(node->type))
        status = json_put_bytes(dec, col, row, text);
    else if (text.len == 0 && !lt_type_is_char(node->type))
        status = LT_DATA;
    else
        status = lt_lane_text(col, row, text, escaped ? NULL : dec->buffer, dec->zone);
    return status == LT_DATA ? json_bad(dec, node, at) : status;
}

/* A whole number into an integer lane; false when it does not fit. */
static bool json_put_i64(struct lt_column *col, uint32_t row, int64_t value)
{
    switch ((enum lt_phys)col->phys) {
    case LT_PHYS_I8: ((int8_t *)col->values)[row] = (int8_t)value; return value == (int8_t)value;
    case LT_PHYS_I16:
        ((int16_t *)col->values)[row] = (int16_t)value;
        return value == (int16_t)value;
    case LT_PHYS_I32:
        ((int32_t *)col->values)[row] = (int32_t)value;
        return value == (int32_t)value;
    default: ((int64_t *)col->values)[row] = value; return true;
    }
}

static bool json_integer(struct lt_str raw, bool integer, int64_t *out)
{
    if (!integer) {
        double value;
        if (!lt_text_to_double(raw, &value) || value != floor(value) ||
            fabs(value) > 9007199254740992.0)
            return false;
        *out = (int64_t)value;
        return true;
    }
    bool negative = raw.data[0] == '-';
    uint64_t value = 0;
    if (raw.len - negative > 19)
        return false;
    for (size_t i = negative; i < raw.len; i++)
        value = value * 10 + (uint64_t)(raw.data[i] - '0');
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static lt_status json_put_number(struct lt_decoder *dec, const struct json_node *node,
                                 struct lt_column *col, uint32_t row)
{
    const char *at = dec->cur.at;
    struct lt_str raw;
    bool integer;
    if (!lt_json_number(&dec->cur, &raw, &integer))
        return json_syntax(dec);
    lt_status status = LT_DATA;
    int64_t value;
    if (lt_type_is_integer(node->type)) {
        lt_lane_valid(col, row);
        if (json_integer(raw, integer, &value) && json_put_i64(col, row, value))
            return LT_OK;
    } else if (lt_type_is_numeric(node->type) || lt_type_is_char(node->type)) {
        status = lt_lane_text(col, row, raw, dec->buffer, dec->zone);
    }
    return status == LT_DATA ? json_bad(dec, node, at) : status;
}

static lt_status json_put_word(struct lt_decoder *dec, const struct json_node *node,
                               struct lt_column *col, uint32_t row)
{
    const char *at = dec->cur.at;
    bool yes = *at == 't';
    if (!lt_json_word(&dec->cur, yes ? "true" : "false"))
        return json_syntax(dec);
    lt_status status = LT_DATA;
    if (node->type->kind == LT_TYPE_BOOLEAN || lt_type_is_char(node->type))
        status = lt_lane_text(col, row, yes ? LT_STR("true") : LT_STR("false"), NULL, dec->zone);
    return status == LT_DATA ? json_bad(dec, node, at) : status;
}

/* An object or array where text is wanted: its JSON. */
static lt_status json_put_json(struct lt_decoder *dec, const struct json_node *node,
                               struct lt_column *col, uint32_t row)
{
    const char *at = dec->cur.at;
    if (!lt_json_skip(&dec->cur))
        return json_syntax(dec);
    if (!lt_type_is_char(node->type))
        return json_bad(dec, node, at);
    struct lt_str raw = {at, (size_t)(dec->cur.at - at)};
    lt_buf_clear(&dec->scratch);
    if (!lt_buf_reserve(&dec->scratch, raw.len + 1))
        return LT_NOMEM;
    struct lt_str text = {dec->scratch.data, lt_json_compact(dec->scratch.data, raw)};
    lt_status status = lt_lane_text(col, row, text, NULL, dec->zone);
    return status == LT_DATA ? json_bad(dec, node, at) : status;
}

/* ---- nested values ------------------------------------------------------ */

static lt_status json_value(struct lt_decoder *dec, struct json_node *node, struct lt_column *col,
                            uint32_t row);

static bool json_expect(struct lt_decoder *dec, char a, char b, const char *problem, char *found)
{
    lt_json_space(&dec->cur);
    int c = lt_json_peek(&dec->cur);
    if (c != a && c != b) {
        dec->cur.problem = problem;
        return false;
    }
    *found = (char)c;
    dec->cur.at++;
    return true;
}

static bool json_enter(struct lt_decoder *dec)
{
    if (dec->cur.depth == LT_JSON_DEPTH_MAX) {
        dec->cur.problem = "values are nested more than 128 deep";
        return false;
    }
    dec->cur.depth++;
    dec->cur.at++;
    lt_json_space(&dec->cur);
    return true;
}

static lt_status json_array(struct lt_decoder *dec, struct json_node *node, struct lt_column *col,
                            uint32_t row)
{
    uint32_t at = lt_lane_list_start(col, row);
    if (!json_enter(dec))
        return json_syntax(dec);
    char found = ',';
    if (lt_json_peek(&dec->cur) == ']') {
        dec->cur.at++;
        found = ']';
    }
    for (; found == ','; at++) {
        struct lt_column *child;
        LT_TRY(lt_lane_child(col, 0, at, &child));
        LT_TRY(json_value(dec, node->items[0], child, at));
        if (!json_expect(dec, ',', ']', "',' or ']' is expected", &found))
            return json_syntax(dec);
    }
    dec->cur.depth--;
    lt_lane_valid(col, row);
    lt_lane_list_end(col, row, at);
    return LT_OK;
}

/* The lane of an equal key in this map, or `end`. */
static uint32_t json_map_find(const struct lt_column *keys, uint32_t from, uint32_t end)
{
    const struct lt_sv *sv = keys->values;
    uint32_t at = from;
    while (at < end && !lt_sv_equal(&sv[at], &sv[end]))
        at++;
    return at;
}

static lt_status json_map(struct lt_decoder *dec, struct json_node *node, struct lt_column *col,
                          uint32_t row)
{
    uint32_t start = lt_lane_list_start(col, row), end = start;
    const char *open = dec->cur.at;
    if (!json_enter(dec))
        return json_syntax(dec);
    char found = ',';
    if (lt_json_peek(&dec->cur) == '}') {
        dec->cur.at++;
        found = '}';
    }
    while (found == ',') {
        struct lt_column *keys, *values;
        LT_TRY(lt_lane_child(col, 0, end, &keys));
        LT_TRY(lt_lane_child(col, 1, end, &values));
        lt_json_space(&dec->cur);
        LT_TRY(json_put_string(dec, node->items[0], keys, end));
        if (!json_expect(dec, ':', ':', "':' is expected after a key", &found))
            return json_syntax(dec);
        uint32_t at = json_map_find(keys, start, end);
        LT_TRY(json_value(dec, node->items[1], values, at));
        end += at == end;
        if (end - start > JSON_MAP_MAX)
            return json_bad(dec, node, open);
        if (!json_expect(dec, ',', '}', "',' or '}' is expected", &found))
            return json_syntax(dec);
    }
    dec->cur.depth--;
    lt_lane_valid(col, row);
    lt_lane_list_end(col, row, end);
    return LT_OK;
}

static void json_remember(struct json_node *node, uint32_t place, struct lt_str key, int32_t field)
{
    if (place >= JSON_PLACES || key.len > JSON_PLACE_KEY_MAX)
        return;
    struct json_place *to = &node->places[place];
    to->field = field;
    to->len = (uint8_t)key.len;
    memcpy(to->key, key.data, key.len);
}

/* Reads a key and its colon; *field is -1 for one that is not wanted. */
static lt_status json_key(struct lt_decoder *dec, struct json_node *node, uint32_t place,
                          int32_t *field)
{
    struct lt_json_cursor *cur = &dec->cur;
    lt_json_space(cur);
    const struct json_place *guess = place < JSON_PLACES ? &node->places[place] : NULL;
    size_t left = (size_t)(cur->end - cur->at);
    if (guess && guess->len && left > guess->len + 2u && cur->at[0] == '"' &&
        cur->at[guess->len + 1] == '"' && memcmp(cur->at + 1, guess->key, guess->len) == 0) {
        cur->at += guess->len + 2;
        *field = guess->field;
    } else {
        struct lt_str raw, key;
        bool escaped;
        if (!lt_json_string(cur, &raw, &escaped))
            return json_syntax(dec);
        LT_TRY(json_text(dec, raw, escaped, &key));
        *field = -1;
        for (uint32_t i = 0; i < node->n_fields && *field < 0; i++) {
            if (lt_str_equal(node->fields[i].name, key))
                *field = (int32_t)i;
        }
        if (!escaped && key.len)
            json_remember(node, place, key, *field);
    }
    char colon;
    if (!json_expect(dec, ':', ':', "':' is expected after the name of a field", &colon))
        return json_syntax(dec);
    return LT_OK;
}

/* Fields of this object that did not come. */
static lt_status json_missing(struct lt_decoder *dec, struct json_node *node,
                              struct lt_column **columns, uint32_t row, uint64_t object)
{
    for (uint32_t i = 0; i < node->n_fields; i++) {
        struct json_field *field = &node->fields[i];
        if (field->seen == object)
            continue;
        if (dec->options.fail_on_missing || !field->node->type->nullable) {
            char what[240];
            snprintf(what, sizeof(what), "field '%.*s' is missing%s",
                     (int)(field->node->path.len < 120 ? field->node->path.len : 120),
                     field->node->path.data,
                     field->node->type->nullable ? "" : ", but it is NOT NULL");
            return json_fail(dec, dec->cur.at, what);
        }
        LT_TRY(lt_lane_null(columns[field->child], row));
    }
    return LT_OK;
}

static lt_status json_object(struct lt_decoder *dec, struct json_node *node,
                             struct lt_column **columns, uint32_t row)
{
    uint64_t object = ++dec->objects;
    if (!json_enter(dec))
        return json_syntax(dec);
    char found = ',';
    if (lt_json_peek(&dec->cur) == '}') {
        dec->cur.at++;
        found = '}';
    }
    for (uint32_t place = 0; found == ','; place++) {
        int32_t i;
        LT_TRY(json_key(dec, node, place, &i));
        if (i >= 0) {
            struct json_field *field = &node->fields[i];
            field->seen = object;
            LT_TRY(json_value(dec, field->node, columns[field->child], row));
        } else {
            lt_json_space(&dec->cur);
            if (!lt_json_skip(&dec->cur))
                return json_syntax(dec);
        }
        if (!json_expect(dec, ',', '}', "',' or '}' is expected", &found))
            return json_syntax(dec);
    }
    dec->cur.depth--;
    return json_missing(dec, node, columns, row, object);
}

static lt_status json_value_strict(struct lt_decoder *dec, struct json_node *node,
                                   struct lt_column *col, uint32_t row)
{
    const char *at = dec->cur.at;
    enum lt_type_kind kind = node->type->kind;
    int c = lt_json_peek(&dec->cur);
    switch (c) {
    case '"':
        if (col->phys != LT_PHYS_STRUCT && col->phys != LT_PHYS_LIST)
            return json_put_string(dec, node, col, row);
        break;
    case 't':
    case 'f': return json_put_word(dec, node, col, row);
    case 'n':
        if (!lt_json_word(&dec->cur, "null"))
            return json_syntax(dec);
        return node->type->nullable ? lt_lane_null(col, row) : json_bad(dec, node, at);
    case '{':
        if (kind == LT_TYPE_MAP)
            return json_map(dec, node, col, row);
        if (kind != LT_TYPE_ROW)
            return json_put_json(dec, node, col, row);
        lt_lane_valid(col, row);
        return json_object(dec, node, col->children, row);
    case '[':
        if (kind == LT_TYPE_ARRAY)
            return json_array(dec, node, col, row);
        return json_put_json(dec, node, col, row);
    default: return json_put_number(dec, node, col, row);
    }
    if (!lt_json_skip(&dec->cur))
        return json_syntax(dec);
    return json_bad(dec, node, at);
}

/* Any value; under 'ignore-parse-errors' a bad one that is at least JSON becomes NULL. */
static lt_status json_value(struct lt_decoder *dec, struct json_node *node, struct lt_column *col,
                            uint32_t row)
{
    lt_json_space(&dec->cur);
    const char *at = dec->cur.at;
    unsigned depth = dec->cur.depth;
    lt_status status = json_value_strict(dec, node, col, row);
    if (LT_LIKELY(status != LT_DATA) || !dec->options.ignore_bad || dec->cur.problem ||
        !node->type->nullable)
        return status;
    dec->null_instead = true;
    dec->cur.at = at;
    dec->cur.depth = depth;
    if (!lt_json_skip(&dec->cur))
        return json_syntax(dec);
    return lt_lane_null(col, row);
}

/* ---- records ------------------------------------------------------------ */

static lt_status json_record(struct lt_decoder *dec, struct lt_batch_builder *into)
{
    struct lt_json_cursor *cur = &dec->cur;
    if (lt_json_peek(cur) != '{') {
        cur->problem = "each line must hold one JSON object";
        return json_syntax(dec);
    }
    LT_TRY(json_object(dec, dec->root, into->columns, into->len));
    lt_json_space(cur);
    if (cur->at < cur->end) {
        cur->problem = "there is more text after the object";
        return json_syntax(dec);
    }
    return LT_OK;
}

/* One line [start, end). */
static lt_status json_line(struct lt_decoder *dec, const char *start, const char *end,
                           struct lt_batch_builder *into)
{
    dec->start = start;
    dec->cur = (struct lt_json_cursor){.at = start, .end = end};
    dec->null_instead = false;
    lt_json_space(&dec->cur);
    if (dec->cur.at == end)
        return LT_OK; /* a blank line is no record */
    lt_status status;
    if (!lt_utf8_valid((struct lt_str){start, (size_t)(end - start)}))
        status = json_fail(dec, start, "the line is not valid UTF-8");
    else
        status = json_record(dec, into);
    if (status == LT_OK) {
        into->len++;
        dec->bad += dec->null_instead;
    } else if (status == LT_DATA && dec->options.ignore_bad) {
        dec->bad++;
        status = LT_OK;
    }
    return status;
}

lt_status lt_json_decode(struct lt_decoder *dec, struct lt_buffer *buffer, const char *data,
                         size_t size, bool last, uint32_t max_rows, struct lt_batch_builder *into,
                         size_t *used, struct lt_error *err)
{
    const char *at = data, *end = data + size;
    uint32_t row_end = into->len + max_rows;
    lt_status status = LT_OK;
    dec->buffer = buffer;
    dec->err = err;
    while (at < end && into->len < row_end && status == LT_OK) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        if (!eol && !last)
            break;
        const char *from = at;
        const char *stop = eol ? eol : end;
        if (dec->fresh && stop - from >= 3 && memcmp(from, "\xEF\xBB\xBF", 3) == 0)
            from += 3;
        status = json_line(dec, from, stop, into);
        dec->fresh = false;
        dec->line++;
        at = eol ? eol + 1 : end;
    }
    for (uint32_t i = 0; i < dec->root->n_fields && status == LT_OK; i++)
        status = lt_lane_finish(into->columns[i], into->len);
    if (status == LT_OK)
        *used = (size_t)(at - data);
    return status;
}

/* ---- the tree of nodes --------------------------------------------------- */

static lt_status json_node_path(struct lt_arena *arena, struct json_node *node,
                                struct lt_str parent, struct lt_str name)
{
    if (!parent.len)
        return lt_arena_str(arena, name, &node->path);
    return lt_arena_printf(arena, &node->path, "%.*s.%.*s", LT_STR_ARG(parent), LT_STR_ARG(name));
}

static lt_status json_node_make(struct lt_arena *arena, const struct lt_type *type,
                                struct lt_str parent, struct lt_str name, const uint64_t *wanted,
                                struct json_node **out)
{
    struct json_node *node = LT_ARENA_NEW(arena, struct json_node);
    if (!node)
        return LT_NOMEM;
    node->type = type;
    LT_TRY(json_node_path(arena, node, parent, name));
    if (type->kind == LT_TYPE_ROW) {
        node->fields = LT_ARENA_ARRAY(arena, struct json_field, type->n_children + 1);
        node->places = LT_ARENA_ARRAY(arena, struct json_place, JSON_PLACES);
        if (!node->fields || !node->places)
            return LT_NOMEM;
        for (uint32_t i = 0; i < type->n_children; i++) {
            if (wanted && !(wanted[i / 64] >> (i % 64) & 1))
                continue;
            struct json_field *field = &node->fields[node->n_fields++];
            field->name = type->names[i];
            field->child = i;
            LT_TRY(json_node_make(arena, type->children[i], node->path, type->names[i], NULL,
                                  &field->node));
        }
    } else {
        for (uint32_t i = 0; i < type->n_children && i < 2; i++)
            LT_TRY(json_node_make(arena, type->children[i], parent, name, NULL, &node->items[i]));
    }
    *out = node;
    return LT_OK;
}

static lt_status json_root_make(struct lt_arena *arena, const struct lt_schema *physical,
                                const struct lt_scan_request *request, struct json_node **out)
{
    struct json_node *root = LT_ARENA_NEW(arena, struct json_node);
    if (!root)
        return LT_NOMEM;
    root->n_fields = request->n_columns;
    root->fields = LT_ARENA_ARRAY(arena, struct json_field, request->n_columns + 1);
    root->places = LT_ARENA_ARRAY(arena, struct json_place, JSON_PLACES);
    if (!root->fields || !root->places)
        return LT_NOMEM;
    for (uint32_t i = 0; i < request->n_columns; i++) {
        const struct lt_field *column = &physical->fields[request->columns[i]];
        const uint64_t *wanted = request->fields ? request->fields[i] : NULL;
        root->fields[i].name = column->name;
        root->fields[i].child = i;
        LT_TRY(json_node_make(arena, column->type, (struct lt_str){0}, column->name, wanted,
                              &root->fields[i].node));
    }
    *out = root;
    return LT_OK;
}

/* ---- the decoder -------------------------------------------------------- */

lt_status lt_json_decoder_open(const struct lt_connector_env *env,
                               const struct lt_connector_table *table,
                               const struct lt_scan_request *request, struct lt_decoder **out,
                               struct lt_error *err)
{
    struct lt_json_options options;
    LT_TRY(lt_json_options_read(table, &options, err));
    struct lt_decoder *dec = lt_alloc_zero(env->alloc, sizeof(*dec));
    if (!dec)
        return LT_NOMEM;
    dec->alloc = env->alloc;
    dec->options = options;
    dec->zone = env->zone ? env->zone : &lt_tz_utc;
    lt_arena_init(&dec->arena, env->alloc);
    lt_buf_init(&dec->scratch, env->alloc);
    lt_buf_init(&dec->source, env->alloc);
    lt_status status = json_root_make(&dec->arena, table->physical, request, &dec->root);
    if (status != LT_OK) {
        lt_json_decoder_close(dec);
        return status;
    }
    lt_json_decoder_reset(dec, LT_STR(""));
    *out = dec;
    return LT_OK;
}

void lt_json_decoder_reset(struct lt_decoder *dec, struct lt_str source_name)
{
    lt_buf_clear(&dec->source); /* out of memory here only shortens a message */
    lt_buf_add(&dec->source, source_name.data, source_name.len);
    dec->line = 1;
    dec->fresh = true;
}

void lt_json_decoder_line(struct lt_decoder *dec, uint64_t line)
{
    dec->line = line;
    dec->fresh = false;
}

uint64_t lt_json_decoder_bad(const struct lt_decoder *dec)
{
    return dec->bad;
}

void lt_json_decoder_close(struct lt_decoder *dec)
{
    if (!dec)
        return;
    struct lt_alloc *alloc = dec->alloc;
    lt_arena_close(&dec->arena);
    lt_buf_close(&dec->scratch);
    lt_buf_close(&dec->source);
    lt_alloc_put(alloc, dec, sizeof(*dec));
}
