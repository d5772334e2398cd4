/* The trigger-word detector: 16-bit samples in, events out.
 *
 * The caller owns all memory: a `kws` is a plain structure, its fields are the library's own. Nothing is allocated,
 * nothing is static, no clock is read, no floating point is used. Every processor gives the same bits.
 *
 *     static kws detector;
 *     if (kws_init(&detector, &kws_shipped) != KWS_OK) { ... }
 *     for (;;) {
 *         kws_push(&detector, samples, count);
 *         while (kws_event(&detector, &event)) { ... }
 *     }
 */
#ifndef KWS_H
#define KWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kws_spec.h"

#define KWS_ONE_BITS 14
#define KWS_ONE (1 << KWS_ONE_BITS) /* What a probability of 1 counts. */

/* Steps that wait while the energy gate is closed, so that the network hears how a word began. */
#define KWS_BACKLOG 8

typedef enum {
    KWS_OK = 0,
    KWS_DAMAGED = 1, /* The weights do not match their checksum. */
} kws_status;

/* One detection. */
typedef struct {
    uint32_t step;  /* The step that fired; the word ended before (step + 1) * KWS_STRIDE * KWS_HOP samples. */
    uint32_t score; /* Sum of the last KWS_SMOOTHING probabilities, each at most KWS_ONE. */
} kws_detection;

/* When the network may rest; a level is worth 0.37 dB and is the mean over all bands. */
typedef struct {
    uint8_t open;      /* How far above the floor the level opens the gate (levels); 0 leaves it always open. */
    uint8_t close;     /* How far above the floor it still holds it open (levels). */
    uint16_t hangover; /* Frames that it stays open after the last frame that held it. */
    uint8_t rise;      /* How fast the floor follows a louder background (256ths of a level per frame). */
} kws_gate_settings;

/* Settings that were measured on hours of recordings: no word was cut. See README.md before you change them. */
#define KWS_GATE_OPEN 6
#define KWS_GATE_CLOSE 3
#define KWS_GATE_HANGOVER 80
#define KWS_GATE_RISE 6
#define KWS_GATE_MEASURED ((kws_gate_settings){KWS_GATE_OPEN, KWS_GATE_CLOSE, KWS_GATE_HANGOVER, KWS_GATE_RISE})

typedef struct kws_model kws_model;

/* One complex number of the front end. */
typedef struct {
    int32_t re, im;
} kws_complex;

#define KWS_HALF (KWS_WINDOW / 2)

typedef struct {
    int8_t rows[KWS_KEPT];                    /* What each convolution but the last says: past rows, then fresh ones. */
    int8_t active[KWS_CHANNELS];              /* What the last one says. All have their zero point taken away. */
    uint16_t carried[KWS_LAYERS][KWS_HIDDEN]; /* Recurrent states; 32768 is zero. */
    int8_t seen[KWS_LAYERS][KWS_HIDDEN];      /* Their upper bytes, as matrix products see them. */
} kws_net;

typedef struct {
    uint32_t past[KWS_SMOOTHING]; /* The last probabilities, the oldest at `steps % KWS_SMOOTHING`. */
    uint32_t threshold, release;
    uint32_t steps, quiet_until, sum;
    bool armed;
} kws_trigger;

typedef struct {
    kws_gate_settings settings;
    int32_t level, floor; /* 256ths of a level. */
    uint32_t held; /* Frames until it closes. */
} kws_gate;

/* Memory that a stage needs only while it runs. */
typedef union {
    union {
        kws_complex complex[KWS_HALF];
        uint64_t power[KWS_HALF];
    } transform[2];
    struct {
        int32_t sums[KWS_ROWS], other[KWS_ROWS];
        uint32_t pairs[KWS_COLUMNS / 2]; /* Operands as a kernel wants them. */
        int8_t window[KWS_COLUMNS];      /* What lies under a convolution's kernel. */
    } product;
} kws_scratch;

typedef struct {
    const kws_model *model;
    kws_scratch scratch;
    kws_net net;
    kws_trigger trigger;
    kws_gate gate;
    int16_t audio[KWS_WINDOW];
    int8_t frames[KWS_PAST + KWS_BACKLOG * KWS_STRIDE][KWS_MELS];
    uint32_t samples;   /* In `audio`. */
    uint32_t fresh;     /* Frames since the last whole step. */
    uint32_t waiting;   /* Whole steps that the network has not seen. */
    uint32_t skipped;   /* Steps that the network never saw, the gate being closed. */
    kws_detection last; /* The event that `kws_event` gives. */
    bool pending;       /* Whether there is one. */
} kws;

/* The model that generated/ holds. */
extern const kws_model kws_shipped;

/* Bytes of a `kws`, for callers that do not know the structure. */
size_t kws_size(void);

/* Prepare `self` for `model`, which must outlive it. The gate is open and stays open. */
kws_status kws_init(kws *self, const kws_model *model);

/* Forget all audio; threshold and gate stay as they were set. */
void kws_reset(kws *self);

/* Fire at sums of KWS_SMOOTHING probabilities from `threshold` on, again after they were below `release`. */
void kws_threshold(kws *self, uint32_t threshold, uint32_t release);

/* Let the network rest in silence. */
void kws_gated(kws *self, kws_gate_settings settings);

/* Take `count` samples at KWS_SAMPLE_RATE hertz. Look for events at least every KWS_REFRACTORY steps. */
void kws_push(kws *self, const int16_t *samples, size_t count);

/* Give the last event, once; false when there is none. */
bool kws_event(kws *self, kws_detection *event);

#endif
