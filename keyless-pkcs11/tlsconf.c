/* In the host's process: certificates and key of this edge, for libtls. */
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

/* Of a client libtls looks at certificate and key when it is to connect. */
struct tls_config *
remote_tls(const struct conf_slot *conf)
{
	const struct conf_file_bytes	*cert = &conf->auth_cert;
	const struct conf_file_bytes	*key = &conf->auth_key;
	const struct conf_file_bytes	*ca = &conf->keyserver_ca_cert;
	struct tls_config		*config;
	struct tls			*trial;
	const char			*why = NULL;

	if ((config = tls_config_new()) == NULL ||
	    (trial = tls_client()) == NULL) {
		log_errx("slot refused label=\"%s\" reason=\"out of memory\"",
		    conf->label);
		tls_config_free(config);
		return (NULL);
	}
	if (tls_config_set_ca_mem(config, ca->bytes, ca->length) == -1 ||
	    tls_config_set_keypair_mem(config, cert->bytes, cert->length,
	    key->bytes, key->length) == -1)
		why = tls_config_error(config);
	else if (tls_configure(trial, config) == -1 || tls_connect_cbs(trial,
	    no_read, no_write, NULL, conf->servers[0].host) == -1)
		why = tls_error(trial);
	if (why != NULL) {
		log_errx("slot refused label=\"%s\" auth_cert=%s auth_key=%s "
		    "reason=\"%s\"", conf->label, cert->path, key->path, why);
		tls_config_free(config);
		config = NULL;
	}
	tls_free(trial);
	return (config);
}
