/* random.c -- RAND, RAND_INTEGER, UUID.
 *
 * The generator is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a counter that
 * steps by the golden ratio, mixed. A seed is per call in the text and makes the
 * numbers repeat; without one the program's generator is seeded by the system, or
 * by who runs it (lt_eval.random_state), so that a run can be replayed. */
#include "exec/functions/support.h"

#include <sys/random.h>

static uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* The generator of this call: its own when it has a seed, else the program's. */
static uint64_t *random_state(struct fn_row *r)
{
    if (r->data)
        return (uint64_t *)r->data;
    while (r->eval->random_state == 0) {
        if (getrandom(&r->eval->random_state, sizeof(uint64_t), 0) != sizeof(uint64_t))
            r->eval->random_state = (uint64_t)r->eval->statement_us | 1;
    }
    return &r->eval->random_state;
}

static lt_status seed_prepare(struct lt_alloc *alloc, const struct lt_column *constant, void **data)
{
    uint64_t *state = lt_alloc_zero(alloc, sizeof(*state));
    if (state == NULL)
        return LT_NOMEM;
    if (constant && !lt_column_is_null(constant, 0))
        *state = (uint64_t)((const int64_t *)constant->values)[0];
    *data = state;
    return LT_OK;
}
/* RAND(seed) and RAND_INTEGER(seed, bound): the seed is the first of n. */
static lt_status rand_prepare(struct lt_alloc *alloc, const struct lt_column *const *constants,
                              uint32_t n_args, const struct lt_type *const *types, void **data,
                              struct lt_error *err)
{
    LT_UNUSED(types);
    LT_UNUSED(err);
    return n_args < 1 ? LT_OK : seed_prepare(alloc, constants[0], data);
}
static lt_status rand_integer_prepare(struct lt_alloc *alloc,
                                      const struct lt_column *const *constants, uint32_t n_args,
                                      const struct lt_type *const *types, void **data,
                                      struct lt_error *err)
{
    LT_UNUSED(types);
    LT_UNUSED(err);
    return n_args < 2 ? LT_OK : seed_prepare(alloc, constants[0], data);
}
static void seed_release(struct lt_alloc *alloc, void *data)
{
    lt_alloc_put(alloc, data, sizeof(uint64_t));
}

static lt_status rand_row(struct fn_row *r, uint32_t i)
{
    return fn_set_f64(r, i, (double)(random_next(random_state(r)) >> 11) * 0x1p-53);
}
static lt_status rand_integer_row(struct fn_row *r, uint32_t i)
{
    int64_t bound = fn_i64(r, r->n_args - 1, i);
    if (bound < 1)
        return lt_fail(r->eval->err, LT_DATA, "RAND_INTEGER needs a bound above 0, not %lld",
                       (long long)bound);
    return fn_set_i32(r, i, (int64_t)(random_next(random_state(r)) % (uint64_t)bound));
}
static lt_status uuid_row(struct fn_row *r, uint32_t i)
{
    uint64_t *state = random_state(r), a = random_next(state), b = random_next(state);
    a = (a & ~UINT64_C(0xF000)) | 0x4000; /* version 4, variant 1 (RFC 4122) */
    b = (b & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
    lt_buf_clear(&r->buf);
    lt_buf_addf(&r->buf, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(a >> 32),
                (unsigned)(a >> 16 & 0xFFFF), (unsigned)(a & 0xFFFF), (unsigned)(b >> 48),
                (unsigned long long)(b & UINT64_C(0xFFFFFFFFFFFF)));
    return fn_set_buf(r, i);
}

#define RANDOM_KERNEL(id, row, preparer)                         \
    FN_EVAL(id, row, false)                                      \
    static const struct lt_kernel id = {.name = #id,             \
                                        .eval = id##_eval,       \
                                        .prepare = preparer,     \
                                        .release = seed_release, \
                                        .strict = true}
RANDOM_KERNEL(rand_kernel, rand_row, rand_prepare);
RANDOM_KERNEL(rand_integer_kernel, rand_integer_row, rand_integer_prepare);
RANDOM_KERNEL(uuid_kernel, uuid_row, NULL);
FN_BIND(bind_rand, "l>d", rand_kernel)
FN_BIND(bind_rand_integer, "ll>i", rand_integer_kernel)
FN_BIND(bind_uuid, ">s", uuid_kernel)

#define RANDOM_FUNCTION(id, text, least, most, binder, usage, what, sample, prints) \
    const struct lt_function lt_fn_##id = {                                         \
        .name = text,                                                               \
        .family = "arithmetic",                                                     \
        .args_min = least,                                                          \
        .args_max = most,                                                           \
        .flags = LT_FN_NONDETERMINISTIC,                                            \
        .bind = binder,                                                             \
        .signature = usage,                                                         \
        .doc = what,                                                                \
        .example = sample,                                                          \
        .result = prints,                                                           \
    }
RANDOM_FUNCTION(rand, "RAND", 0, 1, bind_rand, "RAND([seed BIGINT]) -> DOUBLE",
                "A random number from 0 up to but not 1; the same sequence for the same seed.",
                "RAND() < 1", "TRUE");
RANDOM_FUNCTION(rand_integer, "RAND_INTEGER", 1, 2, bind_rand_integer,
                "RAND_INTEGER([seed BIGINT,] bound BIGINT) -> INT",
                "A random whole number from 0 up to but not the bound.", "RAND_INTEGER(1)", "0");
RANDOM_FUNCTION(uuid, "UUID", 0, 0, bind_uuid, "UUID() -> STRING",
                "A random identifier (RFC 4122, version 4).", "CHAR_LENGTH(UUID())", "36");
