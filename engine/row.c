/* row.c -- reading a statement's shape and its current row. */
#include "engine/engine.h"

const struct lt_schema *stmt_schema(const struct leat_stmt *stmt)
{
    const struct lt_plan_node *output = stmt->is_local ? NULL : plan_output(stmt->plan);
    return output ? &output->schema : NULL;
}

uint32_t leat_column_count(const leat_stmt *stmt)
{
    const struct lt_schema *schema = stmt_schema(stmt);
    return schema ? schema->len : stmt->is_local ? stmt->local.n_columns : 0;
}

const char *leat_column_name(leat_stmt *stmt, uint32_t column)
{
    const struct lt_schema *schema = stmt_schema(stmt);
    if (column >= leat_column_count(stmt))
        return "";
    return schema ? schema->fields[column].name.data : stmt->local.names[column];
}

const char *leat_column_type(leat_stmt *stmt, uint32_t column)
{
    const struct lt_schema *schema = stmt_schema(stmt);
    if (column >= leat_column_count(stmt))
        return "";
    if (!schema)
        return "STRING";
    lt_buf_clear(&stmt->type_text);
    lt_type_print(&stmt->type_text, schema->fields[column].type);
    return stmt->type_text.status == LT_OK ? stmt->type_text.data : "";
}

bool leat_column_is_number(const leat_stmt *stmt, uint32_t column)
{
    const struct lt_schema *schema = stmt_schema(stmt);
    return schema && column < schema->len && lt_type_is_numeric(schema->fields[column].type);
}

bool leat_is_changing(const leat_stmt *stmt)
{
    const struct lt_plan_node *output = stmt->is_local ? NULL : plan_output(stmt->plan);
    return output && output->props.changing && (stmt->changelog || !stmt->plan->bounded);
}

bool leat_is_bounded(const leat_stmt *stmt)
{
    return stmt->is_local || !stmt->plan || stmt->plan->bounded;
}

/* ---- the current row ---------------------------------------------------------- */

static const struct result_row *current_row(const struct leat_stmt *stmt)
{
    return stmt->chunk ? &stmt->chunk->rows[stmt->chunk_at] : NULL;
}

static bool current_cell(const struct leat_stmt *stmt, uint32_t column, struct lt_cell *cell)
{
    const struct result_row *row = current_row(stmt);
    if (!row || column >= row->batch->n_columns)
        return false;
    *cell = lt_column_cell(row->batch->columns[column], row->row);
    return !cell->null;
}

static const struct lt_str *local_cell(const struct leat_stmt *stmt, uint32_t column)
{
    const struct local_rows *local = &stmt->local;
    if (!stmt->is_local || local->at == 0 || local->at > local->n_rows ||
        column >= local->n_columns)
        return NULL;
    const struct lt_str *cell = &local->cells[(size_t)(local->at - 1) * local->n_columns + column];
    return cell->data ? cell : NULL;
}

leat_op leat_row_op(const leat_stmt *stmt)
{
    const struct result_row *row = current_row(stmt);
    return row ? row->op : LEAT_INSERT;
}

bool leat_is_null(leat_stmt *stmt, uint32_t column)
{
    struct lt_cell cell;
    if (stmt->is_local)
        return !local_cell(stmt, column);
    return !current_cell(stmt, column, &cell);
}

static __int128 wide_value(struct lt_cell cell)
{
    const void *values = cell.col->values;
    switch ((enum lt_phys)cell.col->phys) {
    case LT_PHYS_I8: return ((const int8_t *)values)[cell.lane];
    case LT_PHYS_I16: return ((const int16_t *)values)[cell.lane];
    case LT_PHYS_I32: return ((const int32_t *)values)[cell.lane];
    case LT_PHYS_I64: return ((const int64_t *)values)[cell.lane];
    case LT_PHYS_I128: return ((const __int128 *)values)[cell.lane];
    default: return 0;
    }
}

static double real_value(struct lt_cell cell)
{
    const void *values = cell.col->values;
    switch ((enum lt_phys)cell.col->phys) {
    case LT_PHYS_F32: return ((const float *)values)[cell.lane];
    case LT_PHYS_F64: return ((const double *)values)[cell.lane];
    case LT_PHYS_I128: return lt_decimal_to_double(wide_value(cell), cell.col->type->scale);
    default: return (double)wide_value(cell);
    }
}

int64_t leat_int64(leat_stmt *stmt, uint32_t column)
{
    struct lt_cell cell;
    if (!current_cell(stmt, column, &cell))
        return 0;
    if (cell.col->phys == LT_PHYS_F32 || cell.col->phys == LT_PHYS_F64 ||
        cell.col->phys == LT_PHYS_I128) {
        double value = real_value(cell);
        return value >= -9.2e18 && value <= 9.2e18 ? (int64_t)value : 0;
    }
    return (int64_t)wide_value(cell);
}

double leat_double(leat_stmt *stmt, uint32_t column)
{
    struct lt_cell cell;
    return current_cell(stmt, column, &cell) ? real_value(cell) : 0;
}

const char *leat_text(leat_stmt *stmt, uint32_t column, size_t *len)
{
    struct lt_cell cell;
    const struct lt_str *local = local_cell(stmt, column);
    if (len)
        *len = local ? local->len : 0;
    if (local)
        return local->data;
    if (!current_cell(stmt, column, &cell))
        return NULL;
    lt_buf_clear(&stmt->text);
    lt_cell_print(&stmt->text, cell, stmt->plan->zone);
    lt_buf_add(&stmt->text, "", 0); /* an empty text is not NULL */
    if (stmt->text.status != LT_OK || !lt_buf_reserve(&stmt->text, 1))
        return NULL;
    stmt->text.data[stmt->text.len] = '\0';
    if (len)
        *len = stmt->text.len;
    return stmt->text.data;
}
