/* support.c -- binding by signature, and the loop over rows that may be NULL. */
#include "exec/functions/support.h"

#include <ctype.h>

/* ---- binding -------------------------------------------------------- */

lt_status fn_refuse(struct lt_bind_call *call, const char *advice)
{
    struct lt_buf types;
    lt_buf_init(&types, call->arena->alloc);
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (i > 0)
            lt_buf_adds(&types, ", ");
        lt_type_print(&types, call->args[i]);
    }
    lt_status status = types.status;
    if (status == LT_OK)
        status = lt_fail_at(call->err, LT_INVALID, call->pos, "%.*s does not take (%.*s): %s",
                            LT_STR_ARG(call->name), LT_STR_ARG(lt_buf_str(&types)), advice);
    lt_buf_close(&types);
    return status;
}

lt_status fn_force(struct lt_bind_call *call, uint32_t i, const struct lt_type *type)
{
    const struct lt_type *to = lt_type_with_null(call->arena, type, call->args[i]->nullable);
    if (to == NULL)
        return LT_NOMEM;
    call->args[i] = to;
    return LT_OK;
}

/* Functions take what INSERT takes, integers of any width, and a date or a text
 * constant where a time is wanted. */
static bool accepts(const struct lt_bind_call *call, uint32_t i, const struct lt_type *to)
{
    const struct lt_type *from = call->args[i];
    if (lt_cast_implicit(from, to))
        return true;
    if (lt_type_is_integer(from) && lt_type_is_integer(to))
        return true;
    if (from->kind == LT_TYPE_DATE)
        return to->kind == LT_TYPE_TIMESTAMP || to->kind == LT_TYPE_TIMESTAMP_LTZ;
    if (to->kind == LT_TYPE_DATE)
        return lt_type_is_time_attribute_kind(from);
    if (lt_type_is_char(from) && call->constants && call->constants[i])
        return to->kind >= LT_TYPE_DATE && to->kind <= LT_TYPE_TIMESTAMP_LTZ;
    return false;
}

lt_status fn_want(struct lt_bind_call *call, uint32_t i, const struct lt_type *type)
{
    struct lt_buf from, to;
    if (accepts(call, i, type)) {
        if (lt_type_is_char(call->args[i]) && lt_type_is_char(type))
            type = &lt_type_string;
        return fn_force(call, i, type);
    }
    lt_buf_init(&from, call->arena->alloc);
    lt_buf_init(&to, call->arena->alloc);
    lt_type_print(&from, call->args[i]);
    lt_type_print(&to, type);
    lt_fail_at(call->err, LT_INVALID, call->pos,
               "argument %u of %.*s must be %.*s, not %.*s: CAST it", i + 1, LT_STR_ARG(call->name),
               LT_STR_ARG(lt_buf_str(&to)), LT_STR_ARG(lt_buf_str(&from)));
    lt_buf_close(&from);
    lt_buf_close(&to);
    return LT_INVALID;
}

lt_status fn_result_nullable(struct lt_bind_call *call, const struct lt_type *type,
                             const struct lt_kernel *kernel, bool nullable)
{
    if (type == NULL)
        return LT_NOMEM;
    type = lt_type_with_null(call->arena, type, nullable);
    if (type == NULL)
        return LT_NOMEM;
    call->result = type;
    call->kernel = kernel;
    return LT_OK;
}

lt_status fn_result(struct lt_bind_call *call, const struct lt_type *type,
                    const struct lt_kernel *kernel)
{
    bool nullable = false;
    for (uint32_t i = 0; i < call->n_args; i++)
        nullable = nullable || call->args[i]->nullable || call->args[i]->kind == LT_TYPE_NULL;
    return fn_result_nullable(call, type, kernel, nullable);
}

static const struct lt_type *letter_type(const struct lt_bind_call *call, char letter)
{
    switch (letter) {
    case 's': return &lt_type_string;
    case 'b': return &lt_type_bytes;
    case 'l': return &lt_type_bigint;
    case 'i': return &lt_type_int;
    case 'd': return &lt_type_double;
    case 'o': return &lt_type_boolean;
    case 'D': return &lt_type_date;
    case 't': return &lt_type_timestamp6;
    case 'z': return &lt_type_ltz6;
    default: LT_ASSERT(isdigit((unsigned char)letter)); return call->args[letter - '1'];
    }
}

