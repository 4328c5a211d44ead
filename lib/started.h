/*
 * How every process begins that another one of keylessd starts (keylessctl
 * enroll starts keyless-enroll, too): with the socket to that one, its parent
 * here, as descriptor 3.
 */
#ifndef STARTED_H
#define STARTED_H

#define PARENT_FD	3

/*
 * Whether this process was started so: the descriptor is a local stream
 * socket.  Nothing else does that.  It is closed by exec(3) from now on.
 */
int	started_by_parent(void);

/*
 * This process leaves when the parent says so or is gone, not by what a
 * terminal or a service manager sends to all of them, nor by SIGPIPE.
 */
void	started_ignore_signals(void);

#endif
