/* keylessctl: enroll, the one command that sees a private key. */
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "enroll.h"
#include "keylessctl.h"
#include "log.h"
#include "pair.h"
#include "paths.h"
#include "place.h"
#include "sandbox.h"
#include "text.h"

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
	int	 lock, repaired;

	if ((lock = pair_lock(pair, why, sizeof(why))) == -1)
		errx(1, "%s", why);
	if ((repaired = pair_repair(pair, why, sizeof(why))) == -1)
		errx(1, "an earlier enrolment was interrupted, and cannot be "
		    "finished: %s", why);
	if (repaired == 1)
		printf("An earlier enrolment was interrupted; it is finished "
		    "now.\n");
	return (lock);
}

/* The request, from a key that waits; says which of both are new. */
static char *
prepare(const struct pair *pair)
{
	EVP_PKEY	*key;
	char		*csr, why[MSG_REASON_SIZE];
	int		 kept;

	if ((key = pair_prepare(pair, &csr, &kept, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	EVP_PKEY_free(key);
	printf("%s a key, %s%s, and a request for %s, %s.\n",
	    kept ? "There are" : "Made", pair->key, PAIR_NEW, pair->hostname,
	    pair->csr);
	return (csr);
}

static void
install(const struct pair *pair, const char *pem, size_t len,
    const char *from)
{
	struct stat	 st;
	time_t		 end;
	char		*old, why[MSG_REASON_SIZE], text[PAIR_TIME_SIZE];

	if (pair_install(pair, pem, len, &end, why, sizeof(why)) == -1)
		errx(1, "nothing is installed, the certificate from %s is not "
		    "the right one: %s", from, why);
	printf("Installed %s, for %s until %s,\nand its key %s.\n",
	    pair->cert, pair->hostname,
	    pair_time_text(end, text, sizeof(text)), pair->key);
	if (asprintf(&old, "%s%s", pair->cert, PAIR_OLD) == -1)
		err(1, NULL);
	if (stat(old, &st) == 0)
		printf("Those that were there are kept, with %s behind their "
		    "names.\n", PAIR_OLD);
	free(old);
	printf("A keylessd that runs takes them with: keylessctl reload\n");
}

static void
say_manual(const struct pair *pair)
{
	printf("Now have the request in %s answered, and bring the\n"
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
		printf("Write what was asked for into %s:\n"
		    "keylessd can renew the certificate by itself then.\n",
		    conf->path);
	close(lock);
	config_free(conf);
	return (0);
}
