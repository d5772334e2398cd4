/* Random audio and damaged weights, to be run under AddressSanitizer and UBSan: fuzz [ROUNDS [SEED]].
 *
 * Sound weights must pass their checksum and damaged ones must fail it; run all the same, they may give any
 * probability, but must not read or write where they should not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define MOST_SAMPLES 5000
#define PUSHES 12

static uint32_t state;

/* Marsaglia's xorshift. */
static uint32_t drawn(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static int16_t sample(uint32_t kind, uint32_t i) {
    switch (kind) {
    case 0:
        return (int16_t)((int32_t)drawn(65536) - 32768);
    case 1:
        return drawn(2) ? 32767 : -32768;
    case 2:
        return (i / 40) % 2 ? 32767 : -32768;
    case 3:
        return drawn(200) == 0 ? 32767 : 0;
    case 4:
        return -32768;
    default:
        return (int16_t)((int32_t)drawn(5) - 2);
    }
}

static void listen(kws *detector) {
    for (uint32_t push = 0; push < PUSHES; push++) {
        const uint32_t count = drawn(MOST_SAMPLES), kind = drawn(6);
        int16_t *samples = malloc(count ? count * sizeof *samples : 1); /* of its own, so that a look beyond is seen */
        if (!samples) {
            abort();
        }
        for (uint32_t i = 0; i < count; i++) {
            samples[i] = sample(kind, i);
        }
        kws_push(detector, samples, count);
        kws_detection event;
        while (kws_event(detector, &event)) {
            if (event.score > (uint32_t)(KWS_SMOOTHING * KWS_ONE)) {
                abort();
            }
        }
        free(samples);
    }
}

int main(int count, char **arguments) {
    const uint32_t rounds = count > 1 ? (uint32_t)strtoul(arguments[1], 0, 10) : 50;
    state = count > 2 ? (uint32_t)strtoul(arguments[2], 0, 10) : 1;
    state = state ? state : 1;
    uint8_t *weights = (uint8_t *)(uintptr_t)kws_shipped.content, *sound = malloc(kws_shipped.size);
    kws *detector = malloc(kws_size());
    if (!sound || !detector) {
        abort();
    }
    memcpy(sound, weights, kws_shipped.size);
    uint32_t damaged = 0, found = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        const uint32_t flips = drawn(2) ? 1 : drawn(2000);
        for (uint32_t i = 0; i < (round % 2 ? flips : 0); i++) {
            weights[drawn(kws_shipped.size)] ^= (uint8_t)(1u << drawn(8));
        }
        const int differs = memcmp(weights, sound, kws_shipped.size) != 0;
        const kws_status status = kws_init(detector, &kws_shipped);
        damaged += differs != 0;
        found += status == KWS_DAMAGED;
        if ((status == KWS_DAMAGED) != (differs != 0)) {
            return 1;
        }
        kws_gated(detector, (kws_gate_settings){(uint8_t)drawn(40), (uint8_t)drawn(20), (uint16_t)drawn(100),
                                               (uint8_t)drawn(4)});
        kws_threshold(detector, drawn(KWS_SMOOTHING * KWS_ONE), drawn(KWS_SMOOTHING * KWS_ONE));
        listen(detector);
        memcpy(weights, sound, kws_shipped.size);
    }
    printf("%u rounds, %u with damaged weights, %u of these found\n", rounds, damaged, found);
    free(sound);
    free(detector);
    return 0;
}
