/*
 * The parent's side of enrolment: an authentication certificate at the start
 * if there is none, and a new one before it ends.
 *
 * The parent only conducts.  The enroller (enroller.c) makes key and request
 * and puts what comes in place; keyless-enroll asks the API.  What they send
 * each other are descriptors, which the parent passes on unread.
 */
#ifndef ENROLL_H
#define ENROLL_H

#include <sys/types.h>

#include <stdint.h>
#include <stdio.h>

struct config;

/* enroll.c */

/*
 * Before anything is opened: is there a certificate that can be served?  If
 * there is none, or it has expired, get one, however long that takes.  Returns
 * -1 after logging what is to be done by people.
 */
int	 enroll_at_start(const struct config *);

/*
 * This configuration is served from now on: renew its certificate when it is
 * time.  Its predecessor is not used any more.
 */
void	 enroll_plan(const struct config *);

/* What a reload came to, which may have been for a renewed certificate. */
void	 enroll_reloaded(int status, const char *text);

/* Comments for what config_print() has printed: how it stands. */
void	 enroll_print(FILE *);

/* The frontend is new: tell it the figures. */
void	 enroll_tell(void);

void	 enroll_stop(void);

/* enrolljob.c: one look at the pair, or one enrolment; one at a time */

enum job_result {
	JOB_DONE,		/* the state is that after it */
	JOB_FAILED		/* the reason says why */
};

struct job {
	enum job_result	 result;
	uint32_t	 state;		/* enum pair_state */
	int64_t		 end;		/* of the certificate; 0: unknown */
	int		 repaired;
	char		 reason[512];	/* why not good, or failed: for one
					 * line, printable */
};

#define JOB_REPAIR	0x01	/* finish what a crash has interrupted */
#define JOB_ENROLL	0x02	/* get a new certificate */

/* Start; done is called once, by the event loop. */
void	 job_start(const struct config *, int flags,
	    void (*done)(const struct job *));

/* Another configuration is in force. */
void	 job_config(const struct config *);
int	 job_busy(void);

/* No result is wanted any more. */
void	 job_stop(void);

/* Whether it was one of its processes that has ended. */
int	 job_exited(pid_t);

/* Wait for the end of its processes, where no one else does. */
void	 job_reap(void);

/* enroller.c */
void	 enroller_main(void) __attribute__((noreturn));

#endif
