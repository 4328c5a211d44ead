/*
 * Connections that ended before a client had shown a certificate: health
 * checks, scanners, browsers.  Each is a line at level debug; at level info
 * they have a line together, now and then.
 */
#ifndef STRANGERS_H
#define STRANGERS_H

#define STRANGERS_EVERY	600000	/* ms between two such lines */

void	stranger_left(const char *peer, const char *reason);

/* At the end: say how many there were since the last line. */
void	strangers_report(void);

#endif
