/* Parent: hears what signers say.  A liar loses its process, no one else. */
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "log.h"
#include "signers.h"

static void
signer_lies(struct signer *s, const struct ipc_msg *msg)
{
	log_errx("bad message from signer set=\"%s\" slot=%u pid=%d type=%u "
	    "length=%zu", s->set->name, s->info.slot, (int)s->child.pid,
	    msg->type, msg->length);
	signer_end(s);
}

/*
 * A key that a loaded set serves must be the same in all its members.  One
 * that this member lacks costs that key an error and the others nothing.
 */
static void
compare_key(struct signer *s, const struct set_key *key,
    const struct msg_key *m)
{
	struct keyinfo	 info;

	if (key->info.state != KEY_READY)
		return;
	if (m->state == KEY_FAILED) {
		log_errx("key missing set=\"%s\" slot=%u key=\"%s\" "
		    "reason=\"%s\"", s->set->name, s->info.slot, key->name,
		    m->reason);
		return;
	}
	memset(&info, 0, sizeof(info));
	if (keyinfo_set(&info, m) == -1)
		fatal("keyinfo_set");
	if (!keyinfo_same(&key->info, &info)) {
		log_errx("key changed set=\"%s\" key=\"%s\" "
		    "reason=\"another public key than before; reload to use "
		    "it\"", s->set->name, key->name);
		s->mismatch++;
	}
	keyinfo_free(&info);
}

/* Keys come in the order in which the signer was told them, each once. */
static void
take_key(struct signer *s, struct ipc_msg *msg)
{
	struct signer_set	*set = s->set;
	struct msg_key		 m;

	if (ipc_get(msg, &m, sizeof(m)) == -1 || !msg_key_valid(&m) ||
	    m.state > KEY_READY || m.index < s->next_key ||
	    m.index >= set->nkeys || set->keys[m.index].lost) {
		signer_lies(s, msg);
		return;
	}
	s->next_key = m.index + 1;
	s->reported++;
	if (set->state == SET_LOADED)
		compare_key(s, &set->keys[m.index], &m);
	else if (keyinfo_set(&set->keys[m.index].info, &m) == -1)
		fatal("keyinfo_set");
}

static void
take_ready(struct signer *s)
{
	uint32_t	 i, sent = 0;

	for (i = 0; i < s->set->nkeys; i++)
		sent += !s->set->keys[i].lost;
	if (s->reported != sent || s->mismatch) {
		log_errx("signer reported %u of %u keys, %d changed "
		    "set=\"%s\"", s->reported, sent, s->mismatch,
		    s->set->name);
		signer_end(s);
		return;
	}
	signer_is_ready(s);
}

/* Whether another process of the set serves. */
static int
set_serves(const struct signer *s)
{
	uint32_t	 i;

	for (i = 0; i < s->set->nsigners; i++)
		if (&s->set->signers[i] != s &&
		    s->set->signers[i].info.state == SIGNER_READY)
			return (1);
	return (0);
}

/*
 * It leaves because of its token.  With a reason that is permanent, such as a
 * wrong PIN, nobody may try again: the token might lock itself.
 */
static void
take_failure(struct signer *s, struct ipc_msg *msg)
{
	struct msg_failure	 m;
	int			 was_lost = s->lost;

	if (s->set->kind == SET_FILES || ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !ipc_text_ok(m.text, sizeof(m.text))) {
		signer_lies(s, msg);
		return;
	}
	signer_leaves(s);
	s->info.harmless = 1;
	s->no_session = m.sessions != 0;
	if (m.sessions && set_serves(s)) {
		log_warnx("fewer processes than wanted set=\"%s\" slot=%u "
		    "reason=\"%s\"", s->set->name, s->info.slot, m.text);
		signer_set_state(s, SIGNER_FAILED);
		return;
	}
	s->set->no_session = m.sessions != 0;
	s->lost = !m.sessions;
	if (m.permanent)
		signer_set_state(s, SIGNER_FAILED);
	else
		signer_set_state(s, s->lost ? SIGNER_LOST : SIGNER_WAITING);
	if (m.permanent || s->set->state == SET_LOADING)
		signer_set_fails(s->set, m.text, m.permanent != 0);
	else if (!was_lost)
		log_errx("%s lost set=\"%s\" slot=%u reason=\"%s\"",
		    signer_store_noun(s->set), s->set->name, s->info.slot,
		    m.text);
}

