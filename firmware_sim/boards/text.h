/* Lines of text out of words and numbers, without a C library's printf. */
#ifndef TEXT_H
#define TEXT_H

#include <stdint.h>

/* Write a word and a blank. */
void text_word(const char *word);

/* Write a number and a blank. */
void text_number(uint64_t number);

/* Write thousandths as a decimal number, and a blank. */
void text_thousandths(uint32_t number);

/* End the line. */
void text_end(void);

/* The number behind `name=` in `line`, or `otherwise`. */
uint32_t text_option(const char *line, const char *name, uint32_t otherwise);

#endif
