/* Unit test: JSON Web Tokens that are made, Web Keys that are read. */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "jwt.h"
#include "keyid.h"
#include "test.h"

/* RFC 7515 appendix A.2: key, what it signed, the signature. */
static const char rfc_n[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qP"
    "CJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47s"
    "oMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
    "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"
    "F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
static const char rfc_input[] =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
    "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char rfc_signature[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4B"
    "h-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZ"
    "LgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
    "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6"
    "LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/* RFC 7515 appendix A.3. */
#define RFC_X	"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define RFC_Y	"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

static int
verify(EVP_PKEY *pkey, int pss, const char *input, size_t len,
    const char *signature)
{
	EVP_MD_CTX	*ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX	*pctx;
	uint8_t		 sig[1024];
	int		 ok, n;

	n = base64_decode(signature, sig, sizeof(sig));
	ok = n > 0 &&
	    EVP_DigestVerifyInit(ctx, &pctx, EVP_sha256(), NULL, pkey) == 1;
	if (ok && pss)
		ok = EVP_PKEY_CTX_set_rsa_padding(pctx,
		    RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, 32) == 1;
	ok = ok && EVP_DigestVerify(ctx, sig, (size_t)n,
	    (const uint8_t *)input, len) == 1;
	EVP_MD_CTX_free(ctx);
	return (ok);
}

static void
test_jwk_rfc(void)
{
	struct jwk	 rsa = { .kty = "RSA", .n = rfc_n, .e = "AQAB" };
	struct jwk	 ec = { .kty = "EC-HSM", .crv = "P-256", .x = RFC_X,
			    .y = RFC_Y };
	struct keyid	 id;
	EVP_PKEY	*pkey;
	const char	*why;

	CHECK((pkey = jwk_public(&rsa, &why)) != NULL);
	CHECK(verify(pkey, 0, rfc_input, strlen(rfc_input), rfc_signature));
	EVP_PKEY_free(pkey);
	rsa.kty = "RSA-HSM";
	CHECK((pkey = jwk_public(&rsa, &why)) != NULL);
	EVP_PKEY_free(pkey);
	CHECK((pkey = jwk_public(&ec, &why)) != NULL);
	CHECK(keyid_from_pkey(pkey, &id, &why) == 0);
	CHECK(id.type == KEY_TYPE_EC && id.bits == 256);
	EVP_PKEY_free(pkey);
}

static void
test_jwk_bad(void)
{
	static const struct jwk bad[] = {
		{ NULL, NULL, NULL, NULL, NULL, NULL },
		{ "oct", NULL, NULL, NULL, NULL, NULL },
		{ "OKP", NULL, NULL, "Ed25519", RFC_X, NULL },
		{ "RSA", rfc_n, NULL, NULL, NULL, NULL },
		{ "RSA", NULL, "AQAB", NULL, NULL, NULL },
		{ "RSA", "!", "AQAB", NULL, NULL, NULL },
		{ "RSA", "", "AQAB", NULL, NULL, NULL },
		{ "EC", NULL, NULL, NULL, RFC_X, RFC_Y },
		{ "EC", NULL, NULL, "P-256K", RFC_X, RFC_Y },
		{ "EC", NULL, NULL, "P-384", RFC_X, RFC_Y },
		{ "EC", NULL, NULL, "P-256", RFC_X, NULL },
		{ "EC", NULL, NULL, "P-256", RFC_X, RFC_X },
		{ "EC", NULL, NULL, "P-256", rfc_n, RFC_Y },
	};
	const char	*why;
	size_t		 i;

	for (i = 0; i < nitems(bad); i++) {
		why = NULL;
		CHECK(jwk_public(&bad[i], &why) == NULL);
		CHECK(why != NULL && *why != '\0');
	}
}

static EVP_PKEY *
generate(int type, int curve)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_PKEY	*pkey = NULL;

	EVP_PKEY_keygen_init(ctx);
	if (type == EVP_PKEY_RSA)
		EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048);
	else
		EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, curve);
	EVP_PKEY_keygen(ctx, &pkey);
	EVP_PKEY_CTX_free(ctx);
	return (pkey);
}

/* Coordinates of a key, the last bytes of its SubjectPublicKeyInfo. */
static void
test_jwk_curve(int nid, const char *crv, size_t field)
{
	static struct text	 x, y;
	struct jwk		 jwk = { .kty = "EC", .crv = crv };
	struct keyid		 a, b;
	EVP_PKEY		*pkey = generate(EVP_PKEY_EC, nid), *copy;
	uint8_t			*der = NULL;
	const char		*why;
	int			 len = i2d_PUBKEY(pkey, &der);

	text_init(&x);
	text_init(&y);
	text_add_base64url(&x, der + (size_t)len - 2 * field, field);
	text_add_base64url(&y, der + (size_t)len - field, field);
	jwk.x = x.s;
	jwk.y = y.s;
	copy = jwk_public(&jwk, &why);
	CHECK(copy != NULL && keyid_from_pkey(pkey, &a, &why) == 0 &&
	    keyid_from_pkey(copy, &b, &why) == 0 &&
	    memcmp(a.ski, b.ski, sizeof(a.ski)) == 0);
	EVP_PKEY_free(copy);
	EVP_PKEY_free(pkey);
	OPENSSL_free(der);
}

static void
test_jwt(void)
{
	static struct text	 t;
	EVP_PKEY		*rsa = generate(EVP_PKEY_RSA, 0);
	EVP_PKEY		*ec = generate(EVP_PKEY_EC,
				    NID_X9_62_prime256v1);
	const char		*dot;
	int			 pss;

	for (pss = 0; pss < 2; pss++) {
		text_init(&t);
		text_add(&t, "assertion=");
		CHECK(jwt_sign(&t, "{\"alg\":\"RS256\"}", "{\"iss\":\"joe\"}",
		    rsa, pss) == 0);
		CHECK(strncmp(t.s, "assertion=eyJhbGciOiJSUzI1NiJ9."
		    "eyJpc3MiOiJqb2UifQ.", 50) == 0);
		dot = strrchr(t.s, '.');
		CHECK(verify(rsa, pss, t.s + 10, (size_t)(dot - t.s) - 10,
		    dot + 1));
		CHECK(!verify(rsa, !pss, t.s + 10, (size_t)(dot - t.s) - 10,
		    dot + 1));
	}
	text_init(&t);
	CHECK(jwt_sign(&t, "{}", "{}", ec, 0) == -1);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
}

int
main(void)
{
	test_jwk_rfc();
	test_jwk_bad();
	test_jwk_curve(NID_X9_62_prime256v1, "P-256", 32);
	test_jwk_curve(NID_secp384r1, "P-384", 48);
	test_jwk_curve(NID_secp521r1, "P-521", 66);
	test_jwt();
	return (test_done());
}
