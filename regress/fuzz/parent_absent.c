/*
 * Fuzzer of the parent: what is not played.  Enrolment and the launcher have
 * processes of their own, whose ends and messages other fuzzers have.
 */
#include <string.h>

#include "../../keylessd/enroll.h"
#include "fuzz.h"
#include "parent_played.h"
#include "sandbox.h"

void
enroll_plan(const struct config *conf)
{
	REQUIRE(conf == parent_setup->conf);
}

void
enroll_reloaded(int status, const char *text)
{
	REQUIRE((status == 0 || status == 1) && text != NULL);
}

void
enroll_print(FILE *f)
{
	REQUIRE(f != NULL);
}

void
enroll_tell(void)
{
}

void
enroll_stop(void)
{
}

int
job_exited(pid_t pid)
{
	(void)pid;
	return (0);
}

void
launchproc_start(const struct config *conf)
{
	(void)conf;
}

int
launchproc_exited(pid_t pid, int status)
{
	(void)pid;
	(void)status;
	return (0);
}

void
launchproc_stop(void)
{
}

void
sandbox_fence(void)
{
}

void
sandbox_parent(const struct sandbox *box)
{
	(void)box;
}

void
sandbox_report(struct msg_sandbox *m)
{
	memset(m, 0, sizeof(*m));
}

void
check_run(struct setup *setup)
{
	(void)setup;
}
