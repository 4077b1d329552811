/* text.c -- the loops over text, compiled for each instruction set. */
#include "exec/kernels/text.h"

#include "exec/kernels/text_ops.h"

#define TEXT_TARGET
#define TEXT_NAME(x) portable_##x
#include "exec/kernels/text.tmpl.h"
#undef TEXT_TARGET
#undef TEXT_NAME

const struct text_kernels text_portable = {
    .marks = portable_marks,
    .split = portable_split,
    .count = portable_count,
    .find = portable_find,
    .span = portable_span,
};

#if LT_HAS_AVX512
#define TEXT_TARGET LT_TARGET_AVX512
#define TEXT_NAME(x) avx512_##x
#include "exec/kernels/text.tmpl.h"
#undef TEXT_TARGET
#undef TEXT_NAME

static const struct text_kernels text_avx512 = {
    .marks = avx512_marks,
    .split = avx512_split,
    .count = avx512_count,
    .find = avx512_find,
    .span = avx512_span,
};
#endif

const struct text_kernels *text_kernels(void)
{
#if LT_HAS_AVX512
    if (lt_cpu_avx512())
        return &text_avx512;
#endif
    return &text_portable;
}
