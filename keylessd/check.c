/* Parent, keylessd -n: one verified test signature with every key. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "signers.h"
#include "signmsg.h"

#define ANSWER_TIMEOUT	30	/* s for one test signature */

/* A set under test; one request under way at a time. */
struct check {
	struct signer_set	*set;
	int			 fd;
	struct event		*ev;
	uint32_t		 key;		/* under test */
	struct signmsg_in	 in;
};

static unsigned int	 running;	/* sets under test */
static unsigned int	 good;
static unsigned int	 bad;

static void
check_finish(void)
{
	log_info("check finished good=%u bad=%u reason=\"%s\"", good, bad,
	    bad != 0 ? "mend what the lines above say, then check again" :
	    good == 0 ? "no key was found: see private_key_stores; key files "
	    "of a dir end in .key" : "keylessd can be started, or told to "
	    "reload");
	parent_stop(bad == 0 && good != 0 ? 0 : 1);
}

static void
check_end(struct check *c)
{
	event_free(c->ev);
	close(c->fd);
	free(c);
	if (--running == 0)
		check_finish();
}

static void
key_is_bad(const struct set_key *key, const char *reason)
{
	bad++;
	log_errx("key not usable key=\"%s\" reason=\"%s\"", key->name, reason);
}

/* Ask for the next key's signature; 0 when there is none left. */
static int
check_next(struct check *c)
{
	const struct timeval	 tv = { ANSWER_TIMEOUT, 0 };
	struct sign_request	 r;

	while (c->key < c->set->nkeys &&
	    c->set->keys[c->key].info.state != KEY_READY)
		c->key++;
	if (c->key == c->set->nkeys)
		return (0);
	memset(&r, 0, sizeof(r));
	r.id = c->key;
	r.key = c->key;
	r.opcode = SIGNMSG_OP_TEST;
	if (write(c->fd, &r, sign_request_size(&r)) !=
	    (ssize_t)sign_request_size(&r)) {
		log_err("cannot ask signer set=\"%s\"", c->set->name);
		bad++;
		return (0);
	}
	event_add(c->ev, &tv);
	return (1);
}

static void
check_answer(evutil_socket_t fd, short what, void *arg)
{
	struct check		*c = arg;
	const struct set_key	*key = &c->set->keys[c->key];
	struct sign_reply	 r;
	size_t			 n;

	if ((what & EV_TIMEOUT) || signmsg_read(&c->in, fd, 0, &n) != 1) {
		key_is_bad(key, what & EV_TIMEOUT ?
		    "no test signature in time" :
		    "its signer died while it signed");
		check_end(c);
		return;
	}
	if (n == 0) {
		event_add(c->ev, NULL);
		return;
	}
	if (signmsg_reply(&c->in, &r) == -1 || r.id != c->key)
		key_is_bad(key, "its signer sent a bad reply");
	else if (r.status != SIGN_OK)
		key_is_bad(key, sign_status_name(r.status));
	else {
		good++;
		log_info("key usable key=\"%s\" type=%s bits=%u", key->name,
		    key_type_name(key->info.type), key->info.bits);
	}
	c->key++;
	if (!check_next(c))
		check_end(c);
}

/* The first process of the set that is ready, or NULL. */
static struct signer *
ready_signer(struct signer_set *set)
{
	uint32_t	 i;

	for (i = 0; i < set->nsigners; i++)
		if (set->signers[i].info.state == SIGNER_READY)
			return (&set->signers[i]);
	return (NULL);
}

static void
check_set(struct signer_set *set)
{
	struct check	*c;
	struct signer	*s;
	uint32_t	 i;

	for (i = 0; i < set->nkeys; i++)
		if (set->keys[i].info.state != KEY_READY)
			key_is_bad(&set->keys[i], set->keys[i].info.reason);
	if ((s = ready_signer(set)) == NULL)
		return;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("calloc");
	c->in.header = SIGNMSG_REPLY;
	c->set = set;
	if ((c->fd = signer_open_channel(s, 0)) == -1)
		fatalx("cannot reach signer set=\"%s\"", set->name);
	c->ev = event_new(parent_base, c->fd, EV_READ, check_answer, c);
	if (c->ev == NULL)
		fatalx("event_new");
	running++;
	if (!check_next(c))
		check_end(c);
}

void
check_run(struct setup *setup)
{
	static int		 begun;
	struct signer_set	*set;

	if (begun)
		return;
	begun = 1;
	running = 1;
	TAILQ_FOREACH(set, &setup->sets, entry)
		check_set(set);
	if (--running == 0)
		check_finish();
}
