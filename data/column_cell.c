/* column_cell.c -- one value at a time: finding, copying, comparing.
 *
 * This is the slow and general way, for tests, sinks, constants and nested
 * values. Kernels never come here.
 *
 * The order is total: NULL last, NaN largest and equal to itself, -0.0 = 0.0,
 * text by its bytes, lists element by element and then by length, rows field by
 * field. Types nest at most LT_TYPE_DEPTH_MAX deep, so recursion is bounded. */
#include "base/bits.h"
#include "data/pool.h"

struct lt_cell lt_column_cell(const struct lt_column *col, uint32_t row)
{
    uint32_t lane = lt_column_lane(col, row);
    struct lt_cell cell = {.col = col, .lane = lane};
    cell.null =
        (col->validity && !lt_bits_get(col->validity, lane)) || col->type->kind == LT_TYPE_NULL;
    if (col->encoding != LT_DICTIONARY)
        return cell;
    if (!cell.null)
        return lt_column_cell(col->children[0], ((const uint32_t *)col->values)[lane]);
    cell.col = col->children[0];
    cell.lane = 0;
    return cell;
}

/* ---- copying --------------------------------------------------------- */

/* The elements a list lane spans. */
static void list_range(const struct lt_column *col, uint32_t lane, uint32_t *from, uint32_t *len)
{
    const uint32_t *offsets = col->values;
    *from = offsets[lane];
    *len = offsets[lane + 1] > *from ? offsets[lane + 1] - *from : 0;
}

uint32_t lt_column_list_begin(struct lt_column *col, uint32_t row)
{
    uint32_t *offsets = col->values, written = row, end = 0;
    if (col->children[0] && col->children[0]->len > 0) {
        while (written > 0 && offsets[written] == 0)
            written--;
        end = offsets[written];
    }
    for (uint32_t at = written + 1; end != 0 && at <= row; at++)
        offsets[at] = end;
    for (uint32_t i = 0; i < col->n_children; i++) {
        struct lt_column *child = col->children[i];
        /* Cutting takes no memory, so it cannot fail. */
        lt_status status = child && child->len > end ? lt_column_resize(child, end) : LT_OK;
        LT_ASSERT(status == LT_OK);
        LT_UNUSED(status);
    }
    return end;
}

static lt_status copy_elements(struct lt_column *to, uint32_t end, struct lt_cell cell,
                               uint32_t from, uint32_t len)
{
    for (uint32_t i = 0; i < to->n_children; i++) {
        struct lt_column *child = to->children[i];
        LT_ASSERT(child->len == end);
        LT_TRY(lt_column_resize(child, end + len));
        for (uint32_t at = 0; at < len; at++) {
            struct lt_cell element = lt_column_cell(cell.col->children[i], from + at);
            LT_TRY(lt_column_copy_cell(child, end + at, element));
        }
    }
    return LT_OK;
}

static lt_status copy_list(struct lt_column *to, uint32_t row, struct lt_cell cell)
{
    uint32_t from, len;
    list_range(cell.col, cell.lane, &from, &len);
    LT_TRY(lt_column_make_children(to));
    uint32_t end = lt_column_list_begin(to, row);
    LT_TRY(copy_elements(to, end, cell, from, len));
    ((uint32_t *)to->values)[row + 1] = end + len;
    return LT_OK;
}

static lt_status set_lane_null(struct lt_column *to, uint32_t row)
{
    LT_TRY(lt_column_own_validity(to));
    lt_column_set_null(to, row);
    if (to->phys == LT_PHYS_LIST) {
        uint32_t end = lt_column_list_begin(to, row);
        ((uint32_t *)to->values)[row + 1] = end;
    } else if (to->phys == LT_PHYS_STRUCT) {
        for (uint32_t i = 0; i < to->n_children; i++)
            LT_TRY(set_lane_null(to->children[i], row));
    } else {
        size_t size = lt_phys_size((enum lt_phys)to->phys);
        memset((char *)to->values + row * size, 0, size);
    }
    return LT_OK;
}

