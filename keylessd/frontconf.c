/* Frontend: a configuration, from what the parent says to what is in force. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "authcert.h"
#include "clients.h"
#include "compat.h"
#include "expiry.h"
#include "frontend.h"
#include "health.h"
#include "http.h"
#include "log.h"

/* A configuration: being received, then in force. */
struct configuration {
	uint32_t		 generation;	/* 0: none */
	struct msg_front_conf	 conf;
	struct tls_files	 files;
	struct tls		*server;
	struct fe_key		*keys;
	size_t			 nkeys;
	struct keytab		*keytab;
};

static struct configuration	 current;
static struct configuration	 incoming;

struct keytab *
frontend_keytab(void)
{
	return (current.keytab);
}

struct fe_key *
frontend_key(size_t i)
{
	return (&current.keys[i]);
}

size_t
frontend_key_number(const struct fe_key *key)
{
	return ((size_t)(key - current.keys));
}

uint32_t
frontend_generation(void)
{
	return (current.generation);
}

size_t
frontend_nkeys(void)
{
	return (current.nkeys);
}

enum key_state
frontend_key_state(const struct fe_key *key)
{
	if (key->info.state != KEY_READY)
		return (key->info.state);
	if (queue_set_lost(key->set))
		return (KEY_LOST);
	return (key->refused != SIGN_OK ? KEY_DISABLED : KEY_READY);
}

static int
refuses(enum sign_status status)
{
	return (status == SIGN_DISABLED || status == SIGN_GONE);
}

/* Its key, or NULL if that is known, or a retired set's and gone. */
static struct fe_key *
key_refused(struct fe_set *set, uint32_t index, enum sign_status status)
{
	struct fe_key	*key;

	if (set->generation != current.generation || index >= set->nkeys)
		return (NULL);
	key = &current.keys[set->first_key + index];
	if (key->refused == status)
		return (NULL);
	set->nrefused -= key->refused != SIGN_OK;
	set->nrefused += refuses(status);
	key->refused = status;
	return (key);
}

static void
tell_others(const struct fe_set *set, uint32_t index, enum sign_status status)
{
	struct msg_refused	 m;

	if (fe_place.frontends == 1)
		return;
	memset(&m, 0, sizeof(m));
	m.set = set->id;
	m.index = index;
	m.status = status;
	channel_send(fe_parent, MSG_FRONT_REFUSED, 0, -1, &m, sizeof(m));
}

void
frontend_key_answered(struct fe_set *set, uint32_t index,
    enum sign_status status)
{
	const struct fe_key	*key;

	/* Most answers change nothing. */
	if ((!refuses(status) && (status != SIGN_OK || set->nrefused == 0)) ||
	    (key = key_refused(set, index, status)) == NULL)
		return;
	if (refuses(status))
		log_errx("key not usable key=\"%s\" reason=\"%s\"",
		    key->info.store, sign_status_name((int)status));
	else
		log_info("key usable again key=\"%s\"", key->info.store);
	tell_others(set, index, status);
}

static void
send_reason(uint32_t check, const char *reason)
{
	struct msg_text	 m;

	memset(&m, 0, sizeof(m));
	strlcpy(m.text, reason, sizeof(m.text));
	channel_send(fe_parent, MSG_FRONT_FAILED, check, -1, &m, sizeof(m));
}

static void
configuration_free(struct configuration *c)
{
	size_t	 i;

	for (i = 0; i < c->nkeys; i++)
		keyinfo_free(&c->keys[i].info);
	free(c->keys);
	keytab_free(c->keytab);
	memset(c, 0, sizeof(*c));
}

