/* Who asks web services: one question, one answer, the connection is kept. */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "http.h"
#include "log.h"
#include "mem.h"
#include "version.h"

#ifndef SSL_OP_CLEANSE_PLAINTEXT
#define SSL_OP_CLEANSE_PLAINTEXT 0	/* LibreSSL */
#endif

#define CONNECT_MS	2000	/* then there is time for another try */
#define CA_MAX		(4 * 1024 * 1024)

static CURL		*curl;
static X509_STORE	*trusted;

uint64_t
now_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

void
http_add_header(struct http_request *req, const char *header)
{
	size_t	 i;

	for (i = 0; i < HTTP_HEADERS - 1; i++) {
		if (req->headers[i] == NULL) {
			req->headers[i] = header;
			return;
		}
	}
	fatalx("too many headers");
}

/* Add every certificate of a PEM text; their number. */
static int
add_certificates(const char *pem, size_t len)
{
	BIO	*bio;
	X509	*cert;
	int	 n = 0;

	if ((bio = BIO_new_mem_buf(pem, (int)len)) == NULL)
		return (0);
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		n += X509_STORE_add_cert(trusted, cert) == 1;
		X509_free(cert);
	}
	BIO_free(bio);
	ERR_clear_error();
	return (n);
}

static int
load_trusted(int fd)
{
	char	*pem;
	size_t	 len = 0;
	ssize_t	 n = -1;
	int	 found = 0;

	if ((trusted = X509_STORE_new()) == NULL ||
	    (pem = malloc(CA_MAX)) == NULL)
		return (0);
	while (len < CA_MAX && (n = pread(fd, pem + len, CA_MAX - len,
	    (off_t)len)) > 0)
		len += (size_t)n;
	if (n == 0)
		found = add_certificates(pem, len);
	free(pem);
	return (found);
}

/*
 * The authorities are read once, while their file can be reached, and given
 * to each connection.  One that is kept must not keep a token, too: what has
 * been read is wiped in its buffer.
 */
static CURLcode
set_trusted(CURL *handle, void *ctx, void *arg)
{
	(void)handle;
	(void)arg;
	if (X509_STORE_up_ref(trusted) != 1)
		return (CURLE_OUT_OF_MEMORY);
	SSL_CTX_set_cert_store(ctx, trusted);
	SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT);
	return (CURLE_OK);
}

static int
fail(char *err, size_t size, const char *text)
{
	strlcpy(err, text, size);
	return (-1);
}

int
http_init(int ca_fd, char *err, size_t size)
{
	const curl_version_info_data	*info;
	int				 n;

	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_alloc, mem_free,
	    mem_realloc, mem_strdup, mem_calloc) != CURLE_OK ||
	    (curl = curl_easy_init()) == NULL)
		return (fail(err, size, "libcurl cannot be initialised"));
	json_set_alloc_funcs(mem_alloc, mem_free);
	/* The store of authorities is libcrypto's. */
	if (curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_trusted) !=
	    CURLE_OK)
		return (fail(err, size, "libcurl does TLS without libcrypto; "
		    "build with one that uses OpenSSL or LibreSSL"));
	info = curl_version_info(CURLVERSION_NOW);
	if (ca_fd == -1 && info->cainfo != NULL)
		ca_fd = open(info->cainfo, O_RDONLY | O_CLOEXEC);
	if (ca_fd == -1)
		return (fail(err, size, "no list of authorities on this "
		    "system: install ca-certificates, or name a file in `ca'"));
	n = load_trusted(ca_fd);
	close(ca_fd);
	if (n == 0)
		return (fail(err, size, "no certificate in the file of "
		    "authorities (`ca', else the system's): it must be PEM"));
	log_debug("authorities loaded certificates=%d", n);
	return (0);
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_reply	*reply = arg;

	n *= size;
	if (n > HTTP_BODY_MAX - reply->len)
		return (0);		/* ends the transfer */
	memcpy(reply->body + reply->len, data, n);
	reply->len += n;
	reply->body[reply->len] = '\0';
	return (n);
}

/* curl_easy_setopt() has failed once, or has not. */
struct options {
	int	 bad;
};
#define SET(o, option, value)						\
	((o)->bad |= curl_easy_setopt(curl, (option), (value)) != CURLE_OK)

