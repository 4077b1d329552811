/* json_tree.c -- the tree of wanted columns, and the names that come in its objects. */
#include "base/hash.h"
#include "connectors/formats/json_node.h"

enum { JSON_LEARNED_MAX = 1024, JSON_LEARNED_SIZE_MAX = 64 };

/* ---- names -------------------------------------------------------------- */

static struct json_field **names_slot(const struct json_node *node, struct lt_str name)
{
    uint32_t mask = node->names_cap - 1;
    uint32_t at = (uint32_t)lt_hash_bytes(name.data, name.len, 0) & mask;
    while (node->names[at] && !lt_str_equal(node->names[at]->name, name))
        at = (at + 1) & mask;
    return &node->names[at];
}

struct json_field *lt_json_tree_find(struct json_node *node, struct lt_str name)
{
    struct json_field *field = *names_slot(node, name);
    return field ? field : &node->nobody;
}

/* Room for one more name; at most half of the slots are taken. */
static lt_status names_reserve(struct lt_arena *arena, struct json_node *node)
{
    if ((node->n_names + 1) * 2 <= node->names_cap)
        return LT_OK;
    uint32_t old_cap = node->names_cap;
    struct json_field **old = node->names;
    uint32_t cap = old_cap ? old_cap * 2 : 16;
    struct json_field **names = LT_ARENA_ARRAY(arena, struct json_field *, cap);
    if (!names)
        return LT_NOMEM;
    node->names = names;
    node->names_cap = cap;
    for (uint32_t i = 0; i < old_cap; i++)
        if (old[i])
            *names_slot(node, old[i]->name) = old[i];
    return LT_OK;
}

/* A name with a byte that must be escaped never stands so in a text. */
static bool name_is_plain(struct lt_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.data[i] < 0x20 || name.data[i] == '"' || name.data[i] == '\\')
            return false;
    return true;
}

void lt_json_field_blank(struct json_field *field, bool blank)
{
    size_t size = field->name.len + 3 + blank;
    size_t head = size < JSON_KEY_HEAD ? size : JSON_KEY_HEAD;
    field->key_size = (uint32_t)size;
    memset(field->key, 0, sizeof(field->key));
    memset(field->rest, 0xFF, sizeof(field->rest));
    memcpy(field->key, field->text, head);
    memset(field->rest, 0, head);
    if (size > JSON_KEY_HEAD || !name_is_plain(field->name))
        field->key[0] = 0; /* no name begins with a zero: such a key matches nothing */
}

static lt_status names_add(struct lt_arena *arena, struct json_node *node, struct json_field *field,
                           struct lt_str name)
{
    struct lt_str text;
    LT_TRY(lt_arena_printf(arena, &text, "\"%.*s\": ", LT_STR_ARG(name)));
    LT_TRY(names_reserve(arena, node));
    field->text = text.data;
    field->name = (struct lt_str){text.data + 1, name.len};
    field->next = &node->nobody;
    lt_json_field_blank(field, false);
    *names_slot(node, field->name) = field;
    node->n_names++;
    return LT_OK;
}

struct json_field *lt_json_tree_learn(struct lt_decoder *dec, struct json_node *node,
                                      struct lt_str name)
{
    if (dec->learned >= JSON_LEARNED_MAX || name.len > JSON_LEARNED_SIZE_MAX)
        return &node->nobody;
    struct json_field *field = LT_ARENA_NEW(&dec->arena, struct json_field);
    if (!field || names_add(&dec->arena, node, field, name) != LT_OK)
        return &node->nobody;
    dec->learned++;
    return field;
}

/* ---- nodes -------------------------------------------------------------- */

static enum json_form form_of(const struct lt_type *type)
{
    switch (type->kind) {
    case LT_TYPE_BOOLEAN: return JSON_BOOLEAN;
    case LT_TYPE_TINYINT: return JSON_I8;
    case LT_TYPE_SMALLINT: return JSON_I16;
    case LT_TYPE_INT: return JSON_I32;
    case LT_TYPE_BIGINT: return JSON_I64;
    case LT_TYPE_FLOAT: return JSON_FLOAT;
    case LT_TYPE_DOUBLE: return JSON_DOUBLE;
    case LT_TYPE_DECIMAL: return JSON_DECIMAL;
    case LT_TYPE_VARCHAR: return JSON_VARCHAR;
    case LT_TYPE_DATE: return JSON_DATE;
    case LT_TYPE_TIMESTAMP:
    case LT_TYPE_TIMESTAMP_LTZ: return JSON_TIMESTAMP;
    case LT_TYPE_ROW: return JSON_ROW;
    case LT_TYPE_ARRAY: return JSON_LIST;
    case LT_TYPE_MAP: return type->children[0]->kind == LT_TYPE_VARCHAR ? JSON_LIST : JSON_OTHER;
    default: return JSON_OTHER;
    }
}

