#include "microphone.h"

#include <string.h>

#include "cortex_m.h"
#include "semihosting.h"

#define BYTES (MICROPHONE_BLOCK * sizeof(int16_t))
#define NEVER 0xffffffffu

static int16_t ring[MICROPHONE_BLOCKS][MICROPHONE_BLOCK];
static volatile microphone_state now;
static volatile uint32_t taken;
static volatile uint32_t left = NEVER; /* Blocks until the end, once it is known. */
static uint32_t silence, stuck_from = NEVER;
static uint32_t audio_bytes;
static int file;

typedef struct {
    char id[4];
    uint32_t size;
} chunk;

typedef struct {
    uint16_t format, channels;
    uint32_t rate, bytes_per_second;
    uint16_t bytes_per_frame, bits;
} wave_format;

static bool get(void *into, uint32_t size) {
    return semihosting_read(file, into, size) == size;
}

static void pass(uint32_t size) {
    uint8_t rest[16];
    while (size > 0) {
        const uint32_t part = size < sizeof rest ? size : sizeof rest;
        if (!get(rest, part)) {
            return;
        }
        size -= part;
    }
}

const char *microphone_open(const char *path, uint32_t tail) {
    chunk head;
    char kind[4];
    silence = tail;
    file = semihosting_open(path);
    if (file < 0) {
        return "no such file";
    }
    if (!get(&head, sizeof head) || memcmp(head.id, "RIFF", 4) || !get(kind, 4) || memcmp(kind, "WAVE", 4)) {
        return "no WAV file";
    }
    bool fits = false;
    while (get(&head, sizeof head)) {
        if (memcmp(head.id, "data", 4) == 0) {
            audio_bytes = head.size;
            return fits ? 0 : "not mono with 16 bits at the model's rate; watchword detect --firmware converts any";
        }
        uint32_t padded = head.size + (head.size & 1u);
        if (memcmp(head.id, "fmt ", 4) == 0 && padded >= sizeof(wave_format)) {
            wave_format format;
            if (!get(&format, sizeof format)) {
                break;
            }
            padded -= sizeof format;
            fits = format.channels == 1 && format.bits == 16 && format.rate == KWS_SAMPLE_RATE;
        }
        pass(padded);
    }
    return "a WAV file without audio";
}

void microphone_stick(uint32_t block) {
    stuck_from = block;
}

/* What the controller would do: the next samples into `block`, silence after the last. */
static void fill(int16_t *block) {
    const uint32_t wanted = BYTES < audio_bytes ? BYTES : audio_bytes;
    const uint32_t came = wanted ? semihosting_read(file, block, wanted) : 0;
    memset((uint8_t *)block + came, 0, BYTES - came);
    audio_bytes = came < wanted ? wanted : audio_bytes; /* the file is shorter than it says */
}

/* Let 10 ms of the recording go by, and know when it ends. */
static void advance(void) {
    const bool spoke = audio_bytes > 0;
    audio_bytes -= audio_bytes < BYTES ? audio_bytes : BYTES;
    if (left != NEVER) {
        left--;
    } else if (audio_bytes == 0) {
        left = silence - (spoke || silence == 0 ? 0u : 1u);
    }
}

/* A number that stands for what a block holds. */
static uint32_t digest(const int16_t *block) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < MICROPHONE_BLOCK; i++) {
        sum = 31u * sum + (uint16_t)block[i];
    }
    return sum;
}

void microphone_interrupt(void) {
    static uint32_t before[MICROPHONE_BLOCKS];
    if (left == 0) {
        return;
    }
    const uint32_t which = now.blocks % MICROPHONE_BLOCKS;
    if (now.blocks < stuck_from) {
        fill(ring[which]);
    }
    advance();
    const uint32_t holds = digest(ring[which]);
    now.repeated = now.blocks >= MICROPHONE_BLOCKS && holds == before[which] ? now.repeated + 1 : 0;
    before[which] = holds;
    now.blocks++;
    if (now.blocks - taken == MICROPHONE_BLOCKS) { /* from now on the controller overwrites one that nobody has taken */
        now.overruns++;
        taken++;
    }
}

bool microphone_take(int16_t *samples, microphone_state *state) {
    interrupts_off();
    const bool ready = taken != now.blocks;
    if (ready) {
        memcpy(samples, ring[taken % MICROPHONE_BLOCKS], BYTES);
        taken++;
    }
    *state = (microphone_state){now.blocks, now.overruns, now.repeated};
    interrupts_on();
    return ready;
}

void microphone_wait(void) {
    interrupts_off();
    if (taken == now.blocks && left != 0) {
        wait_for_interrupt();
    }
    interrupts_on();
}

bool microphone_ended(void) {
    return left == 0 && taken == now.blocks;
}
