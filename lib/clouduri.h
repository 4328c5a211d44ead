/*
 * URIs of keys in the clouds' key services:
 *
 *	https://NAME.vault.azure.net/keys/KEY[/VERSION]
 *	https://NAME.managedhsm.azure.net/keys/KEY[/VERSION]
 *	projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N
 *	arn:aws:kms:REGION:ACCOUNT:key/ID
 *	arn:aws:kms:REGION:ACCOUNT:alias/NAME
 *
 * with the suffixes of Azure's clouds in China, for the US Government and in
 * Germany, and the other partitions of AWS.
 */
#ifndef CLOUDURI_H
#define CLOUDURI_H

#include <stddef.h>

#define CLOUDURI_MAX	1023		/* bytes of a URI */

enum cloud {
	CLOUD_AZURE,
	CLOUD_GOOGLE,
	CLOUD_AWS
};

struct clouduri {
	enum cloud	 cloud;
	char		 account[256];	/* what its keys have in common: vault,
					 * project and location, or region and
					 * account */
	char		 host[256];	/* of the service */
	char		 domain[64];	/* Azure: "vault.azure.net";
					 * AWS: "amazonaws.com" */
	char		 region[32];	/* AWS only */
	const char	*authority;	/* Azure: host that gives tokens */
	char		 label[64];	/* the key's name, may be cut */
	char		 key[CLOUDURI_MAX + 1];	/* its name for the service:
					 * Azure: KEY or KEY/VERSION;
					 * else the whole URI */
};

/*
 * Returns 0, or -1 with the reason in err.  What is of none of these forms is
 * refused with a list of them.
 */
int		 clouduri_parse(const char *, struct clouduri *, char *err,
		    size_t errsize);

/* "Azure", "Google Cloud", "AWS". */
const char	*cloud_name(enum cloud);

#endif
