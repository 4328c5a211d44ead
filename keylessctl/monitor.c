/* keylessctl: monitor, a line a second. */
#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "parser.h"
#include "rate.h"
#include "units.h"

#define SECOND		UINT64_C(1000000000)	/* nanoseconds */
#define MILLISECOND	UINT64_C(1000000)
#define PAGE		20	/* lines between headings on a terminal */

/* Between two requests the daemon has nothing to say. */
static const struct request	 silence;

static uint64_t
monotonic(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return ((uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec);
}

/* Nothing is buffered then, and no line is half written: see print_line(). */
static void
interrupted(int sig)
{
	(void)sig;
	_exit(0);
}

/* Who started it with ^C ignored, in the background, wants it ignored. */
static void
catch_interrupt(void)
{
	struct sigaction	 sa;

	if (sigaction(SIGINT, NULL, &sa) == -1)
		err(1, "sigaction");
	if (sa.sa_handler == SIG_IGN)
		return;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = interrupted;
	if (sigaction(SIGINT, &sa, NULL) == -1)
		err(1, "sigaction");
}

static void
hold_interrupt(int how)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	if (sigprocmask(how, &set, NULL) == -1)
		err(1, "sigprocmask");
}

static void
fill_sample(const struct answer *answer, struct sample *sample)
{
	const struct msg_stats		*stats;
	const struct msg_latency	*latency;
	const struct msg_opstat		*opstat;
	size_t				 i;

	memset(sample, 0, sizeof(*sample));
	sample->when = monotonic();
	stats = answer_row(&stats_request, answer, STATS_COUNTERS, 0);
	sample->requests = stats->requests;
	sample->errors = stats->errors;
	sample->pending = stats->pending;
	sample->connections = stats->connections;
	latency = answer_row(&stats_request, answer, STATS_LATENCY, 0);
	memcpy(sample->latency, latency->count, sizeof(sample->latency));
	for (i = 0; i < answer->rows[STATS_OPCODES].count; i++) {
		opstat = answer_row(&stats_request, answer, STATS_OPCODES, i);
		sample->opcodes[opstat->opcode] = opstat->requests;
	}
}

/* Look at the counters.  Returns -1 when the daemon refuses, which it says. */
static int
look(struct ipc *ipc, const struct style *style, struct sample *sample)
{
	struct answer	 answer;
	int		 failed;

	answer_ask(ipc, &stats_request);
	answer_take(ipc, &stats_request, &answer);
	if ((failed = answer.result.status != 0))
		show_refusal(&stats_request, &answer, style);
	else
		fill_sample(&answer, sample);
	answer_free(&answer);
	return (failed ? -1 : 0);
}

/*
 * Let time pass.  A daemon that goes away meanwhile ends the program; one that
 * says why it leaves gives -1.
 */
static int
pause_until(struct ipc *ipc, const struct style *style, uint64_t due)
{
	struct answer	 answer;
	uint64_t	 now;

	while ((now = monotonic()) < due) {
		if (!answer_wait(ipc, (int)((due - now - 1) / MILLISECOND) + 1))
			continue;
		answer_take(ipc, &silence, &answer);
		show_refusal(&silence, &answer, style);
		return (-1);
	}
	return (0);
}

static void
print_heading(void)
{
	printf("%-8s  %10s  %8s  %6s  %6s  %7s  %11s  %s\n", "TIME",
	    "REQUESTS/S", "ERRORS/S", "P50", "P99", "PENDING", "CONNECTIONS",
	    "OPCODES");
}

static void
latency_text(uint64_t us, char text[UNITS_SIZE])
{
	if (us == 0)
		strlcpy(text, "-", UNITS_SIZE);
	else
		units_micros(us, text);
}

/* The name of an opcode; its number if the protocol has none. */
static const char *
opcode_text(uint32_t opcode)
{
	const struct opcode_info	*info = opcode_find((uint8_t)opcode);
	static char			 text[8];

	if (info != NULL)
		return (info->name);
	snprintf(text, sizeof(text), "0x%02" PRIx32, opcode);
	return (text);
}

static void
print_rates(const struct sample *now, const struct rates *r)
{
	char		 time_of_day[UNITS_SIZE];
	char		 p50[UNITS_SIZE], p99[UNITS_SIZE];
	const char	*sep = "  ";
	uint32_t	 op;

	units_clock((uint64_t)time(NULL), time_of_day);
	latency_text(r->p50, p50);
	latency_text(r->p99, p99);
	printf("%8s  %10" PRIu64 "  %8" PRIu64 "  %6s  %6s  %7" PRIu64
	    "  %11" PRIu64, time_of_day, r->requests, r->errors, p50,
	    p99, now->pending, now->connections);
	for (op = 0; op < nitems(r->opcodes); op++) {
		if (r->opcodes[op] == 0)
			continue;
		printf("%s%s %" PRIu64, sep, opcode_text(op), r->opcodes[op]);
		sep = ", ";
	}
	putchar('\n');
}

static void
json_latency(struct json *j, const char *name, uint64_t us)
{
	if (us == 0)
		json_null(j, name);
	else
		json_number(j, name, us);
}

static void
json_rates(const struct sample *now, const struct rates *r)
{
	struct json	 j;
	uint32_t	 op;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_number(&j, "time", (uint64_t)time(NULL));
	json_number(&j, "requests", r->requests);
	json_number(&j, "errors", r->errors);
	json_latency(&j, "p50_us", r->p50);
	json_latency(&j, "p99_us", r->p99);
	json_number(&j, "pending", now->pending);
	json_number(&j, "connections", now->connections);
	json_object(&j, "opcodes");
	for (op = 0; op < nitems(r->opcodes); op++)
		if (r->opcodes[op] != 0)
			json_number(&j, opcode_text(op), r->opcodes[op]);
	json_end(&j);
	json_end(&j);
}

/* Write line n, counted from 0, whole: a ^C waits until it is out. */
static void
print_line(const struct style *style, uint32_t n, const struct sample *now,
    const struct rates *rates)
{
	hold_interrupt(SIG_BLOCK);
	if (style->json)
		json_rates(now, rates);
	else {
		if (n == 0 || (style->terminal && n % PAGE == 0))
			print_heading();
		print_rates(now, rates);
	}
	if (fflush(stdout) == EOF)
		err(1, "standard output");
	hold_interrupt(SIG_UNBLOCK);
}

int
run_monitor(const struct call *call)
{
	const struct style	*style = &call->options->style;
	struct sample		 samples[2], *before, *now;
	struct rates		 rates;
	struct ipc		*ipc;
	uint64_t		 due;
	uint32_t		 n;

	catch_interrupt();
	ipc = connect_daemon(call->options);
	if (look(ipc, style, &samples[0]) == -1)
		return (1);
	due = samples[0].when;
	for (n = 0; call->number == 0 || n < call->number; n++) {
		before = &samples[n % 2];
		now = &samples[(n + 1) % 2];
		due += SECOND;
		if (due < before->when)
			due = before->when + SECOND;
		if (pause_until(ipc, style, due) == -1 ||
		    look(ipc, style, now) == -1)
			return (1);
		rates_between(before, now, &rates);
		print_line(style, n, now, &rates);
	}
	ipc_free(ipc);
	return (0);
}
