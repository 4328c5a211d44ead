/*
 * Times for people.
 */
#ifndef UNITS_H
#define UNITS_H

#include <stdint.h>

#define UNITS_SIZE	32	/* bytes that any of these needs at most */

/* Seconds as 1d02h03m, 2h03m, 3m05s or 5s. */
void	units_duration(uint64_t seconds, char text[UNITS_SIZE]);

/* Microseconds as 250us, 1.5ms or 12s: never more than three digits. */
void	units_micros(uint64_t us, char text[UNITS_SIZE]);

/* Seconds since the Epoch as 2026-11-21 20:31:07, local time. */
void	units_date(uint64_t seconds, char text[UNITS_SIZE]);

/* The same as 20:31:07. */
void	units_clock(uint64_t seconds, char text[UNITS_SIZE]);

/* How long ago that was, seconds; 0 if it is still to come. */
uint64_t units_age(uint64_t seconds);

#endif
