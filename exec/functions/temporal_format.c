/* temporal_format.c -- DATE_FORMAT, and times read from text: TO_DATE, TO_TIMESTAMP.
 *
 * Patterns are Java's (java_time.c). Text that does not fit gives NULL, as in Flink;
 * a pattern with an unknown letter is an error. */
#include "exec/functions/java_time.h"
#include "exec/functions/stretch.h"
#include "exec/functions/time_unit.h"

static const char default_pattern[] = "yyyy-MM-dd HH:mm:ss";

static lt_status bad_letter(struct lt_error *err, lt_status blame, struct lt_str pattern, char bad)
{
    return lt_fail(err, blame,
                   "'%.*s' is not a date pattern: the letter %c means nothing there, put text "
                   "between single quotes",
                   LT_STR_ARG(pattern), bad);
}

/* Checks constant patterns once; argument 1 is the pattern. */
static lt_status check_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                               uint32_t n_args, const struct lt_type *const *types, void **data,
                               struct lt_error *err)
{
    struct lt_str pattern;
    char bad;
    LT_UNUSED(alloc);
    LT_UNUSED(types);
    LT_UNUSED(data);
    if (n_args < 2 || constants[1] == NULL || !lt_type_is_char(constants[1]->type) ||
        lt_column_is_null(constants[1], 0))
        return LT_OK;
    pattern = lt_sv_str((const struct lt_sv *)constants[1]->values);
    return java_time_check(pattern, &bad) ? LT_OK : bad_letter(err, LT_INVALID, pattern, bad);
}

#define PATTERN_KERNEL(id, row)          \
    FN_EVAL(id, row, false)              \
    static const struct lt_kernel id = { \
        .name = #id, .eval = id##_eval, .prepare = check_prepare, .strict = true}

/* ---- DATE_FORMAT, FROM_UNIXTIME ------------------------------------- */

static lt_status format_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                                uint32_t n_args, const struct lt_type *const *types, void **data,
                                struct lt_error *err)
{
    struct java_pattern *pattern;
    struct lt_str text = lt_str_of(default_pattern);
    LT_TRY(check_prepare(alloc, constants, n_args, types, data, err));
    if (n_args > 1 && (constants[1] == NULL || lt_column_is_null(constants[1], 0)))
        return LT_OK;
    if (n_args > 1)
        text = lt_sv_str((const struct lt_sv *)constants[1]->values);
    pattern = lt_alloc_zero(alloc, sizeof(*pattern));
    if (pattern == NULL)
        return LT_NOMEM;
    java_pattern_read(pattern, text);
    *data = pattern;
    return LT_OK;
}

static void format_release(struct lt_alloc *alloc, void *data)
{
    lt_alloc_put(alloc, data, sizeof(struct java_pattern));
}

static lt_status put_format(struct fn_row *r, uint32_t i, int64_t local_us, int64_t offset_us)
{
    const struct java_pattern *quick = r->data;
    struct lt_str pattern = r->n_args > 1 ? fn_str(r, 1, i) : lt_str_of(default_pattern);
    char bad, text[JAVA_FRAME_SIZE];
    if (quick && quick->size > 0 && java_pattern_write(quick, local_us, text))
        return fn_set_str(r, i, (struct lt_str){text, quick->size});
    lt_buf_clear(&r->buf);
    if (!java_time_format(&r->buf, pattern, local_us, offset_us, lt_tz_name(r->eval->zone), &bad))
        return bad_letter(r->eval->err, LT_DATA, pattern, bad);
    return fn_set_buf(r, i);
}

static lt_status date_format_row(struct fn_row *r, uint32_t i)
{
    int64_t local_us, offset_us = 0;
    if (r->args[0]->phys == LT_PHYS_STR) {
        if (!lt_text_to_timestamp(fn_str(r, 0, i), &local_us))
            return fn_set_null(r, i);
    } else {
        local_us = fn_local(r, 0, i);
        if (r->args[0]->type->kind == LT_TYPE_TIMESTAMP_LTZ)
            offset_us = local_us - fn_i64(r, 0, i);
    }
    return put_format(r, i, local_us, offset_us);
}

