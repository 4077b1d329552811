/* function.h -- descriptors of scalar functions and aggregates: declared here,
 * defined in exec/functions and exec/aggregates, listed in their .def files.
 *
 * The binder asks a descriptor to resolve a call: given argument types it says
 * what each argument must be cast to and what comes out. The executor calls the
 * kernel it chose. One file, one descriptor, one line in the .def. */
#ifndef LT_CATALOG_FUNCTION_H
#define LT_CATALOG_FUNCTION_H

#include "data/batch.h"
#include "data/value.h"

struct lt_eval;
enum { LT_CALL_ARGS_MAX = 64 };

/* A call being resolved. */
struct lt_bind_call {
    struct lt_arena *arena;
    struct lt_str name; /* as written, for messages */
    struct lt_pos pos;
    uint32_t n_args;
    const struct lt_type **args;        /* in: types; out: what each is cast to */
    const struct lt_column **constants; /* one-row column of a constant argument, else NULL */
    const struct lt_tz *zone;           /* the session's */
    struct lt_error *err;
    /* out */
    const struct lt_type *result;
    const struct lt_kernel *kernel;
};

/* Evaluates one call over a batch. Args and result are columns of eval->len
 * rows; only the rows of eval->sel (all when NULL) may be read or fail; other
 * lanes of the result must be readable. Args may be FLAT, CONSTANT or DICTIONARY
 * (lt_eval_flat gives a flat form) of exactly the types bound. */
struct lt_kernel {
    const char *name;
    lt_status (*eval)(struct lt_eval *eval, struct lt_column *const *args, uint32_t n_args,
                      const struct lt_type *result, const void *data, struct lt_column **out);
    /* Once per program: compiles constants; freed by `release` at its end. May be NULL. */
    lt_status (*prepare)(struct lt_alloc *alloc, const struct lt_column *const *constants,
                         uint32_t n_args, const struct lt_type *const *types, void **data,
                         struct lt_error *err);
    void (*release)(struct lt_alloc *alloc, void *data);
    bool strict;  /* NULL in, NULL out: the caller ANDs validity; eval->sel holds no row with a
                     NULL argument, and arguments are FLAT or CONSTANT; `out` is a new column */
    bool dense;   /* so cheap that it takes any lane: the caller does not narrow eval->sel, and
                     NULL or unselected lanes (they hold anything) must not make it fail */
    bool total;   /* cannot fail, whatever the values */
    uint8_t form; /* enum lt_form: unless LT_FORM_CALL the program does it, eval is NULL */
    uint8_t test; /* enum lt_test: as a condition, the call asks this of args[0] */
    uint8_t part_args;
    const struct lt_kernel *part; /* a call over the first part_args arguments, shared by all that
                                     have them; its BIGINT result is one more argument */
};

/* What may be asked of a value; of any type for NULL and NOT_NULL, else of a BOOLEAN. */
enum lt_test {
    LT_TEST_NONE,
    LT_TEST_TRUE,
    LT_TEST_FALSE,
    LT_TEST_NULL,
    LT_TEST_NOT_TRUE,
    LT_TEST_NOT_FALSE,
    LT_TEST_NOT_NULL,
};

enum lt_form {
    LT_FORM_CALL,
    LT_FORM_CASE,     /* as LT_EXPR_CASE: when, then, ..., else */
    LT_FORM_COALESCE, /* as LT_EXPR_COALESCE */
    LT_FORM_AND,
    LT_FORM_OR,
    LT_FORM_CAST, /* args[0] to the call's type, as LT_EXPR_CAST */
};

/* What a kernel may use while it runs. One per program and thread. */
struct lt_eval {
    struct lt_pool *pool;
    struct lt_arena *scratch; /* reset per batch */
    uint32_t len;
    uint32_t n_sel;
    const uint16_t *sel; /* NULL = rows 0..len) */
    const struct lt_tz *zone;
    const struct lt_batch *batch; /* proctime, positions */
    int64_t watermark_us;         /* CURRENT_WATERMARK */
    int64_t statement_us;         /* CURRENT_TIMESTAMP of a bounded statement */
    bool streaming;               /* CURRENT_TIMESTAMP is per row (batch->proctime_us) */
    uint64_t random_state;        /* RAND, UUID; 0 = seed it from the system at first use */
    struct lt_kept *kept;         /* columns that live until the batch ends (lt_eval_keep) */
    struct lt_buf text;           /* for building text; whoever uses it takes it and puts it back */
    struct lt_error *err;
};

enum lt_function_flags {
    LT_FN_NONDETERMINISTIC = 1,   /* RAND, UUID */
    LT_FN_PER_STATEMENT = 2,      /* CURRENT_TIMESTAMP, PROCTIME ... : never folded */
    LT_FN_SPECIAL_FORM = 4,       /* evaluated lazily by the program: COALESCE, IF, CASE ... */
};

struct lt_function {
    const char *name;    /* upper case */
    const char *aliases; /* "SUBSTR|MID" or NULL */
    const char *family;  /* comparison, logical, arithmetic, string, temporal, ... */
    uint8_t args_min, args_max; /* 255 = any number */
    uint32_t flags;
    lt_status (*bind)(struct lt_bind_call *call); /* LT_INVALID with message on bad types */
    const char *signature; /* "LPAD(text STRING, len INT, pad STRING) -> STRING" */
    const char *doc;       /* one or two sentences */
    const char *example;   /* "LPAD('hi', 4, '?')" */
    const char *result;    /* what it prints: "??hi" */
};

/* ---- aggregates ------------------------------------------------------- */

