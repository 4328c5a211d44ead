/* Cloud signer: JSON Web Tokens that are sent, Web Keys that come. */
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include <string.h>

#include "compat.h"
#include "digest.h"
#include "jwt.h"
#include "pubkey.h"

#define RSA_MAX		1024	/* bytes of a modulus */
#define FIELD_MAX	66	/* bytes of a coordinate, P-521 */

static const struct {
	const char	*name;
	int		 nid;
	int		 field;		/* bytes of a coordinate */
} curves[] = {
	{ "P-256",	NID_X9_62_prime256v1,	32 },
	{ "P-384",	NID_secp384r1,		48 },
	{ "P-521",	NID_secp521r1,		66 },
};

static int
sign(EVP_PKEY *pkey, int pss, const struct text *t, size_t begin, uint8_t *sig,
    size_t *siglen)
{
	EVP_MD_CTX	*ctx;
	EVP_PKEY_CTX	*pctx;
	int		 ok;

	if ((ctx = EVP_MD_CTX_new()) == NULL)
		return (-1);
	ok = EVP_DigestSignInit(ctx, &pctx, EVP_sha256(), NULL, pkey) == 1 &&
	    (!pss || (EVP_PKEY_CTX_set_rsa_padding(pctx,
	    RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, -1) == 1)) &&
	    EVP_DigestSign(ctx, sig, siglen, (const uint8_t *)t->s + begin,
	    t->len - begin) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return (ok ? 0 : -1);
}

int
jwt_sign(struct text *t, const char *header, const char *claims,
    EVP_PKEY *pkey, int pss)
{
	uint8_t	 sig[RSA_MAX];
	size_t	 begin = t->len, len = sizeof(sig);

	if (EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA ||
	    EVP_PKEY_size(pkey) > RSA_MAX)
		return (-1);
	text_add_base64url(t, (const uint8_t *)header, strlen(header));
	text_add(t, ".");
	text_add_base64url(t, (const uint8_t *)claims, strlen(claims));
	if (t->over || sign(pkey, pss, t, begin, sig, &len) == -1)
		return (-1);
	text_add(t, ".");
	text_add_base64url(t, sig, len);
	return (t->over ? -1 : 0);
}

static EVP_PKEY *
jwk_rsa(const struct jwk *jwk)
{
	uint8_t	 n[RSA_MAX], e[8];
	int	 nlen, elen;

	if (jwk->n == NULL || jwk->e == NULL ||
	    (nlen = base64_decode(jwk->n, n, sizeof(n))) <= 0 ||
	    (elen = base64_decode(jwk->e, e, sizeof(e))) <= 0)
		return (NULL);
	return (pubkey_rsa(n, (size_t)nlen, e, (size_t)elen));
}

/*
 * A coordinate has the length of the field, RFC 7518 section 6.2.1.2; one
 * with its zeros left out is accepted, too.
 */
static int
coordinate(const char *text, uint8_t *out, int field)
{
	uint8_t	 raw[FIELD_MAX];
	int	 len;

	if (text == NULL || (len = base64_decode(text, raw,
	    (size_t)field)) <= 0)
		return (-1);
	digest_fit(raw, (size_t)len, out, (size_t)field);
	return (0);
}

static EVP_PKEY *
jwk_ec(const struct jwk *jwk, const char **why)
{
	uint8_t	 point[1 + 2 * FIELD_MAX] = { 0x04 };
	size_t	 i;

	for (i = 0; i < nitems(curves); i++)
		if (jwk->crv != NULL && strcmp(jwk->crv, curves[i].name) == 0)
			break;
	if (i == nitems(curves)) {
		*why = "its curve is none of P-256, P-384, P-521";
		return (NULL);
	}
	if (coordinate(jwk->x, point + 1, curves[i].field) == -1 ||
	    coordinate(jwk->y, point + 1 + curves[i].field,
	    curves[i].field) == -1)
		return (NULL);
	return (pubkey_ec(curves[i].nid, point,
	    1 + 2 * (size_t)curves[i].field));
}

EVP_PKEY *
jwk_public(const struct jwk *jwk, const char **why)
{
	EVP_PKEY	*pkey = NULL;

	*why = NULL;
	if (jwk->kty == NULL)
		*why = "the service says no key type";
	else if (strcmp(jwk->kty, "RSA") == 0 ||
	    strcmp(jwk->kty, "RSA-HSM") == 0)
		pkey = jwk_rsa(jwk);
	else if (strcmp(jwk->kty, "EC") == 0 || strcmp(jwk->kty, "EC-HSM") == 0)
		pkey = jwk_ec(jwk, why);
	else
		*why = "it is neither an RSA nor an EC key";
	if (pkey == NULL && *why == NULL)
		*why = "the service's public key is malformed";
	return (pkey);
}
