/* program_internal.h -- what the compiler of programs and their interpreter share.
 *
 * A register holds one column per batch. A region is a set of rows, a subset of
 * the region around it; region 0 is what the batch selects. It is kept as a bitmap;
 * the list of its rows is made when an instruction first wants it.
 *
 * Instructions run in order. TEST and the operations on sets make a region; ENTER
 * makes it the current one and jumps past its LEAVE when it is empty, so registers
 * written in there stay NULL, and the MERGE that follows reads only the rows of
 * regions that are not empty. Regions made between ENTER and LEAVE of r have the
 * numbers r + 1 .. region_end - 1, though not all of those are within it; what a
 * jump skips is empty. A filter's regions are entered and never left: what follows,
 * the projection, runs on the rows that passed. */
#ifndef LT_EXEC_PROGRAM_INTERNAL_H
#define LT_EXEC_PROGRAM_INTERNAL_H

#include "base/bits.h"
#include "data/select.h"
#include "exec/program.h"

enum program_op {
    OP_CALL,  /* dst = kernel(args) */
    OP_CAST,  /* dst = args[0] as type */
    OP_FIELD, /* dst = field `index` of args[0] */
    OP_MERGE, /* dst = for each row the last args[i] whose regions[i] holds it */
    OP_AND,   /* dst = args[0] AND args[1], the latter on the rows of `region` */
    OP_OR,
    OP_TEST,  /* region = rows of the current one where args[0] passes `test` */
    OP_BOTH,  /* region = rows of regions[0] that are in regions[1] too */
    OP_UNION, /* region = rows of regions[0] or regions[1] */
    OP_REST,  /* region = rows of the current one that are not in regions[0] */
    OP_ENTER, /* region becomes the current one */
    OP_LEAVE, /* back to the region around */
};

struct insn {
    uint8_t op;     /* enum program_op */
    uint8_t test;   /* TEST: enum lt_test */
    uint8_t mode;   /* CAST: enum lt_cast_mode */
    bool changes;   /* CALL: not deterministic, so never shared or computed once for all rows */
    bool every_row; /* takes any lane and cannot fail: wants no list of rows */
    uint32_t dst;
    uint32_t n_args;
    uint32_t *args;
    uint32_t *regions;
    uint32_t region;
    uint32_t region_end; /* ENTER: past the last region made before its LEAVE */
    uint32_t target;     /* ENTER: the instruction after its LEAVE */
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
    uint32_t parent;
    bool listed;         /* sel says the rows */
    bool mapped;         /* bits says the rows; one of the two always does */
    const uint16_t *sel; /* NULL = all rows of the batch */
    uint16_t *rows;      /* room for a list */
    uint64_t bits[LT_SELECT_WORDS];
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
    uint32_t region;   /* the current one */
    uint32_t filtered; /* what the filter leaves; 0 = no filter */
    uint32_t n_outputs;
    uint32_t *outputs; /* registers */
    uint16_t *strict_rows;
    uint64_t validity[LT_BATCH_ROWS_MAX / 64];
    struct lt_column **args; /* room for the widest call */
    uint32_t args_max;
};

/* program_region.c: any region as a list (NULL = all rows of the batch), or as bits. */
const uint16_t *program_rows(struct lt_program *p, uint32_t region);
const uint64_t *program_bits(struct lt_program *p, uint32_t region);
/* The instructions that make a region. */
void program_region(struct lt_program *p, const struct insn *insn);

/* program_compile.c */
lt_status program_compile(struct lt_program *p, const struct lt_expr *filter, uint32_t n,
                          struct lt_expr *const *exprs, struct lt_error *err) LT_MUST_CHECK;

/* program_call.c: one instruction, over the current region. Sets *out to a new reference. */
lt_status program_call(struct lt_program *p, const struct insn *insn,
                       struct lt_column **out) LT_MUST_CHECK;
lt_status program_field(struct lt_program *p, struct lt_column *row, uint32_t index,
                        struct lt_column **out) LT_MUST_CHECK;

/* program_merge.c */
lt_status program_merge(struct lt_program *p, const struct insn *insn,
                        struct lt_column **out) LT_MUST_CHECK;
lt_status program_logical(struct lt_program *p, const struct insn *insn,
                          struct lt_column **out) LT_MUST_CHECK;

#endif
