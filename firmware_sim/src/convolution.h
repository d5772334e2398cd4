/* The convolution over frames, and its rectified output. */
#ifndef KWS_CONVOLUTION_H
#define KWS_CONVOLUTION_H

#include "model.h"

/* `active` (KWS_CHANNELS,) of KWS_KERNEL frames of levels, each with 128 taken away. */
void kws_convolution(const kws_matrix *matrix, const int8_t *span, kws_scratch *scratch, int8_t *active);

#endif
