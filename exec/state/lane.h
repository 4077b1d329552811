/* lane.h -- fixed-width lanes of up to 8 bytes as ordered 64-bit integers: keys, MIN and MAX. */
#ifndef LT_EXEC_STATE_LANE_H
#define LT_EXEC_STATE_LANE_H

#include "data/column.h"

/* Doubles to integers of the same order; -0.0 = 0.0, all NaN equal and largest. */
static inline int64_t lt_lane_of_double(double value)
{
    int64_t bits;
    if (value != value)
        value = __builtin_nan("");
    if (value == 0)
        value = 0;
    memcpy(&bits, &value, 8);
    return bits < 0 ? bits ^ INT64_MAX : bits;
}
static inline double lt_lane_to_double(int64_t lane)
{
    double value;
    if (lane < 0)
        lane ^= INT64_MAX;
    memcpy(&value, &lane, 8);
    return value;
}
/* Any fixed-width type of at most 8 bytes, flat. Equal values give equal lanes. */
static inline int64_t lt_lane_get(const struct lt_column *flat, uint32_t row)
{
    switch (flat->phys) {
    case LT_PHYS_I8: return ((const int8_t *)flat->values)[row];
    case LT_PHYS_I16: return ((const int16_t *)flat->values)[row];
    case LT_PHYS_I32: return ((const int32_t *)flat->values)[row];
    case LT_PHYS_F32: return lt_lane_of_double(((const float *)flat->values)[row]);
    case LT_PHYS_F64: return lt_lane_of_double(((const double *)flat->values)[row]);
    default: return ((const int64_t *)flat->values)[row];
    }
}
static inline void lt_lane_put(struct lt_column *flat, uint32_t row, int64_t lane)
{
    switch (flat->phys) {
    case LT_PHYS_I8: ((int8_t *)flat->values)[row] = (int8_t)lane; break;
    case LT_PHYS_I16: ((int16_t *)flat->values)[row] = (int16_t)lane; break;
    case LT_PHYS_I32: ((int32_t *)flat->values)[row] = (int32_t)lane; break;
    case LT_PHYS_F32: ((float *)flat->values)[row] = (float)lt_lane_to_double(lane); break;
    case LT_PHYS_F64: ((double *)flat->values)[row] = lt_lane_to_double(lane); break;
    default: ((int64_t *)flat->values)[row] = lane; break;
    }
}
static inline bool lt_lane_fits(enum lt_phys phys)
{
    return phys <= LT_PHYS_F64;
}

#endif
