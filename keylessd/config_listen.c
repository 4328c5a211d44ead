/* Parent: the config file's addresses to listen on. */
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "config_listen.h"
#include "config_store.h"
#include "log.h"

#define HOST_SIZE	64	/* an address with its scope */
#define LOOPBACK	"127.0.0.1"

/* One of the two keys, as far as they differ. */
struct place {
	const char		*name;
	struct conf_listens	*list;
	uint16_t		 port;		/* when none is given */
	int			 paths;		/* takes UNIX sockets too */
	const char		*expected;
};

static int
is_address(const char *s)
{
	struct in6_addr	 v6;
	struct in_addr	 v4;
	char		 bare[HOST_SIZE];
	size_t		 len = strcspn(s, "%");

	if (inet_pton(AF_INET, s, &v4) == 1)
		return (1);
	/* The name of an interface may follow, RFC 4007 section 11. */
	if (s[len] == '%' && !config_is_name(s + len + 1))
		return (0);
	snprintf(bare, sizeof(bare), "%.*s", (int)len, s);
	return (inet_pton(AF_INET6, bare, &v6) == 1);
}

/*
 * Split ADDRESS, ADDRESS:PORT, [ADDRESS], [ADDRESS]:PORT (the address of the
 * first two may be "*").  port stays as it is when there is none.
 */
static int
parse_listen(const char *s, char *host, uint16_t *port)
{
	const char	*colon, *errstr;
	size_t		 len;

	if (*s == '[') {
		len = strcspn(++s, "]");
		if (s[len] != ']' || memchr(s, ':', len) == NULL)
			return (-1);
		colon = s + len + 1;
	} else {
		len = strcspn(s, ":");
		colon = s + len;
		if (*colon == ':' && strchr(colon + 1, ':') != NULL) {
			len = strlen(s);	/* IPv6 without a port */
			colon = s + len;
		}
	}
	if (len == 0 || len >= HOST_SIZE || (*colon != '\0' && *colon != ':'))
		return (-1);
	memcpy(host, s, len);
	host[len] = '\0';
	if (*colon == ':') {
		if (strspn(colon + 1, "0123456789") != strlen(colon + 1))
			return (-1);
		*port = (uint16_t)strtonum(colon + 1, 0, 65535, &errstr);
		if (errstr != NULL)
			return (-1);
	}
	return (strcmp(host, "*") == 0 || is_address(host) ? 0 : -1);
}

static struct conf_listen *
listen_new(struct conf_listens *list)
{
	struct conf_listen	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		fatal("calloc");
	TAILQ_INSERT_TAIL(list, l, entry);
	return (l);
}

static void
listen_add(struct conf_listens *list, const char *host, uint16_t port)
{
	struct conf_listen	*l = listen_new(list);

	if (strcmp(host, "*") != 0)
		l->host = conf_strdup(host);
	l->port = port;
}

static int
listen_known(const struct conf_listens *list, const char *host, uint16_t port)
{
	const struct conf_listen	*l;

	TAILQ_FOREACH(l, list, entry)
		if (l->path == NULL && l->port == port && port != 0 &&
		    strcmp(l->host == NULL ? "*" : l->host, host) == 0)
			return (1);
	return (0);
}

static void
add_path(struct conf_file *file, const struct conf_node *node,
    const struct place *place, const char *path)
{
	const struct conf_listen	*l;
	struct sockaddr_un		 sun;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		conf_error(file, node, "%s: longer than %zu bytes",
		    place->name, sizeof(sun.sun_path) - 1);
		return;
	}
	TAILQ_FOREACH(l, place->list, entry)
		if (l->path != NULL && strcmp(l->path, path) == 0) {
			conf_error(file, node, "%s: the same path is there "
			    "twice", place->name);
			return;
		}
	listen_new(place->list)->path = conf_strdup(path);
}

static void
add_listen(struct conf_file *file, const struct conf_node *node,
    const struct conf_key *key, void *base)
{
	const struct place	*place = base;
	const char		*s;
	char			 host[HOST_SIZE];
	uint16_t		 port = place->port;

	if ((s = conf_text(file, node, key->name, place->expected)) == NULL)
		return;
	if (*s == '/' && place->paths)
		add_path(file, node, place, s);
	else if (parse_listen(s, host, &port) == -1)
		conf_error(file, node, "%s: expected %s", key->name,
		    place->expected);
	else if (listen_known(place->list, host, port))
		conf_error(file, node, "%s: the same address and port are "
		    "there twice", key->name);
	else
		listen_add(place->list, host, port);
}

/* Whether the key is there; its values are then in the place's list. */
static int
take_place(struct conf_file *file, const struct conf_node *root,
    struct place *place)
{
	const struct conf_key	 key = { .name = place->name };
	const struct conf_node	*node;
	unsigned int		 before = conf_file_errors(file);

	if ((node = conf_find(file, root, key.name)) == NULL)
		return (0);
	conf_list(file, node, &key, add_listen, place);
	if (TAILQ_EMPTY(place->list) && conf_file_errors(file) == before)
		conf_error(file, node, "%s: expected at least one address",
		    key.name);
	return (1);
}

void
config_set_listen(struct conf_file *file, const struct conf_node *root,
    struct config *conf)
{
	struct place	 edge = { "listen", &conf->listen,
			    (uint16_t)conf->port, 0,
			    "ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT or *" };
	struct place	 http = { "metrics_listen", &conf->metrics_listen,
			    (uint16_t)conf->metrics_port, 1,
			    "ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT, * or the "
			    "absolute path of a socket" };

	if (!take_place(file, root, &edge))
		listen_add(edge.list, "*", edge.port);
	if (!take_place(file, root, &http) && http.port != 0)
		listen_add(http.list, LOOPBACK, http.port);
}

void
config_listen_free(struct conf_listens *list)
{
	struct conf_listen	*l;

	while ((l = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, l, entry);
		free(l->host);
		free(l->path);
		free(l);
	}
}
