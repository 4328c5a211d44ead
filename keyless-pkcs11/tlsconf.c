/* In the host's process: certificates and key of this edge, for libtls. */
#include <string.h>

#include "compat.h"
#include "dispatch.h"
#include "log.h"

static ssize_t
no_read(struct tls *tls, void *buf, size_t size, void *arg)
{
	(void)tls;
	(void)buf;
	(void)size;
	(void)arg;
	return (-1);
}

static ssize_t
no_write(struct tls *tls, const void *buf, size_t size, void *arg)
{
	(void)tls;
	(void)buf;
	(void)size;
	(void)arg;
	return (-1);
}

/*
 * The authorities of a slot, and with pair its certificate and key.  NULL and
 * why.  Of a client libtls looks at them when it is to connect.
 */
static struct tls_config *
build(const struct conf_slot *conf, int pair, char *why, size_t size)
{
	const struct conf_file_bytes	*cert = &conf->auth_cert;
	const struct conf_file_bytes	*key = &conf->auth_key;
	const struct conf_file_bytes	*ca = &conf->keyserver_ca_cert;
	struct tls_config		*config;
	struct tls			*trial = NULL;
	int				 good = 0;

	strlcpy(why, "out of memory", size);
	if ((config = tls_config_new()) == NULL ||
	    (trial = tls_client()) == NULL)
		;
	else if (tls_config_set_ca_mem(config, ca->bytes, ca->length) == -1 ||
	    (pair && tls_config_set_keypair_mem(config, cert->bytes,
	    cert->length, key->bytes, key->length) == -1))
		strlcpy(why, tls_config_error(config), size);
	else if (tls_configure(trial, config) == -1 || tls_connect_cbs(trial,
	    no_read, no_write, NULL, conf->servers[0].host) == -1)
		strlcpy(why, tls_error(trial), size);
	else
		good = 1;
	tls_free(trial);
	if (!good) {
		tls_config_free(config);
		config = NULL;
	}
	return (config);
}

int
conf_tls_check(const struct conf_slot *conf, int pair, char *why, size_t size)
{
	struct tls_config	*config;

	if ((config = build(conf, pair, why, size)) == NULL)
		return (-1);
	tls_config_free(config);
	return (0);
}

struct tls_config *
remote_tls(const struct conf_slot *conf)
{
	struct tls_config	*config;
	char			 why[256];

	if ((config = build(conf, 1, why, sizeof(why))) == NULL)
		log_errx("slot refused label=\"%s\" reason=\"%s\"",
		    conf->label, why);
	return (config);
}
