/* keylessctl: asks at the terminal for what an enrolment needs. */
#include <sys/select.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../keylessd/config_store.h"
#include "config_yaml.h"
#include "compat.h"
#include "enroll.h"
#include "secmem.h"

#define LINE_SIZE	4096

static volatile sig_atomic_t	 caught;

static void
on_signal(int sig)
{
	caught = sig;
}

/*
 * Wait for something to be typed; -1: a signal came instead.  They are let in
 * here and nowhere else, so that none comes between a look and a wait.
 */
static int
wait_typing(const sigset_t *mask)
{
	fd_set	 set;

	FD_ZERO(&set);
	FD_SET(STDIN_FILENO, &set);
	return (pselect(STDIN_FILENO + 1, &set, NULL, NULL, NULL, mask) == 1 ?
	    0 : -1);
}

/*
 * One line from standard input, without stdio, which would keep a copy.  Mask
 * (or NULL) is that of the signals while it waits.  Returns the length, or -1:
 * a signal, or the end.
 */
static ssize_t
read_line(char *line, const sigset_t *mask)
{
	size_t	 len = 0;
	ssize_t	 n = -1;
	char	 c;

	while ((mask == NULL || wait_typing(mask) == 0) &&
	    (n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
		if (len < LINE_SIZE - 1)
			line[len++] = c;
		n = -1;
	}
	line[len] = '\0';
	c = '\0';
	return (n == 1 ? (ssize_t)len : -1);
}

static void
prompt(const char *question)
{
	fprintf(stderr, "%s: ", question);
	fflush(stderr);
}

/*
 * The same without showing it: from before the question on, so that no quick
 * answer is seen or lost.  The terminal is put right after a signal.
 */
static ssize_t
read_hidden(const char *question, char *line)
{
	static const int	 signals[] = { SIGHUP, SIGINT, SIGQUIT,
				    SIGTERM, SIGTSTP };
	struct sigaction	 act, old[nitems(signals)];
	struct termios		 before, hidden;
	sigset_t		 block, mask;
	ssize_t			 len;
	size_t			 i;

	memset(&act, 0, sizeof(act));
	act.sa_handler = on_signal;
	sigemptyset(&act.sa_mask);
	sigemptyset(&block);
	for (i = 0; i < nitems(signals); i++)
		sigaddset(&block, signals[i]);
	if (tcgetattr(STDIN_FILENO, &before) == -1 ||
	    sigprocmask(SIG_BLOCK, &block, &mask) == -1)
		err(1, "terminal");
	for (i = 0; i < nitems(signals); i++)
		sigaction(signals[i], &act, &old[i]);
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == -1)
		err(1, "tcsetattr");
	prompt(question);
	len = read_line(line, &mask);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	for (i = 0; i < nitems(signals); i++)
		sigaction(signals[i], &old[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	fputc('\n', stderr);
	if (caught)
		raise(caught);
	return (len);
}

static void
cut_blanks(char *line)
{
	size_t	 len = strlen(line), begin = strspn(line, " \t\r");

	while (len > begin && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	memmove(line, line + begin, len - begin);
	explicit_bzero(line + len - begin, begin + 1);
}

/* Ask until something is typed. */
static void
ask(const char *question, int hidden, char *line)
{
	ssize_t	 len;

	do {
		if (!hidden)
			prompt(question);
		len = hidden ? read_hidden(question, line) :
		    read_line(line, NULL);
		if (len == -1)
			errx(1, "nothing was typed, nothing is changed");
		cut_blanks(line);
	} while (*line == '\0');
}

static int
ask_text(char **value, const char *question, char *line)
{
	if (*value != NULL)
		return (0);
	do {
		ask(question, 0, line);
	} while (strlen(line) > 255);
	*value = conf_strdup(line);
	return (1);
}

int
enroll_complete(struct config *conf, int api)
{
	char	*line = secmem_new(LINE_SIZE);
	int	 asked = 0;

	fprintf(stderr, "Not all that is needed is in %s.\n", conf->path);
	asked += ask_text(&conf->hostname,
	    "Name of this key server, as in the dashboard (hostname)", line);
	if (api) {
		asked += ask_text(&conf->zone_id,
		    "Identifier of the zone (zone_id)", line);
		if (config_enroll_missing(conf) != NULL) {
			ask("API token with \"Zone: SSL and Certificates: "
			    "Edit\" (not shown)", 1, line);
			conf->api_token_fd = conf_secret_fd(line);
			if (conf->api_token_fd == -1)
				err(1, "no memory for the token");
			asked++;
		}
	}
	secmem_free(line, LINE_SIZE);
	return (asked);
}
