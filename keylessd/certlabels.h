/*
 * What a metric says of a certificate, as the Go server does: its serial
 * number in decimal, its common name, its DNS names, sorted, with commas
 * between them, and what it may be used for.
 */
#ifndef CERTLABELS_H
#define CERTLABELS_H

#include <openssl/x509.h>

struct certlabels {
	char	 serial[64];
	char	 cn[128];
	char	 hostnames[512];	/* those that fit */
	int	 ca;			/* 0, 1 */
	int	 server;		/* has serverAuth, or any usage */
	int	 client;		/* the same, clientAuth */
};

void	certlabels_fill(struct certlabels *, X509 *);

#endif
