/* Parent, keylessctl: says what to do next, not only what is wrong. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "compat.h"

static const struct {
	enum advice_for	 what;
	int		 error;
	const char	*text;
} table[] = {
	{ ADVICE_CONFIG, ENOENT, "name another with -f, or write it: "
	    "keylessd.conf(5) has examples, keylessctl convert makes one of a "
	    "gokeyless.yaml" },
	{ ADVICE_CONFIG, EACCES, "be root, or a user who may read it" },
	{ ADVICE_CERT, EACCES, "be root, or let this user read it" },
	{ ADVICE_KEY, EACCES, "be root, or let this user read it" },
	{ ADVICE_CA, ENOENT, "it is the authority of the edge's "
	    "certificates: copy keyless_cacert.pem of a gokeyless "
	    "installation, or name with cloudflare_ca_cert where it is" },
	{ ADVICE_CA, EACCES, "be root, or let this user read it" },
	{ ADVICE_CRL, ENOENT, "fetch it from the authority, or leave crl "
	    "out: revocation is not looked at then" },
	{ ADVICE_LISTEN, EADDRINUSE, "another process has it, gokeyless "
	    "perhaps: see ss -ltnp, or choose another port" },
	{ ADVICE_LISTEN, EADDRNOTAVAIL, "no interface has this address: see "
	    "ip address, or choose another with listen" },
	{ ADVICE_LISTEN, EACCES, "ports below 1024 are root's: be root, or "
	    "choose another port" },
	{ ADVICE_SOCKET, ENOENT, "make the directory that it is to be in" },
	{ ADVICE_SOCKET, EACCES, "be root, or choose a directory that this "
	    "user may write to" }
};

const char *
advice(enum advice_for what, int error)
{
	static char	 text[256];
	size_t		 i;

	for (i = 0; i < nitems(table); i++)
		if (table[i].what == what && table[i].error == error) {
			snprintf(text, sizeof(text), "%s; %s", strerror(error),
			    table[i].text);
			return (text);
		}
	strlcpy(text, strerror(error), sizeof(text));
	return (text);
}
