#include "convolution.h"

#include <string.h>

#include "arithmetic.h"
#include "product.h"

#define ZERO 128

/* What lies under the kernel that begins at `first`, one row after the other. */
static const int8_t *window(const kws_convolution *convolution, const int8_t *first, int8_t *copied) {
    const uint32_t span = convolution->span;
    if (span == convolution->width) {
        return first;
    }
    for (uint32_t frame = 0; frame < convolution->frames; frame++, first += convolution->width) {
        memcpy(copied + frame * span, first, span);
    }
    return copied;
}

static void rectify(const kws_matrix *matrix, const int32_t *sums, int8_t *active) {
    for (uint32_t row = 0; row < matrix->rows; row++) {
        active[row] = (int8_t)(kws_clamp(kws_rescaled(matrix, row, sums[row]), 0, 255) - ZERO);
    }
}

void kws_convolve(const kws_convolution *convolution, const int8_t *rows, kws_scratch *scratch, int8_t *active) {
    const kws_matrix *matrix = &convolution->matrix;
    int32_t *sums = scratch->product.sums;
    for (uint32_t output = 0; output < convolution->outputs; output++) {
        for (uint32_t place = 0; place < convolution->places; place++) {
            const int8_t *x = window(convolution, rows + place * convolution->shift, scratch->product.window);
            kws_sums(matrix, x, scratch->product.pairs, sums);
            rectify(matrix, sums, active);
            active += matrix->rows;
        }
        rows += convolution->stride * convolution->width;
    }
}
