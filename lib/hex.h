/*
 * Hexadecimal text.
 */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>
#include <stdint.h>

/* Lower case: len bytes to 2 * len characters and a NUL. */
void	hex_encode(const uint8_t *, size_t len, char *);

#endif
