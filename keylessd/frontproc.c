/* Parent: its side of the frontends: what they are told. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "config_access.h"
#include "enroll.h"
#include "frontproc.h"
#include "log.h"
#include "signers.h"

struct msg_parent	 frontproc_counts = { .last_reload_ok = 1 };

static uint32_t	 last_check;	/* what was offered last */
static uint32_t	 last_drain;

/* Whether it can be talked to, and has the set. */
static int
has_set(const struct frontend *f, const struct signer_set *set)
{
	return (f->child.channel != NULL && (set->users >> f->number & 1));
}

/* To all that can be talked to. */
static void
tell_all(enum msg_type type, uint32_t peer, const void *data, size_t length)
{
	struct frontend	*f;

	FOREACH(f)
		if (f->child.channel != NULL)
			channel_send(f->child.channel, type, peer, -1, data,
			    length);
}

/* To the one that serves the control socket. */
static void
tell_first(enum msg_type type, uint32_t peer, const void *data, size_t length)
{
	if (nfrontends != 0 && frontends->child.channel != NULL)
		channel_send(frontends->child.channel, type, peer, -1, data,
		    length);
}

static void
send_file(struct frontend *f, enum msg_type type, const char *path, int fd)
{
	struct msg_text	 m;

	if (fd == -1)
		return;
	memset(&m, 0, sizeof(m));
	if (path != NULL)
		strlcpy(m.text, path, sizeof(m.text));
	child_send_fd(&f->child, type, 0, fd, &m, sizeof(m));
}

static void
send_listeners(struct frontend *f, enum msg_type type,
    const struct listeners *ls)
{
	size_t	 i;

	for (i = 0; i < ls->count; i++)
		send_file(f, type, ls->list[i].address, ls->list[i].fd);
}

/* Its part of a limit of the whole daemon. */
static uint32_t
share(uint32_t limit)
{
	return ((limit + nfrontends - 1) / nfrontends);
}

void
frontproc_offer_one(struct frontend *f, const struct setup *setup)
{
	const struct config	*conf = setup->conf;
	struct msg_front_conf	 m;

	f->ready = 0;
	f->check = ++last_check;
	memset(&m, 0, sizeof(m));
	m.started = (uint64_t)parent_started;
	m.sign_timeout = conf->sign_timeout;
	m.sign_retry_count = conf->sign_retry_count;
	m.handshake_timeout = conf->handshake_timeout;
	m.idle_timeout = conf->idle_timeout;
	m.write_timeout = conf->write_timeout;
	m.drain_timeout = conf->drain_timeout;
	m.check_age = conf->check_age;
	m.protocols = conf->protocols;
	m.client_eku = conf->client_eku != 0;
	m.max_connections = conf->max_connections;
	m.max_connections_per_source = conf->max_connections_per_source;
	m.max_handshakes = share(conf->max_handshakes);
	m.handshake_rate = conf->handshake_rate;
	m.request_rate = conf->request_rate;
	m.max_buffer = conf->max_buffer;
	m.max_pending = share(conf->max_pending);
	m.audit = conf->audit;
	m.audit_stderr = conf->audit_file == NULL &&
	    (parent_options.log_to & LOG_TO_STDERR) != 0;
	if (conf->ciphers != NULL)
		strlcpy(m.ciphers, conf->ciphers, sizeof(m.ciphers));
	if (conf->hostname != NULL)
		strlcpy(m.hostname, conf->hostname, sizeof(m.hostname));
	channel_send(f->child.channel, MSG_FRONT_CONF, 0, -1, &m, sizeof(m));
	send_file(f, MSG_FRONT_CERT, conf->auth_cert, setup->cert_fd);
	send_file(f, MSG_FRONT_KEY, conf->auth_key, setup->key_fd);
	send_file(f, MSG_FRONT_CA, conf->cloudflare_ca_cert, setup->ca_fd);
	send_file(f, MSG_FRONT_CRL, conf->crl, setup->crl_fd);
	send_file(f, MSG_FRONT_AUDIT, conf->audit_file, setup->audit_fd);
	send_listeners(f, MSG_FRONT_LISTEN, &setup->edge);
	if (f->number == 0) {
		send_listeners(f, MSG_FRONT_HTTP, &setup->http);
		send_file(f, MSG_FRONT_CONTROL, conf->control_socket,
		    setup->control_fd);
	}
	channel_send(f->child.channel, MSG_FRONT_CHECK, f->check, -1, NULL, 0);
}

void
frontproc_offer(const struct setup *setup)
{
	struct frontend	*f;

	FOREACH(f)
		if (f->child.channel != NULL &&
		    (f->serves || parent_state == PARENT_STARTING))
			frontproc_offer_one(f, setup);
}

