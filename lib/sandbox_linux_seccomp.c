/*
 * Every process, on Linux: a filter of its system calls, made of the tables in
 * sandbox_linux_calls.c.  A call that they do not name ends the process
 * (SIGSYS, and a line in the kernel's log that says which it was).
 */
#ifdef __linux__

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

#include "compat.h"
#include "log.h"
#include "sandbox_linux.h"
#include "sandbox_linux_calls.h"

/* Sanitizers, and they alone, need more; see the rows of SAN. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define SANITIZED	1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	0
#endif

/*
 * System calls have had the same numbers on all architectures since number
 * 424.  Those after the newest that was known when this was written are not
 * there, as if the kernel were older: then a newer libc does without.
 */
#define CALLS_KNOWN	463
#define CALLS_RESERVED	560
#define CALLS_COMMON	424

static void
add(scmp_filter_ctx ctx, uint32_t action, int nr, const char *name,
    const struct scmp_arg_cmp *cmp)
{
	int	 error;

	error = seccomp_rule_add_array(ctx, action, nr, cmp != NULL, cmp);
	if (error < 0 && error != -EDOM && error != -EOPNOTSUPP) {
		errno = -error;
		fatal("seccomp_rule_add name=%s", name);
	}
}

/* Its number, or -1 on a system that has no such call. */
static int
number(const char *name)
{
	int	 nr = seccomp_syscall_resolve_name(name);

	return (nr < 0 ? -1 : nr);
}

static int
call_is_plain(const char *name, uint32_t who)
{
	size_t	 i;

	for (i = 0; i < ncalls; i++)
		if ((calls[i].who & who) && strcmp(calls[i].name, name) == 0)
			return (1);
	return (0);
}

static void
add_calls(scmp_filter_ctx ctx, uint32_t who)
{
	size_t	 i;
	int	 nr;

	for (i = 0; i < ncalls; i++)
		if ((calls[i].who & who) &&
		    (nr = number(calls[i].name)) != -1)
			add(ctx, SCMP_ACT_ALLOW, nr, calls[i].name, NULL);
}

/* Two rows that allow or refuse the same would be one too many. */
static int
row_is_first(const struct argument *row, uint32_t who)
{
	const struct argument	*r;

	for (r = arguments; r < row; r++)
		if ((r->who & who) && strcmp(r->name, row->name) == 0 &&
		    r->op == row->op && r->value == row->value &&
		    r->masked == row->masked)
			return (0);
	return (1);
}

static void
add_arguments(scmp_filter_ctx ctx, uint32_t who)
{
	const struct argument	*r;
	struct scmp_arg_cmp	 cmp;
	int			 nr;

	for (r = arguments; r < arguments + narguments; r++) {
		if (!(r->who & who) || call_is_plain(r->name, who) ||
		    (nr = number(r->name)) == -1 || !row_is_first(r, who))
			continue;
		cmp.arg = r->arg;
		cmp.op = r->op;
		cmp.datum_a = r->value == OWN_PID ? (uint64_t)getpid() :
		    r->value;
		cmp.datum_b = r->masked;
		add(ctx, r->error == 0 ? SCMP_ACT_ALLOW :
		    SCMP_ACT_ERRNO((uint16_t)r->error), nr, r->name, &cmp);
	}
}

static int
has_arguments(const char *name, uint32_t who)
{
	size_t	 i;

	for (i = 0; i < narguments; i++)
		if ((arguments[i].who & who) &&
		    strcmp(arguments[i].name, name) == 0)
			return (1);
	return (0);
}

static void
add_refusals(scmp_filter_ctx ctx, uint32_t who)
{
	size_t	 i;
	int	 nr;

	for (i = 0; i < nrefusals; i++)
		if ((refusals[i].who & who) &&
		    !call_is_plain(refusals[i].name, who) &&
		    !has_arguments(refusals[i].name, who) &&
		    (nr = number(refusals[i].name)) != -1)
			add(ctx, SCMP_ACT_ERRNO((uint16_t)refusals[i].error),
			    nr, refusals[i].name, NULL);
}

static void
add_unknown(scmp_filter_ctx ctx)
{
	int	 nr;

	if (number("pidfd_send_signal") != CALLS_COMMON)
		return;		/* numbers with an offset */
	for (nr = CALLS_KNOWN; nr < CALLS_RESERVED; nr++)
		add(ctx, SCMP_ACT_ERRNO(ENOSYS), nr, "unknown", NULL);
}

static uint32_t
who_is(enum sandbox_role role, uint32_t needs)
{
	static const struct {
		uint32_t	 need;
		uint32_t	 who;
	} rows[] = {
		{ SANDBOX_UNIX,		UNIX },
		{ SANDBOX_INET,		UNIX | INET },
		{ SANDBOX_SYSV,		SYSV },
		{ SANDBOX_THREADS,	THREAD },
		{ SANDBOX_LATE,		LATE },
		{ SANDBOX_DEVICES,	DEVICE },
		{ SANDBOX_UNKNOWN,	ANY | UNIX | THREAD | LATE },
	};
	uint32_t	 who = SANITIZED ? SAN : 0;
	size_t		 i;

	switch (role) {
	case SANDBOX_PARENT:
		return (who | PARENT | (SANITIZED ? SAN_PARENT : 0));
	case SANDBOX_LAUNCHER:
		/* Its children inherit its filter: all that they may do. */
		return (~(uint32_t)(PARENT | SAN | SAN_PARENT) | who);
	case SANDBOX_FRONTEND:
		return (who | FRONT);
	case SANDBOX_FILES:
		return (who | FILES);
	case SANDBOX_CLOUD:
		return (who | CLOUD);
	case SANDBOX_ASK:
		return (who | ASK);
	case SANDBOX_PLACE:
		return (who | PLACE);
	case SANDBOX_MODULE:
		break;
	}
	who |= MODULE;
	for (i = 0; i < nitems(rows); i++)
		if (needs & rows[i].need)
			who |= rows[i].who;
	return (who);
}

static void
set(scmp_filter_ctx ctx, enum scmp_filter_attr attr, uint32_t value)
{
	int	 error;

	if ((error = seccomp_attr_set(ctx, attr, value)) == 0)
		return;
	errno = -error;
	fatal("seccomp_attr_set attr=%d", (int)attr);
}

void
seccomp_enter(enum sandbox_role role, uint32_t needs)
{
	scmp_filter_ctx	 ctx;
	uint32_t	 who = who_is(role, needs);
	int		 error;

	if ((ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		fatalx("seccomp_init");
	set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A tree, not a list: the kernel is through after a few steps. */
	set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	add_calls(ctx, who);
	add_arguments(ctx, who);
	add_refusals(ctx, who);
	add_unknown(ctx);
	if ((error = seccomp_load(ctx)) < 0) {
		errno = -error;
		sandbox_degrade("no seccomp: %s", strerror(errno));
	}
	seccomp_release(ctx);
}

#else
typedef int not_linux;
#endif
