/* json_strict.c -- a line of JSON into columns, byte by byte.
 *
 * A line is walked once, and each value goes straight into its lane; what nobody wants is
 * skipped, and checked. Every rule and every message of the format is here; the fast walk
 * (json_fast.c) gives a line up rather than decide anything. */
#include <math.h>
#include <stdio.h>

#include "connectors/formats/json_node.h"
#include "connectors/formats/lane.h"
#include "connectors/formats/text.h"

/* ---- messages ----------------------------------------------------------- */

static lt_status json_fail(struct lt_decoder *dec, const char *at, const char *what)
{
    if (dec->options.ignore_bad || !dec->err)
        return LT_DATA; /* nobody will read it */
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
    if (dec->options.ignore_bad || !dec->err)
        return LT_DATA; /* nobody will read it */
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
        LT_TRY(lt_json_strict_value(dec, node->items[0]->node, child, at));
        if (!json_expect(dec, ',', ']', "',' or ']' is expected", &found))
            return json_syntax(dec);
    }
    dec->cur.depth--;
    lt_lane_valid(col, row);
    lt_lane_list_end(col, row, at);
    return LT_OK;
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
        LT_TRY(json_put_string(dec, node->items[0]->node, keys, end));
        if (!json_expect(dec, ':', ':', "':' is expected after a key", &found))
            return json_syntax(dec);
        uint32_t at = lt_json_map_find(keys, start, end);
        LT_TRY(lt_json_strict_value(dec, node->items[1]->node, values, at));
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

/* Reads a key and its colon; *field is NULL for one that is not wanted. */
static lt_status json_key(struct lt_decoder *dec, struct json_node *node, struct json_field **field)
{
    struct lt_json_cursor *cur = &dec->cur;
    struct lt_str raw, key;
    bool escaped;
    char colon;
    lt_json_space(cur);
    if (!lt_json_string(cur, &raw, &escaped))
        return json_syntax(dec);
    LT_TRY(json_text(dec, raw, escaped, &key));
    struct json_field *found = lt_json_tree_find(node, key);
    *field = found->node ? found : NULL;
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
    while (found == ',') {
        struct json_field *field = NULL;
        LT_TRY(json_key(dec, node, &field));
        if (field) {
            field->seen = object;
            LT_TRY(lt_json_strict_value(dec, field->node, columns[field->child], row));
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

/* Under 'ignore-parse-errors' a bad value that is at least JSON becomes NULL. */
lt_status lt_json_strict_value(struct lt_decoder *dec, struct json_node *node,
                               struct lt_column *col, uint32_t row)
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

lt_status lt_json_strict_line(struct lt_decoder *dec, const char *start, const char *end,
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