static void
files_close(struct tls_files *files)
{
	int	*fds[] = { &files->cert, &files->key, &files->ca, &files->crl };
	size_t	 i;

	for (i = 0; i < nitems(fds); i++) {
		if (*fds[i] != -1)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* Forget the configuration that was being received. */
static void
abort_conf(void)
{
	if (incoming.generation != 0)
		files_close(&incoming.files);
	tls_free(incoming.server);
	configuration_free(&incoming);
	accept_abort();
	audit_abort();
	control_abort();
	client_abort();
	health_abort();
	http_abort();
}

static void
abort_order(struct ipc_msg *msg)
{
	(void)msg;
	abort_conf();
}

static void
take_conf(struct ipc_msg *msg)
{
	static uint32_t	 last_generation;

	abort_conf();
	incoming.generation = ++last_generation;
	incoming.files.cert = incoming.files.key = -1;
	incoming.files.ca = incoming.files.crl = -1;
	if (ipc_get(msg, &incoming.conf, sizeof(incoming.conf)) == -1 ||
	    incoming.conf.audit > AUDIT_LEVEL_MAX ||
	    !ipc_text_ok(incoming.conf.ciphers,
	    sizeof(incoming.conf.ciphers)) ||
	    !ipc_text_ok(incoming.conf.hostname,
	    sizeof(incoming.conf.hostname)))
		frontend_bad_message(msg);
}

/*
 * The descriptor of a message that must have one, and a text, which goes to
 * path, unless that is NULL.
 */
static int
take_named_file(struct ipc_msg *msg, char path[MSG_PATH_SIZE])
{
	struct msg_text	 m;
	int		 fd;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text)) ||
	    (fd = channel_take_fd(fe_parent, msg)) == -1)
		frontend_bad_message(msg);
	if (path != NULL)
		strlcpy(path, m.text, MSG_PATH_SIZE);
	return (fd);
}

static int
take_file(struct ipc_msg *msg)
{
	return (take_named_file(msg, NULL));
}

/* A file of the configuration that is being received, once, to be checked. */
static void
take_tls_file(struct ipc_msg *msg, int *fd, char *path)
{
	if (incoming.generation == 0 || incoming.server != NULL || *fd != -1)
		frontend_bad_message(msg);
	*fd = take_named_file(msg, path);
}

static void
check_conf(struct ipc_msg *msg)
{
	struct tls_files	*files = &incoming.files;
	char			 reason[MSG_REASON_SIZE];

	if (incoming.generation == 0 || incoming.server != NULL ||
	    files->cert == -1 || files->key == -1 || files->ca == -1)
		frontend_bad_message(msg);
	if (authcert_look(files, &incoming.conf, reason,
	    sizeof(reason)) == 0)
		incoming.server = tlsserver_new(files, &incoming.conf, reason,
		    sizeof(reason));
	if (incoming.server != NULL &&
	    expiry_read(files, reason, sizeof(reason)) == -1) {
		tls_free(incoming.server);
		incoming.server = NULL;
	}
	files_close(files);
	if (incoming.server == NULL)
		send_reason(msg->peer, reason);
	else
		channel_send(fe_parent, MSG_FRONT_READY, msg->peer, -1, NULL,
		    0);
}

static void
take_set(struct ipc_msg *msg)
{
	struct msg_set	 m;

	if (incoming.generation == 0 ||
	    ipc_get(msg, &m, sizeof(m)) == -1 || m.single > 1 ||
	    !ipc_text_ok(m.name, sizeof(m.name)))
		frontend_bad_message(msg);
	queue_set_new(&m, incoming.generation);
}

/* A new place for a key at the end. */
static struct fe_key *
key_append(struct configuration *c, struct fe_set *set)
{
	struct fe_key	*key;

	/* Doubles the room at each power of two. */
	if ((c->nkeys & (c->nkeys - 1)) == 0) {
		key = recallocarray(c->keys, c->nkeys,
		    c->nkeys == 0 ? 1 : c->nkeys * 2, sizeof(*key));
		if (key == NULL)
			fatal("recallocarray");
		c->keys = key;
	}
	if (set->nkeys++ == 0)
		set->first_key = c->nkeys;
	return (&c->keys[c->nkeys++]);
}

/* The table of the keys that can be used; made anew when they change. */
static void
make_keytab(struct configuration *c)
{
	size_t	 i;

	keytab_free(c->keytab);
	if ((c->keytab = keytab_new(c->nkeys)) == NULL)
		fatal("keytab_new");
	for (i = 0; i < c->nkeys; i++)
		if (c->keys[i].info.state == KEY_READY)
			keytab_add(c->keytab, &c->keys[i]);
}

static void
key_set(struct fe_key *key, struct fe_set *set, const struct msg_key *m)
{
	key->set = set;
	key->index = m->index;
	key->place = m->place;
	key->opcodes = m->opcodes;
	key->block = m->type == KEY_TYPE_RSA ? (m->bits + 7) / 8 : 0;
	if (keyinfo_set(&key->info, m) == -1)
		fatal("keyinfo_set");
}

