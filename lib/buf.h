/*
 * A growing buffer of bytes: appended at its end, consumed from its start.
 * All zero is an empty buffer.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t	*bytes;
	size_t	 start;		/* of what is not yet consumed */
	size_t	 end;
	size_t	 size;		/* allocated */
};

/* Bytes that are there to be consumed, and where. */
size_t		 buf_length(const struct buf *);
const uint8_t	*buf_data(const struct buf *);

/* Room for n more bytes at the end, to be followed by buf_added(); or NULL. */
uint8_t		*buf_room(struct buf *, size_t n);
void		 buf_added(struct buf *, size_t n);

/* 0, or -1 when there is no memory. */
int		 buf_append(struct buf *, const void *, size_t n);

void		 buf_consume(struct buf *, size_t n);

/* Wipe and free; the buffer is empty and usable again. */
void		 buf_free(struct buf *);

#endif
