/* cpu.h -- vector instructions beyond what the compiler may assume.
 *
 * Loops that the compiler widens by itself are LT_KERNELs (base/compiler.h). What
 * must be written with intrinsics has two versions: a portable one, and one marked
 * LT_TARGET_AVX512 that runs where lt_cpu_avx512() says so. Both give the same
 * answers and both are tested wherever they can run.
 *
 * AVX-512 here means F, BW, DQ, VL, VBMI and VBMI2 and the scalar sets before them:
 * Ice Lake, Zen 4 and what came later. */
#ifndef LT_BASE_CPU_H
#define LT_BASE_CPU_H

#include <stdbool.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define LT_HAS_AVX512 1
#define LT_TARGET_AVX512                                                               \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2," \
                          "avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#define LT_HAS_AVX512 0
#endif

/* Cheap: the answer was found when the program started. */
static inline bool lt_cpu_avx512(void)
{
#if LT_HAS_AVX512
    /* No machine has the last of these without the others. */
    return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

#endif
