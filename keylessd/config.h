/*
 * The configuration file, parsed and checked, before anything is opened.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdint.h>
#include <stdio.h>

#include "msg.h"
#include "pk11uri.h"

/* A text of a list; also NAME=value of an environment, NAME= of a secret. */
struct conf_text {
	TAILQ_ENTRY(conf_text)	 entry;
	char			*text;
	int			 fd;	/* memory that holds the value; or -1 */
};
TAILQ_HEAD(conf_texts, conf_text);

struct conf_listen {
	TAILQ_ENTRY(conf_listen) entry;
	char			*path;		/* of a UNIX socket; or NULL: */
	char			*host;		/* NULL: every address */
	uint16_t		 port;		/* 0: one that is free */
};
TAILQ_HEAD(conf_listens, conf_listen);

/* Which keys; matched by the SKI, the label, or the name of the store. */
struct conf_grant {
	TAILQ_ENTRY(conf_grant)	 entry;
	enum grant_kind		 kind;
	uint8_t			 ski[WIRE_SKI_SIZE];
	char			*text;		/* NULL for GRANT_SKI */
};
TAILQ_HEAD(conf_grants, conf_grant);

/* A rule of clients (with a name or a fingerprint) or of policy. */
struct conf_access {
	TAILQ_ENTRY(conf_access) entry;
	char			*name;		/* common name or SAN */
	char			*fingerprint;	/* "SHA256:" and lower case */
	struct conf_grants	 grants;	/* empty: all keys */
	uint32_t		 opcodes;	/* bits */
};
TAILQ_HEAD(conf_accesses, conf_access);

struct conf_store {
	TAILQ_ENTRY(conf_store)	 entry;
	enum store_kind		 kind;
	unsigned int		 line;		/* of the file, for messages */
	uint32_t		 place;		/* in the list, from 0 */
	char			*name;		/* path, or URI without PIN */
	struct pk11uri		*uri;		/* of STORE_PKCS11, no PIN */
	int			 pin_fd;	/* of pin-value; else -1 */
	char			*pin_file;	/* or of pin-source; NULL */
	char			*user_type;	/* NULL: user */
	char			*certificate;	/* NULL */
	char			*chroot;	/* NULL */
	char			*endpoint;	/* NULL; clouds only */
	char			*ca;		/* NULL; clouds only */
	struct conf_texts	 environment;	/* NAME=value */
	struct conf_texts	 paths;		/* PATH or PATH:rw */
	uint32_t		 signers;	/* 0: default */
	uint32_t		 opcodes;	/* bits: allowed */
	int			 required;
};

/* Times in milliseconds.  Texts are NULL when neither set nor defaulted. */
struct config {
	char			*path;		/* of the file itself */
	uint32_t		 loglevel;	/* enum log_level */
	uint32_t		 audit;		/* enum audit_level */
	char			*audit_file;	/* NULL: to the log */

	uint32_t		 port;
	struct conf_listens	 listen;	/* at least one */
	uint32_t		 metrics_port;	/* 0: none */
	struct conf_listens	 metrics_listen;	/* may be empty */
	char			*control_socket;
	char			*pid_file;

	char			*auth_cert;
	char			*auth_key;
	char			*auth_csr;
	char			*cloudflare_ca_cert;
	char			*crl;
	uint32_t		 protocols;	/* TLS_PROTOCOL_* */
	char			*ciphers;	/* TLS 1.2; NULL: default */

	char			*hostname;	/* enrolment: */
	char			*zone_id;
	char			*init_endpoint;
	char			*init_ca;
	int			 origin_ca_api_key_fd;	/* secret, or -1 */
	int			 api_token_fd;		/* secret, or -1 */
	char			*api_token_file;	/* instead of it */
	uint32_t		 enroll_timeout;
	uint32_t		 renew;		/* seconds; 0: never */

	char			*user;		/* of the frontend */
	char			*signer_user;
	char			*chroot;	/* of frontend, file signers */

	uint32_t		 frontends;	/* processes, or: */
#define FRONTENDS_AUTO	0		/* as many as suit the machine */

	uint32_t		 sign_timeout;
	uint32_t		 sign_retry_count;
	uint32_t		 start_timeout;	/* of a PKCS#11 signer */
	uint32_t		 handshake_timeout;
	uint32_t		 idle_timeout;
	uint32_t		 write_timeout;
	uint32_t		 drain_timeout;
	uint32_t		 check_age;
	uint32_t		 max_connections;
	uint32_t		 max_connections_per_source;
	uint32_t		 max_handshakes;
	uint32_t		 handshake_rate;	/* 0: no limit */
	uint32_t		 request_rate;		/* 0: no limit */
	uint32_t		 max_buffer;		/* bytes */
	uint32_t		 max_pending;

	int			 client_eku;	/* demand clientAuth */
	struct conf_accesses	 clients;	/* empty: every client */
	struct conf_accesses	 policy;

	TAILQ_HEAD(, conf_store) stores;	/* at least one */
	uint32_t		 nstores;
};

/*
 * Parse the file at path.  Returns NULL after logging every mistake as
 * path:line:column, or a configuration whose relative paths are made absolute
 * against the file's directory.  Secrets of the file are in anonymous
 * descriptors (compat_anonfd), nowhere else.  Owned by the caller.
 */
struct config	*config_load(const char *path);

/* The values of audit, by enum audit_level. */
extern const char *const config_audit_words[];

/* Whether a text can name a user or a network interface. */
int		 config_is_name(const char *);

/*
 * The CKU_* number of a user_type, or MSG_USER_NONE; -1: the text is none.
 */
int		 conf_user_type(const char *, uint64_t *);

/*
 * The key without which nobody can be asked for a certificate; NULL: all are
 * there.
 */
const char	*config_enroll_missing(const struct config *);

/* What can be done then: for people, in several lines. */
extern const char	 config_enroll_ways[];

/*
 * A descriptor of the token that authorises an enrolment, the file opened anew
 * (see secret_open() for gid).  -1 with the reason in err.
 */
int		 config_enroll_token(const struct config *, gid_t gid,
		    char *err, size_t errsize);

/* What is to be asked for: everything is there. */
struct msg_enroll_ask;
void		 config_enroll_ask(const struct config *,
		    struct msg_enroll_ask *);

/* Print as YAML that config_load() takes, with secrets left out. */
void		 config_print(const struct config *, FILE *);

void		 config_print_enroll(const struct config *, FILE *);

/* A text in double quotes, and a line feed, as config_print() writes it. */
void		 config_print_text(FILE *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* Wipes, closes, frees.  NULL is fine. */
void		 config_free(struct config *);

#endif
