/* Frontend, the first: asks the others. */
#include <stdlib.h>
#include <unistd.h>

#include "compat.h"
#include "frontend.h"
#include "log.h"
#include "siblings.h"

#define TIMEOUT		1	/* s; one that is so late is left out */

struct siblings_ask {
	TAILQ_ENTRY(siblings_ask) entry;
	uint32_t	  request;
	uint32_t	  row_type;
	size_t		  row_size;
	void		(*row)(void *, const void *);
	void		(*done)(void *);
	void		 *arg;
};

/* One that was too late is asked again when it has answered. */
static struct sibling {
	struct channel	*channel;	/* NULL: none */
	int		 busy;		/* has not answered yet */
	int		 late;		/* and is not waited for */
} siblings[MSG_FRONTENDS_MAX];

/* They are asked one thing at a time: the first. */
static TAILQ_HEAD(, siblings_ask) asks = TAILQ_HEAD_INITIALIZER(asks);
static struct event		*timer;

static void	ask_next(void);

static int
anyone_busy(void)
{
	size_t	 i;

	for (i = 0; i < nitems(siblings); i++)
		if (siblings[i].busy && !siblings[i].late)
			return (1);
	return (0);
}

/* The first question is answered as far as it will be. */
static void
finish(void)
{
	struct siblings_ask	*ask = TAILQ_FIRST(&asks);

	evtimer_del(timer);
	TAILQ_REMOVE(&asks, ask, entry);
	if (ask->done != NULL)
		ask->done(ask->arg);
	free(ask);
	ask_next();
}

static void
too_late(evutil_socket_t fd, short what, void *arg)
{
	size_t	 i;

	(void)fd;
	(void)what;
	(void)arg;
	for (i = 0; i < nitems(siblings); i++) {
		if (siblings[i].busy && !siblings[i].late)
			log_warnx("frontend does not answer number=%zu", i);
		siblings[i].late = siblings[i].busy;
	}
	if (!TAILQ_EMPTY(&asks))
		finish();
}

/* Ask who can be asked; returns whether there is anybody. */
static int
ask_all(const struct siblings_ask *ask)
{
	const struct timeval	 tv = { TIMEOUT, 0 };
	struct sibling		*s;
	size_t			 i;

	for (i = 0; i < nitems(siblings); i++) {
		s = &siblings[i];
		if (s->channel == NULL || s->busy)
			continue;
		s->busy = 1;
		channel_send(s->channel, ask->request, 0, -1, NULL, 0);
	}
	if (!anyone_busy())
		return (0);
	if (timer == NULL &&
	    (timer = evtimer_new(fe_base, too_late, NULL)) == NULL)
		fatalx("evtimer_new");
	evtimer_add(timer, &tv);
	return (1);
}

static void
ask_next(void)
{
	struct siblings_ask	*ask;

	if ((ask = TAILQ_FIRST(&asks)) != NULL && !ask_all(ask))
		finish();
}

struct siblings_ask *
siblings_ask(uint32_t request, uint32_t row_type, size_t row_size,
    void (*row)(void *, const void *), void (*done)(void *), void *arg)
{
	struct siblings_ask	*ask;

	if ((ask = calloc(1, sizeof(*ask))) == NULL)
		fatal("calloc");
	ask->request = request;
	ask->row_type = row_type;
	ask->row_size = row_size;
	ask->row = row;
	ask->done = done;
	ask->arg = arg;
	if (TAILQ_EMPTY(&asks) && !ask_all(ask)) {
		free(ask);
		done(arg);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&asks, ask, entry);
	return (ask);
}

/* Its answers come all the same. */
void
siblings_cancel(struct siblings_ask *ask)
{
	ask->row = NULL;
	ask->done = NULL;
}

static void
sibling_answered(struct sibling *s)
{
	int	 waited_for = s->busy && !s->late;

	s->busy = s->late = 0;
	if (waited_for && !anyone_busy())
		finish();
}

static void
sibling_gone(struct channel *ch, void *arg)
{
	struct sibling	*s = arg;

	channel_free(ch);
	s->channel = NULL;
	sibling_answered(s);
}

static void
sibling_message(struct channel *ch, struct ipc_msg *msg, void *arg)
{
	struct siblings_ask	*ask = TAILQ_FIRST(&asks);
	struct sibling		*s = arg;

	if (!s->busy) {
		log_warnx("frontend answers without being asked number=%td",
		    s - siblings);
		sibling_gone(ch, s);
	} else if (msg->type == MSG_CTL_RESULT)
		sibling_answered(s);
	else if (!s->late && ask != NULL && ask->row != NULL &&
	    msg->type == ask->row_type && msg->length == ask->row_size)
		ask->row(ask->arg, msg->data);
}

static const struct channel_handler	 sibling_handler = {
	.message = sibling_message,
	.gone = sibling_gone
};

void
siblings_connect(uint32_t number, int fd)
{
	struct sibling	*s = &siblings[number];

	if (s->channel != NULL)
		sibling_gone(s->channel, s);
	if ((s->channel = channel_new(fe_base, fd, 0, &sibling_handler, s)) ==
	    NULL)
		fatal("channel_new");
}
