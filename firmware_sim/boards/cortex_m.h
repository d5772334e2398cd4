/* The few registers of the processor core that the firmware uses; Arm v7-M and v8-M have them at the same addresses. */
#ifndef CORTEX_M_H
#define CORTEX_M_H

#include <stdint.h>

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u) /* SysTick: control and status */
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u) /* reload value, 24 bits */
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u) /* current value, counting down */
#define SCB_ICSR (*(volatile uint32_t *)0xE000ED04u) /* interrupt control and state */

#define SYST_CSR_ENABLE 1u
#define SYST_CSR_TICKINT 2u
#define SYST_CSR_CORE_CLOCK 4u
#define SCB_ICSR_PENDSTSET (1u << 26)

static inline void interrupts_off(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static inline void interrupts_on(void) {
    __asm volatile("cpsie i" ::: "memory");
}

/* Sleep until an interrupt is pending, also one that is masked. */
static inline void wait_for_interrupt(void) {
    __asm volatile("dsb\n wfi" ::: "memory");
}

#endif
