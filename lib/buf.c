/* Frontend and tests: a growing buffer of bytes. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "compat.h"

#define MIN_SIZE	4096

size_t
buf_length(const struct buf *b)
{
	return (b->end - b->start);
}

const uint8_t *
buf_data(const struct buf *b)
{
	return (b->bytes + b->start);
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
	size_t	 used = b->end - b->start, size;
	uint8_t	*p;

	if (b->size - b->end >= n)
		return (b->bytes + b->end);
	if (b->start != 0) {
		memmove(b->bytes, b->bytes + b->start, used);
		b->start = 0;
		b->end = used;
	}
	if (b->size - b->end >= n)
		return (b->bytes + b->end);
	if (n > SIZE_MAX / 4 - used)
		return (NULL);
	for (size = b->size == 0 ? MIN_SIZE : b->size; size - used < n;)
		size *= 2;
	if ((p = recallocarray(b->bytes, b->size, size, 1)) == NULL)
		return (NULL);
	b->bytes = p;
	b->size = size;
	return (b->bytes + b->end);
}

void
buf_added(struct buf *b, size_t n)
{
	b->end += n;
}

int
buf_append(struct buf *b, const void *data, size_t n)
{
	uint8_t	*p;

	if (n == 0)
		return (0);
	if ((p = buf_room(b, n)) == NULL)
		return (-1);
	memcpy(p, data, n);
	buf_added(b, n);
	return (0);
}

void
buf_consume(struct buf *b, size_t n)
{
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void
buf_free(struct buf *b)
{
	freezero(b->bytes, b->size);
	memset(b, 0, sizeof(*b));
}
