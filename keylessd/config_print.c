/* Parent: prints a configuration as YAML (keylessd -nv). */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tls.h>

#include "compat.h"
#include "config.h"
#include "config_access.h"
#include "config_store.h"
#include "log.h"

#define FIELD(f)	offsetof(struct config, f)
#define STORE(f)	offsetof(struct conf_store, f)

/* Texts that are printed when they are set, in the order of the manual. */
struct row {
	const char	*name;
	size_t		 offset;
};

static const struct row files[] = {
	{ "audit_file", FIELD(audit_file) },
	{ "control_socket", FIELD(control_socket) },
	{ "pid_file", FIELD(pid_file) },
	{ "auth_cert", FIELD(auth_cert) },
	{ "auth_key", FIELD(auth_key) },
	{ "auth_csr", FIELD(auth_csr) },
	{ "cloudflare_ca_cert", FIELD(cloudflare_ca_cert) },
	{ "crl", FIELD(crl) }
};

static const struct row texts[] = {
	{ "tls_ciphers", FIELD(ciphers) },
	{ "user", FIELD(user) },
	{ "signer_user", FIELD(signer_user) },
	{ "chroot", FIELD(chroot) },
	{ "hostname", FIELD(hostname) },
	{ "zone_id", FIELD(zone_id) },
	{ "init_endpoint", FIELD(init_endpoint) },
	{ "init_ca", FIELD(init_ca) },
	{ "api_token_file", FIELD(api_token_file) }
};

static const struct row store_texts[] = {
	{ "chroot", STORE(chroot) },
	{ "pin_file", STORE(pin_file) },
	{ "user_type", STORE(user_type) },
	{ "certificate", STORE(certificate) },
	{ "endpoint", STORE(endpoint) },
	{ "ca", STORE(ca) }
};

static const struct row times[] = {
	{ "sign_timeout", FIELD(sign_timeout) },
	{ "start_timeout", FIELD(start_timeout) },
	{ "handshake_timeout", FIELD(handshake_timeout) },
	{ "idle_timeout", FIELD(idle_timeout) },
	{ "write_timeout", FIELD(write_timeout) },
	{ "drain_timeout", FIELD(drain_timeout) },
	{ "check_age", FIELD(check_age) }
};

static const struct row numbers[] = {
	{ "sign_retry_count", FIELD(sign_retry_count) },
	{ "max_connections", FIELD(max_connections) },
	{ "max_connections_per_source", FIELD(max_connections_per_source) },
	{ "max_handshakes", FIELD(max_handshakes) },
	{ "handshake_rate", FIELD(handshake_rate) },
	{ "request_rate", FIELD(request_rate) },
	{ "max_buffer", FIELD(max_buffer) },
	{ "max_pending", FIELD(max_pending) }
};

/* The code point of the UTF-8 sequence at *s, of which there is one. */
static unsigned int
take_code_point(const unsigned char **s)
{
	unsigned int	 c = *(*s)++;

	if (c >= 0xc0) {
		c &= c >= 0xf0 ? 0x07 : c >= 0xe0 ? 0x0f : 0x1f;
		while ((**s & 0xc0) == 0x80)
			c = c << 6 | (*(*s)++ & 0x3f);
	}
	return (c);
}

/*
 * A text in double quotes.  What is not ASCII is escaped: some of it would
 * not come back through the parser as it is.
 */
static void
print_text(FILE *f, const char *text)
{
	const unsigned char	*s = (const unsigned char *)text;
	unsigned int		 c;

	fputc('"', f);
	while (*s != '\0') {
		c = take_code_point(&s);
		if (c >= 0x80)
			fprintf(f, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", (int)c);
		else
			fputc((int)c, f);
	}
	fputs("\"\n", f);
}

void
config_print_text(FILE *f, const char *fmt, ...)
{
	char	*text;
	va_list	 ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) == -1)
		fatal("vasprintf");
	va_end(ap);
	print_text(f, text);
	free(text);
}

static void
print_texts(FILE *f, const char *indent, const struct row *rows, size_t n,
    const void *base)
{
	const char	*s;
	size_t		 i;

	for (i = 0; i < n; i++) {
		memcpy(&s, (const char *)base + rows[i].offset, sizeof(s));
		if (s == NULL)
			continue;
		fprintf(f, "%s%s: ", indent, rows[i].name);
		print_text(f, s);
	}
}

static uint32_t
number_of(const struct config *conf, const struct row *row)
{
	uint32_t	 n;

	memcpy(&n, (const char *)conf + row->offset, sizeof(n));
	return (n);
}

