/* json.c -- JSON functions of the SQL standard: IS JSON, JSON_VALUE, JSON_QUERY and others.
 *
 * Paths are evaluated leniently: what a path does not lead to, and text that is no
 * JSON, gives NULL, which is what NULL ON EMPTY NULL ON ERROR, the default, says. */
#include "exec/functions/json_text.h"
#include "exec/functions/support.h"

/* ---- IS JSON -------------------------------------------------------- */

#define IS_JSON(id, text, test, what, sample, prints)       \
    static lt_status id##_row(struct fn_row *r, uint32_t i) \
    {                                                       \
        enum json_kind kind = json_check(fn_str(r, 0, i));  \
        return fn_set_bool(r, i, test);                     \
    }                                                       \
    FN_TOTAL_KERNEL(id##_kernel, id##_row);                 \
    FN_BIND(bind_##id, "s>o", id##_kernel)                  \
    FN(id, text, NULL, "json", 1, 1, bind_##id, "text " text " -> BOOLEAN", what, sample, prints)
IS_JSON(is_json, "IS JSON", kind != JSON_BAD, "TRUE when the text is JSON.", "'{}' IS JSON",
        "TRUE");
IS_JSON(is_not_json, "IS NOT JSON", kind == JSON_BAD, "TRUE when the text is no JSON.",
        "'{' IS NOT JSON", "TRUE");
IS_JSON(is_json_object, "IS JSON OBJECT", kind == JSON_OBJECT, "TRUE when the text is an object.",
        "'[]' IS JSON OBJECT", "FALSE");
IS_JSON(is_not_json_object, "IS NOT JSON OBJECT", kind != JSON_OBJECT,
        "TRUE when the text is no object.", "'[]' IS NOT JSON OBJECT", "TRUE");
IS_JSON(is_json_array, "IS JSON ARRAY", kind == JSON_ARRAY, "TRUE when the text is an array.",
        "'[]' IS JSON ARRAY", "TRUE");
IS_JSON(is_not_json_array, "IS NOT JSON ARRAY", kind != JSON_ARRAY,
        "TRUE when the text is no array.", "'[]' IS NOT JSON ARRAY", "FALSE");
IS_JSON(is_json_scalar, "IS JSON SCALAR", kind >= JSON_STRING,
        "TRUE when the text is a string, number, true, false or null.", "'1.5' IS JSON SCALAR",
        "TRUE");
IS_JSON(is_not_json_scalar, "IS NOT JSON SCALAR", kind < JSON_STRING,
        "TRUE when the text is no single value.", "'{}' IS NOT JSON SCALAR", "TRUE");

/* ---- paths ---------------------------------------------------------- */

static lt_status bad_path(struct lt_error *err, lt_status blame, struct lt_str path)
{
    return lt_fail(
        err, blame,
        "'%.*s' is not a path: write $ and steps like .name, ['name'] and [0]; wildcards "
        "are not supported yet",
        LT_STR_ARG(path));
}

static lt_status path_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                              uint32_t n_args, const struct lt_type *const *types, void **data,
                              struct lt_error *err)
{
    struct lt_str path;
    LT_UNUSED(alloc);
    LT_UNUSED(types);
    LT_UNUSED(data);
    if (n_args < 2 || constants[1] == NULL || lt_column_is_null(constants[1], 0))
        return LT_OK;
    path = lt_sv_str((const struct lt_sv *)constants[1]->values);
    return json_path_valid(path) ? LT_OK : bad_path(err, LT_INVALID, path);
}

static lt_status find(struct fn_row *r, uint32_t i, enum json_found *found, struct lt_str *value,
                      enum json_kind *kind)
{
    struct lt_str path = fn_str(r, 1, i);
    *found = json_find(fn_str(r, 0, i), path, &r->buf, value, kind);
    if (*found == JSON_BAD_PATH)
        return bad_path(r->eval->err, LT_DATA, path);
    return r->buf.status;
}

static lt_status json_value_row(struct fn_row *r, uint32_t i)
{
    enum json_found found;
    enum json_kind kind;
    struct lt_str value;
    LT_TRY(find(r, i, &found, &value, &kind));
    if (found != JSON_FOUND || kind == JSON_OBJECT || kind == JSON_ARRAY || kind == JSON_NULL)
        return fn_set_null(r, i);
    if (kind != JSON_STRING)
        return fn_set_str(r, i, value);
    lt_buf_clear(&r->buf);
    json_unquote(&r->buf, value);
    return fn_set_buf(r, i);
}
static lt_status json_query_row(struct fn_row *r, uint32_t i)
{
    enum json_found found;
    enum json_kind kind;
    struct lt_str value;
    LT_TRY(find(r, i, &found, &value, &kind));
    if (found != JSON_FOUND || (kind != JSON_OBJECT && kind != JSON_ARRAY))
        return fn_set_null(r, i);
    lt_buf_clear(&r->buf);
    json_compact(&r->buf, value);
    return fn_set_buf(r, i);
}
static lt_status json_exists_row(struct fn_row *r, uint32_t i)
{
    enum json_found found;
    enum json_kind kind;
    struct lt_str value;
    LT_TRY(find(r, i, &found, &value, &kind));
    return fn_set_bool(r, i, found == JSON_FOUND);
}

#define PATH_KERNEL(id, row)             \
    FN_EVAL(id, row, false)              \
    static const struct lt_kernel id = { \
        .name = #id, .eval = id##_eval, .prepare = path_prepare, .strict = true}
PATH_KERNEL(json_value_kernel, json_value_row);
PATH_KERNEL(json_query_kernel, json_query_row);
PATH_KERNEL(json_exists_kernel, json_exists_row);
FN_BIND(bind_json_value, "ss>s?", json_value_kernel)
FN_BIND(bind_json_query, "ss>s?", json_query_kernel)
FN_BIND(bind_json_exists, "ss>o", json_exists_kernel)
FN(json_value, "JSON_VALUE", NULL, "json", 2, 2, bind_json_value,
   "JSON_VALUE(text STRING, path STRING) -> STRING",
   "The string, number or boolean at a path, as text; NULL when there is none.",
   "JSON_VALUE('{\"a\": {\"b\": [1, 2]}}', '$.a.b[1]')", "2");
FN(json_query, "JSON_QUERY", NULL, "json", 2, 2, bind_json_query,
   "JSON_QUERY(text STRING, path STRING) -> STRING",
   "The object or array at a path, as JSON; NULL when there is none.",
   "JSON_QUERY('{\"a\": {\"b\": [1, 2]}}', '$.a')", "{\"b\":[1,2]}");
FN(json_exists, "JSON_EXISTS", NULL, "json", 2, 2, bind_json_exists,
   "JSON_EXISTS(text STRING, path STRING) -> BOOLEAN", "TRUE when the path leads to a value.",
   "JSON_EXISTS('{\"a\": true}', '$.a')", "TRUE");

/* ---- making JSON ---------------------------------------------------- */

static lt_status json_string_row(struct fn_row *r, uint32_t i)
{
    lt_buf_clear(&r->buf);
    json_write(&r->buf, lt_column_cell(r->args[0], i), r->eval->zone);
    return fn_set_buf(r, i);
}
static lt_status json_object_row(struct fn_row *r, uint32_t i)
{
    lt_buf_clear(&r->buf);
    lt_buf_addc(&r->buf, '{');
    for (uint32_t a = 0; a + 1 < r->n_args; a += 2) {
        if (fn_is_null(r, a, i))
            return lt_fail(r->eval->err, LT_DATA, "a key of JSON_OBJECT is NULL");
        if (a > 0)
            lt_buf_addc(&r->buf, ',');
        json_quote(&r->buf, fn_str(r, a, i));
        lt_buf_addc(&r->buf, ':');
        json_write(&r->buf, lt_column_cell(r->args[a + 1], i), r->eval->zone);
    }
    lt_buf_addc(&r->buf, '}');
    return fn_set_buf(r, i);
}
/* NULLs are left out: ABSENT ON NULL is the default of arrays. */
static lt_status json_array_row(struct fn_row *r, uint32_t i)
{
    bool first = true;
    lt_buf_clear(&r->buf);
    lt_buf_addc(&r->buf, '[');
    for (uint32_t a = 0; a < r->n_args; a++) {
        if (fn_is_null(r, a, i))
            continue;
        if (!first)
            lt_buf_addc(&r->buf, ',');
        first = false;
        json_write(&r->buf, lt_column_cell(r->args[a], i), r->eval->zone);
    }
    lt_buf_addc(&r->buf, ']');
    return fn_set_buf(r, i);
}
FN_TOTAL_KERNEL(json_string_kernel, json_string_row);
FN_LAX_KERNEL(json_object_kernel, json_object_row);
FN_LAX_KERNEL(json_array_kernel, json_array_row);
FN_BIND(bind_json_string, "x>s", json_string_kernel)

static lt_status bind_json_object(struct lt_bind_call *call)
{
    if (call->n_args % 2 != 0)
        return fn_refuse(call, "JSON_OBJECT needs a value for each key");
    for (uint32_t i = 0; i < call->n_args; i += 2)
        LT_TRY(fn_want(call, i, &lt_type_string));
    return fn_result_nullable(call, &lt_type_string, &json_object_kernel, false);
}
static lt_status bind_json_array(struct lt_bind_call *call)
{
    return fn_result_nullable(call, &lt_type_string, &json_array_kernel, false);
}
FN(json_string, "JSON_STRING", NULL, "json", 1, 1, bind_json_string, "JSON_STRING(x) -> STRING",
   "Any value as JSON.", "JSON_STRING(ARRAY[1, 2])", "[1,2]");
FN(json_object, "JSON_OBJECT", NULL, "json", 0, 255, bind_json_object,
   "JSON_OBJECT(key VALUE value, ...) -> STRING", "An object of keys and values.",
   "JSON_OBJECT('a' VALUE 1, 'b' VALUE 'x')", "{\"a\":1,\"b\":\"x\"}");
FN(json_array, "JSON_ARRAY", NULL, "json", 0, 255, bind_json_array,
   "JSON_ARRAY(a, b, ...) -> STRING", "An array of the values that are not NULL.",
   "JSON_ARRAY(1, TRUE, 'x')", "[1,true,\"x\"]");
