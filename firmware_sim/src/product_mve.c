/* Cortex-M55: VMLADAVA multiplies sixteen pairs of bytes and adds all products; four rows at a time share the operands.
 * The predicate of the last vector leaves out what lies behind a row.
 */
#include <arm_mve.h>

#include "product.h"

#define LANES 16

static inline int32_t rest(int32_t sum, const int8_t *weight, int8x16_t x, mve_pred16_t within) {
    return vmladavaq_s8(sum, vldrbq_z_s8(weight, within), x);
}

void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums) {
    (void)pairs;
    const uint32_t columns = matrix->columns, whole = columns / LANES;
    const mve_pred16_t within = vctp8q(columns % LANES);
    const int8_t *weight = matrix->weight;
    uint32_t row = 0;
    for (; row + 4 <= matrix->rows; row += 4, weight += 4 * columns) {
        int32_t a = 0, b = 0, c = 0, d = 0;
        const int8_t *w = weight, *operand = x;
        for (uint32_t i = 0; i < whole; i++, w += LANES, operand += LANES) {
            const int8x16_t shared = vldrbq_s8(operand);
            a = vmladavaq_s8(a, vldrbq_s8(w), shared);
            b = vmladavaq_s8(b, vldrbq_s8(w + columns), shared);
            c = vmladavaq_s8(c, vldrbq_s8(w + 2 * columns), shared);
            d = vmladavaq_s8(d, vldrbq_s8(w + 3 * columns), shared);
        }
        if (columns % LANES) {
            const int8x16_t shared = vldrbq_z_s8(operand, within);
            a = rest(a, w, shared, within);
            b = rest(b, w + columns, shared, within);
            c = rest(c, w + 2 * columns, shared, within);
            d = rest(d, w + 3 * columns, shared, within);
        }
        sums[row] = a;
        sums[row + 1] = b;
        sums[row + 2] = c;
        sums[row + 3] = d;
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
