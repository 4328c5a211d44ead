/*
 * Where audit lines go: a file, a FIFO, standard error, or syslog.  Nothing
 * here waits: lines are gathered, written when the other end takes them, and
 * left out and counted when it does not.
 */
#ifndef AUDITSINK_H
#define AUDITSINK_H

#include <stddef.h>
#include <stdint.h>

#define AUDITSINK_SIZE	262144	/* bytes of lines that wait */
#define AUDITSINK_LINE	1024	/* bytes of one, at most */

struct auditsink {
	int		 fd;		/* -1: none */
	int		 datagrams;	/* one a line: syslog */
	int		 is_socket;
	int		 is_file;	/* regular: takes all that fits */
	int		 torn;		/* the last byte was no line feed */
	size_t		(*head)(char *, size_t);	/* of a line; NULL */
	size_t		 used;		/* bytes of lines */
	uint64_t	 lost;		/* lines left out, not yet said */
	uint64_t	 lost_total;
	int		 error;		/* errno of the last refusal; 0 */
	char		 lines[AUDITSINK_SIZE];
};

/* Close the descriptor; what waits is lost. */
void	auditsink_close(struct auditsink *);

/*
 * Write to fd from now on, which it takes over; to the old one no more.  Each
 * line begins with what head, if there is one, writes: at most so many bytes,
 * and it returns how many.
 */
void	auditsink_open(struct auditsink *, int fd,
	    size_t (*head)(char *, size_t));

/*
 * Add a line without its line feed, cut at AUDITSINK_LINE.  Returns 0, or -1
 * when it was left out.
 */
int	auditsink_add(struct auditsink *, const char *line);

/*
 * Write what the other end takes now.  Returns whether something is left for
 * later.
 */
int	auditsink_flush(struct auditsink *);

#endif
