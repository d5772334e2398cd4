/* Computers: operands are widened once, and the compiler multiplies and adds pairs of 16 bits as wide as it can. */
#include "product.h"

void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums) {
    (void)pairs;
    const uint32_t columns = matrix->columns;
    int16_t wide[KWS_COLUMNS];
    for (uint32_t column = 0; column < columns; column++) {
        wide[column] = x[column];
    }
    const int8_t *weight = matrix->weight;
    for (uint32_t row = 0; row < matrix->rows; row++, weight += columns) {
        int32_t sum = 0;
        for (uint32_t column = 0; column < columns; column++) {
            sum += (int16_t)weight[column] * wide[column];
        }
        sums[row] = sum;
    }
}
