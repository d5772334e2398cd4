#include "trigger.h"

#include <string.h>

void kws_trigger_reset(kws_trigger *trigger) {
    memset(trigger->past, 0, sizeof trigger->past);
    trigger->steps = trigger->quiet_until = trigger->sum = 0;
    trigger->armed = true;
}

bool kws_trigger_push(kws_trigger *trigger, uint32_t probability, kws_detection *event) {
    uint32_t *oldest = &trigger->past[trigger->steps % KWS_SMOOTHING];
    const uint32_t step = trigger->steps++;
    trigger->sum += probability - *oldest;
    *oldest = probability;
    if (trigger->sum < trigger->release) {
        trigger->armed = true;
    }
    if (!trigger->armed || trigger->sum < trigger->threshold || step < trigger->quiet_until) {
        return false;
    }
    trigger->armed = false;
    trigger->quiet_until = step + KWS_REFRACTORY + 1;
    *event = (kws_detection){step, trigger->sum};
    return true;
}
