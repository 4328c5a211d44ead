/* Any process: hexadecimal text. */
#include "hex.h"

void
hex_encode(const uint8_t *bytes, size_t len, char *text)
{
	static const char	 digits[] = "0123456789abcdef";
	size_t			 i;

	for (i = 0; i < len; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}
