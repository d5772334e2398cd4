#include "clock.h"

#include "cortex_m.h"

static uint32_t length;
static volatile uint32_t periods;

void clock_start(uint32_t period) {
    length = period;
    SYST_RVR = period - 1;
    SYST_CVR = 0;
    SYST_CSR = SYST_CSR_ENABLE | SYST_CSR_TICKINT | SYST_CSR_CORE_CLOCK;
}

void clock_stop(void) {
    SYST_CSR = 0;
}

void clock_ticked(void) {
    periods++;
}

uint64_t clock_now(void) {
    interrupts_off();
    uint32_t left = SYST_CVR;
    uint64_t whole = periods;
    if (SCB_ICSR & SCB_ICSR_PENDSTSET) { /* it has run out since the interrupts were masked, or just before */
        left = SYST_CVR;
        whole++;
    }
    interrupts_on();
    return whole * length + (length - 1 - left);
}
