/*
 * Opens many connections to a key server, from a few processes.
 *
 *	connect [-d] PORT CA CERT KEY PROTOCOL NUMBER
 *
 * Each connection asks for one ping, since with TLS 1.3 only an answer says
 * that the server is content with the certificate.  Prints the connections
 * opened and the milliseconds it took; holds them until standard input ends.
 * With -d each is closed before the next one is opened.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "opcode.h"
#include "wire.h"

#define PROCESSES	4

struct plan {
	struct sockaddr_in	 to;
	SSL_CTX			*ctx;
	int			 discard;
	size_t			 number;
};

static uint64_t
now_ms(void)
{
	struct timespec	 ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static SSL_CTX *
context(char **arg)
{
	SSL_CTX	*ctx;
	int	 version;

	version = strcmp(arg[3], "1.2") == 0 ? TLS1_2_VERSION :
	    TLS1_3_VERSION;
	if ((ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
	    SSL_CTX_set_min_proto_version(ctx, version) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, version) != 1 ||
	    SSL_CTX_load_verify_locations(ctx, arg[0], NULL) != 1 ||
	    SSL_CTX_use_certificate_chain_file(ctx, arg[1]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, arg[2], SSL_FILETYPE_PEM) != 1)
		errx(1, "cannot set up TLS");
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	/* Ten thousand of them have to fit in our memory, too. */
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	return (ctx);
}

static void
ping(SSL *ssl)
{
	static const uint8_t	 opcode = OP_PING;
	struct wire_header	 h = { WIRE_MAJOR, 0, 0, 1 };
	uint8_t			 message[WIRE_PADDED_SIZE];
	size_t			 used = WIRE_HEADER_SIZE;
	int			 n, got = 0;

	wire_item_put(message, sizeof(message), &used, WIRE_TAG_OPCODE,
	    &opcode, 1);
	h.length = (uint16_t)(used - WIRE_HEADER_SIZE);
	wire_header_encode(&h, message);
	if (SSL_write(ssl, message, (int)used) != (int)used)
		errx(1, "cannot send");
	do {
		n = SSL_read(ssl, message, (int)sizeof(message) - got);
		if (n <= 0)
			errx(1, "no answer");
		got += n;
	} while (got < WIRE_PADDED_SIZE);
}

static SSL *
open_one(const struct plan *plan)
{
	SSL	*ssl;
	int	 fd;

	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	if (connect(fd, (const struct sockaddr *)&plan->to,
	    sizeof(plan->to)) == -1)
		err(1, "connect");
	if ((ssl = SSL_new(plan->ctx)) == NULL || SSL_set_fd(ssl, fd) != 1 ||
	    SSL_connect(ssl) != 1)
		errx(1, "handshake failed");
	ping(ssl);
	return (ssl);
}

static void
close_one(SSL *ssl)
{
	int	 fd = SSL_get_fd(ssl);

	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

/* One process: says so when its connections are open, then holds them. */
static void __attribute__((noreturn))
work(const struct plan *plan, size_t number, int ready, int hold)
{
	SSL	*ssl;
	char	 c;

	while (number-- != 0) {
		ssl = open_one(plan);
		if (plan->discard)
			close_one(ssl);
	}
	if (write(ready, "", 1) != 1)
		err(1, "write");
	while (read(hold, &c, 1) > 0)
		;
	_exit(0);
}

static void
start(const struct plan *plan, int ready[2], int hold[2])
{
	size_t	 i, share;

	for (i = 0; i < PROCESSES; i++) {
		share = plan->number * (i + 1) / PROCESSES -
		    plan->number * i / PROCESSES;
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			close(hold[1]);
			close(ready[0]);
			work(plan, share, ready[1], hold[0]);
		}
	}
	close(ready[1]);
	close(hold[0]);
}

int
main(int argc, char **argv)
{
	struct plan	 plan;
	uint64_t	 begun;
	int		 ready[2], hold[2], i, status = 0, failed = 0;
	char		 c;

	memset(&plan, 0, sizeof(plan));
	if (argc > 1 && strcmp(argv[1], "-d") == 0) {
		plan.discard = 1;
		argc--;
		argv++;
	}
	if (argc != 7)
		errx(1, "usage: connect [-d] port ca cert key 1.2|1.3 number");
	plan.to.sin_family = AF_INET;
	plan.to.sin_port = htons((uint16_t)atoi(argv[1]));
	plan.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	plan.ctx = context(argv + 2);
	plan.number = (size_t)atol(argv[6]);
	if (pipe(ready) == -1 || pipe(hold) == -1)
		err(1, "pipe");
	begun = now_ms();
	start(&plan, ready, hold);
	for (i = 0; i < PROCESSES && read(ready[0], &c, 1) == 1; i++)
		;
	if (i == PROCESSES) {
		printf("%zu %llu\n", plan.number,
		    (unsigned long long)(now_ms() - begun));
		fflush(stdout);
		while (read(STDIN_FILENO, &c, 1) > 0)
			;
	}
	close(hold[1]);
	while (wait(&status) != -1)
		failed |= status != 0;
	SSL_CTX_free(plan.ctx);
	return (failed || i != PROCESSES);
}
