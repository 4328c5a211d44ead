/*
 * What the files of keylessctl share.
 */
#ifndef KEYLESSCTL_H
#define KEYLESSCTL_H

#include <stddef.h>
#include <stdio.h>

#include "msg.h"

/* How an answer is to look. */
struct style {
	int	 json;
	int	 verbose;
	int	 colour;
};

/* The rows of one kind that the daemon sent. */
struct rows {
	uint8_t		*data;
	size_t		 count;
	size_t		 room;		/* rows allocated */
};

/* All of them checked: numbers in range, texts terminated. */
struct answer {
	struct rows		 keys;		/* struct msg_key */
	struct rows		 signers;	/* struct msg_signer_row */
	struct rows		 tokens;	/* struct msg_token_row */
	struct rows		 stats;		/* struct msg_stats */
	struct rows		 opstats;	/* struct msg_opstat */
	struct msg_result	 result;
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

/* answer.c */

/*
 * Send one request over the connected socket fd, which is closed, and gather
 * what comes back.  Ends the program when keylessd does not answer as it
 * should.
 */
void	answer_get(int fd, uint32_t type, const void *data, size_t length,
	    struct answer *);
void	answer_free(struct answer *);

/* show_rows.c */
void	show_keys(const struct answer *, const struct style *);
void	show_signers(const struct answer *, const struct style *);
void	show_tokens(const struct answer *, const struct style *);

/* show.c */
void	show_stats(const struct answer *, const struct style *);
void	show_result(const struct answer *, const struct style *);

#endif