static lt_status want_letter(struct lt_bind_call *call, uint32_t i, char letter)
{
    const struct lt_type *type = call->args[i];
    if (letter == 'x' || (strchr("amn", letter) && type->kind == LT_TYPE_NULL))
        return LT_OK;
    if (letter == 'a')
        return type->kind == LT_TYPE_ARRAY ? LT_OK : fn_refuse(call, "an ARRAY is wanted");
    if (letter == 'm')
        return type->kind == LT_TYPE_MAP ? LT_OK : fn_refuse(call, "a MAP is wanted");
    if (letter == 'n')
        return lt_type_is_numeric(type) ? LT_OK : fn_refuse(call, "a number is wanted");
    return fn_want(call, i, letter_type(call, letter));
}

lt_status fn_bind(struct lt_bind_call *call, const char *signature, const struct lt_kernel *kernel)
{
    const char *at = signature, *arrow = strchr(signature, '>');
    for (uint32_t i = 0; i < call->n_args; i++) {
        LT_ASSERT(*at != '>');
        LT_TRY(want_letter(call, i, *at));
        if (at[1] != '*')
            at++;
    }
    if (arrow[2] == '?')
        return fn_result_nullable(call, letter_type(call, arrow[1]), kernel, true);
    return fn_result(call, letter_type(call, arrow[1]), kernel);
}

lt_status fn_common(struct lt_bind_call *call, uint32_t from, uint32_t to,
                    const struct lt_type **out)
{
    const struct lt_type *type;
    lt_status status = lt_common_type(call->arena, to - from, call->args + from, &type);
    if (status == LT_INVALID)
        return fn_refuse(call, "the arguments have no type in common, CAST them to one");
    LT_TRY(status);
    for (uint32_t i = from; i < to; i++)
        LT_TRY(fn_force(call, i, type));
    *out = type;
    return LT_OK;
}

bool fn_constant_text(const struct lt_bind_call *call, uint32_t i, struct lt_str *out)
{
    const struct lt_column *col = call->constants ? call->constants[i] : NULL;
    if (col == NULL || !lt_type_is_char(col->type) || lt_column_is_null(col, 0))
        return false;
    *out = lt_sv_str(&((const struct lt_sv *)col->values)[0]);
    return true;
}

bool fn_constant_i64(const struct lt_bind_call *call, uint32_t i, int64_t *out)
{
    const struct lt_column *col = call->constants ? call->constants[i] : NULL;
    if (col == NULL || lt_column_is_null(col, 0))
        return false;
    switch (col->type->kind) {
    case LT_TYPE_TINYINT: *out = ((const int8_t *)col->values)[0]; return true;
    case LT_TYPE_SMALLINT: *out = ((const int16_t *)col->values)[0]; return true;
    case LT_TYPE_INT:
    case LT_TYPE_INTERVAL_MONTH: *out = ((const int32_t *)col->values)[0]; return true;
    case LT_TYPE_BIGINT:
    case LT_TYPE_INTERVAL_DAY: *out = ((const int64_t *)col->values)[0]; return true;
    default: return false;
    }
}

/* ---- rows ----------------------------------------------------------- */

lt_status fn_lax_rows(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                      const struct lt_type *result, const void *data, struct lt_column **out,
                      fn_row_fn row)
{
    struct lt_column **flat = LT_ARENA_ARRAY(eval->scratch, struct lt_column *, n_args + 1);
    if (flat == NULL)
        return LT_NOMEM;
    for (uint32_t a = 0; a < n_args; a++) {
        flat[a] = args[a];
        if (args[a]->encoding != LT_CONSTANT)
            LT_TRY(lt_eval_flat(eval, args[a], &flat[a]));
    }
    return fn_rows(eval, flat, n_args, result, data, out, row, true);
}
