/* Who may see the authentication key: key and certificate in their place. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "pair.h"
#include "place.h"

static char *
key_to_pem(EVP_PKEY *key)
{
	BIO	*bio;
	char	*data, *pem = NULL;
	long	 len;

	/* Its memory is wiped when it is freed. */
	if ((bio = BIO_new(BIO_s_mem())) == NULL)
		return (NULL);
	if (PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL,
	    NULL) == 1 && (len = BIO_get_mem_data(bio, &data)) > 0)
		pem = strndup(data, (size_t)len);
	BIO_free(bio);
	return (pem);
}

static EVP_PKEY *
key_read(const struct place *p, const char *suffix, char *err, size_t errsize)
{
	EVP_PKEY	*key;
	char		*pem;
	size_t		 len;

	if ((pem = place_read(p, suffix, &len, err, errsize)) == NULL)
		return (NULL);
	if ((key = pair_key_parse(pem, len)) == NULL)
		snprintf(err, errsize, "no private key that could be used is "
		    "in %s%s", p->path, suffix);
	freezero(pem, len + 1);
	return (key);
}

/* Whether a file holds a certificate for a key. */
static int
place_is_for(const struct place *p, const char *suffix, EVP_PKEY *key)
{
	char	*pem, err[PATH_MAX + 128];
	size_t	 len;
	int	 ok;

	if ((pem = place_read(p, suffix, &len, err, sizeof(err))) == NULL)
		return (0);
	ok = pair_is_for(pem, len, key);
	free(pem);
	return (ok);
}

/* The three places, or none. */
struct places {
	struct place	 cert;
	struct place	 key;
	struct place	 csr;
};

static void
places_close(struct places *pl)
{
	place_close(&pl->cert);
	place_close(&pl->key);
	place_close(&pl->csr);
}

static int
places_open(struct places *pl, const struct pair *pair, char *err,
    size_t errsize)
{
	pl->cert.dir = pl->key.dir = pl->csr.dir = -1;
	if (place_open(&pl->cert, pair->cert, err, errsize) == 0 &&
	    place_open(&pl->key, pair->key, err, errsize) == 0 &&
	    place_open(&pl->csr, pair->csr, err, errsize) == 0)
		return (0);
	places_close(pl);
	return (-1);
}

/* The same for who will write: into three files. */
static int
places_open_apart(struct places *pl, const struct pair *pair, char *err,
    size_t errsize)
{
	if (strcmp(pair->cert, pair->key) != 0 &&
	    strcmp(pair->cert, pair->csr) != 0 &&
	    strcmp(pair->key, pair->csr) != 0)
		return (places_open(pl, pair, err, errsize));
	snprintf(err, errsize, "auth_cert, auth_key and auth_csr must be "
	    "different files");
	return (-1);
}

/* CERT.new without KEY.new: what is it? */
static int
repair(const struct places *pl, char *err, size_t errsize)
{
	EVP_PKEY	*key;
	int		 status;

	if ((key = key_read(&pl->key, "", err, errsize)) == NULL)
		return (-1);
	if (place_is_for(&pl->cert, "", key) ||
	    !place_is_for(&pl->cert, PAIR_NEW, key)) {
		/* It was for this key anyway, or is left from long ago. */
		status = place_unlink(&pl->cert, PAIR_NEW, err, errsize);
	} else if ((status = place_rename(&pl->cert, PAIR_NEW, "", err,
	    errsize)) == 0 && place_sync(&pl->cert, err, errsize) == 0)
		status = 1;
	EVP_PKEY_free(key);
	return (status);
}

int
pair_repair(const struct pair *pair, char *err, size_t errsize)
{
	struct places	 pl;
	struct stat	 st;
	int		 status = 0;

	/* A directory that is not there is no place for a crash. */
	if (places_open(&pl, pair, err, errsize) == -1)
		return (0);
	if (place_has(&pl.cert, PAIR_NEW, &st) &&
	    !place_has(&pl.key, PAIR_NEW, &st))
		status = repair(&pl, err, errsize);
	places_close(&pl);
	return (status);
}

static enum pair_state
look(const struct places *pl, time_t *end, char *err, size_t errsize)
{
	struct pair	 none;
	EVP_PKEY	*key;
	char		*pem, *again;
	size_t		 len;
	time_t		 now = time(NULL);

	memset(&none, 0, sizeof(none));
	if ((pem = place_read(&pl->cert, "", &len, err, errsize)) == NULL)
		return (errno == ENOENT ? PAIR_MISSING : PAIR_BAD);
	if ((key = key_read(&pl->key, "", err, errsize)) == NULL) {
		free(pem);
		return (errno == ENOENT ? PAIR_MISSING : PAIR_BAD);
	}
	again = pair_check(pem, len, key, NULL, end, err, errsize);
	free(pem);
	EVP_PKEY_free(key);
	if (again != NULL) {
		free(again);
		return (PAIR_GOOD);
	}
	return (*end > 0 && now >= *end ? PAIR_EXPIRED : PAIR_BAD);
}

enum pair_state
pair_look(const struct pair *pair, time_t *end, char *err, size_t errsize)
{
	struct places	 pl;
	enum pair_state	 state;

	*end = 0;
	*err = '\0';
	if (places_open(&pl, pair, err, errsize) == -1)
		return (errno == ENOENT ? PAIR_MISSING : PAIR_BAD);
	state = look(&pl, end, err, errsize);
	places_close(&pl);
	return (state);
}

