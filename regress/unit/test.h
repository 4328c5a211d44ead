/*
 * For unit tests: CHECK() a condition, END with return (test_done()).
 */
#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <string.h>

static unsigned int	 test_checks, test_failures;

#define CHECK(cond)							\
do {									\
	test_checks++;							\
	if (!(cond)) {							\
		test_failures++;					\
		printf("%s:%d: %s\n", __FILE__, __LINE__, #cond);	\
	}								\
} while (0)

/* Whether a text is the expected one; prints both when it is not. */
#define CHECK_STR(text, expected)					\
do {									\
	const char	*test_a = (text), *test_b = (expected);		\
									\
	test_checks++;							\
	if (test_a == NULL || strcmp(test_a, test_b) != 0) {		\
		test_failures++;					\
		printf("%s:%d: %s: got \"%s\", expected \"%s\"\n",	\
		    __FILE__, __LINE__, #text,				\
		    test_a == NULL ? "(NULL)" : test_a, test_b);	\
	}								\
} while (0)

/* The value for main() to return. */
static inline int
test_done(void)
{
	if (test_failures != 0) {
		printf("FAIL %u of %u checks\n", test_failures, test_checks);
		return (1);
	}
	printf("PASS %u checks\n", test_checks);
	return (0);
}

#endif