static void field_init(struct json_field *field, const struct lt_type *type)
{
    field->form = (uint8_t)form_of(type);
    field->day = lt_fast_day_init();
}

static lt_status node_path(struct lt_arena *arena, struct json_node *node, struct lt_str parent,
                           struct lt_str name)
{
    if (!parent.len)
        return lt_arena_str(arena, name, &node->path);
    return lt_arena_printf(arena, &node->path, "%.*s.%.*s", LT_STR_ARG(parent), LT_STR_ARG(name));
}

/* A node whose object may have up to `n_fields` wanted fields. */
static lt_status node_object(struct lt_arena *arena, struct json_node *node, uint32_t n_fields)
{
    node->fields = LT_ARENA_ARRAY(arena, struct json_field, n_fields + 1);
    if (!node->fields)
        return LT_NOMEM;
    node->nobody.next = &node->nobody;
    node->first = &node->nobody;
    return names_reserve(arena, node);
}

static lt_status node_make(struct lt_arena *arena, const struct lt_type *type, struct lt_str parent,
                           struct lt_str name, const uint64_t *wanted, struct json_node **out);

static lt_status node_add(struct lt_arena *arena, struct json_node *node, uint32_t child,
                          const struct lt_type *type, struct lt_str name, const uint64_t *wanted)
{
    struct json_field *field = &node->fields[node->n_fields];
    uint32_t i = node->n_fields++;
    field->bit = i < 63 ? UINT64_C(1) << i : 0; /* the last bit stands for those without one */
    node->all |= UINT64_C(1) << (i < 63 ? i : 63);
    field_init(field, type);
    field->child = child;
    LT_TRY(names_add(arena, node, field, name));
    return node_make(arena, type, node->path, name, wanted, &field->node);
}

static lt_status node_make(struct lt_arena *arena, const struct lt_type *type, struct lt_str parent,
                           struct lt_str name, const uint64_t *wanted, struct json_node **out)
{
    struct json_node *node = LT_ARENA_NEW(arena, struct json_node);
    if (!node)
        return LT_NOMEM;
    node->type = type;
    LT_TRY(node_path(arena, node, parent, name));
    if (type->kind == LT_TYPE_ROW) {
        LT_TRY(node_object(arena, node, type->n_children));
        for (uint32_t i = 0; i < type->n_children; i++)
            if (!wanted || (wanted[i / 64] >> (i % 64) & 1))
                LT_TRY(node_add(arena, node, i, type->children[i], type->names[i], NULL));
    } else {
        for (uint32_t i = 0; i < type->n_children && i < 2; i++) {
            struct json_field *item = node->items[i] = LT_ARENA_NEW(arena, struct json_field);
            if (!item)
                return LT_NOMEM;
            field_init(item, type->children[i]);
            LT_TRY(node_make(arena, type->children[i], parent, name, NULL, &item->node));
        }
    }
    *out = node;
    return LT_OK;
}

lt_status lt_json_tree_make(struct lt_arena *arena, const struct lt_schema *physical,
                            const struct lt_scan_request *request, struct json_node **out)
{
    struct json_node *root = LT_ARENA_NEW(arena, struct json_node);
    if (!root)
        return LT_NOMEM;
    LT_TRY(node_object(arena, root, request->n_columns));
    for (uint32_t i = 0; i < request->n_columns; i++) {
        const struct lt_field *column = &physical->fields[request->columns[i]];
        const uint64_t *wanted = request->fields ? request->fields[i] : NULL;
        LT_TRY(node_add(arena, root, i, column->type, column->name, wanted));
    }
    *out = root;
    return LT_OK;
}

struct json_node *lt_json_tree_inside(struct lt_decoder *dec, struct json_field *field)
{
    if (!field->inside) {
        struct json_node *node = LT_ARENA_NEW(&dec->arena, struct json_node);
        if (!node || node_object(&dec->arena, node, 0) != LT_OK)
            return NULL;
        field->inside = node;
    }
    return field->inside;
}

void lt_json_field_bind(struct json_field *field, struct lt_column *col)
{
    field->col = col;
    field->values = col->values;
    field->validity = col->validity;
    field->view_max = LT_SV_INLINE_MAX; /* until the column holds the buffer */
    if (lt_type_is_char(col->type) && col->type->length < field->view_max)
        field->view_max = col->type->length;
    if (field->form == JSON_ROW)
        lt_json_tree_bind(field->node, col->children);
    for (unsigned i = 0; field->form == JSON_LIST && i < col->n_children; i++) {
        struct json_field *item = field->node->items[i];
        item->col = NULL;
        if (col->children[i])
            lt_json_field_bind(item, col->children[i]);
    }
}

void lt_json_tree_bind(struct json_node *node, struct lt_column **columns)
{
    for (uint32_t i = 0; i < node->n_fields; i++)
        lt_json_field_bind(&node->fields[i], columns[node->fields[i].child]);
}
