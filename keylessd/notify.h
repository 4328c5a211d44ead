/*
 * The service manager's view: sd_notify(3) for Type=notify and
 * Type=notify-reload, WatchdogSec= included.  Without NOTIFY_SOCKET in the
 * environment nothing here does anything.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Take NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment. */
void	 notify_open(void);

/* It serves, for the first time or after a reload. */
void	 notify_ready(void);

/* What it does has changed, in one line of text. */
void	 notify_status(void);

/* It cannot serve yet, and needs so many seconds more, or as many again. */
void	 notify_enrolling(unsigned int seconds);

void	 notify_reloading(void);
void	 notify_stopping(void);
void	 notify_close(void);

#endif
