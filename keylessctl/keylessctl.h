/*
 * What the files of keylessctl share.
 *
 * A command is a row of the tables in commands.c.  What it asks the daemon,
 * the rows that may come back and how they are shown is a struct request,
 * which the file that shows them defines.
 */
#ifndef KEYLESSCTL_H
#define KEYLESSCTL_H

#include <stddef.h>
#include <stdio.h>

#include "msg.h"

struct ipc;
struct json;
struct table;

/* How an answer is to look. */
struct style {
	int	 json;
	int	 verbose;
	int	 terminal;		/* standard output is one */
	int	 colour;
};

#define OPTIONS		"e:f:i:jmns:v"	/* for getopt(3); arguments are files */

struct options {
	const char	*config;	/* -f, or NULL */
	const char	*socket;	/* -s, or NULL */
	const char	*enroll;	/* -e, or what is installed */
	const char	*install;	/* -i, or NULL; of enroll alone */
	int		 manual;	/* -m; the same */
	int		 check;		/* -n */
	struct style	 style;
};

/* A kind of row that the daemon sends. */
struct kind {
	uint32_t	 type;		/* MSG_CTL_* */
	int		 once;		/* one comes, no more and no less */
	size_t		 size;		/* bytes; 0: parts of one text */
	int		(*check)(const void *row);
					/* 1: numbers in range, texts
					 * terminated; NULL: cannot be wrong */
};

#define TEXT_OK(array)	ipc_text_ok((array), sizeof(array))

#define KINDS_MAX	3		/* in the answer to one request */
#define TEXT_MAX	(1024 * 1024)	/* bytes of a text in parts */

/* The rows of one kind that came, or the bytes of a text and a NUL. */
struct rows {
	uint8_t		*data;
	size_t		 count;
	size_t		 room;		/* rows allocated */
};

/* Checked: nothing in it is out of range. */
struct answer {
	struct rows		 rows[KINDS_MAX];	/* as in the request */
	struct msg_result	 result;
};

/* How rows of one kind are shown. */
struct view {
	const char	*name;		/* of the array in JSON */
	void		(*columns)(struct table *, int verbose);
	void		(*row)(struct table *, const void *, int verbose);
	void		(*json)(struct json *, const void *);
};

struct request;

/* Print an answer. */
typedef void	 show_function(const struct request *, const struct answer *,
		    const struct style *);

/* Something to ask the daemon. */
struct request {
	uint32_t		 type;		/* MSG_CTL_* */
	const uint32_t		*level;		/* of a log; NULL: no data */
	const char		*waiting;	/* said to a user at a terminal
						 * when it takes long; NULL */
	int			 closes;	/* the end of the connection is
						 * the answer */
	const struct kind	*kinds[KINDS_MAX];	/* then NULL */
	const struct view	*view;		/* of kinds[0], for show_rows */
	show_function		*show;
	show_function		*refused;	/* shows a refusal; NULL: as
						 * all others are shown */
};

/* A command as it was given. */
struct call {
	const struct token	*token;
	uint32_t		 number;	/* its argument; 0: none */
	const char		*file;		/* the same; NULL: none */
	const struct options	*options;
};

/* conf.c */

/*
 * The control_socket of a configuration file, open as f, named path.  Returns
 * 1 and the path of the socket, which the caller frees, in *name; 0 when the
 * file says nothing of it; -1 and the reason in error when it is no file of
 * this kind.
 */
int	conf_control_socket(FILE *f, const char *path, char **name,
	    char *error, size_t errsize);

/* connect.c */

/* A connection to the daemon.  Ends the program when there is none. */
struct ipc	*connect_daemon(const struct options *);

/*
 * answer.c: several requests may be made over one connection, one after
 * another.  All of these end the program when keylessd does not answer as it
 * should.
 */
void	 answer_ask(struct ipc *, const struct request *);

/*
 * Wait until keylessd says something or milliseconds have passed: returns 1
 * or 0.
 */
int	 answer_wait(struct ipc *, int milliseconds);

/*
 * Gather the answer.  Returns 1, or 0 when the connection was closed instead
 * and that is an answer.
 */
int	 answer_take(struct ipc *, const struct request *, struct answer *);

/* The only row of a kind that comes once; the row with this number. */
const void *answer_row(const struct request *, const struct answer *,
	    size_t kind, size_t row);

void	 answer_free(struct answer *);

/* run.c: what commands do.  They return the exit status. */
int	run_completion(const struct call *);
int	run_help(const struct call *);

/* convert.c */
int	run_convert(const struct call *);

/* run.c */
int	run_request(const struct call *);

/* show.c */
show_function	show_rows, show_result, show_refusal;

/* The array of a view within a JSON object that has been begun. */
void	show_json_array(struct json *, const struct request *,
	    const struct answer *);

/* orders.c */
extern const struct request	 log_brief_request, log_verbose_request,
				 reload_request, drain_request,
				 undrain_request, stop_request;

/* show_*.c: one file a view */
extern const struct request	 check_request;
extern const struct request	 config_request;
extern const struct request	 connections_request;
extern const struct request	 keys_request;
extern const struct request	 sandbox_request;
extern const struct request	 signers_request;
extern const struct request	 stats_request;
extern const struct request	 stores_request;
extern const struct request	 tokens_request;
extern const struct request	 version_request;

/* The rows that answer stats_request. */
enum stats_kind {
	STATS_COUNTERS,		/* struct msg_stats */
	STATS_OPCODES,		/* struct msg_opstat, any number */
	STATS_LATENCY		/* struct msg_latency */
};

/* monitor.c */
int	run_monitor(const struct call *);

/* enroll.c */
int	run_enroll(const struct call *);

/* show_version.c */
int	run_version(const struct call *);

#endif
