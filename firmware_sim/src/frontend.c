/* Window, Fourier transform, power, mel bands, logarithm: each a pass over the frame. */
#include "frontend.h"

#include "arithmetic.h"
#include "fft.h"

#define LEVEL_ZERO 128

/* Bits by which the frame's samples can be shifted up and stay below 16. */
static uint32_t headroom(const int16_t *audio) {
    uint32_t bits = 0;
    for (uint32_t i = 0; i < KWS_WINDOW; i++) {
        const int32_t sample = audio[i];
        bits |= (uint32_t)(sample ^ (sample >> 15));
    }
    return kws_leading_zeros((bits << 1) | 1u) - 16u;
}

/* Windowed samples, even ones as real, odd ones as imaginary parts. */
static void windowed(const kws_model *model, const int16_t *audio, uint32_t shift, kws_complex *out) {
    const int32_t *window = model->frontend.window, scale = INT32_C(2) << shift;
    for (uint32_t i = 0; i < KWS_HALF; i++, audio += 2, window += 2) {
        out[i].re = kws_high(audio[0] * scale, window[0]);
        out[i].im = kws_high(audio[1] * scale, window[1]);
    }
}

static uint64_t squared(int32_t re, int32_t im) {
    return ((uint64_t)((int64_t)re * re) + (uint64_t)((int64_t)im * im)) >> KWS_POWER_BITS;
}

/* Power of each bin from 1 to KWS_HALF - 1: the interleaved transforms taken apart, two bins at a time. */
static void powers(const kws_model *model, const kws_complex *x, uint64_t *power) {
    const int32_t(*turn)[2] = model->frontend.turn;
    for (uint32_t low = 1, high = KWS_HALF - 1; low < high; low++, high--) {
        const kws_complex a = x[low], b = x[high];
        const int32_t even_re = kws_plus(a.re, b.re) >> 1, even_im = kws_minus(a.im, b.im) >> 1;
        const int32_t odd_re = kws_plus(a.im, b.im), odd_im = kws_minus(b.re, a.re);
        const int32_t cosine = turn[low][0], sine = turn[low][1];
        const int32_t re = kws_minus(kws_high(odd_re, cosine), kws_high(odd_im, sine));
        const int32_t im = kws_plus(kws_high(odd_re, sine), kws_high(odd_im, cosine));
        power[low] = squared(kws_plus(even_re, re), kws_plus(even_im, im));
        power[high] = squared(kws_minus(even_re, re), kws_minus(even_im, im));
    }
    power[KWS_HALF / 2] = squared(x[KWS_HALF / 2].re, x[KWS_HALF / 2].im);
}

/* Level of a band's power, which counts 4 to the minus `shift`. */
static int8_t level(const kws_model *model, uint64_t power, uint32_t shift) {
    if (power == 0) {
        return -LEVEL_ZERO;
    }
    const uint32_t upper = (uint32_t)(power >> 32);
    const uint32_t zeros = upper ? kws_leading_zeros(upper) : 32u + kws_leading_zeros((uint32_t)power);
    const uint32_t fraction = (uint32_t)((power << zeros) >> 32) << 1; /* of an octave, in 2 to the minus 32 */
    const uint32_t segment = fraction >> (32 - KWS_LOGARITHM_SEGMENT_BITS);
    const int32_t below = model->frontend.logarithm[segment], above = model->frontend.logarithm[segment + 1];
    const int32_t difference = kws_minus(above, below);
    const int32_t between = (int32_t)((fraction << KWS_LOGARITHM_SEGMENT_BITS) >> 1);
    const int32_t octaves = (int32_t)(63u - zeros) - 2 * (int32_t)shift;
    const int64_t logarithm = (int64_t)octaves * (1 << KWS_LOGARITHM_BITS) + below
                              + kws_high(kws_plus(difference, difference), between);
    const int64_t steps = (logarithm * KWS_LEVEL_GAIN + KWS_LEVEL_OFFSET) >> KWS_LEVEL_SHIFT;
    return (int8_t)(kws_clamp((int32_t)steps, 0, 255) - LEVEL_ZERO);
}

void kws_frontend(const kws_model *model, const int16_t *audio, kws_scratch *scratch, int8_t *levels) {
    const uint32_t shift = headroom(audio);
    kws_complex *first = scratch->transform[0].complex, *second = scratch->transform[1].complex;
    windowed(model, audio, shift + KWS_SAMPLE_BITS, first);
    const kws_complex *transformed = kws_fft(model, first, second);
    uint64_t *power = scratch->transform[transformed == first ? 1 : 0].power;
    powers(model, transformed, power);

    const uint16_t *rise = model->frontend.rise;
    uint64_t rising_before = 0;
    for (uint32_t band = 0, bin = KWS_FIRST_BIN; band <= KWS_MELS; band++) {
        uint64_t all = 0, rising = 0;
        const uint32_t end = bin + model->frontend.interval[band];
        for (; bin < end && bin < KWS_HALF; bin++) {
            all += power[bin];
            rising += power[bin] * *rise++;
        }
        if (band > 0) {
            levels[band - 1] = level(model, rising_before + (all << KWS_WEIGHT_BITS) - rising, shift);
        }
        rising_before = rising;
    }
}