static void
take_token(struct signer *s, struct ipc_msg *msg)
{
	struct msg_token	 m;

	if (s->set->kind == SET_FILES || ipc_get(msg, &m, sizeof(m)) == -1 ||
	    !msg_token_valid(&m)) {
		signer_lies(s, msg);
		return;
	}
	s->token = m;
	if (m.last_error_time < s->set->token.last_error_time) {
		strlcpy(m.last_error, s->set->token.last_error,
		    sizeof(m.last_error));
		m.last_error_time = s->set->token.last_error_time;
	}
	s->set->token = m;
	frontproc_token(s->set);
}

/* What the processes of a set count, each for itself. */
static const size_t token_counts[] = {
	offsetof(struct msg_token, errors),
	offsetof(struct msg_token, logins),
	offsetof(struct msg_token, reconnects),
	offsetof(struct msg_token, operations),
	offsetof(struct msg_token, operation_us),
	offsetof(struct msg_token, throttled),
	offsetof(struct msg_token, retries)
};

static uint64_t *
count_at(struct msg_token *token, size_t i)
{
	return ((uint64_t *)(void *)((char *)token + token_counts[i]));
}

void
signer_token_add(struct msg_token *sum, const struct msg_token *token)
{
	struct msg_token	 one = *token;
	size_t			 i;

	for (i = 0; i < nitems(token_counts); i++)
		*count_at(sum, i) += *count_at(&one, i);
}

static void
take_errors(struct signer *s, struct ipc_msg *msg)
{
	struct msg_errors	 m;

	if (s->set->kind == SET_FILES || ipc_get(msg, &m, sizeof(m)) == -1 ||
	    m.set != 0 || m.zero != 0 || !errcount_valid(&m.errors)) {
		signer_lies(s, msg);
		return;
	}
	s->errors = m.errors;
	frontproc_errors(s->set);
}

void
signer_errors(const struct signer_set *set, struct msg_errors *m)
{
	uint32_t	 i;

	memset(m, 0, sizeof(*m));
	m->set = set->id;
	m->errors = set->past_names;
	for (i = 0; i < set->nsigners; i++)
		errcount_add(&m->errors, &set->signers[i].errors);
}

void
signer_token_row(const struct signer_set *set, struct msg_token_row *row)
{
	uint32_t	 i;

	memset(row, 0, sizeof(*row));
	row->set = set->id;
	strlcpy(row->set_name, set->name, sizeof(row->set_name));
	if (set->kind == SET_PKCS11)
		strlcpy(row->module, set->uri->module_path,
		    sizeof(row->module));
	else
		strlcpy(row->module, set->cloud->endpoint == NULL ?
		    set->account : set->cloud->endpoint, sizeof(row->module));
	row->token = set->token;
	for (i = 0; i < nitems(token_counts); i++)
		*count_at(&row->token, i) = 0;
	signer_token_add(&row->token, &set->past);
	for (i = 0; i < set->nsigners; i++)
		signer_token_add(&row->token, &set->signers[i].token);
}

static void
signer_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct signer	*s = arg;
	int		 ready = s->info.state == SIGNER_READY;

	(void)ch;
	/* It is being killed; but that a PIN is wrong must be heard. */
	if (s->kill_sent && msg->type != MSG_SIGNER_FAILED)
		return;
	if (s->leaving) {
		signer_lies(s, msg);
		return;
	}
	switch (msg->type) {
	case MSG_SIGNER_TOKEN:
		take_token(s, msg);
		return;
	case MSG_SIGNER_ERRORS:
		take_errors(s, msg);
		return;
	case MSG_SIGNER_FAILED:
		take_failure(s, msg);
		return;
	case MSG_SANDBOX:
		if (ready || sandboxes_signer(msg, s) == -1)
			break;
		return;
	case MSG_SIGNER_KEY:
		if (ready)
			break;
		take_key(s, msg);
		return;
	case MSG_SIGNER_READY:
		if (ready)
			break;
		take_ready(s);
		return;
	}
	signer_lies(s, msg);
}

/*
 * The channel closes when the process ends; SIGCHLD says how.  One that closes
 * it and lives on could never be told anything again.
 */
static void
signer_gone(struct channel *ch, void *arg)
{
	struct signer	*s = arg;

	channel_free(ch);
	s->child.channel = NULL;
	if (s->child.pid != 0 && !s->ended)
		kill(s->child.pid, SIGKILL);
}

static void
signer_drained(struct channel *ch, void *arg)
{
	(void)ch;
	signer_send_files(arg);
}

const struct channel_handler	 signer_handler = {
	.message = signer_message,
	.gone = signer_gone,
	.drained = signer_drained
};
