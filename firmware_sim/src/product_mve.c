/* Cortex-M55: VMLADAVA multiplies sixteen pairs of bytes and adds all products; four rows at a time share the operands.
 * The predicate of the last vector leaves out what lies behind a row.
 */
#include <arm_mve.h>

#include "product.h"

#define LANES 16

static inline int32_t rest(int32_t sum, const int8_t *weight, int8x16_t x, mve_pred16_t within) {
    return vmladavaq_s8(sum, vldrbq_z_s8(weight, within), x);
}

static void four_rows(const int8_t *a, uint32_t columns, const int8_t *x, int32_t *sums) {
    const int8_t *b = a + columns, *c = b + columns, *d = c + columns;
    int32_t sum_a = 0, sum_b = 0, sum_c = 0, sum_d = 0;
    for (uint32_t whole = columns / LANES; whole > 0; whole--) {
        const int8x16_t shared = vldrbq_s8(x);
        sum_a = vmladavaq_s8(sum_a, vldrbq_s8(a), shared);
        sum_b = vmladavaq_s8(sum_b, vldrbq_s8(b), shared);
        sum_c = vmladavaq_s8(sum_c, vldrbq_s8(c), shared);
        sum_d = vmladavaq_s8(sum_d, vldrbq_s8(d), shared);
        x += LANES, a += LANES, b += LANES, c += LANES, d += LANES;
    }
    if (columns % LANES) {
        const mve_pred16_t within = vctp8q(columns % LANES);
        const int8x16_t shared = vldrbq_z_s8(x, within);
        sum_a = rest(sum_a, a, shared, within);
        sum_b = rest(sum_b, b, shared, within);
        sum_c = rest(sum_c, c, shared, within);
        sum_d = rest(sum_d, d, shared, within);
    }
    sums[0] = sum_a;
    sums[1] = sum_b;
    sums[2] = sum_c;
    sums[3] = sum_d;
}

void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums) {
    (void)pairs;
    const uint32_t columns = matrix->columns;
    const int8_t *weight = matrix->weight;
    uint32_t row = 0;
    for (; row + 4 <= matrix->rows; row += 4, weight += 4 * columns) {
        four_rows(weight, columns, x, sums + row);
    }
    for (; row < matrix->rows; row++, weight += columns) {
        int32_t sum = 0;
        for (uint32_t column = 0; column < columns; column += LANES) {
            const mve_pred16_t left = vctp8q(columns - column);
            sum = rest(sum, weight + column, vldrbq_z_s8(x + column, left), left);
        }
        sums[row] = sum;
    }
}
