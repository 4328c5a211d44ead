/* Signer of a token: loading keys, and finding them again. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "hex.h"
#include "log.h"
#include "p11.h"

#define ID_MAX	64	/* bytes of an id shown as label */

static int
refuse_missing(struct key *key, struct p11_objects *objects)
{
	const struct p11_value	 any = { NULL, 0 };
	struct p11_list		 list;

	memset(&list, 0, sizeof(list));
	if (p11_find(CKO_PRIVATE_KEY, &any, &any, objects) == CKR_OK)
		p11_list_keys(&list, objects);
	if (list.n != 0)
		key_refuse(key, "no such private key on token %s; there are: "
		    "%s", p11.name, list.text);
	else
		key_refuse(key, "token %s shows no private key%s", p11.name,
		    p11_logged_in() ? "" : ": there was no login, for want of "
		    "a PIN or of a user");
	return (-1);
}

/* The one private key that the URI names. */
static int
find_private(struct key *key, const struct pk11uri *uri,
    CK_OBJECT_HANDLE *object)
{
	static struct p11_objects	 objects;
	struct p11_list			 list;
	CK_RV				 rv;

	if (uri->id_len == 0 && (uri->object == NULL || *uri->object == '\0')) {
		key_refuse(key, "the URI names no key: neither id nor object");
		return (-1);
	}
	if ((rv = p11_find_private(uri, &objects)) != CKR_OK) {
		key_refuse(key, "search failed token=%s reason=%s", p11.name,
		    p11_error(rv));
		return (-1);
	}
	if (objects.n == 0)
		return (refuse_missing(key, &objects));
	if (objects.n > 1) {
		p11_list_keys(&list, &objects);
		key_refuse(key, "more than one private key on token %s is what "
		    "the URI names: %s", p11.name, list.text);
		return (-1);
	}
	*object = objects.handles[0];
	return (0);
}