lt_status lt_column_copy_cell(struct lt_column *to, uint32_t row, struct lt_cell cell)
{
    LT_ASSERT(to->encoding != LT_DICTIONARY && row < lt_column_lanes(to));
    if (cell.null)
        return set_lane_null(to, row);
    LT_ASSERT(to->phys == cell.col->phys);
    switch ((enum lt_phys)to->phys) {
    case LT_PHYS_STR:
        LT_TRY(lt_column_put_str(to, row,
                                 lt_sv_str((const struct lt_sv *)cell.col->values + cell.lane)));
        break;
    case LT_PHYS_LIST: LT_TRY(copy_list(to, row, cell)); break;
    case LT_PHYS_STRUCT:
        for (uint32_t i = 0; i < to->n_children; i++)
            LT_TRY(lt_column_copy_cell(to->children[i], row,
                                       lt_column_cell(cell.col->children[i], cell.lane)));
        break;
    default: {
        size_t size = lt_phys_size((enum lt_phys)to->phys);
        memcpy((char *)to->values + row * size, (const char *)cell.col->values + cell.lane * size,
               size);
    }
    }
    if (to->validity)
        lt_bits_set(to->validity, row);
    return LT_OK;
}

/* ---- order ----------------------------------------------------------- */

static int compare_doubles(double a, double b)
{
    if (a != a || b != b)
        return (a != a) - (b != b);
    return (a > b) - (a < b);
}

static int compare_lists(struct lt_cell a, struct lt_cell b)
{
    uint32_t from_a, len_a, from_b, len_b;
    list_range(a.col, a.lane, &from_a, &len_a);
    list_range(b.col, b.lane, &from_b, &len_b);
    for (uint32_t at = 0; at < len_a && at < len_b; at++)
        for (uint32_t i = 0; i < a.col->n_children; i++) {
            int order = lt_cell_compare(lt_column_cell(a.col->children[i], from_a + at),
                                        lt_column_cell(b.col->children[i], from_b + at));
            if (order != 0)
                return order;
        }
    return (len_a > len_b) - (len_a < len_b);
}

static int compare_rows(struct lt_cell a, struct lt_cell b)
{
    for (uint32_t i = 0; i < a.col->n_children; i++) {
        int order = lt_cell_compare(lt_column_cell(a.col->children[i], a.lane),
                                    lt_column_cell(b.col->children[i], b.lane));
        if (order != 0)
            return order;
    }
    return 0;
}

#define COMPARE_AS(type)                                \
    do {                                                \
        type x = ((const type *)a.col->values)[a.lane]; \
        type y = ((const type *)b.col->values)[b.lane]; \
        return (x > y) - (x < y);                       \
    } while (0)

int lt_cell_compare(struct lt_cell a, struct lt_cell b)
{
    if (a.null || b.null)
        return (int)a.null - (int)b.null;
    LT_ASSERT(a.col->phys == b.col->phys);
    switch ((enum lt_phys)a.col->phys) {
    case LT_PHYS_I8: COMPARE_AS(int8_t);
    case LT_PHYS_I16: COMPARE_AS(int16_t);
    case LT_PHYS_I32: COMPARE_AS(int32_t);
    case LT_PHYS_I64: COMPARE_AS(int64_t);
    case LT_PHYS_I128: COMPARE_AS(__int128);
    case LT_PHYS_F32:
        return compare_doubles((double)((const float *)a.col->values)[a.lane],
                               (double)((const float *)b.col->values)[b.lane]);
    case LT_PHYS_F64:
        return compare_doubles(((const double *)a.col->values)[a.lane],
                               ((const double *)b.col->values)[b.lane]);
    case LT_PHYS_STR:
        return lt_sv_compare((const struct lt_sv *)a.col->values + a.lane,
                             (const struct lt_sv *)b.col->values + b.lane);
    case LT_PHYS_LIST: return compare_lists(a, b);
    case LT_PHYS_STRUCT: return compare_rows(a, b);
    case LT_PHYS_COUNT: break;
    }
    LT_UNREACHABLE();
    return 0;
}

bool lt_cell_equal(struct lt_cell a, struct lt_cell b)
{
    return lt_cell_compare(a, b) == 0;
}
