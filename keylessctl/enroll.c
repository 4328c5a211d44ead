/* keylessctl: enroll, the one command that sees a private key. */
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "json.h"
#include "keylessctl.h"
#include "log.h"
#include "pair.h"
#include "paths.h"
#include "place.h"
#include "sandbox.h"
#include "text.h"

/* What has been done; with -j it is printed at the end, else as it happens. */
static struct {
	int	 json;
	int	 repaired;	/* an earlier enrolment, finished */
	int	 requested;	/* key and request wait */
	int	 kept;		/* ... that were there before */
	int	 installed;
	int	 old;		/* the pair before is kept */
	time_t	 until;		/* end of the certificate */
} done;

static void __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	va_list	 ap;

	if (done.json)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static void
say_json(const struct pair *pair)
{
	struct json	 j;
	char		*key;

	if (asprintf(&key, "%s%s", pair->key, done.installed ? "" :
	    PAIR_NEW) == -1)
		err(1, NULL);
	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "status", done.installed ? "installed" : "requested");
	json_string(&j, "hostname", pair->hostname);
	json_string(&j, "certificate", pair->cert);
	json_string(&j, "key", key);
	json_text(&j, "request", done.requested ? pair->csr : "");
	json_bool(&j, "request_kept", done.kept);
	if (done.installed)
		json_number(&j, "until", (uint64_t)done.until);
	else
		json_null(&j, "until");
	json_bool(&j, "old_kept", done.old);
	json_bool(&j, "repaired", done.repaired);
	json_end(&j);
	free(key);
}

/* The whole file has to be right: it says where the key is put. */
static struct config *
load(const struct options *o)
{
	struct config	*conf;
	const char	*path = o->config == NULL ? CONFIG_PATH : o->config;

	log_init("enroll", LOG_TO_STDERR);
	log_setlevel(o->style.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING);
	if ((conf = config_load(path)) == NULL)
		errx(1, "the configuration is not usable: %s",
		    text_show(path));
	return (conf);
}

/*
 * What is missing is asked for where somebody can answer.  The API's values
 * are of no interest when it is not asked.
 */
static int
complete(struct config *conf, const struct options *o)
{
	const char	*missing;
	int		 api = !o->manual && o->install == NULL;

	missing = api ? config_enroll_missing(conf) :
	    conf->hostname == NULL ? "hostname" : NULL;
	if (missing == NULL)
		return (0);
	if (isatty(STDIN_FILENO))
		return (enroll_complete(conf, api));
	errx(1, "%s is not set in %s, and there is no terminal to ask at\n%s",
	    missing, text_show(conf->path), api ? config_enroll_ways : "");
}

static void
pair_of(struct pair *pair, const struct config *conf)
{
	pair->cert = conf->auth_cert;
	pair->key = conf->auth_key;
	pair->csr = conf->auth_csr;
	pair->hostname = conf->hostname;
}

/* Alone with it, and with what a crash may have left finished. */
static int
begin(const struct pair *pair)
{
	char	 why[MSG_REASON_SIZE];
	int	 lock;

	if ((lock = pair_lock(pair, why, sizeof(why))) == -1)
		errx(1, "%s", why);
	if ((done.repaired = pair_repair(pair, why, sizeof(why))) == -1)
		errx(1, "an earlier enrolment was interrupted, and cannot be "
		    "finished: %s", why);
	if (done.repaired)
		say("An earlier enrolment was interrupted; it is finished "
		    "now.\n");
	return (lock);
}

/* The request, from a key that waits; says which of both are new. */
static char *
prepare(const struct pair *pair)
{
	EVP_PKEY	*key;
	char		*csr, why[MSG_REASON_SIZE];

	if ((key = pair_prepare(pair, &csr, &done.kept, why,
	    sizeof(why))) == NULL)
		errx(1, "%s", why);
	EVP_PKEY_free(key);
	done.requested = 1;
	say("%s a key, %s%s, and a request for %s, %s.\n",
	    done.kept ? "There are" : "Made", pair->key, PAIR_NEW,
	    pair->hostname, pair->csr);
	return (csr);
}

static void
install(const struct pair *pair, const char *pem, size_t len,
    const char *from)
{
	struct stat	 st;
	char		*old, why[MSG_REASON_SIZE], text[PAIR_TIME_SIZE];

	if (pair_install(pair, pem, len, &done.until, why, sizeof(why)) == -1)
		errx(1, "nothing is installed, the certificate from %s is not "
		    "the right one: %s", from, why);
	done.installed = 1;
	say("Installed %s, for %s until %s,\nand its key %s.\n",
	    pair->cert, pair->hostname,
	    pair_time_text(done.until, text, sizeof(text)), pair->key);
	if (asprintf(&old, "%s%s", pair->cert, PAIR_OLD) == -1)
		err(1, NULL);
	done.old = stat(old, &st) == 0;
	if (done.old)
		say("Those that were there are kept, with %s behind their "
		    "names.\n", PAIR_OLD);
	free(old);
	say("A keylessd that runs takes them with: keylessctl reload\n");
}

static void
say_manual(const struct pair *pair)
{
	say("Now have the request in %s answered, and bring the\n"
	    "certificate here:  keylessctl enroll -i FILE\n"
	    "Nothing that is served has been changed.\n", pair->csr);
}

/* A certificate that came by hand. */
static void
install_file(const struct pair *pair, const char *path)
{
	struct place	 place;
	char		*pem, *full, why[MSG_REASON_SIZE];
	size_t		 len;

	if ((full = realpath(path, NULL)) == NULL)
		err(1, "%s", text_show(path));
	if (place_open(&place, full, why, sizeof(why)) == -1 ||
	    (pem = place_read(&place, "", &len, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	install(pair, pem, len, text_show(path));
	free(pem);
	free(full);
	place_close(&place);
}

static void
ask_api(const struct pair *pair, const struct config *conf,
    const struct options *o)
{
	char	*csr, *pem, why[MSG_REASON_SIZE];

	csr = prepare(pair);
	fflush(stdout);
	pem = enroll_query(o->enroll, conf, o->style.verbose, csr, why,
	    sizeof(why));
	if (pem == NULL)
		errx(1, "no certificate, nothing is changed: %s", why);
	install(pair, pem, strlen(pem), "the API");
	free(pem);
	free(csr);
}

int
run_enroll(const struct call *call)
{
	const struct options	*o = call->options;
	struct config		*conf;
	struct pair		 pair;
	int			 asked, lock;

	sandbox_harden();
	done.json = o->style.json;
	conf = load(o);
	asked = complete(conf, o);
	pair_of(&pair, conf);
	lock = begin(&pair);
	if (o->install != NULL)
		install_file(&pair, o->install);
	else if (o->manual) {
		free(prepare(&pair));
		say_manual(&pair);
	} else
		ask_api(&pair, conf, o);
	if (asked != 0)
		say("Write what was asked for into %s:\n"
		    "keylessd can renew the certificate by itself then.\n",
		    conf->path);
	if (done.json)
		say_json(&pair);
	close(lock);
	config_free(conf);
	return (0);
}
