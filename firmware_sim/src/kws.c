/* Samples to frames, frames to steps, steps to events. */
#include "kws.h"

#include <string.h>

#include "checksum.h"
#include "frontend.h"
#include "gate.h"
#include "model.h"
#include "net.h"
#include "trigger.h"

#define NEWEST (KWS_PAST + (KWS_BACKLOG - 1) * KWS_STRIDE) /* Row of the first frame of the newest step. */
#define SILENCE (-128)                                     /* Level 0. */

size_t kws_size(void) {
    return sizeof(kws);
}

kws_status kws_init(kws *self, const kws_model *model) {
    memset(self, 0, sizeof *self);
    self->model = model;
    kws_threshold(self, KWS_THRESHOLD, KWS_RELEASE);
    kws_reset(self);
    return kws_checksum(model->content, model->size) == model->checksum ? KWS_OK : KWS_DAMAGED;
}

void kws_reset(kws *self) {
    memset(self->audio, 0, sizeof self->audio);
    memset(self->frames, SILENCE, sizeof self->frames);
    self->samples = KWS_WINDOW - KWS_HOP;
    self->fresh = self->waiting = self->skipped = 0;
    self->pending = false;
    kws_net_reset(&self->net);
    kws_trigger_reset(&self->trigger);
    kws_gate_reset(&self->gate);
}

void kws_threshold(kws *self, uint32_t threshold, uint32_t release) {
    self->trigger.threshold = threshold;
    self->trigger.release = release;
}

void kws_gated(kws *self, kws_gate_settings settings) {
    self->gate.settings = settings;
}

static void decide(kws *self, uint32_t probability) {
    self->waiting--;
    if (kws_trigger_push(&self->trigger, probability, &self->last)) {
        self->pending = true;
    }
}

/* Let the oldest waiting step go by; nothing was said there, and the network's state stays as it is. */
static void skip(kws *self) {
    self->skipped++;
    decide(self, 0);
}

/* Run the network on the oldest waiting step. */
static void step(kws *self) {
    const uint32_t later = self->waiting - (self->fresh == KWS_STRIDE); /* Steps behind it, begun ones too. */
    const uint32_t row = NEWEST - KWS_PAST - KWS_STRIDE * later;
    decide(self, kws_net_step(self->model, &self->net, self->frames[row], &self->scratch));
}

/* A frame has come: whether the network looks at a step, and which. At most one runs, so that no call takes long. */
static void frame(kws *self) {
    if (self->fresh == KWS_STRIDE) {
        memmove(self->frames[0], self->frames[KWS_STRIDE], sizeof self->frames - KWS_STRIDE * KWS_MELS);
        self->fresh = 0;
    }
    int8_t *levels = self->frames[NEWEST + self->fresh];
    kws_frontend(self->model, self->audio, &self->scratch, levels);
    self->waiting += ++self->fresh == KWS_STRIDE;
    if (kws_gate_push(&self->gate, levels)) {
        if (self->waiting > 0) {
            step(self);
        }
    } else if (self->waiting == KWS_BACKLOG) {
        skip(self);
    }
}

void kws_push(kws *self, const int16_t *samples, size_t count) {
    while (count > 0) {
        const size_t room = KWS_WINDOW - self->samples, taken = count < room ? count : room;
        memcpy(&self->audio[self->samples], samples, taken * sizeof *samples);
        self->samples += (uint32_t)taken;
        samples += taken;
        count -= taken;
        if (self->samples == KWS_WINDOW) {
            frame(self);
            memmove(self->audio, &self->audio[KWS_HOP], (KWS_WINDOW - KWS_HOP) * sizeof *self->audio);
            self->samples = KWS_WINDOW - KWS_HOP;
        }
    }
}

bool kws_event(kws *self, kws_detection *event) {
    if (!self->pending) {
        return false;
    }
    *event = self->last;
    self->pending = false;
    return true;
}
