/*
 * Test: the authentication key and its certificate, and a crash at any moment
 * of their replacement.  Linked with renameat(2) and its like wrapped.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <openssl/pem.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/pair.h"
#include "../enroll/issue.h"
#include "test.h"

#define HOST	"keyless.example.com"
#define DAY	86400L
#define DIED	99		/* exit status at that moment */

static char		 dir[] = "/tmp/keylessd-pair.XXXXXX";
static char		 paths[3][64];
static struct pair	 pair = { paths[0], paths[1], paths[2], HOST };
static EVP_PKEY		*ca_key;
static X509		*ca;
static char		 reason[512];
static int		 calls, die_at;	/* of those that are wrapped */

int	__real_renameat(int, const char *, int, const char *);
int	__real_linkat(int, const char *, int, const char *, int);
int	__real_unlinkat(int, const char *, int);
int	__wrap_renameat(int, const char *, int, const char *);
int	__wrap_linkat(int, const char *, int, const char *, int);
int	__wrap_unlinkat(int, const char *, int);

static void
count(void)
{
	if (++calls == die_at)
		_exit(DIED);
}

int
__wrap_renameat(int a, const char *from, int b, const char *to)
{
	count();
	return (__real_renameat(a, from, b, to));
}

int
__wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	count();
	return (__real_linkat(a, from, b, to, flags));
}

int
__wrap_unlinkat(int a, const char *name, int flags)
{
	count();
	return (__real_unlinkat(a, name, flags));
}

/* A certificate as PEM, for free(). */
static char *
certificate(EVP_PKEY *key, const char *hostname, long from, long to)
{
	char	*data, *pem;
	BIO	*bio = BIO_new(BIO_s_mem());
	X509	*cert = issue(key, hostname, from, to, ca, ca_key);
	long	 len;

	if (bio == NULL || PEM_write_bio_X509(bio, cert) != 1)
		errx(1, "certificate");
	len = BIO_get_mem_data(bio, &data);
	pem = strndup(data, (size_t)len);
	BIO_free(bio);
	X509_free(cert);
	return (pem);
}

static int
is_there(const char *path, const char *suffix)
{
	struct stat	 st;
	char		 name[256];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return (stat(name, &st) == 0);
}

static void
remove_all(void)
{
	static const char *const suffixes[] = { "", ".new", ".old", ".tmp" };
	char			 name[256];
	size_t			 i, j;

	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++) {
			snprintf(name, sizeof(name), "%s%s", paths[i],
			    suffixes[j]);
			unlink(name);
		}
}

static int
install(const char *pem, time_t *end)
{
	return (pair_install(&pair, pem, strlen(pem), end, reason,
	    sizeof(reason)));
}

/* All of an enrolment; 0 when the pair is in place. */
static int
enroll(long to)
{
	EVP_PKEY	*key;
	char		*csr, *cert;
	time_t		 end;
	int		 kept, status;

	if ((key = pair_prepare(&pair, &csr, &kept, reason,
	    sizeof(reason))) == NULL)
		return (-1);
	CHECK(pair_csr_matches(csr, strlen(csr), key, HOST));
	CHECK(!pair_csr_matches(csr, strlen(csr), key, "other.example.com"));
	cert = certificate(key, HOST, -60, to);
	status = install(cert, &end);
	free(cert);
	free(csr);
	EVP_PKEY_free(key);
	return (status);
}

static enum pair_state
look(time_t *end)
{
	return (pair_look(&pair, end, reason, sizeof(reason)));
}

/* Kill an enrolment at its n-th step; 0 when it has not so many. */
static int
crash(int n)
{
	time_t	 end;
	pid_t	 pid;
	int	 status, repaired;

	remove_all();
	CHECK(enroll(DAY) == 0);
	if ((pid = fork()) == 0) {
		calls = 0;
		die_at = n;
		_exit(enroll(2 * DAY) == 0 ? 0 : 1);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		err(1, "fork");
	CHECK(WIFEXITED(status));
	CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DIED);
	repaired = pair_repair(&pair, reason, sizeof(reason));
	CHECK(repaired == 0 || repaired == 1);
	CHECK(look(&end) == PAIR_GOOD);
	/* One or the other, and never half of each. */
	CHECK(repaired == 0 || end > time(NULL) + DAY + DAY / 2);
	CHECK(enroll(3 * DAY) == 0);
	CHECK(look(&end) == PAIR_GOOD && end > time(NULL) + 2 * DAY);
	return (WEXITSTATUS(status) == 0 ? 0 : repaired ? 2 : 1);
}

static void
test_crashes(void)
{
	int	 n, result, repaired = 0;

	for (n = 1; (result = crash(n)) != 0; n++)
		repaired += result == 2;
	CHECK(n > 8);
	CHECK(repaired == 1);	/* between the two renames, and only there */
}

