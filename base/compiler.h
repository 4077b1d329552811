/* compiler.h -- what the compiler is told: attributes, assertions, multiversioning. */
#ifndef LT_BASE_COMPILER_H
#define LT_BASE_COMPILER_H

#include <assert.h>

#define LT_MUST_CHECK __attribute__((warn_unused_result))
#define LT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define LT_LIKELY(x) __builtin_expect(!!(x), 1)
#define LT_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define LT_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define LT_UNUSED(x) ((void)(x))
/* For loops whose flags are constants at each call: one copy is made for each. */
#define LT_ALWAYS_INLINE static inline __attribute__((always_inline))

/* Our own mistakes. A user's mistake is a status, never an assertion. */
#ifdef NDEBUG
#define LT_ASSERT(cond) ((void)sizeof(cond))
#define LT_UNREACHABLE() __builtin_unreachable()
#else
#define LT_ASSERT(cond) assert(cond)
#define LT_UNREACHABLE() assert(!"unreachable")
#endif

/* Function multi-versioning for kernels. Plain under sanitizers, under
 * coverage and off glibc, because ifunc resolvers run before those start. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(NDEBUG) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(LT_COVERAGE)
#define LT_KERNEL __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LT_KERNEL
#endif

#endif
