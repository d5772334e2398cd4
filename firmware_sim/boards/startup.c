/* From reset to main: stack, floating-point and vector units, memory; and what happens to a fault. */
#include <stdint.h>

#include "clock.h"
#include "semihosting.h"
#include "stack.h"

#define FAULTED 99

extern uint32_t data_source[], data_start[], data_end[], bss_start[], bss_end[];

int main(void);
void Reset_Handler(void);
void start(void);

static void fault(void) {
    semihosting_write("fault: the processor stopped; a stack overflow and a read of unmapped memory end here\n");
    semihosting_exit(FAULTED);
}

/* Arm v7-M Architecture Reference Manual, B1.5.2: stack pointer, reset, and the exceptions by number. */
__attribute__((section(".vectors"), used)) static const struct {
    const uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {stack_top, {Reset_Handler, fault, fault, fault, fault, fault, fault, 0, 0, 0, fault, fault, 0, fault,
                          SysTick_Handler}};

__attribute__((naked, noreturn)) void Reset_Handler(void) {
    __asm volatile("ldr r0, =stack_top\n"
                   "mov sp, r0\n"
#if __ARM_ARCH >= 8
                   "ldr r0, =stack_limit\n" /* below it the processor faults */
                   "msr msplim, r0\n"
#endif
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
                   "ldr r0, =0xE000ED88\n" /* CPACR: full access to the units for floating point and vectors */
                   "ldr r1, [r0]\n"
                   "orr r1, r1, #0xF00000\n"
                   "str r1, [r0]\n"
                   "dsb\n"
                   "isb\n"
#endif
                   "ldr r0, =stack_limit\n"
                   "ldr r1, =stack_top\n"
                   "ldr r2, =%0\n"
                   "1: str r2, [r0], #4\n"
                   "cmp r0, r1\n"
                   "blo 1b\n"
                   "b start\n"
                   ".ltorg\n" ::"i"(STACK_PAINT));
}

void start(void) {
    const uint32_t *from = data_source;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    semihosting_exit(main());
}