/* State of an aggregate for one group: `state_size` fixed bytes inside the
 * group's entry, 8-aligned, zero at first unless `init`. What does not fit
 * (sets, lists, long text) lives in the operator's state heap and is referred to
 * by lt_ref inside the fixed part (exec/state/state.h), so entries can be saved as
 * bytes and moved over by `merge`. */
struct lt_state_heap;

struct lt_agg_call { /* a bound aggregate call, read-only at run time */
    const struct lt_aggregate *fn;
    const struct lt_agg_kernel *kernel;
    uint32_t n_args;
    const struct lt_type *const *args; /* types after casts */
    const struct lt_type *result;
    bool distinct;
    bool changing; /* rows may be taken back: the kernel is retractable */
    bool ignore_nulls;
    const struct lt_column *const *constants;
    /* WITHIN GROUP / ORDER BY inside the call: the last n_order args are the keys. */
    uint32_t n_order;
    const bool *order_desc;
    const bool *order_nulls_first;
};

struct lt_agg_input { /* rows for many groups: lt_agg_state */
    uint32_t n;               /* at least 1 */
    const uint16_t *rows;     /* physical rows in the columns, increasing */
    char *const *states;      /* by physical row: the block of the row's group */
    size_t offset;            /* of this call's fixed part in a block */
    bool one;                 /* all rows are of one group */
    struct lt_column *const *args; /* flat; without NULL in `rows` unless kernel->takes_nulls */
    const struct lt_batch *batch; /* weights and positions */
    struct lt_state_heap *heap;
    struct lt_pool *pool;
    struct lt_error *err;
};

/* The state to which rows[i] belongs. */
static inline char *lt_agg_state(const struct lt_agg_input *in, uint32_t i)
{
    return in->states[in->rows[i]] + in->offset;
}

/* Whether the rows follow each other; then i belongs to states[rows[0] + i]. */
static inline bool lt_agg_is_dense(const struct lt_agg_input *in)
{
    return (uint32_t)in->rows[in->n - 1] - in->rows[0] == in->n - 1;
}

struct lt_agg_output { /* results of many groups: state i is at states[i] + offset */
    uint32_t n;
    char *const *states;
    size_t offset;
    struct lt_column *out;  /* flat, its lanes zero and not NULL yet */
    const uint16_t *lanes;  /* of the results in `out`; NULL = from, from + 1 ... */
    uint32_t from;
    const struct lt_state_heap *heap;
    struct lt_error *err;
};
static inline const char *lt_agg_result_state(const struct lt_agg_output *out, uint32_t i)
{
    return out->states[i] + out->offset;
}
static inline uint32_t lt_agg_result_lane(const struct lt_agg_output *out, uint32_t i)
{
    return out->lanes ? out->lanes[i] : out->from + i;
}

struct lt_agg_kernel {
    size_t state_size;
    void (*init)(const struct lt_agg_call *call, char *state); /* NULL = zero */
    /* Adds rows with their weights (negative = retract; only when `retractable`). */
    lt_status (*update)(const struct lt_agg_call *call, const struct lt_agg_input *in);
    /* into += from; `from` is unchanged. Slices, sessions and loading need it; what
     * `from` refers to lies in from_heap, which may be another one. */
    lt_status (*merge)(const struct lt_agg_call *call, struct lt_state_heap *heap, char *into,
                       const struct lt_state_heap *from_heap, const char *from,
                       struct lt_error *err);
    /* result of state into lane `row` of `out` (flat, not NULL yet). The state is unchanged. */
    lt_status (*finish)(const struct lt_agg_call *call, const struct lt_state_heap *heap,
                        const char *state, struct lt_column *out, uint32_t row,
                        struct lt_error *err);
    /* The same for many states at once; NULL = one by one. */
    lt_status (*finish_all)(const struct lt_agg_call *call, const struct lt_agg_output *out);
    /* Gives back what the state holds in the heap; NULL when it holds nothing. */
    void (*drop)(const struct lt_agg_call *call, struct lt_state_heap *heap, char *state);
    bool wide;        /* the state holds an __int128: it is 16-aligned, else 8-aligned */
    bool takes_nulls; /* rows whose argument is NULL are given too; else they are skipped */
    bool idempotent;  /* DISTINCT makes no difference: MIN, MAX, BOOL_AND ... */
    bool retractable;
    bool invertible; /* merge has an inverse: `unmerge` */
    void (*unmerge)(const struct lt_agg_call *call, char *into, const char *from);
};

struct lt_bind_aggregate {
    struct lt_bind_call call; /* args/result as for functions; call.kernel unused */
    bool distinct;
    bool changing; /* the input retracts: the kernel chosen must be retractable */
    const struct lt_agg_kernel *kernel; /* out */
};

struct lt_aggregate {
    const char *name;
    const char *aliases;
    uint8_t args_min, args_max;
    bool order_matters; /* FIRST_VALUE, LISTAGG ...: positions are used */
    lt_status (*bind)(struct lt_bind_aggregate *agg);
    const char *signature, *doc, *example, *result;
};

/* ---- the registry ----------------------------------------------------- */
/* Lists end with NULL. Names are matched without case, aliases too. Provided by
 * the engine from the .def files (exec/functions/functions.def ...). */
struct lt_function_registry {
    const struct lt_function *const *functions;
    const struct lt_aggregate *const *aggregates;
};
const struct lt_function *lt_registry_function(const struct lt_function_registry *registry,
                                               struct lt_str name);
const struct lt_aggregate *lt_registry_aggregate(const struct lt_function_registry *registry,
                                                 struct lt_str name);

#endif
