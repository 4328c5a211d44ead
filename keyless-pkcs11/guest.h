/*
 * A module is a guest in somebody else's process, which has threads, forks
 * when it likes and closes without telling.
 */
#ifndef GUEST_H
#define GUEST_H

/*
 * Sockets and pipes that do not block, are closed on exec, and of which no
 * child after a fork keeps a copy: it would hold connections of its parent
 * open.  As socket(2), pipe(2), close(2).
 */
int	guest_socket(int family);
int	guest_pipe(int [2]);
void	guest_close(int);

/*
 * Run by every fork of the process: lock may wait for a short time and holds
 * what unlock releases in the parent; child runs in the child instead.  To be
 * called once, before anything else here.  0 or an error number.
 */
int	guest_atfork(void (*lock)(void), void (*unlock)(void),
	    void (*child)(void));

/*
 * Enter and leave code that uses libcrypto: its error queue is left to the
 * host without entries of ours, and the thread cannot be cancelled in between.
 */
struct guest_visit {
	int	 cancel_state;
};
void	guest_enter(struct guest_visit *);
void	guest_leave(struct guest_visit *);

/* Whether libcrypto has begun to shut down: its objects are to be left. */
int	guest_too_late(void);

#endif
