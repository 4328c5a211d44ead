/*
 * What somebody who has taken a process over would try next.
 */
#ifndef ATTACK_H
#define ATTACK_H

struct attack {
	char	 name[32];
	char	 path[256];	/* a file, program or socket */
	int	 pid;		/* a victim */
	int	 port;		/* TCP, on 127.0.0.1 */
};

/* Read an order; 0, or -1: there is none. */
int	attack_read(const char *file, struct attack *);

/* Try, and say on standard error how it went. */
void	attack_run(const struct attack *);
void	attack_say(const struct attack *, const char *, int error);

/* parent.c: the same, if it is one of the parent's alone; else -1. */
int	captured_parent(const struct attack *);

#endif
