/* Arm semihosting, version 3: files and text of the machine that emulates the board. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

/* Open a file for reading bytes; negative when it cannot be. */
int semihosting_open(const char *path);

/* Read up to `size` bytes; gives how many came, 0 at the end. */
uint32_t semihosting_read(int file, void *bytes, uint32_t size);

/* Write text. */
void semihosting_write(const char *text);

/* What the emulator was asked to run; false when it does not fit. */
int semihosting_arguments(char *text, uint32_t size);

/* End the emulation; `code` becomes the emulator's exit code. */
__attribute__((noreturn)) void semihosting_exit(int code);

#endif
