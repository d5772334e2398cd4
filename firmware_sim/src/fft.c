/* Mixed-radix transform in Stockham's order: each stage reads one buffer and writes the other, nothing is shuffled.
 *
 * A stage of radix r takes `groups` times r numbers, `stride` sequences side by side. Output 0 of a butterfly is halved
 * by a shift, the others by their twiddle factors, so that full-range samples do not overflow. The last stage has one
 * group, whose factors are 1, and does not halve.
 */
#include "fft.h"

#include "arithmetic.h"

typedef const int32_t (*factors)[2];

static inline kws_complex add(kws_complex a, kws_complex b) {
    return (kws_complex){kws_plus(a.re, b.re), kws_plus(a.im, b.im)};
}

static inline kws_complex subtract(kws_complex a, kws_complex b) {
    return (kws_complex){kws_minus(a.re, b.re), kws_minus(a.im, b.im)};
}

/* a - i b */
static inline kws_complex below(kws_complex a, kws_complex b) {
    return (kws_complex){kws_plus(a.re, b.im), kws_minus(a.im, b.re)};
}

/* a + i b */
static inline kws_complex above(kws_complex a, kws_complex b) {
    return (kws_complex){kws_minus(a.re, b.im), kws_plus(a.im, b.re)};
}

static inline kws_complex halved(kws_complex a) {
    return (kws_complex){a.re >> 1, a.im >> 1};
}

/* Half of a times a factor. */
static inline kws_complex turned(kws_complex a, const int32_t factor[2]) {
    return (kws_complex){kws_minus(kws_high(a.re, factor[0]), kws_high(a.im, factor[1])),
                         kws_plus(kws_high(a.re, factor[1]), kws_high(a.im, factor[0]))};
}

static void radix_2(const kws_complex *from, kws_complex *to, uint32_t groups, uint32_t stride, factors twiddle) {
    const uint32_t apart = groups * stride;
    for (uint32_t group = 0; group < groups; group++, twiddle += 1, to += stride) {
        for (uint32_t i = 0; i < stride; i++, from++, to++) {
            const kws_complex a = from[0], b = from[apart];
            to[0] = halved(add(a, b));
            to[stride] = turned(subtract(a, b), twiddle[0]);
        }
    }
}

static void radix_4(const kws_complex *from, kws_complex *to, uint32_t groups, uint32_t stride, factors twiddle) {
    const uint32_t apart = groups * stride;
    for (uint32_t group = 0; group < groups; group++, twiddle += 3, to += 3 * stride) {
        for (uint32_t i = 0; i < stride; i++, from++, to++) {
            const kws_complex a = from[0], b = from[apart], c = from[2 * apart], d = from[3 * apart];
            const kws_complex even = add(a, c), odd = add(b, d), left = subtract(a, c), right = subtract(b, d);
            to[0] = halved(add(even, odd));
            to[stride] = turned(below(left, right), twiddle[0]);
            to[2 * stride] = turned(subtract(even, odd), twiddle[1]);
            to[3 * stride] = turned(above(left, right), twiddle[2]);
        }
    }
}

/* a times the cosine or sine `x`. */
static inline kws_complex scaled(kws_complex a, int32_t x) {
    const kws_complex half = {kws_high(a.re, x), kws_high(a.im, x)};
    return add(half, half);
}

static void radix_5(const kws_complex *from, kws_complex *to, uint32_t groups, uint32_t stride, factors twiddle) {
    const int32_t cosine_1 = 663608942, cosine_2 = -1737350766; /* of a fifth and two fifths of a turn, times 2^31 */
    const int32_t sine_1 = 2042378317, sine_2 = 1262259218;
    const uint32_t apart = groups * stride;
    for (uint32_t group = 0; group < groups; group++, twiddle += 4, to += 4 * stride) {
        for (uint32_t i = 0; i < stride; i++, from++, to++) {
            const kws_complex a = from[0], b = from[apart], e = from[4 * apart];
            const kws_complex c = from[2 * apart], d = from[3 * apart];
            const kws_complex outer = add(b, e), inner = add(c, d), wide = subtract(b, e), narrow = subtract(c, d);
            const kws_complex all = add(a, add(outer, inner));
            const kws_complex first = add(a, add(scaled(outer, cosine_1), scaled(inner, cosine_2)));
            const kws_complex second = add(a, add(scaled(outer, cosine_2), scaled(inner, cosine_1)));
            const kws_complex one = add(scaled(wide, sine_1), scaled(narrow, sine_2));
            const kws_complex two = subtract(scaled(wide, sine_2), scaled(narrow, sine_1));
            if (groups == 1) {
                to[0] = all;
                to[stride] = below(first, one);
                to[2 * stride] = below(second, two);
                to[3 * stride] = above(second, two);
                to[4 * stride] = above(first, one);
            } else {
                to[0] = halved(all);
                to[stride] = turned(below(first, one), twiddle[0]);
                to[2 * stride] = turned(below(second, two), twiddle[1]);
                to[3 * stride] = turned(above(second, two), twiddle[2]);
                to[4 * stride] = turned(above(first, one), twiddle[3]);
            }
        }
    }
}

kws_complex *kws_fft(const kws_model *model, kws_complex *from, kws_complex *to) {
    static const uint8_t radices[KWS_STAGES] = KWS_RADICES;
    factors twiddle = model->frontend.twiddle;
    uint32_t groups = KWS_HALF, stride = 1;
    for (uint32_t stage = 0; stage < KWS_STAGES; stage++) {
        const uint32_t radix = radices[stage];
        groups /= radix;
        if (radix == 2) {
            radix_2(from, to, groups, stride, twiddle);
        } else if (radix == 4) {
            radix_4(from, to, groups, stride, twiddle);
        } else {
            radix_5(from, to, groups, stride, twiddle);
        }
        twiddle += groups * (radix - 1);
        stride *= radix;
        kws_complex *written = to;
        to = from;
        from = written;
    }
    return from;
}
