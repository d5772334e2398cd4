#include "semihosting.h"

#include <string.h>

enum { SYS_OPEN = 0x01, SYS_WRITE0 = 0x04, SYS_READ = 0x06, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };

#define OPEN_READ_BYTES 1u
#define APPLICATION_EXIT 0x20026u

static uint32_t call(uint32_t operation, const void *arguments) {
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = arguments;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

int semihosting_open(const char *path) {
    const uint32_t block[3] = {(uint32_t)path, OPEN_READ_BYTES, strlen(path)};
    return (int)call(SYS_OPEN, block);
}

uint32_t semihosting_read(int file, void *bytes, uint32_t size) {
    const uint32_t block[3] = {(uint32_t)file, (uint32_t)bytes, size};
    return size - call(SYS_READ, block);
}

void semihosting_write(const char *text) {
    call(SYS_WRITE0, text);
}

int semihosting_arguments(char *text, uint32_t size) {
    const uint32_t block[2] = {(uint32_t)text, size};
    return call(SYS_GET_CMDLINE, block) == 0;
}

void semihosting_exit(int code) {
    const uint32_t block[2] = {APPLICATION_EXIT, (uint32_t)code};
    for (;;) {
        call(SYS_EXIT_EXTENDED, block);
    }
}
