/*
 * Tests: look for bytes in the memory of a process.
 *
 *	memscan pid [-x] needle ...
 *
 * Needles are texts or, after -x, bytes in hexadecimal.  Prints each that was
 * found and where.  Exits 0 when one was, 1 when none, 2 when the process
 * cannot be read.  Must not be given what it looks for in its own process.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK		(1024 * 1024)
#define NEEDLE_MAX	512
#define SHADOW		(UINT64_C(1) << 36)	/* a sanitizer's, no data */

struct needle {
	const char	*name;
	uint8_t		 bytes[NEEDLE_MAX];
	size_t		 length;
};

static size_t	 scanned;

static void
set_text(struct needle *n, const char *text)
{
	n->name = text;
	if ((n->length = strlen(text)) > NEEDLE_MAX || n->length < 4)
		errx(2, "needle of %zu bytes", n->length);
	memcpy(n->bytes, text, n->length);
}

static void
set_hex(struct needle *n, const char *text)
{
	unsigned int	 byte;

	n->name = text;
	for (n->length = 0; sscanf(text, "%2x", &byte) == 1; text += 2) {
		if (n->length == NEEDLE_MAX)
			errx(2, "needle too long");
		n->bytes[n->length++] = (uint8_t)byte;
	}
	if (n->length < 4)
		errx(2, "needle of %zu bytes", n->length);
}

/* One mapping, in pieces that overlap by the longest needle. */
static int
scan(int mem, const struct needle *needles, int count, uint64_t from,
    uint64_t to, const char *what)
{
	static uint8_t	 buf[CHUNK + NEEDLE_MAX];
	uint64_t	 at;
	ssize_t		 n;
	uint8_t		*hit;
	int		 i, found = 0;

	for (at = from; at < to; at += CHUNK) {
		n = pread(mem, buf, to - at < sizeof(buf) ? to - at :
		    sizeof(buf), (off_t)at);
		if (n <= 0)
			break;
		scanned += (size_t)n;
		for (i = 0; i < count; i++) {
			hit = memmem(buf, (size_t)n, needles[i].bytes,
			    needles[i].length);
			if (hit == NULL)
				continue;
			printf("found %s at %llx in %s\n", needles[i].name,
			    (unsigned long long)(at + (uint64_t)(hit - buf)),
			    *what == '\0' ? "anonymous memory" : what);
			found = 1;
		}
	}
	return (found);
}

static int
scan_process(const char *pid, const struct needle *needles, int count)
{
	unsigned long long	 from, to;
	FILE			*maps;
	char			 path[64], line[4096], rights[8], what[4096];
	int			 mem, found = 0;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	if ((mem = open(path, O_RDONLY)) == -1)
		err(2, "%s", path);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	if ((maps = fopen(path, "r")) == NULL)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), maps) != NULL) {
		what[0] = '\0';
		if (sscanf(line, "%llx-%llx %7s %*s %*s %*s %4095[^\n]",
		    &from, &to, rights, what) < 3 || rights[0] != 'r' ||
		    to - from > SHADOW)
			continue;
		found |= scan(mem, needles, count, from, to, what);
	}
	fclose(maps);
	close(mem);
	return (found);
}

int
main(int argc, char *argv[])
{
	struct needle	*needles;
	int		 i, count = 0, hex = 0, found;

	if (argc < 3 || (needles = calloc((size_t)argc, sizeof(*needles))) ==
	    NULL)
		errx(2, "usage: memscan pid [-x] needle ...");
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "-x") == 0)
			hex = 1;
		else if (hex)
			set_hex(&needles[count++], argv[i]);
		else
			set_text(&needles[count++], argv[i]);
	}
	found = scan_process(argv[1], needles, count);
	if (scanned < 65536)
		errx(2, "only %zu bytes of process %s could be read", scanned,
		    argv[1]);
	free(needles);
	return (found ? 0 : 1);
}
