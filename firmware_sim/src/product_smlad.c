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

/* Written out, since the loop needs thirteen registers and compilers spill: 23 instructions for 16 products. */
static void four_rows(const int8_t *row, uint32_t columns, const uint32_t *pair, int32_t *sums) {
    const uint32_t *const end = pair + columns / 2;
    const uint32_t columns_3 = 3 * columns;
    int32_t a = 0, b = 0, c = 0, d = 0;
    uint32_t x_even, x_odd, weights, half;
    __asm volatile("1:\n"
                   "ldrd %[x_even], %[x_odd], [%[pair]], #8\n"
                   "ldr %[weights], [%[row], %[columns]]\n"
                   "sxtb16 %[half], %[weights]\n"
                   "sxtb16 %[weights], %[weights], ror #8\n"
                   "smlad %[b], %[half], %[x_even], %[b]\n"
                   "smlad %[b], %[weights], %[x_odd], %[b]\n"
                   "ldr %[weights], [%[row], %[columns], lsl #1]\n"
                   "sxtb16 %[half], %[weights]\n"
                   "sxtb16 %[weights], %[weights], ror #8\n"
                   "smlad %[c], %[half], %[x_even], %[c]\n"
                   "smlad %[c], %[weights], %[x_odd], %[c]\n"
                   "ldr %[weights], [%[row], %[columns_3]]\n"
                   "sxtb16 %[half], %[weights]\n"
                   "sxtb16 %[weights], %[weights], ror #8\n"
                   "smlad %[d], %[half], %[x_even], %[d]\n"
                   "smlad %[d], %[weights], %[x_odd], %[d]\n"
                   "ldr %[weights], [%[row]], #4\n"
                   "sxtb16 %[half], %[weights]\n"
                   "sxtb16 %[weights], %[weights], ror #8\n"
                   "smlad %[a], %[half], %[x_even], %[a]\n"
                   "smlad %[a], %[weights], %[x_odd], %[a]\n"
                   "cmp %[pair], %[end]\n"
                   "bne 1b\n"
                   : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [row] "+r"(row), [pair] "+r"(pair),
                     [x_even] "=&r"(x_even), [x_odd] "=&r"(x_odd), [weights] "=&r"(weights), [half] "=&r"(half)
                   : [columns] "r"(columns), [columns_3] "r"(columns_3), [end] "r"(end)
                   : "cc", "memory");
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
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
