/* Signer of a token: finding keys and their public parts. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "hex.h"
#include "log.h"
#include "p11.h"

#define OBJECTS_MAX	4096	/* looked at in one search */
#define FIND_STEP	64
#define ATTRIBUTE_MAX	65536	/* bytes; certificates are the largest */
#define ID_MAX		64	/* bytes of an id shown in messages */

struct objects {
	CK_OBJECT_HANDLE	 handles[OBJECTS_MAX];
	size_t			 n;
};

/* An attribute's value in memory of its own; NULL: the object shows none. */
struct value {
	uint8_t	*data;
	size_t	 len;
};

/* A private key on the token, while it is being loaded. */
struct found {
	CK_OBJECT_HANDLE	 object;
	CK_KEY_TYPE		 type;
	struct value		 id;
	struct value		 label;
	struct value		 params;	/* CKA_EC_PARAMS */
	const char		*why;	/* a public part was not usable */
	int			 by_certificate;	/* it was found */
};

/*
 * Modules differ in which attributes they know and show, so each one is asked
 * for alone, and one that cannot be had is as good as absent.
 */
static struct value
attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
	CK_ATTRIBUTE	 a = { type, NULL, 0 };
	struct value	 v = { NULL, 0 };

	if (p11.f->C_GetAttributeValue(p11.session, object, &a, 1) != CKR_OK ||
	    a.ulValueLen == 0 || a.ulValueLen > ATTRIBUTE_MAX)
		return (v);
	if ((v.data = calloc(1, a.ulValueLen)) == NULL)
		return (v);
	v.len = a.ulValueLen;
	a.pValue = v.data;
	if (p11.f->C_GetAttributeValue(p11.session, object, &a, 1) != CKR_OK ||
	    a.ulValueLen == 0 || a.ulValueLen > v.len) {
		free(v.data);
		v.data = NULL;
		v.len = 0;
		return (v);
	}
	v.len = a.ulValueLen;
	return (v);
}

static void
value_free(struct value *v)
{
	free(v->data);
	v->data = NULL;
	v->len = 0;
}

static int
flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, int unknown)
{
	struct value	 v = attribute(object, type);
	int		 set = unknown;

	if (v.len == sizeof(CK_BBOOL))
		set = v.data[0] != CK_FALSE;
	value_free(&v);
	return (set);
}

static CK_ULONG
number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG unknown)
{
	struct value	 v = attribute(object, type);
	CK_ULONG	 n = unknown;

	if (v.len == sizeof(n))
		memcpy(&n, v.data, sizeof(n));
	value_free(&v);
	return (n);
}

/* Objects of a class; id and label narrow the search unless they are empty. */
static CK_RV
find(CK_OBJECT_CLASS class, const struct value *id, const struct value *label,
    struct objects *objects)
{
	CK_ATTRIBUTE	 template[3] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_ULONG	 n = 1, got;
	CK_RV		 rv;

	objects->n = 0;
	if (id->len != 0)
		template[n++] = (CK_ATTRIBUTE){ CKA_ID, id->data, id->len };
	if (label->len != 0)
		template[n++] = (CK_ATTRIBUTE){ CKA_LABEL, label->data,
		    label->len };
	if ((rv = p11.f->C_FindObjectsInit(p11.session, template, n)) != CKR_OK)
		return (rv);
	do {
		got = 0;
		rv = p11.f->C_FindObjects(p11.session,
		    objects->handles + objects->n, FIND_STEP, &got);
		if (rv != CKR_OK || got > FIND_STEP)
			break;
		objects->n += got;
	} while (got != 0 && objects->n <= OBJECTS_MAX - FIND_STEP);
	p11.f->C_FindObjectsFinal(p11.session);
	return (rv);
}

static void
list_key(struct p11_list *list, CK_OBJECT_HANDLE object)
{
	struct value	 id = attribute(object, CKA_ID);
	struct value	 label = attribute(object, CKA_LABEL);
	char		 text[64] = "", hex[2 * ID_MAX + 1] = "";

	p11_text(text, sizeof(text), label.data, label.len);
	hex_encode(id.data, id.len < ID_MAX ? id.len : ID_MAX, hex);
	p11_list_add(list, "%s (%s%s)", *text != '\0' ? text : "no label",
	    *hex != '\0' ? "id " : "no id", hex);
	value_free(&id);
	value_free(&label);
}

static void
list_keys(struct p11_list *list, const struct objects *objects)
{
	size_t	 i;

	memset(list, 0, sizeof(*list));
	for (i = 0; i < objects->n; i++) {
		if (i < P11_LIST_MAX)
			list_key(list, objects->handles[i]);
		else
			list->n++;
	}
	p11_list_end(list);
}

/* Keep the objects whose label is this one but for the padding. */
static void
filter_label(struct objects *objects, const struct value *want)
{
	struct value	 label;
	char		 text[256], padded[256];
	size_t		 i, n = 0;

	p11_text(text, sizeof(text), want->data, want->len);
	for (i = 0; i < objects->n; i++) {
		label = attribute(objects->handles[i], CKA_LABEL);
		p11_text(padded, sizeof(padded), label.data, label.len);
		if (strcmp(text, padded) == 0)
			objects->handles[n++] = objects->handles[i];
		value_free(&label);
	}
	objects->n = n;
}

