/* Parent: tells a new signer its store, as messages and descriptors. */
#include <string.h>

#include "compat.h"
#include "signers.h"

#define FILES_QUEUED	4096	/* bytes of messages with open key files */

static void
send_texts(struct signer *s, enum msg_type type, const struct conf_texts *list)
{
	const struct conf_text	*text;
	struct msg_text		 m;

	TAILQ_FOREACH(text, list, entry) {
		memset(&m, 0, sizeof(m));
		strlcpy(m.text, text->text, sizeof(m.text));
		if (text->fd != -1)
			child_send_fd(&s->child, MSG_SIGNER_SECRET, 0,
			    text->fd, &m, sizeof(m));
		else
			channel_send(s->child.channel, type, 0, -1, &m,
			    sizeof(m));
	}
}

/* What the stores of the set say of the module's surroundings. */
static void
send_surroundings(struct signer *s)
{
	const struct conf_store	*store, *last = NULL;
	uint32_t		 i;

	for (i = 0; i < s->set->nkeys; i++) {
		if ((store = s->set->keys[i].store) == last)
			continue;
		last = store;
		send_texts(s, MSG_SIGNER_ENV, &store->environment);
		send_texts(s, MSG_SIGNER_PATH, &store->paths);
	}
}

static void
send_module(struct signer *s)
{
	struct msg_module	 m;

	memset(&m, 0, sizeof(m));
	m.user_type = s->set->user_type;
	strlcpy(m.path, s->set->uri->module_path, sizeof(m.path));
	strlcpy(m.uri, s->set->uri_text, sizeof(m.uri));
	channel_send(s->child.channel, MSG_SIGNER_MODULE, 0, -1, &m,
	    sizeof(m));
	if (s->set->pin_fd != -1)
		child_send_fd(&s->child, MSG_SIGNER_PIN, 0, s->set->pin_fd,
		    NULL, 0);
}

static void
send_cloud(struct signer *s)
{
	const struct signer_set	*set = s->set;
	struct msg_cloud	 m;

	memset(&m, 0, sizeof(m));
	m.sign_timeout = set->setup->conf->sign_timeout;
	strlcpy(m.account, set->account, sizeof(m.account));
	if (set->cloud->endpoint != NULL)
		strlcpy(m.endpoint, set->cloud->endpoint, sizeof(m.endpoint));
	channel_send(s->child.channel, MSG_SIGNER_CLOUD, 0, -1, &m, sizeof(m));
	if (set->ca_fd != -1)
		child_send_fd(&s->child, MSG_SIGNER_CA, 0, set->ca_fd, NULL, 0);
}

/* Each message has its own copy of the descriptor. */
static void
send_file(struct signer *s, uint32_t index, enum msg_type type, int fd)
{
	struct msg_key_file	 m;

	memset(&m, 0, sizeof(m));
	m.index = index;
	strlcpy(m.path, s->set->keys[index].name, sizeof(m.path));
	child_send_fd(&s->child, type, 0, fd, &m, sizeof(m));
}

static void
send_uri_key(struct signer *s, uint32_t index)
{
	struct set_key		*key = &s->set->keys[index];
	struct msg_key_uri	 m;

	memset(&m, 0, sizeof(m));
	m.index = index;
	strlcpy(m.uri, key->name, sizeof(m.uri));
	channel_send(s->child.channel, MSG_SIGNER_URI, 0, -1, &m, sizeof(m));
	if (key->cert_fd != -1)
		send_file(s, index, MSG_SIGNER_CERT, key->cert_fd);
}

void
signer_send_store(struct signer *s)
{
	struct signer_set	*set = s->set;
	uint32_t		 i;

	send_surroundings(s);
	if (set->kind == SET_PKCS11)
		send_module(s);
	else if (set->kind == SET_CLOUD)
		send_cloud(s);
	for (i = 0; i < set->nkeys; i++) {
		if (set->keys[i].lost)
			continue;
		if (set->kind != SET_FILES)
			send_uri_key(s, i);
	}
	channel_send(s->child.channel, MSG_SIGNER_START, 0, -1, NULL, 0);
	s->next_file = 0;
	s->files_left = set->kind == SET_FILES;
	signer_send_files(s);
}

void
signer_send_files(struct signer *s)
{
	const struct set_key	*key;

	while (s->files_left && channel_queued(s->child.channel) <
	    FILES_QUEUED) {
		if (s->next_file == s->set->nkeys) {
			channel_send(s->child.channel, MSG_SIGNER_LAST, 0, -1,
			    NULL, 0);
			s->files_left = 0;
			return;
		}
		key = &s->set->keys[s->next_file];
		if (!key->lost)
			send_file(s, s->next_file, MSG_SIGNER_FILE,
			    key->file->fd);
		s->next_file++;
	}
}
