/* Signer of a token: a private key there, and its public part. */
#include <string.h>

#include "compat.h"
#include "p11.h"

void
p11found_read(struct p11_found *f, CK_OBJECT_HANDLE object)
{
	memset(f, 0, sizeof(*f));
	f->object = object;
	f->type = p11_number(object, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);
	f->id = p11_attribute(object, CKA_ID);
	f->label = p11_attribute(object, CKA_LABEL);
	f->params = p11_attribute(object, CKA_EC_PARAMS);
}

void
p11found_free(struct p11_found *f)
{
	p11_value_free(&f->id);
	p11_value_free(&f->label);
	p11_value_free(&f->params);
}

static EVP_PKEY *
rsa_public(CK_OBJECT_HANDLE object)
{
	struct p11_value	 n = p11_attribute(object, CKA_MODULUS);
	struct p11_value	 e = p11_attribute(object, CKA_PUBLIC_EXPONENT);
	EVP_PKEY		*pkey = NULL;

	if (n.len != 0 && e.len != 0)
		pkey = pubkey_rsa(n.data, n.len, e.data, e.len);
	p11_value_free(&n);
	p11_value_free(&e);
	return (pkey);
}

/* The curve may be said by the private key, the point by a public one. */
static EVP_PKEY *
ec_public(struct p11_found *f, CK_OBJECT_HANDLE object)
{
	struct p11_value	 params = p11_attribute(object, CKA_EC_PARAMS);
	struct p11_value	 point = p11_attribute(object, CKA_EC_POINT);
	const struct p11_value	*curve = &params;
	EVP_PKEY		*pkey = NULL;

	if (params.len == 0)
		curve = &f->params;
	if (curve->len != 0 && point.len != 0)
		pkey = p11pub_ec(curve->data, curve->len, point.data,
		    point.len, &f->why);
	p11_value_free(&params);
	p11_value_free(&point);
	return (pkey);
}

static EVP_PKEY *
spki_public(CK_OBJECT_HANDLE object)
{
	struct p11_value	 spki = p11_attribute(object,
				    CKA_PUBLIC_KEY_INFO);
	EVP_PKEY		*pkey = NULL;

	if (spki.len != 0)
		pkey = pubkey_spki(spki.data, spki.len);
	p11_value_free(&spki);
	return (pkey);
}

/* The public key if it is of the private key's kind; frees one that is not. */
static EVP_PKEY *
fitting(struct p11_found *f, EVP_PKEY *pkey)
{
	int	 is_rsa;

	if (pkey == NULL)
		return (NULL);
	is_rsa = EVP_PKEY_base_id(pkey) == EVP_PKEY_RSA;
	if (is_rsa == (f->type == CKK_RSA) && (is_rsa ||
	    p11pub_on_curve(pkey, f->params.data, f->params.len)))
		return (pkey);
	f->why = "the public part is of another kind or curve";
	EVP_PKEY_free(pkey);
	return (NULL);
}

/* The public key that a private or public key object shows. */
static EVP_PKEY *
object_public(struct p11_found *f, CK_OBJECT_HANDLE object)
{
	EVP_PKEY	*pkey;

	if (f->type == CKK_RSA)
		pkey = rsa_public(object);
	else
		pkey = ec_public(f, object);
	if ((pkey = fitting(f, pkey)) != NULL)
		return (pkey);
	return (fitting(f, spki_public(object)));
}

static EVP_PKEY *
certificate_public(struct p11_found *f, CK_OBJECT_HANDLE object)
{
	struct p11_value	 cert = p11_attribute(object, CKA_VALUE);
	EVP_PKEY		*pkey = NULL;

	if (cert.len != 0)
		pkey = fitting(f, p11pub_certificate(cert.data, cert.len));
	p11_value_free(&cert);
	return (pkey);
}

/* An object found by label belongs to another key when it has another id. */
static int
has_other_id(const struct p11_found *f, CK_OBJECT_HANDLE object)
{
	struct p11_value	 id = p11_attribute(object, CKA_ID);
	int			 other;

	other = id.len != 0 && f->id.len != 0 && (id.len != f->id.len ||
	    memcmp(id.data, f->id.data, id.len) != 0);
	p11_value_free(&id);
	return (other);
}

/* The one public key that objects of the class agree on. */
static EVP_PKEY *
agreed_public(struct p11_found *f, CK_OBJECT_CLASS class,
    const struct p11_objects *objects)
{
	EVP_PKEY	*pkey = NULL, *next;
	size_t		 i;
	int		 same = 1;

	for (i = 0; i < objects->n && same; i++) {
		if (has_other_id(f, objects->handles[i]))
			continue;
		next = class == CKO_CERTIFICATE ?
		    certificate_public(f, objects->handles[i]) :
		    object_public(f, objects->handles[i]);
		if (next == NULL)
			continue;
		same = pkey == NULL || p11pub_same(pkey, next);
		EVP_PKEY_free(pkey);
		pkey = next;
	}
	if (same)
		return (pkey);
	f->why = "public keys or certificates with its id or label differ";
	EVP_PKEY_free(pkey);
	return (NULL);
}

/* From a public key or certificate with the same id, else the same label. */
static EVP_PKEY *
class_public(struct p11_found *f, CK_OBJECT_CLASS class)
{
	static struct p11_objects	 objects;
	const struct p11_value		 any = { NULL, 0 };
	EVP_PKEY			*pkey = NULL;

	if (f->id.len != 0 && p11_find(class, &f->id, &any, &objects) == CKR_OK)
		pkey = agreed_public(f, class, &objects);
	if (pkey == NULL && f->label.len != 0 &&
	    p11_find(class, &any, &f->label, &objects) == CKR_OK)
		pkey = agreed_public(f, class, &objects);
	return (pkey);
}

EVP_PKEY *
p11found_shown(struct p11_found *f)
{
	EVP_PKEY	*pkey;

	if ((pkey = object_public(f, f->object)) != NULL)
		return (pkey);
	return (class_public(f, CKO_PUBLIC_KEY));
}

EVP_PKEY *
p11found_public(struct p11_found *f, int cert_fd)
{
	EVP_PKEY	*pkey;

	if ((pkey = p11found_shown(f)) != NULL)
		return (pkey);
	f->by_certificate = 1;
	if ((pkey = class_public(f, CKO_CERTIFICATE)) != NULL || cert_fd == -1)
		return (pkey);
	if ((pkey = p11pub_file(cert_fd)) != NULL)
		return (fitting(f, pkey));
	f->why = "the certificate file holds neither a certificate nor a "
	    "public key";
	return (NULL);
}