static int
load_public(struct key *key, struct p11_found *f, int cert_fd)
{
	EVP_PKEY	*pkey;
	int		 status;

	if ((pkey = p11found_public(f, cert_fd)) == NULL) {
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

/* What the private key says it may be used for. */
static void
read_permissions(const struct key *key)
{
	struct p11_key		*pk = key->state;
	struct p11_value	 mechanisms;

	pk->may_sign = p11_flag(pk->object, CKA_SIGN, 1);
	pk->may_decrypt = p11_flag(pk->object, CKA_DECRYPT, 1);
	pk->always_auth = p11_flag(pk->object, CKA_ALWAYS_AUTHENTICATE, 0);
	mechanisms = p11_attribute(pk->object, CKA_ALLOWED_MECHANISMS);
	pk->allowed = p11mech_allowed(key, &mechanisms);
	p11_value_free(&mechanisms);
}

/* The method's state of a key that text, its URI, has led to. */
static int
load_state(struct key *key, const struct p11_found *f, const char *text)
{
	struct p11_key	*pk;
	char		 err[MSG_REASON_SIZE];

	if ((pk = calloc(1, sizeof(*pk))) == NULL) {
		key_refuse(key, "no memory");
		return (-1);
	}
	key->state = pk;
	if ((pk->uri = pk11uri_parse(text, err, sizeof(err))) == NULL) {
		key_refuse(key, "%s", err);
		return (-1);
	}
	pk->object = f->object;
	pk->generation = p11.generation;
	read_permissions(key);
	if (key->id.type == KEY_TYPE_RSA &&
	    p11pub_modulus(key->public, pk->modulus, key->block) == -1) {
		key_refuse(key, "modulus cannot be read");
		return (-1);
	}
	if (pk->always_auth && !p11_has_pin()) {
		key_refuse(key, "key %s asks for the PIN at each use, and "
		    "there is no PIN", key->label);
		return (-1);
	}
	return (p11mech_prepare(key));
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
set_label(struct key *key, const struct p11_found *f)
{
	char	 hex[2 * ID_MAX + 1];

	p11_text(key->label, sizeof(key->label), f->label.data, f->label.len);
	if (*key->label != '\0')
		return;
	hex_encode(f->id.data, f->id.len < ID_MAX ? f->id.len : ID_MAX, hex);
	strlcpy(key->label, hex, sizeof(key->label));
}

static int
load_found(struct key *key, struct p11_found *f, const char *text, int cert_fd)
{
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
	if (load_state(key, f, text) == 0 &&
	    (!f->by_certificate || try_certificate(key) == 0))
		return (0);
	p11_key_method.destroy(key);
	key->method = NULL;
	return (-1);
}

static int
load(struct key *key, const char *text, int cert_fd)
{
	CK_OBJECT_HANDLE	 object;
	struct pk11uri		*uri;
	struct p11_found	 f;
	char			 err[MSG_REASON_SIZE];
	int			 status;

	if ((uri = pk11uri_parse(text, err, sizeof(err))) == NULL) {
		key_refuse(key, "%s", err);
		return (-1);
	}
	status = find_private(key, uri, &object);
	pk11uri_free(uri);
	if (status == -1)
		return (-1);
	p11found_read(&f, object);
	status = load_found(key, &f, text, cert_fd);
	p11found_free(&f);
	return (status);
}

int
p11key_load(struct key *key, const char *text, int cert_fd)
{
	const struct p11_key	*pk;
	struct msg_failure	 f;

	p11.trouble = CKR_OK;
	if (load(key, text, cert_fd) == 0) {
		pk = key->state;
		p11.used |= pk->used;
		return (0);
	}
	if (p11.trouble != CKR_OK) {
		/* Whatever was missed says nothing about this key. */
		p11_fail(&f, "token lost while its keys were loaded token=%s "
		    "reason=%s", p11.name, p11_error(p11.trouble));
		p11_lose(&f);
	}
	return (-1);
}

/* A key that shows no public part must prove itself by a signature. */
static int
proves_itself(struct key *key, CK_OBJECT_HANDLE object)
{
	struct p11_key	*pk = key->state;
	int		 ok;

	pk->object = object;
	pk->generation = p11.generation;
	p11.testing++;
	ok = !pk->may_sign || key_test(key) == SIGN_OK;
	p11.testing--;
	if (!ok)
		pk->generation = p11.generation - 1;
	return (ok);
}

/* Whether the object is the key that was loaded. */
static int
is_key(struct key *key, CK_OBJECT_HANDLE object)
{
	struct p11_found	 f;
	EVP_PKEY		*pkey;
	int			 same;

	p11found_read(&f, object);
	pkey = p11found_shown(&f);
	p11found_free(&f);
	if (pkey == NULL)
		return (p11.trouble == CKR_OK && proves_itself(key, object));
	same = p11pub_same(pkey, key->public);
	EVP_PKEY_free(pkey);
	return (same);
}

/* A token without any private key is not the one that was there. */
static CK_RV
look_around(void)
{
	static struct p11_objects	 objects;
	const struct p11_value		 any = { NULL, 0 };
	CK_RV				 rv;

	rv = p11_find(CKO_PRIVATE_KEY, &any, &any, &objects);
	if (rv == CKR_OK && objects.n == 0)
		return (CKR_TOKEN_NOT_PRESENT);
	return (rv);
}

static CK_RV
not_found(struct key *key, size_t others)
{
	struct p11_key	*pk = key->state;
	CK_RV		 rv;

	pk->looked = time(NULL);
	pk->looked_in = p11.generation;
	if (pk->presence == P11_THERE && others == 0) {
		/* It may be hidden because the login is lost. */
		pk->presence = P11_DOUBTFUL;
		return (CKR_KEY_HANDLE_INVALID);
	}
	if (others == 0 && (rv = look_around()) != CKR_OK)
		return (rv);
	if (pk->presence != P11_GONE)
		log_errx("key is gone key=\"%s\" token=%s reason=\"%s\"",
		    key->label, p11.name, others == 0 ? "not found again" :
		    "another key has its id or label");
	pk->presence = P11_GONE;
	return (CKR_KEY_CHANGED);
}

static void
found_again(struct key *key, CK_OBJECT_HANDLE object)
{
	struct p11_key	*pk = key->state;

	if (pk->presence == P11_GONE)
		log_info("key is back key=\"%s\" token=%s", key->label,
		    p11.name);
	pk->presence = P11_THERE;
	pk->object = object;
	pk->generation = p11.generation;
}

/* One search a second for a key that is gone, and one in each session. */
static int
looked_just_now(const struct p11_key *pk)
{
	return (pk->presence == P11_GONE &&
	    pk->looked_in == p11.generation && pk->looked == time(NULL));
}

CK_RV
p11key_again(struct key *key)
{
	static struct p11_objects	 objects;
	struct p11_key			*pk = key->state;
	CK_RV				 rv;
	size_t				 i;

	if (looked_just_now(pk))
		return (CKR_KEY_CHANGED);
	pk->generation = p11.generation - 1;
	p11.trouble = CKR_OK;
	if ((rv = p11_find_private(pk->uri, &objects)) != CKR_OK)
		return (rv);
	for (i = 0; i < objects.n; i++) {
		if (!is_key(key, objects.handles[i]))
			continue;
		found_again(key, objects.handles[i]);
		return (CKR_OK);
	}
	if (p11.trouble != CKR_OK)
		return (p11.trouble);
	return (not_found(key, objects.n));
}
