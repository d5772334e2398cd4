/* The detector as a shared library for a computer: whole steps in, probabilities out. `watchword.compiled` loads it. */
#include "model.h"
#include "trigger.h"

#define COMPILED_VERSION 1 /* Raised whenever a function here changes, with VERSION in watchword/compiled.py. */

uint32_t compiled_version(void);
const char *compiled_bundle(void);
size_t compiled_samples_per_step(void);
bool compiled_start(kws *self);
void compiled_steps(kws *self, const int16_t *samples, size_t steps, float *probabilities);

uint32_t compiled_version(void) {
    return COMPILED_VERSION;
}

/* SHA-256 of the model that this was made from. */
const char *compiled_bundle(void) {
    return KWS_BUNDLE;
}

size_t compiled_samples_per_step(void) {
    return KWS_STRIDE * KWS_HOP;
}

/* Prepare `self`, kws_size() bytes; false when the weights do not match their checksum. */
bool compiled_start(kws *self) {
    return kws_init(self, &kws_shipped) == KWS_OK;
}

/* Take `steps` whole steps of samples; gives the probability of each. `self` may have been copied since its start. */
void compiled_steps(kws *self, const int16_t *samples, size_t steps, float *probabilities) {
    self->model = &kws_shipped;
    for (size_t step = 0; step < steps; step++, samples += KWS_STRIDE * KWS_HOP) {
        const uint32_t place = self->trigger.steps % KWS_SMOOTHING;
        kws_push(self, samples, KWS_STRIDE * KWS_HOP);
        probabilities[step] = (float)self->trigger.past[place] / KWS_ONE;
    }
}