static lt_status from_unixtime_row(struct fn_row *r, uint32_t i)
{
    int64_t us, local_us;
    if (__builtin_mul_overflow(fn_i64(r, 0, i), LT_US_PER_SECOND, &us))
        return lt_fail(r->eval->err, LT_DATA, "%lld seconds are out of the range of times",
                       (long long)fn_i64(r, 0, i));
    local_us = lt_tz_to_local(r->eval->zone, us);
    return put_format(r, i, local_us, local_us - us);
}

/* A constant pattern over times is asked once for each unit that it can tell apart. */
static lt_status date_format_eval(struct lt_eval *eval, struct lt_column *const *args,
                                  uint32_t n_args, const struct lt_type *result, const void *data,
                                  struct lt_column **out)
{
    const struct java_pattern *pattern = data;
    if (pattern == NULL || args[0]->phys == LT_PHYS_STR)
        return fn_rows(eval, args, n_args, result, data, out, date_format_row, false);
    return fn_stretches(eval, args, n_args, result, data, pattern->unit_us, out, date_format_row);
}
static const struct lt_kernel date_format_kernel = {.name = "DATE_FORMAT",
                                                    .eval = date_format_eval,
                                                    .prepare = format_prepare,
                                                    .release = format_release,
                                                    .strict = true};

FN_EVAL(from_unixtime, from_unixtime_row, false)
static const struct lt_kernel from_unixtime_kernel = {.name = "FROM_UNIXTIME",
                                                      .eval = from_unixtime_eval,
                                                      .prepare = format_prepare,
                                                      .release = format_release,
                                                      .strict = true};

static lt_status bind_date_format(struct lt_bind_call *call)
{
    const struct lt_type *type = call->args[0];
    if (type->kind >= LT_TYPE_DATE && type->kind <= LT_TYPE_TIMESTAMP_LTZ)
        return fn_bind(call, "xs>s?", &date_format_kernel);
    return fn_bind(call, "ss>s?", &date_format_kernel);
}
FN_BIND(bind_from_unixtime, "ls>s", from_unixtime_kernel)
FN(date_format, "DATE_FORMAT", NULL, "temporal", 2, 2, bind_date_format,
   "DATE_FORMAT(time TIMESTAMP | STRING, pattern STRING) -> STRING", "The time by a Java pattern.",
   "DATE_FORMAT(TIMESTAMP '2024-03-01 14:05:09', 'yyyy-MM-dd HH:mm')", "2024-03-01 14:05");
FN(from_unixtime, "FROM_UNIXTIME", NULL, "temporal", 1, 2, bind_from_unixtime,
   "FROM_UNIXTIME(seconds BIGINT [, pattern STRING]) -> STRING",
   "Seconds since 1970 on the wall clock of the session's zone, by a Java pattern.",
   "FROM_UNIXTIME(44)", "1970-01-01 00:00:44");

/* ---- reading -------------------------------------------------------- */

/* The wall clock or instant that argument 0 says, by the pattern in argument 1 if given. */
static bool read_time(const struct fn_row *r, uint32_t i, struct java_time *out)
{
    struct lt_str text = fn_str(r, 0, i);
    if (r->n_args > 1)
        return java_time_parse(text, fn_str(r, 1, i), out);
    *out = (struct java_time){0};
    return lt_text_to_timestamp(text, &out->local_us);
}

static lt_status to_date_row(struct fn_row *r, uint32_t i)
{
    struct java_time t;
    if (!read_time(r, i, &t))
        return fn_set_null(r, i);
    return fn_set_i32(r, i, lt_floor_div(t.local_us, LT_US_PER_DAY));
}
static lt_status to_timestamp_row(struct fn_row *r, uint32_t i)
{
    struct java_time t;
    if (!read_time(r, i, &t))
        return fn_set_null(r, i);
    return fn_set_i64(r, i, lt_time_truncate(t.local_us, r->result->precision));
}
static int64_t instant_of(const struct java_time *t, const struct lt_tz *zone)
{
    return t->has_offset ? t->local_us - t->offset_us : lt_tz_to_instant(zone, t->local_us);
}
static lt_status unix_timestamp_row(struct fn_row *r, uint32_t i)
{
    struct java_time t;
    if (!read_time(r, i, &t))
        return fn_set_null(r, i);
    return fn_set_i64(r, i, lt_floor_div(instant_of(&t, r->eval->zone), LT_US_PER_SECOND));
}
PATTERN_KERNEL(to_date_kernel, to_date_row);
PATTERN_KERNEL(to_timestamp_kernel, to_timestamp_row);
PATTERN_KERNEL(unix_timestamp_kernel, unix_timestamp_row);

