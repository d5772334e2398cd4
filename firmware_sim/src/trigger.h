/* Probabilities to events: running mean, threshold, hysteresis, refractory period. Time is counted in steps. */
#ifndef KWS_TRIGGER_H
#define KWS_TRIGGER_H

#include "kws.h"

void kws_trigger_reset(kws_trigger *trigger);

/* Take one probability; true when it fires, with the step and its score. */
bool kws_trigger_push(kws_trigger *trigger, uint32_t probability, kws_detection *event);

#endif
