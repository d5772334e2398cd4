/* What a model is: constants, and one checksum over all their bytes. */
#ifndef KWS_MODEL_H
#define KWS_MODEL_H

#include "kws.h"

#ifndef KWS_WEIGHTS
#define KWS_WEIGHTS const /* Tests that damage weights define it empty. */
#endif

/* Integer product of signed bytes: (weight @ x * multiplier + offset) >> shift. */
typedef struct {
    const int8_t *weight;      /* (rows, columns) */
    const int32_t *multiplier; /* (rows,) */
    const int64_t *offset;     /* (rows,) */
    uint16_t rows, columns;    /* columns is a multiple of 4 */
    uint8_t shift;             /* 32 to 63 */
} kws_matrix;

/* A convolution over rows, one row a frame; in each row it looks at one place after another. */
typedef struct {
    kws_matrix matrix;
    uint16_t width; /* Values of a row that it reads. */
    uint16_t span;  /* Of these, values under its kernel. */
    uint16_t shift; /* Values between two places. */
    uint16_t kept;  /* Where in `kws_net.rows` it reads; the first one reads levels. */
    uint8_t places; /* In each row. */
    uint8_t frames, stride, past; /* Rows under its kernel, between two outputs, and before the fresh ones. */
    uint8_t outputs; /* Rows that it gives in each step of the network. */
} kws_convolution;

struct kws_model {
    const void *content;
    uint32_t size;
    uint32_t checksum; /* CRC-32 of the content. */
    struct {
        const int32_t *window;       /* (KWS_WINDOW,) */
        const int32_t (*twiddle)[2]; /* Cosine and negative sine, for each stage of the transform in turn. */
        const int32_t (*turn)[2];    /* (KWS_HALF / 2, 2) */
        const int32_t *logarithm;    /* Binary logarithm of 1 to 2. */
        const uint16_t *rise;        /* Share of each bin's power in the upper of its two bands. */
        const uint8_t *interval;     /* (KWS_MELS + 1,) bins between the centres of two bands */
    } frontend;
    kws_convolution convolutions[KWS_CONVOLUTIONS];
    struct {
        kws_matrix input, hidden; /* Rows are reset, update, new. */
    } recurrent[KWS_LAYERS];
    kws_matrix output;
    const int16_t *sigmoid; /* (2048,) of -8 to 8, as multiples of 1 / KWS_ONE */
    const int16_t *tanh;    /* (2048,) as multiples of 1 / 32768 */
};

#endif
