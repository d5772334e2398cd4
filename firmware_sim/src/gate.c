/* The mean level of the bands, smoothed over some frames, against a floor that falls at once and rises slowly: speech
 * stands above it, a fan does not. It begins at silence: until the device knows its background, the gate is open.
 */
#include "gate.h"

#define ZERO 128
#define SMOOTHING 4 /* Frames, about. */

void kws_gate_reset(kws_gate *gate) {
    gate->level = gate->floor = 0;
    gate->held = 0;
}

bool kws_gate_push(kws_gate *gate, const int8_t *levels) {
    if (gate->settings.open == 0) {
        return true;
    }
    int32_t sum = 0;
    for (uint32_t band = 0; band < KWS_MELS; band++) {
        sum += levels[band] + ZERO;
    }
    gate->level += (256 * sum / KWS_MELS - gate->level) / SMOOTHING;
    const int32_t risen = gate->floor + gate->settings.rise;
    gate->floor = gate->level < risen ? gate->level : risen;
    const int32_t needed = gate->held > 0 ? gate->settings.close : gate->settings.open;
    if (gate->level - gate->floor >= 256 * needed) {
        gate->held = gate->settings.hangover + 1u;
    } else if (gate->held > 0) {
        gate->held--;
    }
    return gate->held > 0;
}