static lt_status unix_now_eval(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                               const struct lt_type *result, const void *data,
                               struct lt_column **out)
{
    int64_t us = eval->streaming && eval->batch ? eval->batch->proctime_us : eval->statement_us;
    struct lt_column *col = lt_column_new_constant(eval->pool, result, eval->len);
    LT_UNUSED(args);
    LT_UNUSED(n_args);
    LT_UNUSED(data);
    if (col == NULL)
        return LT_NOMEM;
    ((int64_t *)col->values)[0] = lt_floor_div(us, LT_US_PER_SECOND);
    *out = col;
    return LT_OK;
}
static const struct lt_kernel unix_now_kernel = {.name = "UNIX_TIMESTAMP", .eval = unix_now_eval};

static lt_status bind_to_date(struct lt_bind_call *call)
{
    return fn_bind(call, "ss>D?", &to_date_kernel);
}
static lt_status bind_to_timestamp(struct lt_bind_call *call)
{
    LT_TRY(fn_bind(call, "ss>t?", &to_timestamp_kernel));
    return fn_result_nullable(call, &lt_type_timestamp3, &to_timestamp_kernel, true);
}
static lt_status bind_unix_timestamp(struct lt_bind_call *call)
{
    if (call->n_args == 0)
        return fn_result_nullable(call, &lt_type_bigint, &unix_now_kernel, false);
    return fn_bind(call, "ss>l?", &unix_timestamp_kernel);
}
FN(to_date, "TO_DATE", NULL, "temporal", 1, 2, bind_to_date,
   "TO_DATE(text STRING [, pattern STRING]) -> DATE",
   "The date that a text says, by a Java pattern (yyyy-MM-dd); NULL when it says none.",
   "TO_DATE('31.03.2024', 'dd.MM.yyyy')", "2024-03-31");
FN(to_timestamp, "TO_TIMESTAMP", NULL, "temporal", 1, 2, bind_to_timestamp,
   "TO_TIMESTAMP(text STRING [, pattern STRING]) -> TIMESTAMP(3)",
   "The wall clock that a text says, by a Java pattern (yyyy-MM-dd HH:mm:ss); NULL when it says "
   "none.",
   "TO_TIMESTAMP('2024-03-31 10:11:12')", "2024-03-31 10:11:12.000");
const struct lt_function lt_fn_unix_timestamp = {
    .name = "UNIX_TIMESTAMP",
    .family = "temporal",
    .args_max = 2,
    .flags = LT_FN_PER_STATEMENT,
    .bind = bind_unix_timestamp,
    .signature = "UNIX_TIMESTAMP([text STRING [, pattern STRING]]) -> BIGINT",
    .doc = "Seconds since 1970: of the present, or of what a text says in the session's zone.",
    .example = "UNIX_TIMESTAMP('1970-01-01 00:01:00')",
    .result = "60",
};

/* ---- TO_TIMESTAMP_LTZ ----------------------------------------------- */

