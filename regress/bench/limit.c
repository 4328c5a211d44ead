/*
 * The limit: an operation in a loop in one process, without TLS, messages or
 * anything else around it.  Prints the nanoseconds of processor time that one
 * takes.
 *
 *	limit file KEY OPERATION SECONDS
 *	limit token MODULE LABEL PIN-FILE KEY-LABEL OPERATION SECONDS
 *
 * OPERATION is ecdsa, rsa, pss or ed25519, with SHA-256 where there is a hash
 * (SHA-384 for P-384).  libcrypto signs by one context that is used again and
 * again, the token by C_SignInit and C_Sign in one session.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <dlfcn.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pkcs11-helper-1.0/pkcs11.h>

#include "compat.h"

#define ROUND		16	/* operations between looks at the clock */
#define MESSAGE		128	/* bytes, for Ed25519: what a load has */

enum operation { DO_ECDSA, DO_RSA, DO_PSS, DO_ED25519 };

static const char *const operations[] = {
	[DO_ECDSA] = "ecdsa",
	[DO_RSA] = "rsa",
	[DO_PSS] = "pss",
	[DO_ED25519] = "ed25519"
};

struct limit {
	enum operation	 operation;
	uint8_t		 in[MESSAGE];
	size_t		 inlen;
	/* libcrypto */
	EVP_PKEY_CTX	*ctx;
	EVP_MD_CTX	*md;
	/* token */
	CK_FUNCTION_LIST	*f;
	CK_SESSION_HANDLE	 session;
	CK_OBJECT_HANDLE	 key;
	CK_MECHANISM		 mechanism;
	int			(*sign)(struct limit *);
};

/* DigestInfo of a SHA-256 hash: RFC 8017 section 9.2, note 1. */
static const uint8_t sha256_info[] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
	0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20
};

static enum operation
find_operation(const char *name)
{
	size_t	 i;

	for (i = 0; i < nitems(operations); i++)
		if (strcmp(operations[i], name) == 0)
			return ((enum operation)i);
	errx(1, "%s: no such operation", name);
}

static int
sign_hash(struct limit *l)
{
	uint8_t	 out[1024];
	size_t	 len = sizeof(out);

	return (EVP_PKEY_sign(l->ctx, out, &len, l->in, l->inlen) == 1);
}

static int
sign_message(struct limit *l)
{
	uint8_t	 out[1024];
	size_t	 len = sizeof(out);

	return (EVP_DigestSign(l->md, out, &len, l->in, l->inlen) == 1);
}

static int
sign_token(struct limit *l)
{
	uint8_t		 out[1024];
	CK_ULONG	 len = sizeof(out);

	return (l->f->C_SignInit(l->session, &l->mechanism, l->key) ==
	    CKR_OK && l->f->C_Sign(l->session, l->in, l->inlen, out,
	    &len) == CKR_OK);
}

