#include "text.h"

#include <string.h>

#include "semihosting.h"

#define DIGITS 20

static void number(uint64_t value, uint32_t least_digits) {
    char text[DIGITS + 1];
    char *digit = text + DIGITS;
    *digit = 0;
    for (uint32_t count = 0; value > 0 || count < least_digits; count++) {
        *--digit = (char)('0' + value % 10);
        value /= 10;
    }
    semihosting_write(digit);
}

void text_word(const char *word) {
    semihosting_write(word);
    semihosting_write(" ");
}

void text_number(uint64_t value) {
    number(value, 1);
    semihosting_write(" ");
}

void text_thousandths(uint32_t value) {
    number(value / 1000, 1);
    semihosting_write(".");
    number(value % 1000, 3);
    semihosting_write(" ");
}

void text_end(void) {
    semihosting_write("\n");
}

uint32_t text_option(const char *line, const char *name, uint32_t otherwise) {
    const char *at = strstr(line, name);
    if (at == 0 || at[strlen(name)] != '=') {
        return otherwise;
    }
    uint32_t value = 0;
    for (at += strlen(name) + 1; *at >= '0' && *at <= '9'; at++) {
        value = 10 * value + (uint32_t)(*at - '0');
    }
    return value;
}