/* Each wrong certificate has a reason of its own, and changes nothing. */
static void
refused(const char *pem, const char *why)
{
	time_t	 end, before;

	CHECK(look(&before) == PAIR_GOOD);
	CHECK(install(pem, &end) == -1);
	if (strstr(reason, why) == NULL)
		printf("\"%s\" is not in \"%s\"\n", why, reason);
	CHECK(strstr(reason, why) != NULL);
	CHECK(look(&end) == PAIR_GOOD && end == before);
	CHECK(!is_there(pair.cert, ".new") && is_there(pair.key, ".new"));
}

static void
test_refused(void)
{
	EVP_PKEY	*key, *other;
	char		*csr, *cert, *again, *two;
	size_t		 len;
	int		 kept;

	remove_all();
	CHECK(enroll(DAY) == 0);
	key = pair_prepare(&pair, &csr, &kept, reason, sizeof(reason));
	CHECK(key != NULL && !kept);
	refused("", "no certificate in it");
	refused("nonsense", "no certificate in it");
	refused(csr, "it is the request (CSR)");
	cert = certificate(key, HOST, 60, DAY);
	refused(cert, "it is not valid before");
	free(cert);
	cert = certificate(key, HOST, -DAY, -60);
	refused(cert, "it has expired at");
	free(cert);
	cert = certificate(key, "other.example.com", -60, DAY);
	refused(cert, "its names are: other.example.com");
	free(cert);
	other = pair_key_new();
	cert = certificate(other, HOST, -60, DAY);
	refused(cert, "it is for another key");
	/* The right one, then one that has not issued it. */
	again = certificate(key, HOST, -60, DAY);
	if (asprintf(&two, "%s%s", again, cert) == -1)
		err(1, NULL);
	refused(two, "are not its chain: number 2");
	len = strlen(again);
	two[len + len / 2] = '\0';
	refused(two, "what follows the certificate is damaged");
	two[len / 2] = '\0';
	refused(two, "damaged or cut off");
	free(two);
	free(again);
	free(cert);
	free(csr);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
}

/* What waits is kept, unless it is for another name or others can read it. */
static void
test_kept(void)
{
	EVP_PKEY	*key, *again;
	char		*csr, *csr_again, name[256];
	int		 kept;

	remove_all();
	key = pair_prepare(&pair, &csr, &kept, reason, sizeof(reason));
	CHECK(key != NULL && !kept);
	again = pair_prepare(&pair, &csr_again, &kept, reason, sizeof(reason));
	CHECK(again != NULL && kept && strcmp(csr, csr_again) == 0);
	free(csr_again);
	EVP_PKEY_free(again);
	snprintf(name, sizeof(name), "%s.new", pair.key);
	CHECK(chmod(name, 0640) == 0);
	again = pair_prepare(&pair, &csr_again, &kept, reason, sizeof(reason));
	CHECK(again != NULL && !kept && strcmp(csr, csr_again) != 0);
	free(csr_again);
	EVP_PKEY_free(again);
	pair.hostname = "other.example.com";
	again = pair_prepare(&pair, &csr_again, &kept, reason, sizeof(reason));
	CHECK(again != NULL && !kept);
	pair.hostname = HOST;
	free(csr_again);
	free(csr);
	EVP_PKEY_free(again);
	EVP_PKEY_free(key);
}

static void
test_files(void)
{
	struct stat	 st;
	time_t		 end;
	char		 name[256];
	int		 fd;

	remove_all();
	CHECK(look(&end) == PAIR_MISSING);
	CHECK(enroll(DAY) == 0);
	CHECK(stat(pair.key, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(stat(pair.cert, &st) == 0 && (st.st_mode & 0777) == 0644);
	CHECK(!is_there(pair.key, ".old") && !is_there(pair.cert, ".old"));
	CHECK(enroll(2 * DAY) == 0);
	CHECK(is_there(pair.key, ".old") && is_there(pair.cert, ".old"));
	CHECK(!is_there(pair.key, ".new") && !is_there(pair.cert, ".new"));
	snprintf(name, sizeof(name), "%s.real", pair.cert);
	CHECK(rename(pair.cert, name) == 0 && symlink(name, pair.cert) == 0);
	CHECK(enroll(DAY) == -1 && strstr(reason, "is a link") != NULL);
	CHECK(look(&end) == PAIR_GOOD);
	CHECK(unlink(name) == 0);

	pair.key = pair.cert;
	CHECK(enroll(DAY) == -1 && strstr(reason, "different files") != NULL);
	pair.key = paths[1];

	CHECK((fd = pair_lock(&pair, reason, sizeof(reason))) != -1);
	CHECK(pair_lock(&pair, reason, sizeof(reason)) == -1);
	CHECK(strstr(reason, "somebody else") != NULL);
	close(fd);
}

int
main(void)
{
	size_t	 i;
	static const char *const names[] = { "cert.pem", "key.pem", "csr.pem" };

	if (mkdtemp(dir) == NULL)
		err(1, "%s", dir);
	for (i = 0; i < 3; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", dir, names[i]);
	if ((ca_key = pair_key_new()) == NULL)
		errx(1, "pair_key_new");
	ca = issue(ca_key, "keylessd regress", -DAY, 30 * DAY, NULL, NULL);
	test_files();
	test_refused();
	test_kept();
	test_crashes();
	remove_all();
	rmdir(dir);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return (test_done());
}