static void
print_times(FILE *f, const struct config *conf)
{
	uint32_t	 ms;
	size_t		 i;

	for (i = 0; i < nitems(times); i++) {
		ms = number_of(conf, &times[i]);
		if (ms % 1000 == 0)
			fprintf(f, "%s: %us\n", times[i].name, ms / 1000);
		else
			fprintf(f, "%s: %ums\n", times[i].name, ms);
	}
}

static void
print_addresses(FILE *f, const char *name, const struct conf_listens *list)
{
	const struct conf_listen	*l;

	if (!TAILQ_EMPTY(list))
		fprintf(f, "%s:\n", name);
	TAILQ_FOREACH(l, list, entry) {
		if (l->path != NULL) {
			fprintf(f, "- ");
			print_text(f, l->path);
		} else if (l->host == NULL)
			fprintf(f, "- \"*:%u\"\n", l->port);
		else if (strchr(l->host, ':') != NULL)
			fprintf(f, "- \"[%s]:%u\"\n", l->host, l->port);
		else
			fprintf(f, "- \"%s:%u\"\n", l->host, l->port);
	}
}

static void
print_listen(FILE *f, const struct config *conf)
{
	print_addresses(f, "listen", &conf->listen);
	fprintf(f, "port: %u\n", conf->port);
	print_addresses(f, "metrics_listen", &conf->metrics_listen);
	if (conf->metrics_port != 0)
		fprintf(f, "metrics_port: %u\n", conf->metrics_port);
}

static void
print_protocols(FILE *f, const struct config *conf)
{
	fprintf(f, "tls_protocols:\n");
	if (conf->protocols & TLS_PROTOCOL_TLSv1_2)
		fprintf(f, "- tlsv1.2\n");
	if (conf->protocols & TLS_PROTOCOL_TLSv1_3)
		fprintf(f, "- tlsv1.3\n");
}

static void
print_environment(FILE *f, const struct conf_store *store)
{
	const struct conf_text	*t;
	const char		*value;
	int			 begun = 0, len;

	TAILQ_FOREACH(t, &store->environment, entry) {
		value = strchr(t->text, '=') + 1;
		len = (int)(value - t->text - 1);
		if (t->fd != -1) {
			fprintf(f, "  # environment: %.*s: (set)\n", len,
			    t->text);
			continue;
		}
		if (!begun++)
			fprintf(f, "  environment:\n");
		fprintf(f, "    %.*s: ", len, t->text);
		print_text(f, value);
	}
}

static void
print_paths(FILE *f, const struct conf_store *store)
{
	const struct conf_text	*t;

	if (!TAILQ_EMPTY(&store->paths))
		fprintf(f, "  paths:\n");
	TAILQ_FOREACH(t, &store->paths, entry) {
		fprintf(f, "  - ");
		print_text(f, t->text);
	}
}

static void
print_store(FILE *f, const struct conf_store *store)
{
	static const char *const kinds[] = {
		[STORE_DIR] = "dir",
		[STORE_FILE] = "file",
		[STORE_PKCS11] = "uri",
		[STORE_CLOUD] = "uri"
	};

	fprintf(f, "- %s: ", kinds[store->kind]);
	print_text(f, store->name);
	if (store->pin_fd != -1)
		fprintf(f, "  # pin-value: (set)\n");
	if (store->signers != 0)
		fprintf(f, "  signers: %u\n", store->signers);
	if (store->required)
		fprintf(f, "  required: yes\n");
	print_texts(f, "  ", store_texts, nitems(store_texts), store);
	config_print_opcodes(f, "  ", store->opcodes);
	print_environment(f, store);
	print_paths(f, store);
}

void
config_print(const struct config *conf, FILE *f)
{
	const struct conf_store	*store;
	size_t			 i;

	fprintf(f, "loglevel: %u\n", conf->loglevel);
	fprintf(f, "audit: %s\n", config_audit_words[conf->audit]);
	print_listen(f, conf);
	print_texts(f, "", files, nitems(files), conf);
	print_protocols(f, conf);
	print_texts(f, "", texts, nitems(texts), conf);
	config_print_enroll(conf, f);
	if (conf->frontends == FRONTENDS_AUTO)
		fprintf(f, "frontends: auto\n");
	else if (conf->frontends != 1)
		fprintf(f, "frontends: %u\n", conf->frontends);
	print_times(f, conf);
	for (i = 0; i < nitems(numbers); i++)
		fprintf(f, "%s: %u\n", numbers[i].name,
		    number_of(conf, &numbers[i]));
	config_print_access(conf, f);
	fprintf(f, "private_key_stores:\n");
	TAILQ_FOREACH(store, &conf->stores, entry)
		print_store(f, store);
}