static lt_status ltz_number_row(struct fn_row *r, uint32_t i)
{
    int64_t v = fn_i64(r, 0, i), unit = 1000, precision = r->n_args > 1 ? fn_i64(r, 1, i) : 3;
    if (precision == 0)
        unit = LT_US_PER_SECOND;
    else if (precision == 6)
        unit = 1;
    else if (precision == 9)
        return fn_set_i64(r, i, lt_time_truncate(lt_floor_div(v, 1000), r->result->precision));
    else if (precision != 3)
        return lt_fail(r->eval->err, LT_DATA,
                       "TO_TIMESTAMP_LTZ takes the precision 0, 3, 6 or 9, not %lld",
                       (long long)precision);
    if (__builtin_mul_overflow(v, unit, &v))
        return lt_fail(r->eval->err, LT_DATA, "%lld is out of the range of times",
                       (long long)fn_i64(r, 0, i));
    return fn_set_i64(r, i, lt_time_truncate(v, r->result->precision));
}
static lt_status ltz_text_row(struct fn_row *r, uint32_t i)
{
    struct java_time t;
    struct lt_tz *zone = NULL;
    const struct lt_tz *used = r->eval->zone;
    int64_t us;
    if (r->n_args < 2) {
        if (!lt_text_to_ltz(fn_str(r, 0, i), used, &us))
            return fn_set_null(r, i);
        return fn_set_i64(r, i, lt_time_truncate(us, r->result->precision));
    }
    if (!read_time(r, i, &t))
        return fn_set_null(r, i);
    if (r->n_args > 2) {
        LT_TRY(lt_tz_load(r->eval->scratch->alloc, fn_str(r, 2, i), &zone, r->eval->err));
        used = zone;
    }
    us = instant_of(&t, used);
    if (zone)
        lt_tz_free(r->eval->scratch->alloc, zone);
    return fn_set_i64(r, i, lt_time_truncate(us, r->result->precision));
}
FN_KERNEL(ltz_number_kernel, ltz_number_row);
PATTERN_KERNEL(ltz_text_kernel, ltz_text_row);

static lt_status bind_to_timestamp_ltz(struct lt_bind_call *call)
{
    const struct lt_kernel *kernel = &ltz_number_kernel;
    const struct lt_type *type = &lt_type_ltz3;
    int64_t precision;
    bool text = lt_type_is_char(call->args[0]);
    if (text) {
        kernel = &ltz_text_kernel;
        LT_TRY(fn_bind(call, "sss>z?", kernel));
        return fn_result_nullable(call, type, kernel, true);
    }
    if (call->args[0]->kind == LT_TYPE_FLOAT || call->args[0]->kind == LT_TYPE_DOUBLE ||
        call->args[0]->kind == LT_TYPE_DECIMAL)
        LT_TRY(fn_force(call, 0, &lt_type_bigint));
    if (fn_constant_i64(call, 1 < call->n_args ? 1 : 0, &precision) && call->n_args > 1 &&
        precision > 3)
        type = &lt_type_ltz6;
    LT_TRY(fn_bind(call, "ll>z", kernel));
    return fn_result(call, type, kernel);
}
FN(to_timestamp_ltz, "TO_TIMESTAMP_LTZ", NULL, "temporal", 1, 3, bind_to_timestamp_ltz,
   "TO_TIMESTAMP_LTZ(number BIGINT [, precision INT] | text STRING [, pattern [, zone]]) -> "
   "TIMESTAMP_LTZ(3)",
   "The instant so many milliseconds (precision 3) or seconds (0) after 1970, or that a text says.",
   "TO_TIMESTAMP_LTZ(1000, 3)", "1970-01-01 00:00:01.000");

/* ---- CONVERT_TZ ----------------------------------------------------- */

static lt_status convert_tz_row(struct fn_row *r, uint32_t i)
{
    struct lt_alloc *alloc = r->eval->scratch->alloc;
    struct lt_tz *from, *to;
    int64_t us;
    char bad;
    lt_status status;
    if (!lt_text_to_timestamp(fn_str(r, 0, i), &us))
        return fn_set_null(r, i);
    LT_TRY(lt_tz_load(alloc, fn_str(r, 1, i), &from, r->eval->err));
    status = lt_tz_load(alloc, fn_str(r, 2, i), &to, r->eval->err);
    if (status == LT_OK) {
        us = lt_tz_to_local(to, lt_tz_to_instant(from, us));
        lt_buf_clear(&r->buf);
        java_time_format(&r->buf, lt_str_of(default_pattern), us, 0, LT_STR(""), &bad);
        lt_tz_free(alloc, to);
        status = fn_set_buf(r, i);
    }
    lt_tz_free(alloc, from);
    return status;
}
FN_KERNEL(convert_tz_kernel, convert_tz_row);
FN_BIND(bind_convert_tz, "sss>s?", convert_tz_kernel)
FN(convert_tz, "CONVERT_TZ", NULL, "temporal", 3, 3, bind_convert_tz,
   "CONVERT_TZ(text STRING, from STRING, to STRING) -> STRING",
   "A wall clock of one zone as that of another.",
   "CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", "1969-12-31 16:00:00");
