/* All processes with libcrypto: what they ask of it in the same way. */
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <stdint.h>

#include "libcrypto.h"
#include "log.h"

void
libcrypto_init(void)
{
	uint8_t	 seed[1];

	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    RAND_bytes(seed, sizeof(seed)) != 1)
		fatalx("libcrypto cannot be initialised");
}

int
libcrypto_no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return (-1);
}
