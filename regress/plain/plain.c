/*
 * Test: in the place of the sandbox, for programs that run under valgrind,
 * which makes many more system calls than they do and opens files late.
 */
#include "sandbox.h"

void	__wrap_sandbox_parent(const struct sandbox *);
void	__wrap_sandbox_launcher(void);
void	__wrap_sandbox_isolate(const struct sandbox *);
void	__wrap_sandbox_confine(const struct sandbox *);

void
__wrap_sandbox_parent(const struct sandbox *box)
{
	(void)box;
	sandbox_harden();
}

void
__wrap_sandbox_launcher(void)
{
	sandbox_harden();
}

void
__wrap_sandbox_isolate(const struct sandbox *box)
{
	(void)box;
}

void
__wrap_sandbox_confine(const struct sandbox *box)
{
	(void)box;
}
