/* Processors without DSP instructions: four rows at a time share their operands, four columns at a time the loop. */
#include "product.h"

static int32_t four(const int8_t *weight, const int32_t x[4]) {
    return weight[0] * x[0] + weight[1] * x[1] + weight[2] * x[2] + weight[3] * x[3];
}

static void four_rows(const int8_t *row, uint32_t columns, const int8_t *x, int32_t *sums) {
    int32_t a = 0, b = 0, c = 0, d = 0;
    for (const int8_t *const end = x + columns; x != end; x += 4, row += 4) {
        const int32_t operands[4] = {x[0], x[1], x[2], x[3]};
        a += four(row, operands);
        b += four(row + columns, operands);
        c += four(row + 2 * columns, operands);
        d += four(row + 3 * columns, operands);
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
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
        for (uint32_t column = 0; column < columns; column++) {
            sum += weight[column] * x[column];
        }
        sums[row] = sum;
    }
}
