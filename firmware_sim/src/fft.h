/* Fourier transform of KWS_HALF complex numbers. */
#ifndef KWS_FFT_H
#define KWS_FFT_H

#include "model.h"

/* Transform `from`, halving after each stage but the last; gives where the result lies, `from` or `to`. */
kws_complex *kws_fft(const kws_model *model, kws_complex *from, kws_complex *to);

#endif