static void
send_keys(struct frontend *f, const struct signer_set *set)
{
	struct msg_key	 key;
	uint32_t	 i;

	for (i = 0; i < set->nkeys; i++) {
		keyinfo_to_msg(&set->keys[i].info, &key);
		key.set = set->id;
		key.index = i;
		key.place = set->keys[i].store->place;
		key.opcodes = config_key_opcodes(set->setup->conf,
		    set->keys[i].store, key.ski, key.label);
		channel_send(f->child.channel, MSG_FRONT_KEYINFO, 0, -1, &key,
		    sizeof(key));
	}
}

void
frontproc_keys(const struct signer_set *set)
{
	struct frontend	*f;

	FOREACH(f)
		if (has_set(f, set))
			send_keys(f, set);
}

static void
send_token(struct frontend *f, const struct signer_set *set)
{
	struct msg_token_row	 row;

	signer_token_row(set, &row);
	channel_send(f->child.channel, MSG_FRONT_TOKEN, 0, -1, &row,
	    sizeof(row));
}

void
frontproc_token(const struct signer_set *set)
{
	struct frontend	*f;

	FOREACH(f)
		if (has_set(f, set))
			send_token(f, set);
}

/* What a scrape of the first one shows; nobody else needs it. */
static void
send_errors(struct frontend *f, const struct signer_set *set)
{
	struct msg_errors	 m;

	if (f->number != 0)
		return;
	signer_errors(set, &m);
	channel_send(f->child.channel, MSG_FRONT_ERRORS, 0, -1, &m,
	    sizeof(m));
}

void
frontproc_errors(const struct signer_set *set)
{
	if (nfrontends != 0 && has_set(frontends, set))
		send_errors(frontends, set);
}

void
frontproc_refused(const struct frontend *from, const struct msg_refused *m)
{
	struct frontend	*f;

	FOREACH(f)
		if (f != from && f->serves)
			channel_send(f->child.channel, MSG_FRONT_REFUSED, 0,
			    -1, m, sizeof(*m));
}

void
frontproc_figures(void)
{
	tell_first(MSG_FRONT_PARENT, 0, &frontproc_counts,
	    sizeof(frontproc_counts));
}

void
frontproc_sandbox(const struct msg_sandbox *m)
{
	tell_first(MSG_SANDBOX, 0, m, sizeof(*m));
}

static void
send_signer_state(struct frontend *f, const struct msg_signer *info)
{
	channel_send(f->child.channel, MSG_FRONT_SIGNER_STATE, 0, -1, info,
	    sizeof(*info));
}

static void
send_set(struct frontend *f, struct signer_set *set)
{
	struct msg_set	 m;
	uint32_t	 i;

	set->users |= (uint64_t)1 << f->number;
	memset(&m, 0, sizeof(m));
	m.set = set->id;
	m.nsigners = set->nsigners;
	m.single = set->kind == SET_CLOUD;
	strlcpy(m.name, set->name, sizeof(m.name));
	channel_send(f->child.channel, MSG_FRONT_SET, 0, -1, &m, sizeof(m));
	send_keys(f, set);
	if (set->kind == SET_PKCS11 || set->kind == SET_CLOUD) {
		send_token(f, set);
		send_errors(f, set);
	}
	for (i = 0; i < set->nsigners; i++) {
		send_signer_state(f, &set->signers[i].info);
		if (f->number == 0 && set->signers[i].sandbox.pid != 0)
			frontproc_sandbox(&set->signers[i].sandbox);
	}
}

/* The set that serves a store's keys; MSG_SET_NONE: it has none. */
static uint32_t
set_of_store(const struct setup *setup, const struct conf_store *store)
{
	const struct signer_set	*set;
	uint32_t		 i;

	TAILQ_FOREACH(set, &setup->sets, entry) {
		if (set->kind == SET_NONE)
			continue;
		for (i = 0; i < set->nkeys; i++)
			if (set->keys[i].store == store)
				return (set->id);
	}
	return (MSG_SET_NONE);
}

static void
send_stores(struct frontend *f, const struct setup *setup)
{
	const struct conf_store	*store;
	struct msg_store	 m;

	TAILQ_FOREACH(store, &setup->conf->stores, entry) {
		memset(&m, 0, sizeof(m));
		m.store = store->place;
		m.set = set_of_store(setup, store);
		m.required = store->required != 0;
		m.kind = store->kind;
		strlcpy(m.name, store->name, sizeof(m.name));
		channel_send(f->child.channel, MSG_FRONT_STORE, 0, -1, &m,
		    sizeof(m));
	}
}

static void
send_grants(struct frontend *f, const struct conf_access *a)
{
	const struct conf_grant	*g;
	struct msg_grant	 m;

	TAILQ_FOREACH(g, &a->grants, entry) {
		memset(&m, 0, sizeof(m));
		m.kind = g->kind;
		memcpy(m.ski, g->ski, sizeof(m.ski));
		if (g->text != NULL)
			strlcpy(m.text, g->text, sizeof(m.text));
		channel_send(f->child.channel, MSG_FRONT_GRANT, 0, -1, &m,
		    sizeof(m));
	}
}

