/* The linked matrix product against the plain one, over many sizes and the extremes of bytes. */
#define kws_sums kws_sums_plain
#include "product_plain.c"
#undef kws_sums

#include <string.h>

void kws_sums(const kws_matrix *matrix, const int8_t *x, uint32_t *pairs, int32_t *sums);

#define MOST_ROWS 13
#define MOST_COLUMNS KWS_COLUMNS
#define ROUNDS 40

static int8_t weights[MOST_ROWS * MOST_COLUMNS], operands[MOST_COLUMNS];
static uint32_t pairs[MOST_COLUMNS / 2];
static int32_t expected[MOST_ROWS + 1], found[MOST_ROWS + 1];

/* Numerical Recipes' congruential generator. */
static uint32_t drawn(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void draw(int8_t *bytes, uint32_t count, uint32_t *seed) {
    const uint32_t kind = drawn(seed) % 3;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t any = drawn(seed) >> 8;
        bytes[i] = (int8_t)(kind == 0 ? -128 : kind == 1 ? (any & 1u ? 127 : -128) : (int)(any & 255u) - 128);
    }
}

/* How many sums differ, or were written where none belongs. */
static uint32_t differing(void) {
    uint32_t seed = 1, count = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const uint32_t rows = 1 + drawn(&seed) % MOST_ROWS;
        const uint32_t columns = round == 0 ? MOST_COLUMNS : 4 + drawn(&seed) % (MOST_COLUMNS / 4) / 4 * 4;
        draw(weights, rows * columns, &seed);
        draw(operands, columns, &seed);
        memset(expected, 0x5a, sizeof expected);
        memset(found, 0x5a, sizeof found);
        const kws_matrix matrix = {weights, 0, 0, (uint16_t)rows, (uint16_t)columns, 32};
        kws_sums_plain(&matrix, operands, pairs, expected);
        kws_sums(&matrix, operands, pairs, found);
        for (uint32_t row = 0; row <= MOST_ROWS; row++) {
            count += expected[row] != found[row];
        }
    }
    return count;
}

#if __STDC_HOSTED__ && !defined(CORE_MEGAHERTZ)
#include <stdio.h>

static void tell(uint32_t count) {
    printf("%u sums differ\n", count);
}
#else
#include "clock.h"
#include "text.h"

void SysTick_Handler(void) {
}

static void tell(uint32_t count) {
    text_number(count);
    text_word("sums differ");
    text_end();
}
#endif

int main(void) {
    const uint32_t count = differing();
    tell(count);
    return count != 0;
}
