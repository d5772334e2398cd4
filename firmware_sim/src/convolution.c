#include "convolution.h"

#include "arithmetic.h"
#include "product.h"

#define ZERO 128

void kws_convolution(const kws_matrix *matrix, const int8_t *span, kws_scratch *scratch, int8_t *active) {
    int32_t *sums = scratch->product.sums;
    kws_sums(matrix, span, scratch->product.pairs, sums);
    for (uint32_t row = 0; row < matrix->rows; row++) {
        active[row] = (int8_t)(kws_clamp(kws_rescaled(matrix, row, sums[row]), 0, 255) - ZERO);
    }
}
