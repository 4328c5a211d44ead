/* Frontend: says when certificates and revocation lists come to their end. */
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "expiry.h"
#include "log.h"

#define DAY		EXPIRY_DAY
#define WATCH_MAX	128	/* certificates; of more the rest is left out */

struct dates {
	struct dated	 list[WATCH_MAX];
	size_t		 count;
};

static struct dates	 current;
static struct dates	 incoming;
static struct event	*timer;

/* ASN.1 time to seconds since the Epoch; -1: it is none. */
static time_t
seconds(const ASN1_TIME *t)
{
	ASN1_TIME	*epoch;
	int		 days, secs, ok;

	if (t == NULL || (epoch = ASN1_TIME_set(NULL, 0)) == NULL)
		return (-1);
	ok = ASN1_TIME_diff(&days, &secs, epoch, t);
	ASN1_TIME_free(epoch);
	return (ok ? (time_t)days * DAY + secs : -1);
}

/* NULL: there is no room. */
static struct dated *
add(const char *what, const char *source, const X509_NAME *name,
    const ASN1_TIME *end)
{
	struct dated	*d = &incoming.list[incoming.count];

	if (incoming.count == WATCH_MAX)
		return (NULL);
	memset(d, 0, sizeof(*d));
	d->what = what;
	strlcpy(d->source, source, sizeof(d->source));
	d->end = seconds(end);
	d->said = EXPIRY_UNSAID;
	(void)X509_NAME_oneline(name, d->subject, sizeof(d->subject));
	incoming.count++;
	return (d);
}

static void
add_certificates(const char *what, const char *source, BIO *bio)
{
	struct dated	*d;
	X509		*x;

	while ((x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		d = add(what, source, X509_get_subject_name(x),
		    X509_get0_notAfter(x));
		if (d != NULL)
			certlabels_fill(&d->labels, x);
		X509_free(x);
	}
}

static void
add_lists(const char *what, const char *source, BIO *bio)
{
	struct dated	*d;
	X509_CRL	*crl;

	while ((crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
		/* One without a next update never ends. */
		if (X509_CRL_get0_nextUpdate(crl) != NULL &&
		    (d = add(what, source, X509_CRL_get_issuer(crl),
		    X509_CRL_get0_nextUpdate(crl))) != NULL)
			d->is_list = 1;
		X509_CRL_free(crl);
	}
}

static void
read_file(const char *what, const char *source, int fd,
    void (*take)(const char *, const char *, BIO *))
{
	uint8_t	*bytes;
	size_t	 size;
	char	 why[128];
	BIO	*bio;

	if (fd == -1 ||
	    (bytes = tlsserver_file(fd, &size, why, sizeof(why))) == NULL)
		return;			/* tlsserver_new() says so */
	if ((bio = BIO_new_mem_buf(bytes, (int)size)) == NULL)
		fatalx("BIO_new_mem_buf");
	take(what, source, bio);
	BIO_free(bio);
	freezero(bytes, size);
}

static void
date_text(time_t t, char *text, size_t size)
{
	struct tm	 tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strlcpy(text, "?", size);
}

int
expiry_read(const struct tls_files *files, char *err, size_t errsize)
{
	time_t	 now = time(NULL);
	char	 date[32];
	size_t	 i;

	incoming.count = 0;
	read_file("auth_cert", files->cert_path, files->cert,
	    add_certificates);
	read_file("cloudflare_ca_cert", files->ca_path, files->ca,
	    add_certificates);
	read_file("crl", files->crl_path, files->crl, add_lists);
	for (i = 0; i < incoming.count; i++) {
		if (strcmp(incoming.list[i].what, "crl") != 0 ||
		    incoming.list[i].end > now)
			continue;
		date_text(incoming.list[i].end, date, sizeof(date));
		snprintf(err, errsize, "crl: out of date since %s, every "
		    "client would be refused: fetch a new one, issuer %s",
		    date, incoming.list[i].subject);
		return (-1);
	}
	return (0);
}

static void
say(struct dated *d)
{
	long	 left = (long)(d->end - time(NULL));
	long	 days = expiry_days(left);
	char	 date[32], text[512];
	int	 level = expiry_level(days, &d->said);

	date_text(d->end, date, sizeof(date));
	snprintf(text, sizeof(text), "%s %s=\"%s\" end=%s days=%ld", left < 0 ?
	    "expired" : "expires soon", d->what, d->subject, date, days);
	switch (level) {
	case LOG_LEVEL_ERROR:
		log_errx("%s", text);
		break;
	case LOG_LEVEL_WARNING:
		log_warnx("%s", text);
		break;
	case LOG_LEVEL_INFO:
		log_info("%s", text);
		break;
	}
}

static void
daily(evutil_socket_t fd, short what, void *arg)
{
	size_t	 i;

	(void)fd;
	(void)what;
	(void)arg;
	for (i = 0; i < current.count; i++)
		say(&current.list[i]);
}

/* Whether both would be the same line of the metrics. */
static int
same_labels(const struct dated *a, const struct dated *b)
{
	if (a->is_list != b->is_list || strcmp(a->source, b->source) != 0)
		return (0);
	if (a->is_list)
		return (strcmp(a->subject, b->subject) == 0);
	return (memcmp(&a->labels, &b->labels, sizeof(a->labels)) == 0);
}

/* Of those with the same labels the one that ends first is shown. */
static void
choose_shown(void)
{
	struct dated	*d;
	size_t		 i, j;

	for (i = 0; i < current.count; i++) {
		d = &current.list[i];
		d->shown = 1;
		for (j = 0; j < current.count; j++)
			if (j != i && same_labels(d, &current.list[j]) &&
			    (current.list[j].end < d->end ||
			    (current.list[j].end == d->end && j < i)))
				d->shown = 0;
	}
}

const struct dated *
expiry_at(size_t i)
{
	return (i < current.count ? &current.list[i] : NULL);
}

void
expiry_switch(void)
{
	const struct timeval	 tv = { DAY, 0 };
	size_t			 i;

	memcpy(current.list, incoming.list,
	    incoming.count * sizeof(incoming.list[0]));
	current.count = incoming.count;
	choose_shown();
	for (i = 0; i < current.count; i++)
		say(&current.list[i]);
	if (timer != NULL)
		return;
	if ((timer = event_new(fe_base, -1, EV_PERSIST, daily, NULL)) == NULL ||
	    event_add(timer, &tv) == -1)
		fatalx("event_new");
}

int
expiry_line(size_t i, char *text, size_t size)
{
	const struct dated	*d = &current.list[i];
	char			 date[32];
	long			 left;
	int			 n;

	if (i >= current.count)
		return (-1);
	left = (long)(d->end - time(NULL));
	date_text(d->end, date, sizeof(date));
	n = snprintf(text, size, "# %s \"%s\" %s %s", d->what, d->subject,
	    left < 0 ? "has expired:" : "ends", date);
	if (left >= 0 && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", in %ld days",
		    expiry_days(left));
	return (0);
}
