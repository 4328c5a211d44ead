/* Who asks web services: memory that is wiped when it is given back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "mem.h"

/* Stands before each piece; keeps it aligned for anything. */
union head {
	size_t		 size;
	max_align_t	 align;
};

void *
mem_alloc(size_t size)
{
	union head	*h;

	if (size > SIZE_MAX - sizeof(*h) ||
	    (h = malloc(sizeof(*h) + size)) == NULL)
		return (NULL);
	h->size = size;
	return (h + 1);
}

void *
mem_calloc(size_t n, size_t size)
{
	void	*p;

	if (size != 0 && n > SIZE_MAX / size)
		return (NULL);
	if ((p = mem_alloc(n * size)) != NULL)
		memset(p, 0, n * size);
	return (p);
}

void
mem_free(void *p)
{
	union head	*h = p;

	if (p == NULL)
		return;
	h--;
	freezero(h, sizeof(*h) + h->size);
}

void *
mem_realloc(void *old, size_t size)
{
	union head	*h = old;
	void		*p;

	if ((p = mem_alloc(size)) == NULL || old == NULL)
		return (p);
	h--;
	memcpy(p, old, h->size < size ? h->size : size);
	mem_free(old);
	return (p);
}

char *
mem_strdup(const char *s)
{
	size_t	 size = strlen(s) + 1;
	char	*p;

	if ((p = mem_alloc(size)) != NULL)
		memcpy(p, s, size);
	return (p);
}
