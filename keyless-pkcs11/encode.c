/* In the host's process: signatures and padded blocks as PKCS#11 has them. */
#include <limits.h>
#include <string.h>

#include "compat.h"
#include "module.h"

/*
 * Take a DER INTEGER from *p, to n bytes with zeros in front; its shortest
 * form, positive and not zero.  -1: it is none.
 */
static int
take_integer(const uint8_t **p, const uint8_t *end, uint8_t *out, size_t n)
{
	const uint8_t	*v;
	size_t		 len;

	if (end - *p < 2 || (*p)[0] != 0x02 || (*p)[1] >= 0x80)
		return (-1);
	len = (*p)[1];
	v = *p + 2;
	if ((size_t)(end - v) < len || len == 0 || v[0] & 0x80 ||
	    (v[0] == 0 && (len == 1 || (v[1] & 0x80) == 0)))
		return (-1);
	*p = v + len;
	if (v[0] == 0) {
		v++;
		len--;
	}
	if (len > n)
		return (-1);
	memset(out, 0, n - len);
	memcpy(out + n - len, v, len);
	return (0);
}

int
encode_ecdsa_raw(const uint8_t *der, size_t len, uint8_t *raw, size_t n)
{
	const uint8_t	*p = der, *end = der + len;
	size_t		 body;

	if (len < 2 || p[0] != 0x30)
		return (-1);
	if (p[1] < 0x80) {
		body = p[1];
		p += 2;
	} else {
		if (len < 3 || p[1] != 0x81 || p[2] < 0x80)
			return (-1);
		body = p[2];
		p += 3;
	}
	if (body != (size_t)(end - p) ||
	    take_integer(&p, end, raw, n) == -1 ||
	    take_integer(&p, end, raw + n, n) == -1 || p != end)
		return (-1);
	return (0);
}

/* A value that the compiler knows nothing about, so that it cannot branch. */
static size_t
barrier(size_t a)
{
	__asm__("" : "+r"(a));
	return (a);
}

/* All ones when a is zero, else zero; without a branch. */
static size_t
mask_zero(size_t a)
{
	a = barrier(a);
	return ((size_t)0 - ((~a & (a - 1)) >> (sizeof(a) * CHAR_BIT - 1)));
}

/* All ones when a < b, for values below half of the range. */
static size_t
mask_less(size_t a, size_t b)
{
	a = barrier(a);
	return ((size_t)0 - ((a - b) >> (sizeof(a) * CHAR_BIT - 1)));
}

/* Move to the front what is behind the first n bytes, a bit of n at a time. */
static void
shift_left(uint8_t *buf, size_t size, size_t n)
{
	size_t	 i, step;
	uint8_t	 mask, from;

	for (step = 1; step < size; step <<= 1) {
		mask = (uint8_t)~mask_zero(n & step);
		for (i = 0; i < size; i++) {
			from = i + step < size ? buf[i + step] : 0;
			buf[i] = (uint8_t)((buf[i] & ~mask) | (from & mask));
		}
	}
}

int
encode_unpad(const uint8_t *em, size_t size, uint8_t *out)
{
	size_t	 i, is_zero, looking = ~(size_t)0, zero_at = 0, good, length;

	good = mask_zero(em[0]) & mask_zero((size_t)em[1] ^ 2);
	for (i = 2; i < size; i++) {
		is_zero = mask_zero(em[i]);
		zero_at |= looking & is_zero & i;
		looking &= ~is_zero;
	}
	/* A zero there is, behind 8 bytes of padding at least. */
	good &= ~looking & ~mask_less(zero_at, 10);
	memcpy(out, em, size);
	shift_left(out, size, zero_at + 1);
	length = size - 1 - zero_at;
	for (i = 0; i < size; i++)
		out[i] &= (uint8_t)(good & mask_less(i, length));
	return ((int)((good & length) | (~good & (size_t)-1)));
}
