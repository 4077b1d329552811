/* program_internal.h -- what the compiler of programs and their interpreter share.
 *
 * A register holds one column per batch. A region is a set of rows, a subset of
 * the region around it; region 0 is what the batch selects. Instructions run in
 * order; ENTER makes a region and jumps past it when it is empty, so registers
 * written in there stay NULL, and the MERGE that follows reads only the rows of
 * regions that are not empty. Region numbers grow inwards: those nested in r are
 * r + 1 .. region_end. */
#ifndef LT_EXEC_PROGRAM_INTERNAL_H
#define LT_EXEC_PROGRAM_INTERNAL_H

#include "base/bits.h"
#include "exec/program.h"

enum program_op {
    OP_CALL,  /* dst = kernel(args) */
    OP_CAST,  /* dst = args[0] as type */
    OP_FIELD, /* dst = field `index` of args[0] */
    OP_ENTER, /* region = rows of the current one where args[0] passes `test` */
    OP_LEAVE, /* back to the region around */
    OP_MERGE, /* dst = for each row the last args[i] whose regions[i] holds it */
    OP_AND,   /* dst = args[0] AND args[1], the latter on the rows of `region` */
    OP_OR,
};

enum region_test { TEST_TRUE, TEST_NOT_TRUE, TEST_NOT_FALSE, TEST_NULL };

struct insn {
    uint8_t op;   /* enum program_op */
    uint8_t test; /* ENTER: enum region_test */
    uint8_t mode; /* CAST: enum lt_cast_mode */
    bool changes; /* CALL: not deterministic, so never shared or computed once for all rows */
    uint32_t dst;
    uint32_t n_args;
    uint32_t *args;
    uint32_t *regions;
    uint32_t region;
    uint32_t region_end;
    uint32_t target; /* ENTER: the instruction after its LEAVE */
    uint32_t index;
    struct lt_pos pos;
    const struct lt_type *type;
    const struct lt_kernel *kernel;
    const struct lt_type *const *types; /* CALL: of the arguments */
    void *data;                         /* CALL: what kernel->prepare made */
};

enum reg_source { REG_INSN, REG_INPUT, REG_CONSTANT };

struct reg {
    struct lt_column *col; /* NULL = not computed for this batch */
    bool owned;            /* holds a reference that is given back after the last use */
    uint8_t source;        /* enum reg_source */
    uint32_t input;        /* REG_INPUT: which column of the batch */
    uint32_t last_use;     /* the last instruction that reads it; UINT32_MAX = an output */
    const struct lt_type *type;
    const struct lt_column *value; /* REG_CONSTANT: the one-row column */
    struct lt_column *constant;    /* REG_CONSTANT: `value` for batches of this length */
};

struct region {
    uint32_t n_sel;
    const uint16_t *sel; /* NULL = all rows */
    uint16_t *rows;      /* room for a batch of rows */
    uint32_t parent;
};

struct lt_program {
    struct lt_eval eval;
    struct lt_alloc *alloc;
    struct lt_arena arena; /* instructions and registers; as long as the program */
    struct lt_arena scratch;
    struct insn *insns;
    uint32_t n_insns, cap_insns;
    struct reg *regs;
    uint32_t n_regs, cap_regs;
    struct region *regions;
    uint32_t n_regions, cap_regions;
    uint32_t region; /* the current one */
    uint32_t n_outputs;
    uint32_t *outputs; /* registers */
    uint16_t *strict_rows;
    uint64_t validity[LT_BATCH_ROWS_MAX / 64];
    struct lt_column **args; /* room for the widest call */
    uint32_t args_max;
};

/* program_compile.c */
lt_status program_compile(struct lt_program *p, uint32_t n, struct lt_expr *const *exprs,
                          struct lt_error *err) LT_MUST_CHECK;

/* program_call.c: one instruction, over the current region. Sets *out to a new reference. */
lt_status program_call(struct lt_program *p, const struct insn *insn,
                       struct lt_column **out) LT_MUST_CHECK;
lt_status program_field(struct lt_program *p, struct lt_column *row, uint32_t index,
                        struct lt_column **out) LT_MUST_CHECK;

/* program_merge.c */
uint32_t program_test_rows(const struct lt_column *col, enum region_test test, const uint16_t *sel,
                           uint32_t n, uint16_t *rows);
lt_status program_merge(struct lt_program *p, const struct insn *insn,
                        struct lt_column **out) LT_MUST_CHECK;
lt_status program_logical(struct lt_program *p, const struct insn *insn,
                          struct lt_column **out) LT_MUST_CHECK;

#endif
