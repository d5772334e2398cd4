/* A convolution over frames and bands, and its rectified output. */
#ifndef KWS_CONVOLUTION_H
#define KWS_CONVOLUTION_H

#include "model.h"

/* `active` (outputs, places, channels) of `rows` (past and fresh frames, width), each with its zero point taken away. */
void kws_convolve(const kws_convolution *convolution, const int8_t *rows, kws_scratch *scratch, int8_t *active);

#endif
