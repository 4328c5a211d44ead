/* In the host's process: certificates from files, for the objects of a slot. */
#include <sys/types.h>
#include <sys/stat.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "conf.h"
#include "log.h"

#define FILE_MAX	(1024 * 1024)

/* Nobody sits at the host's terminal to be asked. */
static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return (-1);
}

/* The first certificate of a file, PEM or DER; NULL. */
static X509 *
parse(const uint8_t *bytes, size_t length)
{
	const uint8_t	*p = bytes;
	X509		*x509;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(bytes, (int)length)) == NULL)
		return (NULL);
	x509 = PEM_read_bio_X509(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (x509 == NULL)
		x509 = d2i_X509(NULL, &p, (long)length);
	return (x509);
}

/* The bytes of a regular file, to be freed; NULL with errno set. */
static uint8_t *
slurp(const char *path, size_t *length)
{
	struct stat	 st;
	uint8_t		*bytes = NULL;
	ssize_t		 n = -1;
	int		 fd;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return (NULL);
	if (fstat(fd, &st) == -1)
		;
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		errno = EINVAL;
	else if ((bytes = malloc((size_t)st.st_size + 1)) != NULL &&
	    (n = read(fd, bytes, (size_t)st.st_size)) == -1) {
		free(bytes);
		bytes = NULL;
	}
	close(fd);
	*length = n == -1 ? 0 : (size_t)n;
	return (bytes);
}

/* The first common name, as UTF-8 to be freed by libcrypto; NULL. */
static uint8_t *
first_name(const X509 *x509)
{
	X509_NAME	*subject = X509_get_subject_name(x509);
	uint8_t		*text = NULL;
	int		 i;

	i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (i < 0 || ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
	    X509_NAME_get_entry(subject, i))) < 0)
		return (NULL);
	return (text);
}

/* What a certificate is called if the configuration does not say. */
static void
common_name(const X509 *x509, char *label, size_t size)
{
	uint8_t	*text = first_name(x509);

	strlcpy(label, text != NULL && *text != '\0' ? (char *)text :
	    "certificate", size);
	OPENSSL_free(text);
}

/* A point in the form that CKA_EC_POINT has to have. */
static int
point_ok(const X509 *x509)
{
	const uint8_t	*bits;
	int		 length;

	return (X509_PUBKEY_get0_param(NULL, &bits, &length, NULL,
	    X509_get_X509_PUBKEY(x509)) == 1 && length > 0 &&
	    bits[0] == 0x04);
}

/* Fill the source from its certificate; -1 and why it cannot be used. */
static int
describe(struct source *src, const char **why)
{
	struct key	*key = &src->key;

	if ((src->pkey = X509_get_pubkey(src->x509)) == NULL) {
		*why = "public key cannot be read";
		return (-1);
	}
	if (keyid_from_pkey(src->pkey, &key->id, why) == -1)
		return (-1);
	if (key->id.type == KEY_TYPE_EC && !point_ok(src->x509)) {
		*why = "EC point is compressed";
		return (-1);
	}
	key->size = (key->id.bits + 7) / 8;
	return (0);
}

static void
refuse(const char *path, const char *why)
{
	log_warnx("certificate refused file=%s reason=\"%s\"", path, why);
}

static int
add_bytes(struct objects *objects, const char *path, const char *label,
    const uint8_t *bytes, size_t length)
{
	struct source	 src;
	const char	*why;
	char		 name[256];
	int		 status = 0;

	memset(&src, 0, sizeof(src));
	if ((src.x509 = parse(bytes, length)) == NULL) {
		refuse(path, "there is no certificate in it");
		return (0);
	}
	common_name(src.x509, name, sizeof(name));
	src.label = label != NULL ? label : name;
	if (describe(&src, &why) == -1)
		refuse(path, why);
	else if (objects_add(objects, &src) == -1) {
		errno = ENOMEM;
		status = -1;
	}
	EVP_PKEY_free(src.pkey);
	X509_free(src.x509);
	return (status);
}

static int
add_file(struct objects *objects, const char *path, const char *label)
{
	uint8_t	*bytes;
	size_t	 length;
	int	 status;

	if ((bytes = slurp(path, &length)) == NULL)
		return (-1);
	status = add_bytes(objects, path, label, bytes, length);
	free(bytes);
	return (status);
}

static int
is_certificate(const struct dirent *entry)
{
	const char	*dot = strrchr(entry->d_name, '.');

	return (*entry->d_name != '.' && dot != NULL &&
	    (strcmp(dot, ".pem") == 0 || strcmp(dot, ".crt") == 0 ||
	    strcmp(dot, ".cer") == 0));
}

/* In the order of names, so that handles are the same the next time. */
static int
add_directory(struct objects *objects, const char *dir, const char *label)
{
	struct dirent	**names;
	char		 *path;
	int		  i, n;

	if ((n = scandir(dir, &names, is_certificate, alphasort)) == -1)
		return (-1);
	for (i = 0; i < n; i++) {
		if (asprintf(&path, "%s/%s", dir,
		    names[i]->d_name) != -1) {
			if (add_file(objects, path, label) == -1)
				refuse(path, strerror(errno));
			free(path);
		}
		free(names[i]);
	}
	free(names);
	return (0);
}

int
certs_add(struct objects *objects, const char *path, const char *label)
{
	struct stat	 st;

	if (stat(path, &st) == -1)
		return (-1);
	if (S_ISDIR(st.st_mode))
		return (add_directory(objects, path, label));
	return (add_file(objects, path, label));
}