static void
send_clients(struct frontend *f, const struct setup *setup)
{
	const struct conf_access	*a;
	struct msg_client		 m;
	uint32_t			 n = 0;

	TAILQ_FOREACH(a, &setup->conf->clients, entry) {
		memset(&m, 0, sizeof(m));
		m.rule = n++;
		m.opcodes = a->opcodes;
		m.fingerprint = a->fingerprint != NULL;
		m.all_keys = TAILQ_EMPTY(&a->grants);
		strlcpy(m.match, a->fingerprint != NULL ? a->fingerprint :
		    a->name, sizeof(m.match));
		channel_send(f->child.channel, MSG_FRONT_CLIENT, 0, -1, &m,
		    sizeof(m));
		send_grants(f, a);
	}
}

static void
send_drain(struct frontend *f)
{
	f->empty = 0;
	channel_send(f->child.channel, MSG_FRONT_DRAIN, last_drain, -1, NULL,
	    0);
}

void
frontproc_commit_one(struct frontend *f, struct setup *setup)
{
	struct signer_set	*set;
	struct frontend		*other;

	f->deaths = 0;
	if (f->number == 0) {
		frontproc_figures();
		enroll_tell();
	}
	TAILQ_FOREACH(set, &setup->sets, entry)
		send_set(f, set);
	send_stores(f, setup);
	send_clients(f, setup);
	channel_send(f->child.channel, MSG_FRONT_COMMIT, 0, -1, NULL, 0);
	f->switching++;
	if (parent_drained)
		send_drain(f);
	signers_connect(setup, f->number);
	if (f->serves)
		return;
	f->serves = 1;
	if (f != frontends)
		frontproc_introduce(f);
	else
		FOREACH(other)
			frontproc_introduce(other);
}

void
frontproc_commit(struct setup *setup)
{
	struct frontend	*f;

	FOREACH(f) {
		if (f->ready)
			frontproc_commit_one(f, setup);
		else if (f->child.channel != NULL)
			frontproc_offer_one(f, setup);
	}
}

void
frontproc_check_empty(void)
{
	const struct frontend	*f;

	if (!parent_drained)
		return;
	FOREACH(f)
		if (f->serves && !f->empty)
			return;
	tell_first(MSG_FRONT_DRAINED, 0, NULL, 0);
}

void
frontproc_empty(struct frontend *f, uint32_t serial)
{
	f->empty = serial == last_drain;
	frontproc_check_empty();
}

void
frontproc_drain(void)
{
	struct frontend	*f;

	last_drain++;
	FOREACH(f)
		if (f->serves)
			send_drain(f);
}

void
frontproc_undrain(const struct setup *setup)
{
	struct frontend	*f;

	FOREACH(f) {
		if (f->serves) {
			send_listeners(f, MSG_FRONT_LISTEN, &setup->edge);
			channel_send(f->child.channel, MSG_FRONT_UNDRAIN, 0,
			    -1, NULL, 0);
		} else if (f->child.channel != NULL)
			frontproc_offer_one(f, setup);
	}
}

int
frontproc_answers(void)
{
	struct frontend	*f;
	int		 all = 1;

	FOREACH(f) {
		if (f->child.channel == NULL)
			continue;
		all = all && f->answers;
		f->answers = 0;
	}
	tell_all(MSG_FRONT_PING, 0, NULL, 0);
	return (all);
}

void
frontproc_abort(void)
{
	struct frontend	*f;

	FOREACH(f) {
		if (!f->serves)
			continue;
		/* What some still say of it is of no interest. */
		f->check = ++last_check;
		channel_send(f->child.channel, MSG_FRONT_ABORT, 0, -1, NULL,
		    0);
	}
}

void
frontproc_result(uint32_t client, int status, const char *text)
{
	struct msg_result	 m;

	if (client == 0)
		return;
	memset(&m, 0, sizeof(m));
	m.status = (uint32_t)status;
	strlcpy(m.text, text, sizeof(m.text));
	tell_first(MSG_FRONT_RESULT, client, &m, sizeof(m));
}

void
frontproc_text(uint32_t client, const char *text, size_t length)
{
	tell_first(MSG_FRONT_TEXT, client, text, length);
}

void
frontproc_signer(uint32_t number, const struct msg_signer *info,
    int request_fd)
{
	channel_send(frontends[number].child.channel, MSG_FRONT_SIGNER, 0,
	    request_fd, info, sizeof(*info));
}

void
frontproc_signer_state(const struct signer_set *set,
    const struct msg_signer *info)
{
	struct frontend	*f;

	FOREACH(f)
		if (has_set(f, set))
			send_signer_state(f, info);
}

void
frontproc_enroll(const struct msg_enroll *m)
{
	tell_first(MSG_FRONT_ENROLL, 0, m, sizeof(*m));
}

void
frontproc_log_level(uint32_t level)
{
	tell_all(MSG_LOG_LEVEL, 0, &level, sizeof(level));
}

void
frontproc_stop(void)
{
	tell_all(MSG_STOP, 0, NULL, 0);
}
