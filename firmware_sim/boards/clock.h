/* SysTick: the one timer that every board has. It paces the microphone and counts core clocks. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Interrupt every `period` core clocks, at most 2 to the 24. */
void clock_start(uint32_t period);

/* Interrupt no longer. */
void clock_stop(void);

/* Core clocks since the start. Call it with interrupts on; it masks them for an instant. */
uint64_t clock_now(void);

/* To be called by the interrupt's handler. */
void clock_ticked(void);

/* The interrupt's handler, by the name that Arm gives it; the program defines it. */
void SysTick_Handler(void);

#endif