/* A key of the incoming configuration, or news of one that is in force. */
static void
take_key(struct ipc_msg *msg)
{
	struct fe_set	*set;
	struct msg_key	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_key_valid(&m))
		frontend_bad_message(msg);
	if ((set = queue_set_find(m.set)) == NULL)
		return;			/* retired, and through */
	if (set->generation == incoming.generation) {
		if (m.index != set->nkeys)
			frontend_bad_message(msg);
		key_set(key_append(&incoming, set), set, &m);
	} else if (set->generation == current.generation) {
		if (m.index >= set->nkeys)
			frontend_bad_message(msg);
		key_set(&current.keys[set->first_key + m.index], set, &m);
		client_key_changed(&current.keys[set->first_key + m.index]);
		make_keytab(&current);
	}
}

/* Another frontend was told so by a signer, and has logged it. */
static void
take_refused(struct ipc_msg *msg)
{
	struct msg_refused	 m;
	struct fe_set		*set;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_refused_valid(&m))
		frontend_bad_message(msg);
	if ((set = queue_set_find(m.set)) != NULL)
		(void)key_refused(set, m.index, (enum sign_status)m.status);
}

static void
take_store(struct ipc_msg *msg)
{
	struct msg_store	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.required > 1 ||
	    !ipc_text_ok(m.name, sizeof(m.name)))
		frontend_bad_message(msg);
	health_offer(&m);
}

static void
take_client(struct ipc_msg *msg)
{
	struct msg_client	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.match, sizeof(m.match)))
		frontend_bad_message(msg);
	client_offer(&m);
}

static void
take_grant(struct ipc_msg *msg)
{
	struct msg_grant	 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || m.kind > GRANT_KIND_MAX ||
	    !ipc_text_ok(m.text, sizeof(m.text)))
		frontend_bad_message(msg);
	client_offer_grant(&m);
}

/* The incoming configuration is in force from now on. */
static void
commit(struct ipc_msg *msg)
{
	if (incoming.server == NULL)
		frontend_bad_message(msg);
	make_keytab(&incoming);
	conn_switch(incoming.server);
	accept_switch();
	control_switch();
	http_switch();
	health_switch();
	configuration_free(&current);
	current = incoming;
	memset(&incoming, 0, sizeof(incoming));
	fe_conf = current.conf;
	audit_switch();
	client_switch();
	/* These warn, and once is enough. */
	if (fe_place.number == 0) {
		expiry_switch();
		authcert_switch();
	}
	queue_retire(current.generation);
	channel_send(fe_parent, MSG_FRONT_SWITCHED, 0, -1, NULL, 0);
}

static void
take_cert(struct ipc_msg *msg)
{
	take_tls_file(msg, &incoming.files.cert, incoming.files.cert_path);
}

static void
take_auth_key(struct ipc_msg *msg)
{
	take_tls_file(msg, &incoming.files.key, NULL);
}

static void
take_ca(struct ipc_msg *msg)
{
	take_tls_file(msg, &incoming.files.ca, incoming.files.ca_path);
}

static void
take_crl(struct ipc_msg *msg)
{
	take_tls_file(msg, &incoming.files.crl, incoming.files.crl_path);
}

static void
take_listener(struct ipc_msg *msg)
{
	accept_offer(take_file(msg));
}

static void
take_audit(struct ipc_msg *msg)
{
	audit_offer(take_file(msg));
}

static void
take_control(struct ipc_msg *msg)
{
	control_offer(take_file(msg));
}

static void
take_http(struct ipc_msg *msg)
{
	http_offer(take_file(msg));
}

const struct front_message frontconf_messages[] = {
	{ MSG_FRONT_CONF,	take_conf },
	{ MSG_FRONT_CERT,	take_cert },
	{ MSG_FRONT_KEY,	take_auth_key },
	{ MSG_FRONT_CA,		take_ca },
	{ MSG_FRONT_CRL,	take_crl },
	{ MSG_FRONT_LISTEN,	take_listener },
	{ MSG_FRONT_AUDIT,	take_audit },
	{ MSG_FRONT_CONTROL,	take_control },
	{ MSG_FRONT_HTTP,	take_http },
	{ MSG_FRONT_CHECK,	check_conf },
	{ MSG_FRONT_SET,	take_set },
	{ MSG_FRONT_KEYINFO,	take_key },
	{ MSG_FRONT_REFUSED,	take_refused },
	{ MSG_FRONT_STORE,	take_store },
	{ MSG_FRONT_CLIENT,	take_client },
	{ MSG_FRONT_GRANT,	take_grant },
	{ MSG_FRONT_COMMIT,	commit },
	{ MSG_FRONT_ABORT,	abort_order },
	{ 0,			NULL }
};
