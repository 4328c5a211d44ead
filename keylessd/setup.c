/* Parent: opens what the configuration names. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "compat.h"
#include "log.h"
#include "setup.h"

int
setup_user_gid(const char *user, gid_t *gid)
{
	struct passwd	*pw;

	if (geteuid() != 0) {
		*gid = getegid();
		return (0);
	}
	if ((pw = getpwnam(user)) == NULL) {
		log_errx("unknown user name=%s reason=\"create it (useradd "
		    "-r -s /usr/sbin/nologin), or name another with user or "
		    "signer_user\"", user);
		return (-1);
	}
	*gid = pw->pw_gid;
	return (0);
}

static int
open_public(const char *what, const char *path, enum advice_for kind)
{
	int	 fd;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		log_errx("cannot open %s file=%s reason=\"%s\"", what, path,
		    advice(kind, errno));
	return (fd);
}

static int
open_tls(struct setup *setup, gid_t gid)
{
	const struct config	*conf = setup->conf;
	char			 err[MSG_REASON_SIZE];

	setup->cert_fd = open_public("auth_cert", conf->auth_cert,
	    ADVICE_CERT);
	setup->key_fd = secret_open(conf->auth_key, gid, err, sizeof(err));
	if (setup->key_fd == -1)
		log_errx("cannot open auth_key file=%s reason=\"%s\"",
		    conf->auth_key, errno == 0 ? err :
		    advice(ADVICE_KEY, errno));
	setup->ca_fd = open_public("cloudflare_ca_cert",
	    conf->cloudflare_ca_cert, ADVICE_CA);
	if (conf->crl != NULL &&
	    (setup->crl_fd = open_public("crl", conf->crl, ADVICE_CRL)) == -1)
		return (-1);
	if (setup->cert_fd == -1 || setup->key_fd == -1 || setup->ca_fd == -1)
		return (-1);
	return (0);
}

static int
open_sockets(struct setup *setup, int flags, gid_t gid,
    const struct setup *old)
{
	if (!(flags & SETUP_DRAINED) && listen_all(&setup->conf->listen,
	    &setup->edge, old == NULL ? NULL : &old->edge, gid) == -1)
		return (-1);
	if (listen_all(&setup->conf->metrics_listen, &setup->http,
	    old == NULL ? NULL : &old->http, gid) == -1)
		return (-1);
	setup->control_fd = listen_control(setup->conf->control_socket, gid,
	    old);
	return (setup->control_fd == -1 ? -1 : 0);
}

struct setup *
setup_open(struct config *conf, int flags, const struct setup *old)
{
	struct setup	*setup;
	gid_t		 gid;

	if ((setup = calloc(1, sizeof(*setup))) == NULL)
		fatal("calloc");
	setup->conf = conf;
	TAILQ_INIT(&setup->sets);
	setup->control_fd = setup->cert_fd = setup->key_fd = -1;
	setup->ca_fd = setup->crl_fd = setup->audit_fd = -1;
	if (setup_user_gid(conf->user, &gid) == -1 ||
	    open_tls(setup, gid) == -1 || sets_open(setup, old) == -1 ||
	    audit_open(conf, &setup->audit_fd) == -1 ||
	    ((flags & SETUP_SOCKETS) &&
	    open_sockets(setup, flags, gid, old) == -1)) {
		if (flags & SETUP_SOCKETS)
			listen_remove(setup, old);
		setup_close(setup);
		return (NULL);
	}
	return (setup);
}

int
setup_undrain(struct setup *setup)
{
	if (listen_all(&setup->conf->listen, &setup->edge, NULL, 0) == 0)
		return (0);
	listen_close(&setup->edge);
	return (-1);
}

static void
close_fd(int fd)
{
	if (fd != -1)
		close(fd);
}

void
setup_close(struct setup *setup)
{
	if (setup == NULL)
		return;
	sets_close(setup);
	listen_close(&setup->edge);
	listen_close(&setup->http);
	close_fd(setup->control_fd);
	close_fd(setup->cert_fd);
	close_fd(setup->key_fd);
	close_fd(setup->ca_fd);
	close_fd(setup->crl_fd);
	close_fd(setup->audit_fd);
	config_free(setup->conf);
	free(setup);
}
