/* Frontend: the reasons of failed handshakes, few enough to be counted. */
#include <string.h>

#include "compat.h"
#include "figures.h"

/*
 * What libtls says ends with the words of the TLS library (OpenSSL, LibreSSL).
 * The first row whose words are in it counts.
 */
static const struct {
	const char		*words;
	enum handshake_failure	 failure;
} reasons[] = {
	{ " alert ",			HANDSHAKE_CLIENT_ALERT },
	{ "peer did not return a certificate", HANDSHAKE_NO_CERTIFICATE },
	{ "certificate has expired",	HANDSHAKE_EXPIRED },
	{ "certificate is not yet valid", HANDSHAKE_NOT_YET_VALID },
	{ "certificate revoked",	HANDSHAKE_REVOKED },
	{ "unsuitable certificate purpose", HANDSHAKE_NOT_CLIENT },
	{ "unsupported certificate purpose", HANDSHAKE_NOT_CLIENT },
	{ "clientAuth",			HANDSHAKE_NOT_CLIENT },
	{ "unable to get local issuer",	HANDSHAKE_UNTRUSTED },
	{ "unable to get issuer",	HANDSHAKE_UNTRUSTED },
	{ "unable to verify the first",	HANDSHAKE_UNTRUSTED },
	{ "self-signed certificate",	HANDSHAKE_UNTRUSTED },
	{ "self signed certificate",	HANDSHAKE_UNTRUSTED },
	{ "certificate verif",		HANDSHAKE_CERTIFICATE },
	{ "http request",		HANDSHAKE_NOT_TLS },
	{ "https proxy request",	HANDSHAKE_NOT_TLS },
	{ "wrong version number",	HANDSHAKE_NOT_TLS },
	{ "unknown protocol",		HANDSHAKE_NOT_TLS },
	{ "unexpected message",		HANDSHAKE_NOT_TLS },
	{ "packet length too long",	HANDSHAKE_NOT_TLS },
	{ "unsupported protocol",	HANDSHAKE_PROTOCOL },
	{ "version too low",		HANDSHAKE_PROTOCOL },
	{ "inappropriate fallback",	HANDSHAKE_PROTOCOL },
	{ "no shared cipher",		HANDSHAKE_PROTOCOL },
	{ "no suitable key share",	HANDSHAKE_PROTOCOL },
	{ "no suitable signature",	HANDSHAKE_PROTOCOL },
	{ "no shared signature",	HANDSHAKE_PROTOCOL },
};

enum handshake_failure
tlsreason_classify(const char *text)
{
	size_t	 i;

	for (i = 0; i < nitems(reasons); i++)
		if (strstr(text, reasons[i].words) != NULL)
			return (reasons[i].failure);
	return (HANDSHAKE_OTHER);
}
