/* The program: sleep, take 10 ms of audio, push it, tell events; at the end, what it cost.
 *
 * The command line is a list of name=number and, behind "wav=", the path of a recording:
 *   tail       blocks of silence after it                        pace       how many times slower audio comes
 *   steps      1: tell the score of every step                   threshold, release: sums that fire and arm again
 *   gate       1: the energy gate                                stick      block from which the DMA is stuck
 */
#include <string.h>

#include "clock.h"
#include "kws.h"
#include "microphone.h"
#include "semihosting.h"
#include "stack.h"
#include "text.h"

#ifndef CORE_MEGAHERTZ
#error "CORE_MEGAHERTZ is the clock of SysTick on the board"
#endif

enum { DONE = 0, DAMAGED = 3, REFUSED = 2 };

#define TAIL 40     /* Blocks of silence behind a recording, which may end with the word. */
#define STUCK 100   /* Blocks alike, one after another, that make a microphone stuck. */
#define MOST_PACE 40 /* SysTick has 24 bits. */

static kws detector;

typedef struct {
    uint64_t all;   /* Core clocks of all steps. */
    uint32_t worst; /* Of one step. */
    uint32_t burst; /* Of one block. */
    uint32_t steps;
    uint32_t step;   /* Core clocks of the current one. */
    uint32_t blocks; /* Of the current one. */
} cost;

void SysTick_Handler(void) {
    clock_ticked();
    microphone_interrupt();
}

static void tell(const kws_detection *event) {
    text_word("event");
    text_number(event->step);
    text_number(event->score);
    text_thousandths((uint32_t)((uint64_t)(event->step + 1) * KWS_STRIDE * KWS_HOP * 1000 / KWS_SAMPLE_RATE));
    text_word("s " KWS_WORD);
    text_thousandths((uint32_t)((uint64_t)event->score * 1000 / (KWS_SMOOTHING * KWS_ONE)));
    text_end();
}

static void charge(cost *spent, uint32_t clocks) {
    spent->burst = clocks > spent->burst ? clocks : spent->burst;
    spent->step += clocks;
    if (++spent->blocks == KWS_STRIDE) {
        spent->all += spent->step;
        spent->worst = spent->step > spent->worst ? spent->step : spent->worst;
        spent->steps++;
        spent->step = spent->blocks = 0;
    }
}

static void report(const char *name, uint64_t value) {
    text_word("report");
    text_word(name);
    text_number(value);
    text_end();
}

/* Core clocks between two readings of the clock with nothing between them. */
static uint32_t reading(void) {
    const uint64_t before = clock_now();
    return (uint32_t)(clock_now() - before);
}

static void listen(const char *line, cost *spent) {
    int16_t samples[MICROPHONE_BLOCK];
    microphone_state state = {0, 0, 0};
    kws_detection event;
    const bool steps = text_option(line, "steps", 0);
    const uint32_t own = reading();
    bool stuck = false;
    while (!microphone_ended()) {
        if (!microphone_take(samples, &state)) {
            microphone_wait();
            continue;
        }
        const uint32_t before = detector.trigger.steps;
        const uint64_t start = clock_now();
        kws_push(&detector, samples, MICROPHONE_BLOCK);
        charge(spent, (uint32_t)(clock_now() - start) - own);
        if (steps && detector.trigger.steps != before) {
            text_word("step");
            text_number(before);
            text_number(detector.trigger.sum);
            text_end();
        }
        while (kws_event(&detector, &event)) {
            tell(&event);
        }
        if (!stuck && state.repeated >= STUCK) {
            stuck = true;
            text_word("stuck");
            text_number(state.blocks);
            text_end();
        }
    }
    report("blocks", state.blocks);
    report("overruns", state.overruns);
}

int main(void) {
    char line[512];
    if (!semihosting_arguments(line, sizeof line)) {
        semihosting_write("the command line is too long\n");
        return REFUSED;
    }
    char *path = strstr(line, "wav=");
    if (path) {
        *path = 0; /* what follows is no option */
        path += 4;
    }
    const char *refusal = path ? microphone_open(path, text_option(line, "tail", TAIL)) : "no wav=PATH was given";
    const uint32_t pace = text_option(line, "pace", 1);
    if (refusal || pace == 0 || pace > MOST_PACE) {
        semihosting_write(refusal ? refusal : "pace is to be 1 to 40");
        text_end();
        return REFUSED;
    }
    if (kws_init(&detector, &kws_shipped) != KWS_OK) {
        semihosting_write("the weights are damaged: their checksum is another; program the flash again\n");
        return DAMAGED;
    }
    kws_threshold(&detector, text_option(line, "threshold", KWS_THRESHOLD), text_option(line, "release", KWS_RELEASE));
    if (text_option(line, "gate", 0)) {
        kws_gated(&detector, KWS_GATE_MEASURED);
    }
    microphone_stick(text_option(line, "stick", UINT32_MAX));
    cost spent = {0};
    clock_start(CORE_MEGAHERTZ * 10000u * pace);
    listen(line, &spent);
    const uint64_t elapsed = clock_now();
    clock_stop();
    report("steps", spent.steps);
    report("step_clocks", spent.steps ? spent.all / spent.steps : 0);
    report("all_clocks", spent.all);
    report("worst_step_clocks", spent.worst);
    report("worst_block_clocks", spent.burst);
    report("elapsed_clocks", elapsed);
    report("core_megahertz", CORE_MEGAHERTZ);
    report("skipped_steps", detector.skipped);
    report("stack_bytes", stack_used());
    report("detector_bytes", kws_size());
    return DONE;
}
