/* Matrix products of signed bytes, the time-critical part: one implementation is linked, all give the same sums. */
#ifndef KWS_PRODUCT_H
#define KWS_PRODUCT_H

#include "arithmetic.h"
#include "model.h"

/* sums[row] = weight[row] @ x for all rows; `pairs` holds KWS_COLUMNS operands while it runs. */
void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums);

/* No sound model's rescaled sum reaches it; times any 16-bit number it has 31 bits. */
#define KWS_LARGEST 65000

/* A sum in units of the next stage. It saturates, so that a damaged model overflows nothing further on. */
static inline int32_t kws_rescaled(const kws_matrix *matrix, uint32_t row, int32_t sum) {
    const uint64_t scaled = (uint64_t)((int64_t)sum * matrix->multiplier[row]) + (uint64_t)matrix->offset[row];
    const int32_t value = (int32_t)(scaled >> 32) >> (matrix->shift - 32);
    return kws_clamp(value, -KWS_LARGEST, KWS_LARGEST);
}

#endif
