/*
 * Memory for libraries that handle secrets and never wipe: libcurl and jansson
 * are given these functions, and what they free is zeroed first.
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

void	*mem_alloc(size_t);
void	*mem_calloc(size_t, size_t);
void	*mem_realloc(void *, size_t);
char	*mem_strdup(const char *);
void	 mem_free(void *);

#endif
