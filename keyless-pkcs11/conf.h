/*
 * The configuration of keyless-pkcs11, keyless-pkcs11.conf(5), with the files
 * that it names read into memory.  It never changes once it is loaded, so that
 * threads share it without locks, and a child goes on with its parent's after
 * a fork: the child need not be able to read the files any more.
 */
#ifndef CONF_H
#define CONF_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "object.h"

#define CONF_SLOTS_MAX		64
#define CONF_SERVERS_MAX	32	/* of one slot */
#define CONF_LABEL_MAX		32	/* bytes, as CK_TOKEN_INFO has them */

/* How the server of a request is chosen from those that are up. */
enum conf_balance {
	BALANCE_ORDER,		/* the first one */
	BALANCE_ROUND_ROBIN	/* each in turn */
};

struct conf_file_bytes {
	char	*path;		/* NULL: not set */
	uint8_t	*bytes;
	size_t	 length;
};

struct conf_server {
	char	*text;		/* host:port, for messages */
	char	*host;
	char	*port;		/* a number */
	int	 numeric;	/* host is an address: no resolver is asked */
};

struct conf_slot {
	TAILQ_ENTRY(conf_slot)	 entry;
	char			*label;
	struct conf_server	 servers[CONF_SERVERS_MAX];
	size_t			 nservers;
	enum conf_balance	 balance;
	char			*server_name;	/* NULL: that of the server */
	struct conf_file_bytes	 auth_cert;
	struct conf_file_bytes	 auth_key;
	struct conf_file_bytes	 keyserver_ca_cert;
	uint32_t		 timeout;	/* ms, of one operation */
	struct objects		 objects;
};

struct conf {
	char			*path;	/* as it was asked for */
	char			*log;	/* "syslog", "none" or a path */
	uint32_t		 loglevel;
	TAILQ_HEAD(, conf_slot)	 slots;
	size_t			 nslots;
};

/* conf.c */

/* NULL after logging what is wrong. */
struct conf	*conf_load(const char *path);
void		 conf_free(struct conf *);	/* NULL is fine */

/* tlsconf.c */

/*
 * Whether TLS can be had with keyserver_ca_cert, and with pair also with
 * auth_cert and auth_key: 0, or -1 and why.
 */
int		 conf_tls_check(const struct conf_slot *, int pair, char *why,
		    size_t);

/* certs.c: the certificates of a slot */

/*
 * Make objects of the certificate in a PEM or DER file, or of those in the
 * *.pem, *.crt and *.cer files of a directory.  label may be NULL.  One that
 * cannot be used is logged and left out; -1: there is no such file, or no
 * memory.
 */
int		 certs_add(struct objects *, const char *path,
		    const char *label);

#endif
