/*
 * What the system refuses at the start, and what to do about it.
 */
#ifndef ADVICE_H
#define ADVICE_H

enum advice_for {
	ADVICE_CONFIG,		/* reading the configuration file */
	ADVICE_CERT,		/* opening auth_cert */
	ADVICE_KEY,		/* ... auth_key */
	ADVICE_CA,		/* ... cloudflare_ca_cert */
	ADVICE_CRL,		/* ... crl */
	ADVICE_LISTEN,		/* binding an address */
	ADVICE_SOCKET		/* making a UNIX socket */
};

/*
 * The text of an errno and, where there is something to be done about it,
 * what; until this is called again.
 */
const char	*advice(enum advice_for, int error);

#endif
