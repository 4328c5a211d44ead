/* keylessctl: finds the daemon's control socket and connects to it. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "ipc.h"
#include "keylessctl.h"
#include "paths.h"
#include "text.h"

/*
 * The socket that the configuration names, which the caller frees; NULL when
 * it names none.  A file that was not asked for may be missing, unreadable to
 * this user, or wrong just now.
 */
static char *
configured_socket(const char *config)
{
	const char	*path = config == NULL ? CONFIG_PATH : config;
	FILE		*f;
	char		*name, error[256];
	int		 found;

	if ((f = fopen(path, "re")) == NULL) {
		if (config != NULL)
			err(1, "%s", text_show(path));
		return (NULL);
	}
	found = conf_control_socket(f, path, &name, error, sizeof(error));
	fclose(f);
	if (found == -1 && config != NULL)
		errx(1, "%s: %s", text_show(path), error);
	if (found == -1)
		warnx("%s: %s; trying %s", path, error, CONTROL_SOCKET);
	return (name);
}

/* The name of the group that may use the socket, if that can be known. */
static const char *
socket_group(const char *path)
{
	struct stat	 st;
	struct group	*gr;

	if (stat(path, &st) == -1 || (gr = getgrgid(st.st_gid)) == NULL)
		return ("that its control socket belongs to");
	return (gr->gr_name);
}

static void __attribute__((noreturn))
connect_failed(const char *path)
{
	switch (errno) {
	case ENOENT:
		errx(1, "keylessd is not running (no socket %s); start it, "
		    "or name its control_socket with -s, or its "
		    "configuration with -f", text_show(path));
	case ECONNREFUSED:
		errx(1, "keylessd is not running (nobody listens on %s); "
		    "start it, and if it does not, keylessd -n says why",
		    text_show(path));
	case EACCES:
		errx(1, "permission denied: %s (are you in the group %s?); be "
		    "root, or a member of it", text_show(path),
		    socket_group(path));
	default:
		err(1, "cannot connect to %s", text_show(path));
	}
}

static int
connect_path(const char *path)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "the path of the socket is too long: %s",
		    text_show(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		connect_failed(path);
	return (fd);
}

struct ipc *
connect_daemon(const struct options *o)
{
	const char	*path = o->socket;
	struct ipc	*ipc;
	char		*name = NULL;

	if (path == NULL)
		path = name = configured_socket(o->config);
	if (path == NULL)
		path = CONTROL_SOCKET;
	if ((ipc = ipc_new(connect_path(path), 0)) == NULL)
		err(1, NULL);
	free(name);
	return (ipc);
}
