/* scan.h -- a scan request that outlives the call that brought it. */
#ifndef LT_CONNECTORS_SCAN_H
#define LT_CONNECTORS_SCAN_H

#include "catalog/connector.h"

/* Copies columns, field bitmaps and metadata into the arena; filters stay behind (n_filters
 * is 0). `physical` is the schema the columns refer to. */
lt_status lt_scan_copy(struct lt_arena *arena, const struct lt_schema *physical,
                       const struct lt_scan_request *request,
                       struct lt_scan_request *out) LT_MUST_CHECK;
/* Is field `i` of wanted column `column` wanted? */
bool lt_scan_wants(const struct lt_scan_request *request, uint32_t column, uint32_t i);
/* Adds a split name to the list (copied into its arena). */
lt_status lt_split_add(struct lt_split_list *splits, struct lt_str name) LT_MUST_CHECK;

/* Truth of `cell op constant` for the pushed filters a source applies itself; a
 * comparison with NULL is false. Both have one type. */
bool lt_filter_holds(const struct lt_filter *filter, struct lt_cell cell);

#endif
