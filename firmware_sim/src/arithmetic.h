/* Integer arithmetic that every stage shares. Shifts of negative numbers are floors, as every compiler has them. */
#ifndef KWS_ARITHMETIC_H
#define KWS_ARITHMETIC_H

#include <stdint.h>

/* Upper half of a product: half of a * b when `b` counts 2 to the minus 31. One instruction where there is SMMUL. */
static inline int32_t kws_high(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b) >> 32);
}

/* Sum and difference that wrap: sound models never reach it, and damaged ones must not be undefined. */
static inline int32_t kws_plus(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t kws_minus(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

/* `x` not below `least` and not above `most`. */
static inline int32_t kws_clamp(int32_t x, int32_t least, int32_t most) {
    return x < least ? least : x > most ? most : x;
}

/* Zeros before the first bit of `x`, which is not 0. */
static inline uint32_t kws_leading_zeros(uint32_t x) {
    return (uint32_t)__builtin_clz(x);
}

#endif
