/* The microphone as a DMA controller delivers it: blocks of a ring buffer, filled behind the program's back. */
#ifndef MICROPHONE_H
#define MICROPHONE_H

#include <stdbool.h>
#include <stdint.h>

#include "kws.h"

#define MICROPHONE_BLOCKS 4u     /* Of the ring. */
#define MICROPHONE_BLOCK KWS_HOP /* Samples in each of them, 10 ms. */

typedef struct {
    uint32_t blocks;   /* Filled so far. */
    uint32_t overruns; /* Filled before the program had taken what lay there. */
    uint32_t repeated; /* In an unbroken row up to now, what lay there already. */
} microphone_state;

/* Read the WAV file `path`, then `tail` blocks of silence. NULL, or why it cannot. */
const char *microphone_open(const char *path, uint32_t tail);

/* From this block on the controller leaves the buffer as it is. */
void microphone_stick(uint32_t block);

/* To be called by the timer's interrupt, when 10 ms have passed. */
void microphone_interrupt(void);

/* Copy the oldest block that waits; false when there is none. */
bool microphone_take(int16_t *samples, microphone_state *state);

/* Sleep until there may be one. */
void microphone_wait(void);

/* Whether the recording has ended and all of it was taken. */
bool microphone_ended(void);

#endif
