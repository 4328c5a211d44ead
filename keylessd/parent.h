/*
 * The parent: one process, privileged, that starts and supervises the others.
 */
#ifndef PARENT_H
#define PARENT_H

#include <sys/types.h>

#include <event2/event.h>

#include <stdint.h>
#include <time.h>

#include "channel.h"
#include "notify.h"
#include "setup.h"

enum parent_state {
	PARENT_STARTING,	/* until every set has loaded its keys */
	PARENT_SERVING,
	PARENT_STOPPING
};

struct parent_options {
	const char	*self;		/* absolute path of keylessd */
	const char	*signer;	/* absolute path of keyless-signer */
	const char	*cloud;		/* the same, keyless-signer-cloud */
	const char	*enroll;	/* the same, keyless-enroll */
	int		 foreground;	/* -d */
	int		 check;		/* -n */
	const char	*config;	/* absolute path of the file */
	int		 log_to;	/* LOG_TO_* for the children */
	int		 ready_fd;	/* who waits for our start; or -1 */
};

/* parent.c */
extern struct event_base	*parent_base;
extern struct parent_options	 parent_options;
extern enum parent_state	 parent_state;
extern time_t			 parent_started;
extern struct setup		*parent_setup;	/* is served */
extern struct setup		*parent_next;	/* after a reload */
extern struct setups		 parent_left;	/* were served until one */

/* Serve setup until told to stop.  Returns the exit status. */
int		 parent_run(struct setup *);

/* Something changed that a start or a stop may have waited for. */
void		 parent_advance(void);

/* Leave the loop with this status, after stopping all children. */
void		 parent_stop(int status);

void		 parent_set_log_level(uint32_t);

/* Keys of a setup: usable, not usable, of those the required ones. */
struct key_counts {
	unsigned int	 usable;
	unsigned int	 failed;
	unsigned int	 missing;
};

/* Count; with say, log each that is not usable. */
void		 parent_count_keys(const struct setup *, struct key_counts *,
		    int say);

/* reload.c */

/* Read the configuration again for a control client (0: SIGHUP). */
void		 reload_begin(uint32_t client);

/* Whether it would not be refused. */
int		 reload_possible(void);

/* Something changed that the reload under way may have waited for. */
void		 reload_advance(void);

/* It cannot be; the configuration that is served stays. */
void		 reload_fail(const char *reason);

/*
 * The frontend with this number is through with an old set; or is gone, and
 * with all sets.
 */
void		 reload_set_done(uint32_t number, uint32_t set);
void		 reload_frontend_gone(uint32_t number);

/* Close the setups that are left and have no process any more. */
void		 reload_collect(void);

/* drain.c */
extern int			 parent_drained; /* nothing is accepted */

/* Accept no more, end all connections, for a control client; and back. */
void		 drain_begin(uint32_t client);
void		 drain_end(uint32_t client);

/* child.c */

struct child {
	pid_t		 pid;		/* 0: none */
	struct channel	*channel;	/* NULL: none */
};

/*
 * Have a process started that has nothing but its end of a channel, and
 * becomes what its role says; name is for logs and ps(1), root the directory
 * that a signer changes to, or NULL.  Returns 0, or -1 after logging.
 */
int		 child_start(struct child *, enum launch_role,
		    const char *name, const char *root,
		    const struct channel_handler *, void *arg);

/* Send a copy of fd; exits when descriptors have run out. */
void		 child_send_fd(struct child *, uint32_t type, uint32_t peer,
		    int fd, const void *, size_t);

/* launchproc.c: the parent's side of the launcher */

/* Start it, before anything else; see launch.h. */
void		 launchproc_start(const struct config *);

/* One process; the parent's end of its channel, or -1 with errno set. */
int		 launchproc_launch(const struct msg_launch *, pid_t *);

/* Whether it was that one; without it the daemon stops. */
int		 launchproc_exited(pid_t, int status);
void		 launchproc_stop(void);

/* pidfile.c: NULL for a path: there is none */
int		 pidfile_open(const char *path);
void		 pidfile_write(void);

/* To another path: within its directory, as far as it can be. */
int		 pidfile_can_move(const char *path);
void		 pidfile_move(const char *path);
void		 pidfile_remove(void);

/* frontproc.c: the parent's side of the frontends */

/*
 * Start as many as the configuration says.  The first of them serves control
 * socket and HTTP for all.
 */
void		 frontproc_start(void);

void		 frontproc_free(void);

/* For the metrics; each change is followed by frontproc_figures(). */
extern struct msg_parent	 frontproc_counts;
void		 frontproc_figures(void);

/* Whether any is alive; whether any serves what is served. */
int		 frontproc_alive(void);
int		 frontproc_serves(void);

/*
 * Let all that serve (at the start: all) check a setup, whose sockets they
 * also get; whether they have found it good.
 */
void		 frontproc_offer(const struct setup *);
int		 frontproc_ready(void);

/* Let them serve what was offered, or forget it; whether all do. */
void		 frontproc_commit(struct setup *);
int		 frontproc_switched(void);
void		 frontproc_abort(void);

/* Let them accept no more and end their connections; accept what setup has. */
void		 frontproc_drain(void);
void		 frontproc_undrain(const struct setup *);

/* Whether all have answered since this was asked last, or are being replaced */
int		 frontproc_answers(void);

/* To who asked on the control socket. */
void		 frontproc_result(uint32_t client, int status, const char *);

/* To one of those that have its set: this socket is for requests to it. */
void		 frontproc_signer(uint32_t number, const struct msg_signer *,
		    int request_fd);

/* To all that have the set. */
void		 frontproc_signer_state(const struct signer_set *,
		    const struct msg_signer *);
void		 frontproc_token(const struct signer_set *);
void		 frontproc_errors(const struct signer_set *);
void		 frontproc_keys(const struct signer_set *);

void		 frontproc_sandbox(const struct msg_sandbox *);
void		 frontproc_enroll(const struct msg_enroll *);
void		 frontproc_log_level(uint32_t);
void		 frontproc_stop(void);
void		 frontproc_kill(void);
int		 frontproc_exited(pid_t, int status);

/*
 * sandboxes.c: the parent's own, which knows what this setup writes; reports
 * of the others', -1: the message is malformed
 */
struct frontend;
struct signer;
int		 msg_sandbox_valid(const struct msg_sandbox *);
void		 sandboxes_mine(const struct setup *);
int		 sandboxes_launcher(struct ipc_msg *, pid_t);
int		 sandboxes_frontend(struct ipc_msg *, const struct frontend *);
int		 sandboxes_signer(struct ipc_msg *, struct signer *);

/* check.c: keylessd -n */

/* Sign and verify once with every key; then parent_stop(). */
void		 check_run(struct setup *);

#endif
