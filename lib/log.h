/*
 * Logging, the same in every process.
 *
 * One line an event: what happened, then the objects as key=value pairs:
 *
 *	key refused file=/etc/keyless/keys/a.key reason="mode 0644: ..."
 *
 * Levels carry the numbers of the `loglevel' configuration key.  Bytes that
 * are not printable ASCII are written as \xNN, so a peer cannot forge a line.
 * Never hand a PIN, a token or key material to any of these functions.
 */
#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_CRITICAL,
	LOG_LEVEL_FATAL
};

#define LOG_TO_SYSLOG	0x01
#define LOG_TO_STDERR	0x02
#define LOG_RECONNECT	0x08	/* when syslog was started anew; no sandbox */
#define LOG_PLAIN	0x04	/* there for a person: no time, no process */

/*
 * Name this process ("parent", "frontend", "signer/softhsm") and choose where
 * its lines go, LOG_TO_* or'ed.  Call before chroot: syslog is opened here.
 * No process waits for syslog: lines that it does not take are dropped, and
 * their number is the next line that it takes.
 */
void	log_init(const char *, int);
void	log_setlevel(enum log_level);
int	log_getlevel(void);

void	log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_err(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_errx(const char *, ...) __attribute__((format(printf, 1, 2)));

/*
 * From now on keep the first line of level error or above that is logged, up
 * to size bytes, for whoever asked for what is done; NULL: no more.
 */
void	log_capture(char *, size_t size);

/*
 * A broken invariant or a lying sibling process: log and leave with status 1.
 * fatal() adds errno's text, fatalx() does not.
 */
void	fatal(const char *, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));
void	fatalx(const char *, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

#endif