static void
set_request(struct options *o, const struct http_request *req,
    struct curl_slist *headers)
{
	SET(o, CURLOPT_URL, req->url);
	SET(o, CURLOPT_PROTOCOLS_STR,
	    strncmp(req->url, "http://", 7) == 0 ? "http" : "https");
	SET(o, CURLOPT_HTTPHEADER, headers);
	if (req->body != NULL) {
		SET(o, CURLOPT_POST, 1L);
		SET(o, CURLOPT_POSTFIELDS, req->body);
		SET(o, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)req->body_len);
	} else
		SET(o, CURLOPT_HTTPGET, 1L);
	SET(o, CURLOPT_CUSTOMREQUEST, req->method);
	if (req->direct)
		SET(o, CURLOPT_NOPROXY, "*");
}

static void
set_transport(struct options *o, uint64_t left, struct http_reply *reply,
    char *err)
{
	SET(o, CURLOPT_NOSIGNAL, 1L);
	SET(o, CURLOPT_TIMEOUT_MS, (long)left);
	SET(o, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(left < CONNECT_MS ? left : CONNECT_MS));
	SET(o, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(o, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(o, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(o, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(o, CURLOPT_CAINFO, NULL);
	SET(o, CURLOPT_CAPATH, NULL);
	/* A proxy that is spoken to in TLS is believed like the others. */
	SET(o, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(o, CURLOPT_PROXY_CAINFO, NULL);
	SET(o, CURLOPT_PROXY_CAPATH, NULL);
	SET(o, CURLOPT_SSL_CTX_FUNCTION, set_trusted);
	SET(o, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(o, CURLOPT_USERAGENT, "keylessd/" KEYLESSD_VERSION);
	SET(o, CURLOPT_WRITEFUNCTION, on_body);
	SET(o, CURLOPT_WRITEDATA, reply);
	SET(o, CURLOPT_ERRORBUFFER, err);
}

/* libcurl's own copies of the headers are wiped by mem_free(). */
static struct curl_slist *
copy_headers(const struct http_request *req)
{
	struct curl_slist	*list = NULL, *longer;
	size_t			 i;

	for (i = 0; i < HTTP_HEADERS && req->headers[i] != NULL; i++) {
		longer = curl_slist_append(list, req->headers[i]);
		if (longer == NULL) {
			curl_slist_free_all(list);
			return (NULL);
		}
		list = longer;
	}
	/* No "Expect: 100-continue": it costs a round trip. */
	if ((longer = curl_slist_append(list, "Expect:")) == NULL)
		curl_slist_free_all(list);
	return (longer);
}

static void
take_status(struct http_reply *reply)
{
	curl_off_t	 after = 0;
	long		 status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after);
	reply->status = (int)status;
	reply->retry_after = after > 0 ? (int64_t)after : -1;
}

int
http_ask(const struct http_request *req, uint64_t deadline,
    struct http_reply *reply, char *err, size_t errsize)
{
	struct curl_slist	*headers;
	struct options		 o = { 0 };
	uint64_t		 now = now_ms();
	CURLcode		 code;
	char			 detail[CURL_ERROR_SIZE] = "";

	reply->len = 0;
	reply->body[0] = '\0';
	reply->status = 0;
	reply->retry_after = -1;
	if (now >= deadline) {
		strlcpy(err, "no time left", errsize);
		return (-1);
	}
	curl_easy_reset(curl);		/* keeps the connections */
	if ((headers = copy_headers(req)) == NULL)
		fatal("headers");
	set_request(&o, req, headers);
	set_transport(&o, deadline - now, reply, detail);
	if (o.bad)
		fatalx("libcurl refuses an option");
	code = curl_easy_perform(curl);
	reply->failure = (int)code;
	if (code == CURLE_OK)
		take_status(reply);
	else if (code == CURLE_WRITE_ERROR)
		snprintf(err, errsize, "answer of more than %d bytes",
		    HTTP_BODY_MAX);
	else
		snprintf(err, errsize, "%s", *detail != '\0' ? detail :
		    curl_easy_strerror(code));
	curl_easy_reset(curl);
	curl_slist_free_all(headers);
	ERR_clear_error();
	return (code == CURLE_OK ? 0 : -1);
}

void
http_close(void)
{
	curl_easy_cleanup(curl);
	curl = NULL;
	X509_STORE_free(trusted);
	trusted = NULL;
	curl_global_cleanup();
}
