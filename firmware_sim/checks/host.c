/* Whole recordings and single stages, for tests that call them from Python. */
#include <stdlib.h>
#include <string.h>

#include "frontend.h"
#include "model.h"
#include "net.h"

#define ZERO 128

size_t host_listen(const int16_t *samples, size_t count, const kws_gate_settings *gate, const uint32_t limits[2],
                   size_t chunk, bool again, uint32_t *sums, uint8_t *looked, kws_detection *events);
void host_levels(const int16_t *samples, size_t frames, uint8_t *levels);
void host_layers(const uint8_t *levels, size_t steps, uint8_t *active, uint8_t *seen, uint32_t *probability);

static size_t heard(kws *detector, const int16_t *samples, size_t count, size_t chunk, uint32_t *sums, uint8_t *looked,
                    kws_detection *events) {
    size_t found = 0;
    while (count > 0) {
        const uint32_t step = detector->trigger.steps, skipped = detector->skipped;
        const size_t taken = count < chunk ? count : chunk;
        kws_push(detector, samples, taken);
        samples += taken;
        count -= taken;
        if (detector->trigger.steps != step) {
            sums[step] = detector->trigger.sum;
            looked[step] = detector->skipped == skipped;
        }
        found += kws_event(detector, &events[found]);
    }
    return found;
}

/* Push `chunk` samples at once, at most a step's, and the whole recording before a reset when it is to come again. The
 * score after each step, whether the network looked at it, and the events; gives their number.
 */
size_t host_listen(const int16_t *samples, size_t count, const kws_gate_settings *gate, const uint32_t limits[2],
                   size_t chunk, bool again, uint32_t *sums, uint8_t *looked, kws_detection *events) {
    kws *detector = malloc(kws_size());
    if (!detector || kws_init(detector, &kws_shipped) != KWS_OK) {
        abort();
    }
    kws_gated(detector, *gate);
    kws_threshold(detector, limits[0], limits[1]);
    if (again) {
        kws_push(detector, samples, count);
        kws_reset(detector);
    }
    const size_t found = heard(detector, samples, count, chunk, sums, looked, events);
    free(detector);
    return found;
}

/* Levels of `frames` frames, silence before them. */
void host_levels(const int16_t *samples, size_t frames, uint8_t *levels) {
    kws_scratch scratch;
    int16_t audio[KWS_WINDOW] = {0};
    for (size_t frame = 0; frame < frames; frame++, samples += KWS_HOP, levels += KWS_MELS) {
        int8_t centred[KWS_MELS];
        memmove(audio, audio + KWS_HOP, (KWS_WINDOW - KWS_HOP) * sizeof *audio);
        memcpy(audio + KWS_WINDOW - KWS_HOP, samples, KWS_HOP * sizeof *audio);
        kws_frontend(&kws_shipped, audio, &scratch, centred);
        for (size_t band = 0; band < KWS_MELS; band++) {
            levels[band] = (uint8_t)(centred[band] + ZERO);
        }
    }
}

static void uncentred(const int8_t *from, size_t count, uint8_t *to) {
    for (size_t i = 0; i < count; i++) {
        to[i] = (uint8_t)(from[i] + ZERO);
    }
}

/* What each layer makes of levels (steps * KWS_STRIDE, KWS_MELS), silence before them. */
void host_layers(const uint8_t *levels, size_t steps, uint8_t *active, uint8_t *seen, uint32_t *probability) {
    int8_t frames[KWS_PAST + KWS_STRIDE][KWS_MELS];
    kws_scratch scratch;
    kws_net net;
    kws_net_reset(&net);
    memset(frames, -ZERO, sizeof frames);
    for (size_t step = 0; step < steps; step++) {
        memmove(frames[0], frames[KWS_STRIDE], sizeof frames - KWS_STRIDE * sizeof *frames);
        for (size_t i = 0; i < KWS_STRIDE * KWS_MELS; i++) {
            (&frames[KWS_PAST][0])[i] = (int8_t)(*levels++ - ZERO);
        }
        probability[step] = kws_net_step(&kws_shipped, &net, frames[0], &scratch);
        uncentred(net.active, KWS_CHANNELS, active + step * KWS_CHANNELS);
        uncentred(net.seen[0], KWS_LAYERS * KWS_HIDDEN, seen + step * KWS_LAYERS * KWS_HIDDEN);
    }
}
