/* scan.h -- what a source tells the WATERMARK operator above it about its splits.
 *
 * Both live in one pipeline (only CALCs between them), so these are plain calls.
 * They change what the watermark operator knows; it speaks at its next event. */
#ifndef LT_EXEC_OPERATORS_SCAN_H
#define LT_EXEC_OPERATORS_SCAN_H

#include "exec/operator.h"

/* A split of this partition is known, not started: it holds the watermark back. */
lt_status lt_watermark_split_known(struct lt_op *op, uint32_t split) LT_MUST_CHECK;
void lt_watermark_split_started(struct lt_op *op, uint32_t split);
void lt_watermark_split_ended(struct lt_op *op, uint32_t split);
/* The connector's own watermark, true once the batch about to be pushed is in. */
void lt_watermark_split_source(struct lt_op *op, uint32_t split, int64_t source_watermark_us);
/* The splits have been listed: a partition without any holds nothing back. */
void lt_watermark_listed(struct lt_op *op);

extern const struct lt_op_type lt_op_watermark_type;

#endif