/* Private keys that match, by their padded labels if by no other. */
static CK_RV
find_matching(const struct value *id, const struct value *label,
    struct objects *objects)
{
	static const struct value	 any;
	CK_RV				 rv;

	rv = find(CKO_PRIVATE_KEY, id, label, objects);
	if (rv != CKR_OK || objects->n != 0 || label->len == 0)
		return (rv);
	if ((rv = find(CKO_PRIVATE_KEY, id, &any, objects)) == CKR_OK)
		filter_label(objects, label);
	return (rv);
}

static int
refuse_missing(struct key *key, struct objects *objects)
{
	static const struct value	 any;
	struct p11_list			 list;

	memset(&list, 0, sizeof(list));
	if (find(CKO_PRIVATE_KEY, &any, &any, objects) == CKR_OK)
		list_keys(&list, objects);
	if (list.n != 0)
		key_refuse(key, "no such private key on token %s; there are: "
		    "%s", p11.name, list.text);
	else
		key_refuse(key, "token %s shows no private key%s", p11.name,
		    p11.logged_in ? "" : ": no login, for want of a PIN");
	return (-1);
}

/* The one private key that the URI names. */
static int
find_private(struct key *key, const struct pk11uri *uri,
    CK_OBJECT_HANDLE *object)
{
	static struct objects	 objects;
	struct value		 id = { uri->id, uri->id_len };
	struct value		 label = { (uint8_t *)uri->object, 0 };
	struct p11_list		 list;
	CK_RV			 rv;

	if (uri->object != NULL)
		label.len = strlen(uri->object);
	if (id.len == 0 && label.len == 0) {
		key_refuse(key, "the URI names no key: neither id nor object");
		return (-1);
	}
	if ((rv = find_matching(&id, &label, &objects)) != CKR_OK) {
		key_refuse(key, "search failed token=%s reason=%s", p11.name,
		    p11_error(rv));
		return (-1);
	}
	if (objects.n == 0)
		return (refuse_missing(key, &objects));
	if (objects.n > 1) {
		list_keys(&list, &objects);
		key_refuse(key, "more than one private key on token %s is what "
		    "the URI names: %s", p11.name, list.text);
		return (-1);
	}
	*object = objects.handles[0];
	return (0);
}

static EVP_PKEY *
rsa_public(CK_OBJECT_HANDLE object)
{
	struct value	 n = attribute(object, CKA_MODULUS);
	struct value	 e = attribute(object, CKA_PUBLIC_EXPONENT);
	EVP_PKEY	*pkey = NULL;

	if (n.len != 0 && e.len != 0)
		pkey = p11pub_rsa(n.data, n.len, e.data, e.len);
	value_free(&n);
	value_free(&e);
	return (pkey);
}

/* The curve may be said by the private key, the point by a public one. */
static EVP_PKEY *
ec_public(struct found *f, CK_OBJECT_HANDLE object)
{
	struct value		 params = attribute(object, CKA_EC_PARAMS);
	struct value		 point = attribute(object, CKA_EC_POINT);
	const struct value	*curve = &params;
	EVP_PKEY		*pkey = NULL;

	if (params.len == 0)
		curve = &f->params;
	if (curve->len != 0 && point.len != 0)
		pkey = p11pub_ec(curve->data, curve->len, point.data,
		    point.len, &f->why);
	value_free(&params);
	value_free(&point);
	return (pkey);
}

static EVP_PKEY *
spki_public(CK_OBJECT_HANDLE object)
{
	struct value	 spki = attribute(object, CKA_PUBLIC_KEY_INFO);
	EVP_PKEY	*pkey = NULL;

	if (spki.len != 0)
		pkey = p11pub_spki(spki.data, spki.len);
	value_free(&spki);
	return (pkey);
}

/* The public key if it is of the private key's kind; frees one that is not. */
static EVP_PKEY *
fitting(struct found *f, EVP_PKEY *pkey)
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
object_public(struct found *f, CK_OBJECT_HANDLE object)
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
certificate_public(struct found *f, CK_OBJECT_HANDLE object)
{
	struct value	 cert = attribute(object, CKA_VALUE);
	EVP_PKEY	*pkey = NULL;

	if (cert.len != 0)
		pkey = fitting(f, p11pub_certificate(cert.data, cert.len));
	value_free(&cert);
	return (pkey);
}

/* An object found by label belongs to another key when it has another id. */
static int
has_other_id(const struct found *f, CK_OBJECT_HANDLE object)
{
	struct value	 id = attribute(object, CKA_ID);
	int		 other;

	other = id.len != 0 && f->id.len != 0 && (id.len != f->id.len ||
	    memcmp(id.data, f->id.data, id.len) != 0);
	value_free(&id);
	return (other);
}

