/* How much of the stack was ever used. */
#ifndef STACK_H
#define STACK_H

#include <stdint.h>

extern uint32_t stack_limit[], stack_top[];

/* What reset fills the stack with. */
#define STACK_PAINT 0xDEADBEEFu

/* Bytes that have been overwritten since reset. */
uint32_t stack_used(void);

#endif