/* The key that waits, if the request that is there is made with it. */
static EVP_PKEY *
key_waiting(const struct places *pl, const char *hostname, char **csr)
{
	EVP_PKEY	*key;
	struct stat	 st;
	char		 err[PATH_MAX + 128];
	size_t		 len;

	if (!place_has(&pl->key, PAIR_NEW, &st) || !S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0 ||
	    (key = key_read(&pl->key, PAIR_NEW, err, sizeof(err))) == NULL)
		return (NULL);
	*csr = place_read(&pl->csr, "", &len, err, sizeof(err));
	if (*csr != NULL && pair_csr_matches(*csr, len, key, hostname))
		return (key);
	free(*csr);
	*csr = NULL;
	EVP_PKEY_free(key);
	return (NULL);
}

/* The key first: a request for a key that is lost would be of no use. */
static int
write_request(const struct places *pl, EVP_PKEY *key, const char *csr,
    char *err, size_t errsize)
{
	char	*pem;
	int	 status;

	if ((pem = key_to_pem(key)) == NULL) {
		snprintf(err, errsize, "libcrypto cannot write a key");
		return (-1);
	}
	status = place_write(&pl->key, PAIR_NEW, 0600, pem, err, errsize);
	freezero(pem, strlen(pem));
	if (status == 0)
		status = place_write(&pl->csr, "", 0644, csr, err, errsize);
	return (status);
}

EVP_PKEY *
pair_prepare(const struct pair *pair, char **csr, int *kept, char *err,
    size_t errsize)
{
	struct places	 pl;
	EVP_PKEY	*key;

	*csr = NULL;
	if (places_open_apart(&pl, pair, err, errsize) == -1)
		return (NULL);
	key = key_waiting(&pl, pair->hostname, csr);
	*kept = key != NULL;
	if (key == NULL && ((key = pair_key_new()) == NULL ||
	    (*csr = pair_csr_new(key, pair->hostname)) == NULL)) {
		snprintf(err, errsize, "libcrypto cannot make a key and a "
		    "request for hostname \"%s\"", pair->hostname);
		goto fail;
	}
	/* What a run has left whose certificate was not put in place. */
	if (place_unlink(&pl.cert, PAIR_NEW, err, errsize) == -1 ||
	    (!*kept && write_request(&pl, key, *csr, err, errsize) == -1))
		goto fail;
	places_close(&pl);
	return (key);
fail:
	free(*csr);
	*csr = NULL;
	EVP_PKEY_free(key);
	places_close(&pl);
	return (NULL);
}

/*
 * All that can fail comes first.  Between the two renames pair_repair() would
 * have to help.
 */
static int
put(const struct places *pl, const char *cert, int new_key, char *err,
    size_t errsize)
{
	if (place_write(&pl->cert, PAIR_NEW, 0644, cert, err, errsize) == -1)
		return (-1);
	if (place_keep(&pl->cert, err, errsize) == -1 ||
	    place_keep(&pl->key, err, errsize) == -1) {
		(void)place_unlink(&pl->cert, PAIR_NEW, err, 0);
		return (-1);
	}
	if (new_key && (place_rename(&pl->key, PAIR_NEW, "", err,
	    errsize) == -1 || place_sync(&pl->key, err, errsize) == -1))
		return (-1);
	if (place_rename(&pl->cert, PAIR_NEW, "", err, errsize) == -1)
		return (-1);
	return (place_sync(&pl->cert, err, errsize));
}

/*
 * The key that a certificate is for: the one that waits, or the one in place.
 * When it is for none of them, that of the two from which a request is out.
 */
static EVP_PKEY *
choose_key(const struct places *pl, const char *pem, size_t len, int *new_key,
    char *err, size_t errsize)
{
	EVP_PKEY	*key, *placed;

	key = key_read(&pl->key, PAIR_NEW, err, errsize);
	*new_key = key != NULL;
	if (key != NULL && pair_is_for(pem, len, key))
		return (key);
	placed = key_read(&pl->key, "", err, errsize);
	if (placed != NULL && (key == NULL || pair_is_for(pem, len, placed))) {
		EVP_PKEY_free(key);
		*new_key = 0;
		return (placed);
	}
	EVP_PKEY_free(placed);
	return (key);
}

int
pair_install(const struct pair *pair, const char *pem, size_t len,
    time_t *end, char *err, size_t errsize)
{
	struct places	 pl;
	EVP_PKEY	*key;
	char		*cert;
	int		 new_key, status = -1;

	if (places_open_apart(&pl, pair, err, errsize) == -1)
		return (-1);
	key = choose_key(&pl, pem, len, &new_key, err, errsize);
	if (key != NULL && (cert = pair_check(pem, len, key, pair->hostname,
	    end, err, errsize)) != NULL) {
		status = put(&pl, cert, new_key, err, errsize);
		free(cert);
	}
	EVP_PKEY_free(key);
	places_close(&pl);
	return (status);
}

int
pair_lock(const struct pair *pair, char *err, size_t errsize)
{
	struct place	 p;

	if (place_open(&p, pair->key, err, errsize) == -1)
		return (-1);
	if (place_lock(&p, err, errsize) == -1) {
		place_close(&p);
		return (-1);
	}
	return (p.dir);
}