static int
init_rsa(struct limit *l)
{
	if (EVP_PKEY_CTX_set_rsa_padding(l->ctx, l->operation == DO_PSS ?
	    RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(l->ctx, EVP_sha256()) != 1)
		return (-1);
	if (l->operation == DO_PSS &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(l->ctx, -1) != 1)
		return (-1);
	return (0);
}

static void
open_file(struct limit *l, char **arg)
{
	EVP_PKEY	*pkey;
	FILE		*f;

	if ((f = fopen(arg[0], "r")) == NULL)
		err(1, "%s", arg[0]);
	if ((pkey = PEM_read_PrivateKey(f, NULL, NULL, NULL)) == NULL)
		errx(1, "%s: no private key", arg[0]);
	fclose(f);
	l->operation = find_operation(arg[1]);
	if (l->operation == DO_ED25519) {
		l->sign = sign_message;
		l->inlen = MESSAGE;
		if ((l->md = EVP_MD_CTX_new()) == NULL ||
		    EVP_DigestSignInit(l->md, NULL, NULL, NULL, pkey) != 1)
			errx(1, "%s: cannot sign", arg[0]);
		return;
	}
	l->sign = sign_hash;
	l->inlen = l->operation == DO_ECDSA ?
	    (size_t)(EVP_PKEY_bits(pkey) + 7) / 8 : 32;
	if ((l->ctx = EVP_PKEY_CTX_new(pkey, NULL)) == NULL ||
	    EVP_PKEY_sign_init(l->ctx) != 1 ||
	    (l->operation != DO_ECDSA && init_rsa(l) == -1))
		errx(1, "%s: cannot sign", arg[0]);
}

static void
must(CK_RV rv, const char *what)
{
	if (rv != CKR_OK)
		errx(1, "%s: 0x%lx", what, (unsigned long)rv);
}

/* The slot whose token has this label. */
static CK_SLOT_ID
find_slot(const struct limit *l, const char *label)
{
	CK_TOKEN_INFO	 info;
	CK_SLOT_ID	 slots[64];
	CK_ULONG	 i, n = nitems(slots);
	size_t		 len = strlen(label);

	must(l->f->C_GetSlotList(CK_TRUE, slots, &n), "C_GetSlotList");
	for (i = 0; i < n; i++) {
		if (l->f->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    len <= sizeof(info.label) &&
		    memcmp(info.label, label, len) == 0)
			return (slots[i]);
	}
	errx(1, "%s: no such token", label);
}

static void
login(struct limit *l, const char *path)
{
	char	 pin[64];
	FILE	*f;

	if ((f = fopen(path, "r")) == NULL ||
	    fgets(pin, sizeof(pin), f) == NULL)
		err(1, "%s", path);
	fclose(f);
	pin[strcspn(pin, "\n")] = '\0';
	must(l->f->C_Login(l->session, CKU_USER, (CK_UTF8CHAR *)pin,
	    strlen(pin)), "C_Login");
}

static void
find_key(struct limit *l, char *label)
{
	CK_OBJECT_CLASS	 class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE	 t[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, label, strlen(label) }
	};
	CK_ULONG	 n;

	must(l->f->C_FindObjectsInit(l->session, t, nitems(t)),
	    "C_FindObjectsInit");
	must(l->f->C_FindObjects(l->session, &l->key, 1, &n),
	    "C_FindObjects");
	must(l->f->C_FindObjectsFinal(l->session), "C_FindObjectsFinal");
	if (n != 1)
		errx(1, "%s: no such key", label);
}

static void
open_token(struct limit *l, char **arg)
{
	CK_C_GetFunctionList	 list;
	void			*module;

	if ((module = dlopen(arg[0], RTLD_NOW)) == NULL)
		errx(1, "%s", dlerror());
	*(void **)&list = dlsym(module, "C_GetFunctionList");
	if (list == NULL)
		errx(1, "%s: no PKCS#11 module", arg[0]);
	must(list(&l->f), "C_GetFunctionList");
	must(l->f->C_Initialize(NULL), "C_Initialize");
	must(l->f->C_OpenSession(find_slot(l, arg[1]), CKF_SERIAL_SESSION,
	    NULL, NULL, &l->session), "C_OpenSession");
	login(l, arg[2]);
	find_key(l, arg[3]);
	l->operation = find_operation(arg[4]);
	l->sign = sign_token;
	l->inlen = 32;
	l->mechanism.mechanism = CKM_ECDSA;
	if (l->operation == DO_RSA) {
		l->mechanism.mechanism = CKM_RSA_PKCS;
		memmove(l->in + sizeof(sha256_info), l->in, l->inlen);
		memcpy(l->in, sha256_info, sizeof(sha256_info));
		l->inlen += sizeof(sha256_info);
	} else if (l->operation != DO_ECDSA)
		errx(1, "%s: not with a token", arg[4]);
}

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec	 ts;

	if (clock_gettime(id, &ts) == -1)
		err(1, "clock_gettime");
	return ((uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec);
}

static void
run(struct limit *l, double seconds)
{
	uint64_t	 begun, end, n = 0;
	int		 i;

	for (i = 0; i < ROUND; i++)
		if (!l->sign(l))
			errx(1, "signing failed");
	begun = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	end = clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
	do {
		for (i = 0; i < ROUND; i++)
			if (!l->sign(l))
				errx(1, "signing failed");
		n += ROUND;
	} while (clock_ns(CLOCK_MONOTONIC) < end);
	printf("%llu\n", (unsigned long long)
	    ((clock_ns(CLOCK_PROCESS_CPUTIME_ID) - begun) / n));
}

int
main(int argc, char **argv)
{
	static struct limit	 l;

	arc4random_buf(l.in, sizeof(l.in));
	if (argc == 5 && strcmp(argv[1], "file") == 0)
		open_file(&l, argv + 2);
	else if (argc == 8 && strcmp(argv[1], "token") == 0)
		open_token(&l, argv + 2);
	else
		errx(1, "usage: limit file KEY OPERATION SECONDS\n"
		    "       limit token MODULE LABEL PIN-FILE KEY-LABEL "
		    "OPERATION SECONDS");
	run(&l, atof(argv[argc - 1]));
	return (0);
}
