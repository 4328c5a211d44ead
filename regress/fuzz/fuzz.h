/*
 * What the fuzzers share.  Each is a file fuzz_NAME.c with a
 * LLVMFuzzerTestOneInput(); conn and parent, which play much, have further
 * files NAME_*.c, of which NAME_played.h tells.  They are linked with the
 * objects of the programs and with shim.c instead of lib/log.c, so that
 * fatal() ends an input and not the process.
 *
 * A fuzzer that needs what is static in a file includes that file.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What is left of an input, taken from its start; zeros behind its end. */
struct fuzz {
	const uint8_t	*p;
	size_t		 left;
};

uint8_t		 fuzz_byte(struct fuzz *);
uint16_t	 fuzz_u16(struct fuzz *);
uint32_t	 fuzz_u32(struct fuzz *);

/* A number below n, which is not 0. */
uint32_t	 fuzz_below(struct fuzz *, uint32_t n);

/* Fill size bytes. */
void		 fuzz_fill(struct fuzz *, void *, size_t size);

/* Whether text holds a NUL within size, as a C string must. */
int		 fuzz_text_ok(const char *, size_t size);

/* Say what was violated and abort. */
void		 fuzz_fail(const char *file, int line, const char *what)
		    __attribute__((noreturn));

#define REQUIRE(cond)							\
do {									\
	if (!(cond))							\
		fuzz_fail(__FILE__, __LINE__, #cond);			\
} while (0)

/*
 * Call a function.  Returns 0, or 1 if fatal() or fatalx() ended it: outside
 * of this call they are failures.
 */
int		 fuzz_catch(void (*)(void *), void *arg);

/* As fatal(), for whatever else ends a program. */
void		 fuzz_end(void) __attribute__((noreturn));

/* From now on no log line may hold this text; NULL: any. */
void		 fuzz_forbid(const char *);

/* The lowest descriptor that is free: what leaks one changes it. */
int		 fuzz_lowest_fd(void);

int		 LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int		 LLVMFuzzerInitialize(int *, char ***);

#endif