/* The one public key that objects of the class agree on. */
static EVP_PKEY *
agreed_public(struct found *f, CK_OBJECT_CLASS class,
    const struct objects *objects)
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
class_public(struct found *f, CK_OBJECT_CLASS class)
{
	static struct objects		 objects;
	static const struct value	 any;
	EVP_PKEY			*pkey = NULL;

	if (f->id.len != 0 && find(class, &f->id, &any, &objects) == CKR_OK)
		pkey = agreed_public(f, class, &objects);
	if (pkey == NULL && f->label.len != 0 &&
	    find(class, &any, &f->label, &objects) == CKR_OK)
		pkey = agreed_public(f, class, &objects);
	return (pkey);
}

static EVP_PKEY *
find_public(struct found *f, int cert_fd)
{
	EVP_PKEY	*pkey;

	if ((pkey = object_public(f, f->object)) != NULL ||
	    (pkey = class_public(f, CKO_PUBLIC_KEY)) != NULL)
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

static int
load_public(struct key *key, struct found *f, int cert_fd)
{
	EVP_PKEY	*pkey;
	int		 status;

	if ((pkey = find_public(f, cert_fd)) == NULL) {
		key_refuse(key, "no public part of key %s: %s", key->label,
		    f->why != NULL ? f->why : "neither the key, a public key "
		    "nor a certificate on the token shows it; name one in the "
		    "configuration (certificate)");
		return (-1);
	}
	status = key_set_public(key, pkey);
	EVP_PKEY_free(pkey);
	return (status);
}

/* The method's state, from what the private key says of itself. */
static int
load_state(struct key *key, const struct found *f)
{
	struct p11_key	*pk;

	if ((pk = calloc(1, sizeof(*pk))) == NULL) {
		key_refuse(key, "no memory");
		return (-1);
	}
	key->state = pk;
	pk->object = f->object;
	pk->may_sign = flag(f->object, CKA_SIGN, 1);
	pk->may_decrypt = flag(f->object, CKA_DECRYPT, 1);
	pk->always_auth = flag(f->object, CKA_ALWAYS_AUTHENTICATE, 0);
	if (key->id.type == KEY_TYPE_RSA &&
	    p11pub_modulus(key->public, pk->modulus, key->block) == -1) {
		key_refuse(key, "modulus cannot be read");
		return (-1);
	}
	if (pk->always_auth && p11_pin_keep() == -1) {
		key_refuse(key, "key %s asks for the PIN at each use, and "
		    "there is no PIN", key->label);
		return (-1);
	}
	return (p11op_prepare(key));
}

/*
 * Nothing on the token ties a certificate to a key: a slot's key may have been
 * made anew, or the configuration may name the wrong file.
 */
static int
try_certificate(struct key *key)
{
	const struct p11_key	*pk = key->state;
	enum sign_status	 status;

	if (!pk->may_sign)
		return (0);
	status = key_test(key);
	if (status == SIGN_OK || status == SIGN_UNAVAILABLE)
		return (0);
	key_refuse(key, "no test signature of key %s that its certificate "
	    "verifies: %s", key->label, sign_status_name(status));
	return (-1);
}

static void
set_label(struct key *key, const struct found *f)
{
	char	 hex[2 * ID_MAX + 1];

	p11_text(key->label, sizeof(key->label), f->label.data, f->label.len);
	if (*key->label != '\0')
		return;
	hex_encode(f->id.data, f->id.len < ID_MAX ? f->id.len : ID_MAX, hex);
	strlcpy(key->label, hex, sizeof(key->label));
}

static int
load_found(struct key *key, struct found *f, int cert_fd)
{
	f->type = number(f->object, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);
	set_label(key, f);
	if (f->type != CKK_RSA && f->type != CKK_EC &&
	    f->type != CKK_EC_EDWARDS) {
		key_refuse(key, "key %s is none of RSA, EC, Ed25519: "
		    "CKA_KEY_TYPE is 0x%lx", key->label, f->type);
		return (-1);
	}
	if (load_public(key, f, cert_fd) == -1)
		return (-1);
	key->method = &p11_key_method;
	if (load_state(key, f) == 0 &&
	    (!f->by_certificate || try_certificate(key) == 0))
		return (0);
	p11_key_method.destroy(key);
	key->method = NULL;
	return (-1);
}

int
p11key_load(struct key *key, const char *text, int cert_fd)
{
	struct pk11uri	*uri;
	struct found	 f;
	char		 err[MSG_REASON_SIZE];
	int		 status;

	if ((uri = pk11uri_parse(text, err, sizeof(err))) == NULL) {
		key_refuse(key, "%s", err);
		return (-1);
	}
	memset(&f, 0, sizeof(f));
	if ((status = find_private(key, uri, &f.object)) == 0) {
		f.id = attribute(f.object, CKA_ID);
		f.label = attribute(f.object, CKA_LABEL);
		f.params = attribute(f.object, CKA_EC_PARAMS);
		status = load_found(key, &f, cert_fd);
		value_free(&f.id);
		value_free(&f.label);
		value_free(&f.params);
	}
	pk11uri_free(uri);
	return (status);
}
