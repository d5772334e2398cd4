/* The clean, minimal reference that the others are held against. */
#include "product.h"

void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums) {
    (void)pairs;
    const int8_t *weight = matrix->weight;
    for (uint32_t row = 0; row < matrix->rows; row++, weight += matrix->columns) {
        int32_t sum = 0;
        for (uint32_t column = 0; column < matrix->columns; column++) {
            sum += weight[column] * x[column];
        }
        sums[row] = sum;
    }
}
