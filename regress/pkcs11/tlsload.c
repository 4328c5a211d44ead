/*
 * tlsload: TLS handshakes with a server, one after the other in each of some
 * threads, with new keys each; counts them and their times.  For tests.
 *
 *	tlsload [-12] [-c ciphers] port ca.pem threads handshakes
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SERVER_NAME	"www.example.com"
#define ANSWER_SECONDS	20

static SSL_CTX	*ctx;
static uint16_t	 port;
static long	 wanted;	/* handshakes */
static long	 begun, failed;
static double	*times;		/* ms, of each */

static double
now_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6);
}

static int
dial(void)
{
	struct sockaddr_in	 sin;
	struct timeval		 tv = { ANSWER_SECONDS, 0 };
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return (-1);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1) {
		close(fd);
		return (-1);
	}
	return (fd);
}

/* A handshake, and a page: only then is a TLS 1.3 server done, too. */
static int
once(void)
{
	static const char	 get[] = "GET / HTTP/1.0\r\nHost: "
				    SERVER_NAME "\r\n\r\n";
	char			 page[4096];
	SSL			*ssl;
	int			 fd, ok = 0;

	if ((fd = dial()) == -1)
		return (-1);
	if ((ssl = SSL_new(ctx)) != NULL &&
	    SSL_set_tlsext_host_name(ssl, SERVER_NAME) == 1 &&
	    SSL_set1_host(ssl, SERVER_NAME) == 1 &&
	    SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1 &&
	    SSL_write(ssl, get, (int)strlen(get)) > 0)
		ok = SSL_read(ssl, page, sizeof(page)) > 0;
	if (!ok)
		ERR_print_errors_fp(stderr);
	SSL_free(ssl);
	close(fd);
	return (ok ? 0 : -1);
}

static void *
work(void *arg)
{
	double	 start;
	long	 n;

	while ((n = __atomic_fetch_add(&begun, 1, __ATOMIC_RELAXED)) <
	    wanted) {
		start = now_ms();
		if (once() == -1)
			__atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
		times[n] = now_ms() - start;
	}
	return (arg);
}

static int
compare(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x < y ? -1 : x > y);
}

static void
setup(const char *ca, int tls12, const char *ciphers)
{
	if ((ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
	    SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1 ||
	    (tls12 && SSL_CTX_set_max_proto_version(ctx,
	    TLS1_2_VERSION) != 1) ||
	    (ciphers != NULL && SSL_CTX_set_cipher_list(ctx, ciphers) != 1)) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}

int
main(int argc, char *argv[])
{
	const char	*ciphers = NULL;
	pthread_t	 threads[64];
	double		 start;
	int		 ch, tls12 = 0;
	long		 i, n;

	while ((ch = getopt(argc, argv, "12c:")) != -1) {
		if (ch == 'c')
			ciphers = optarg;
		else
			tls12 = 1;
	}
	argc -= optind;
	argv += optind;
	if (argc != 4 || (n = atol(argv[2])) < 1 || n > 64 ||
	    (wanted = atol(argv[3])) < 1) {
		fprintf(stderr, "usage: tlsload [-12] [-c ciphers] port "
		    "ca.pem threads handshakes\n");
		return (1);
	}
	port = (uint16_t)atoi(argv[0]);
	setup(argv[1], tls12, ciphers);
	if ((times = calloc((size_t)wanted, sizeof(*times))) == NULL)
		return (1);
	start = now_ms();
	for (i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, work, NULL) != 0)
			return (1);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	start = now_ms() - start;
	qsort(times, (size_t)wanted, sizeof(*times), compare);
	printf("handshakes done=%ld failed=%ld rate=%.0f/s p50=%.2fms "
	    "p99=%.2fms max=%.0fms\n", wanted - failed, failed,
	    (double)wanted / (start / 1e3), times[wanted / 2],
	    times[wanted * 99 / 100], times[wanted - 1]);
	free(times);
	SSL_CTX_free(ctx);
	return (failed != 0);
}
