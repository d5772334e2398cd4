/* Cortex-M4, M7, M33: SMLAD multiplies two pairs of 16-bit numbers and adds both products.
 *
 * SXTB16 takes bytes 0 and 2 of a word, and after a rotation bytes 1 and 3; the operands are widened into that order
 * once, then four rows at a time share them.
 */
#include <arm_acle.h>
#include <string.h>

#include "product.h"

static inline uint32_t word(const void *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint32_t even(uint32_t bytes) {
    return (uint32_t)__sxtb16((int8x4_t)bytes);
}

static inline uint32_t odd(uint32_t bytes) {
    uint32_t pair;
    __asm("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes)); /* the compiler has no name for it */
    return pair;
}

/* Add four products of `bytes` and two pairs of operands. */
static inline int32_t four(uint32_t bytes, uint32_t x_even, uint32_t x_odd, int32_t sum) {
    sum = __smlad((int16x2_t)even(bytes), (int16x2_t)x_even, sum);
    return __smlad((int16x2_t)odd(bytes), (int16x2_t)x_odd, sum);
}

static void four_rows(const int8_t *a, uint32_t columns, const uint32_t *pair, int32_t *sums) {
    const int8_t *b = a + columns, *c = b + columns, *d = c + columns;
    int32_t sum_a = 0, sum_b = 0, sum_c = 0, sum_d = 0;
    for (const int8_t *const end = b; a != end; a += 4, b += 4, c += 4, d += 4, pair += 2) {
        const uint32_t x_even = pair[0], x_odd = pair[1];
        sum_a = four(word(a), x_even, x_odd, sum_a);
        sum_b = four(word(b), x_even, x_odd, sum_b);
        sum_c = four(word(c), x_even, x_odd, sum_c);
        sum_d = four(word(d), x_even, x_odd, sum_d);
    }
    sums[0] = sum_a;
    sums[1] = sum_b;
    sums[2] = sum_c;
    sums[3] = sum_d;
}

static int32_t one_row(const int8_t *weight, uint32_t columns, const uint32_t *pair) {
    int32_t sum = 0;
    for (const int8_t *const end = weight + columns; weight != end; weight += 4, pair += 2) {
        sum = four(word(weight), pair[0], pair[1], sum);
    }
    return sum;
}

void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums) {
    const uint32_t columns = matrix->columns;
    for (uint32_t column = 0; column < columns; column += 4) {
        pairs[column / 2] = even(word(x + column));
        pairs[column / 2 + 1] = odd(word(x + column));
    }
    const int8_t *weight = matrix->weight;
    uint32_t row = 0;
    for (; row + 4 <= matrix->rows; row += 4, weight += 4 * columns) {
        four_rows(weight, columns, pairs, sums + row);
    }
    for (; row < matrix->rows; row++, weight += columns) {
        sums[row] = one_row(weight, columns, pairs);
    }
}
