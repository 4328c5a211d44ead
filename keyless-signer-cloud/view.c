/* Cloud signer: what of the machine it will see, and where it will connect. */
#include <curl/curl.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cloud.h"
#include "compat.h"
#include "log.h"

extern char	**environ;

/* For getaddrinfo(3).  Some of it is not on every system. */
static const char *const name_service[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf",
	"/etc/nsswitch.conf"
};

/* What an older libc loads only when a name is looked up. */
static const char *const late_libraries[] = {
	"libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"
};

/*
 * Variables that name files.  Tokens that others renew are replaced by new
 * files, so that their directory must be seen, not the file.
 */
static const struct {
	const char	*name;
	int		 renewed;
} files[] = {
	{ "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", 1 },
	{ "AWS_SHARED_CREDENTIALS_FILE", 0 },
	{ "AWS_WEB_IDENTITY_TOKEN_FILE", 1 },
	{ "AZURE_CLIENT_CERTIFICATE_PATH", 0 },
	{ "AZURE_CLIENT_SECRET_FILE", 0 },
	{ "AZURE_FEDERATED_TOKEN_FILE", 1 },
	{ "GOOGLE_APPLICATION_CREDENTIALS", 0 }
};

/* HTTPS, metadata services, name service over TCP, libcurl's for proxies */
static const uint16_t	 usual_ports[] = { 443, 80, 53, 1080 };

/* Variables whose value may be HOST:PORT; proxies in either case. */
static const char *const bare_hosts[] = {
	"all_proxy", "http_proxy", "https_proxy", "GCE_METADATA_HOST"
};

static void
see_directory(struct sandbox *box, const char *file)
{
	char	 dir[MSG_PATH_SIZE], *slash;

	strlcpy(dir, file, sizeof(dir));
	if ((slash = strrchr(dir, '/')) != NULL && slash != dir)
		*slash = '\0';
	view_see(box, dir, 0);
}

static void
see_files(struct sandbox *box)
{
	const char	*value, *dir = env("CLOUDSDK_CONFIG");
	char		 path[MSG_PATH_SIZE];
	size_t		 i;

	for (i = 0; i < nitems(files); i++) {
		value = env(files[i].name);
		if (value == NULL || *value != '/')
			continue;
		if (files[i].renewed)
			see_directory(box, value);
		else
			view_see(box, value, 0);
	}
	if (dir != NULL && *dir == '/' && (size_t)snprintf(path, sizeof(path),
	    "%s/" GOOGLE_USER_FILE, dir) < sizeof(path))
		view_see(box, path, 0);
}

static void
add_port(struct sandbox *box, uint16_t port)
{
	size_t	 i;

	for (i = 0; i < box->nports; i++)
		if (box->ports[i] == port)
			return;
	if (box->nports == nitems(box->ports))
		fatalx("too many ports, no more than %zu", box->nports);
	box->ports[box->nports++] = port;
}

/* Where the last c of a text is, or its beginning. */
static const char *
skip_to(const char *text, char c)
{
	const char	*at = strrchr(text, c);

	return (at == NULL ? text : at);
}

/*
 * Add the port that HOST[:PORT][/...] names, if it does: after a proxy's
 * user:password@, and after the colons of [::1].
 */
static void
add_port_of(struct sandbox *box, const char *host)
{
	const char	*at;
	char		 text[MSG_PATH_SIZE];
	int64_t		 port;

	strlcpy(text, host, sizeof(text));
	text[strcspn(text, "/?#")] = '\0';
	at = skip_to(skip_to(text, '@'), ']');
	if ((at = strchr(at, ':')) != NULL &&
	    (port = number_parse(at + 1, UINT16_MAX)) > 0)
		add_port(box, (uint16_t)port);
	explicit_bzero(text, sizeof(text));
}

/*
 * That of a URL in a text; or without its scheme, in a NAME=value whose value
 * may have none.
 */
static void
add_port_of_text(struct sandbox *box, const char *text)
{
	const char	*url = strstr(text, "://");
	size_t		 i, len;

	if (url != NULL) {
		add_port_of(box, url + 3);
		return;
	}
	for (i = 0; i < nitems(bare_hosts); i++) {
		len = strlen(bare_hosts[i]);
		if (strncasecmp(text, bare_hosts[i], len) == 0 &&
		    text[len] == '=')
			add_port_of(box, text + len + 1);
	}
}

/* The list of authorities of the system; -1: it has none. */
static int
system_ca(void)
{
	const curl_version_info_data	*info;

	info = curl_version_info(CURLVERSION_NOW);
	if (info->cainfo == NULL)
		return (-1);
	return (open(info->cainfo, O_RDONLY | O_CLOEXEC));
}

void
cloud_view(struct store *store, struct sandbox *box)
{
	char	**variable;
	size_t	 i;

	box->role = SANDBOX_CLOUD;
	box->needs = SANDBOX_INET;
	for (i = 0; i < nitems(late_libraries); i++)
		if (dlopen(late_libraries[i], RTLD_NOW) == NULL)
			log_debug("library not loaded: %s", dlerror());
	if (store->ca_fd == -1)
		store->ca_fd = system_ca();
	for (i = 0; i < nitems(name_service); i++)
		view_see(box, name_service[i], 0);
	see_files(box);
	view_given(box);
	for (i = 0; i < nitems(usual_ports); i++)
		add_port(box, usual_ports[i]);
	add_port_of_text(box, store->cloud.endpoint);
	for (variable = environ; *variable != NULL; variable++)
		add_port_of_text(box, *variable);
}
