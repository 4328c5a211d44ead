/* Test program: RSA decryption, with good padding and with bad. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge.h"

#define BLOCK_MAX	1024

static CK_MECHANISM	 pkcs = { CKM_RSA_PKCS, NULL, 0 };
static CK_MECHANISM	 raw = { CKM_RSA_X_509, NULL, 0 };

/* Encrypt with a padding of libcrypto's; RSA_NO_PADDING: in is a block. */
static size_t
encrypt(EVP_PKEY *pub, int padding, const uint8_t *in, size_t len,
    uint8_t *out)
{
	EVP_PKEY_CTX	*ctx;
	size_t		 n = BLOCK_MAX;

	if ((ctx = EVP_PKEY_CTX_new(pub, NULL)) == NULL ||
	    EVP_PKEY_encrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1 ||
	    EVP_PKEY_encrypt(ctx, out, &n, in, len) != 1)
		die("cannot encrypt");
	EVP_PKEY_CTX_free(ctx);
	return (n);
}

static CK_RV
decrypt(CK_SESSION_HANDLE s, const struct edge_key *k, CK_MECHANISM *m,
    uint8_t *in, size_t len, uint8_t *out, CK_ULONG *outlen)
{
	must("C_DecryptInit", f->C_DecryptInit(s, m, k->object));
	return (f->C_Decrypt(s, in, len, out, outlen));
}

/* Any length of message, through room that just fits. */
static void
good(CK_SESSION_HANDLE s, const struct edge_key *k, size_t len)
{
	uint8_t		 msg[BLOCK_MAX] = { 0 }, in[BLOCK_MAX], out[BLOCK_MAX];
	CK_ULONG	 n;
	size_t		 inlen;

	if (len != 0 && RAND_bytes(msg, (int)len) != 1)
		die("no random bytes");
	inlen = encrypt(k->pub, RSA_PKCS1_PADDING, msg, len, in);
	n = len;
	must("C_Decrypt", decrypt(s, k, &pkcs, in, inlen, out, &n));
	if (n != len || memcmp(out, msg, len) != 0)
		die("wrong message length=%lu expected=%zu", n, len);
	if (len == 0)
		return;
	n = len - 1;
	if (decrypt(s, k, &pkcs, in, inlen, out, &n) != CKR_BUFFER_TOO_SMALL ||
	    n != len)
		die("no CKR_BUFFER_TOO_SMALL");
	must("C_Decrypt again", f->C_Decrypt(s, in, inlen, out, &n));
	n = sizeof(out);
	must("raw", decrypt(s, k, &raw, in, inlen, out, &n));
	if (n != inlen || memcmp(out + n - len, msg, len) != 0)
		die("wrong raw block");
}

/* One byte of a good block changed to what makes its padding bad. */
static void
bad(CK_SESSION_HANDLE s, const struct edge_key *k, size_t at, uint8_t value)
{
	uint8_t		 em[BLOCK_MAX], in[BLOCK_MAX], out[BLOCK_MAX];
	CK_ULONG	 n = sizeof(out);
	size_t		 size = (size_t)EVP_PKEY_size(k->pub);

	memset(em, 0x5a, size);
	em[0] = 0;
	em[1] = 2;
	em[100] = 0;
	em[at] = value;
	encrypt(k->pub, RSA_NO_PADDING, em, size, in);
	if (decrypt(s, k, &pkcs, in, size, out, &n) !=
	    CKR_ENCRYPTED_DATA_INVALID)
		die("bad padding at %zu was taken", at);
}

int
decrypt_main(int argc, char **argv)
{
	const struct edge_key	*k = keys;
	CK_SESSION_HANDLE	 s;
	int			 i, count = argc < 1 ? 1 : atoi(argv[0]);
	size_t			 max;

	while (k < keys + nkeys && k->type != CKK_RSA)
		k++;
	if (k == keys + nkeys)
		die("no RSA key");
	s = open_session(k->slot);
	max = (size_t)EVP_PKEY_size(k->pub) - 11;
	for (i = 0; i < count; i++)
		good(s, k, max * (size_t)i / (size_t)count);
	good(s, k, max);
	bad(s, k, 1, 1);
	bad(s, k, 2, 0);
	bad(s, k, 9, 0);
	bad(s, k, 100, 0x5a);
	must("C_Finalize", f->C_Finalize(NULL));
	printf("decrypt messages=%d\n", count + 1);
	return (0);
}
