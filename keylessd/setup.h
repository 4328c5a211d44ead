/*
 * A configuration with everything that it names opened: sockets, key files,
 * PIN files, certificates.  Made by the parent; its descriptors are passed to
 * the children, copies of them to each that is started.
 */
#ifndef SETUP_H
#define SETUP_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <stdint.h>

#include "config.h"
#include "keyinfo.h"
#include "netaddr.h"
#include "secretfile.h"

struct signer;		/* signers.h */

/* An open key file. */
struct key_file {
	int		 fd;
	unsigned int	 users;		/* configurations that name it */
};

/* A key of a set.  Its place in the array is its index for the signers. */
struct set_key {
	const struct conf_store	*store;
	char			*name;		/* path, or URI without PIN */
	struct key_file		*file;		/* NULL: none */
	int			 cert_fd;	/* public part; -1: none */
	int			 lost;		/* not opened: never sent */
	struct keyinfo		 info;		/* as opened, then as loaded */
};

enum set_kind {
	SET_FILES,		/* all key files */
	SET_PKCS11,		/* one (module, token) */
	SET_CLOUD,		/* one account in a cloud */
	SET_NONE		/* keys that no signer can serve */
};

enum set_state {
	SET_LOADING,		/* no signer has reported its keys yet */
	SET_LOADED,
	SET_AWAY,		/* not loaded; its signers go on trying */
	SET_FAILED		/* not loaded, and never will be */
};

/* The keys of one store and the processes that serve them. */
struct signer_set {
	TAILQ_ENTRY(signer_set)	 entry;
	struct setup		*setup;
	uint32_t		 id;		/* never used again */
	enum set_kind		 kind;
	char			 name[MSG_NAME_SIZE];
	const struct pk11uri	*uri;		/* of the token, SET_PKCS11 */
	const char		*uri_text;	/* the same, no PIN */
	uint64_t		 user_type;	/* as in struct msg_module */
	const struct conf_store	*cloud;		/* first of SET_CLOUD */
	char			*account;	/* of its URI, for messages */
	int			 ca_fd;		/* of SET_CLOUD; -1: system's */
	const char		*chroot;	/* NULL: none */
	int			 pin_fd;	/* -1: no login */
	struct set_key		*keys;
	uint32_t		 nkeys;
	uint32_t		 nsigners;
	struct signer		*signers;	/* nsigners, see signers.h */
	enum set_state		 state;
	int			 given_up;	/* nobody is started */
	int			 done;		/* left, nothing pending */
	uint64_t		 users;		/* frontends, as bits */
	int			 no_session;	/* the token had none left */
	int			 sandbox_said;	/* what it lacks is logged */
	struct msg_token	 token;		/* as last reported */
	struct msg_token	 past;		/* counts of processes gone */
	struct errcount		 past_names;	/* their errors by name */
};

struct listener {
	int			 fd;
	const struct conf_listen *conf;	/* what asked for it */
	char			 address[MSG_PATH_SIZE]; /* or path */
};

struct listeners {
	struct listener	*list;
	size_t		 count;
};

struct setup {
	TAILQ_ENTRY(setup) entry;		/* of those that are left */
	struct config	*conf;
	TAILQ_HEAD(, signer_set) sets;
	struct listeners edge;		/* none while drained */
	struct listeners http;
	int		 control_fd;
	int		 cert_fd;
	int		 key_fd;
	int		 ca_fd;
	int		 crl_fd;		/* -1: none */
	int		 audit_fd;		/* -1: none */
	int		 exhausted;		/* too many files to open */
};

TAILQ_HEAD(setups, setup);

#define SETUP_SOCKETS	0x01	/* bind sockets (not for keylessd -n) */
#define SETUP_DRAINED	0x02	/* but none for the edge */

/*
 * Open everything that conf names; takes conf over.  Sockets that old (or
 * NULL) has open already are shared with it, not bound again.  Returns NULL
 * after logging why.  Keys that cannot be opened are noted in their keyinfo
 * and fail nothing else.
 */
struct setup	*setup_open(struct config *conf, int flags,
		    const struct setup *old);

/* Closes what is open; removes no socket.  NULL is fine. */
void		 setup_close(struct setup *);

/*
 * The group whose members may read what a child that runs as user reads: that
 * user's, or the caller's own without root.  Returns -1 after logging when
 * there is no such user.
 */
int		 setup_user_gid(const char *user, gid_t *);

/*
 * sets.c: group the stores of setup->conf into sets, open their files, or share
 * them with old (or NULL).  Returns -1 after logging.
 */
int		 sets_open(struct setup *, const struct setup *old);
void		 sets_close(struct setup *);

/* keyfiles.c */

/* The key files that a setup (or NULL) has open. */
struct key_files	*key_files_list(const struct setup *);
void			 key_files_free(struct key_files *);

/*
 * Open a key file as secret_open() does, or share it with those known if it
 * still is the same.  Returns NULL with the reason in err, and errno set.
 */
struct key_file	*key_file_open(char *path, gid_t gid,
		    const struct key_files *known, char *err, size_t errsize);
void		 key_file_close(struct key_file *);

/* While on, opening files leaves some descriptors for everything else. */
void		 key_files_limit(int on);

/* auditfile.c */

/*
 * Open what audit lines go to; -1 in *fd when there are none.  Returns 0, or
 * -1 after logging.
 */
int		 audit_open(const struct config *, int *fd);

/* activated.c: listening sockets from the service manager */

/* Before any descriptor is opened: take note of what was passed. */
void		 activated_init(void);

/*
 * A copy of the socket that was passed for this address; or -1, after a
 * warning if there are others.
 */
int		 activated_fd(const struct sockaddr *, socklen_t);

/* listen.c: sockets; each logs why it fails */

/*
 * Bind all of a list, but share those that old (or NULL) has open for the
 * same words.  UNIX sockets are for members of the group gid.  Returns 0, or
 * -1; the caller closes what there is.
 */
int		 listen_all(const struct conf_listens *, struct listeners *,
		    const struct listeners *old, gid_t gid);
void		 listen_close(struct listeners *);

/* A descriptor, or -1. */
int		 listen_control(const char *path, gid_t gid,
		    const struct setup *old);

/* Remove the files of a setup's UNIX sockets that keep (or NULL) has not. */
void		 listen_remove(const struct setup *, const struct setup *keep);

/* Bind the sockets for the edge, which were closed by a drain. */
int		 setup_undrain(struct setup *);

#endif
