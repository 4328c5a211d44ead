/* What several programs ask of libcrypto in the same way. */
#ifndef LIBCRYPTO_H
#define LIBCRYPTO_H

/*
 * Initialise libcrypto without a configuration file, and fill its random number
 * generator while its sources can be opened: before sandbox_confine().  Ends
 * the process where that fails.
 */
void	libcrypto_init(void);

/*
 * A pem_password_cb(3): nobody is there to be asked for a passphrase, so that
 * what has one cannot be read.
 */
int	libcrypto_no_passphrase(char *, int, int, void *);

#endif
