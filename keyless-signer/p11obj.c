/* Signer of a token: objects on it and their attributes. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "hex.h"
#include "p11.h"

#define FIND_STEP	64
#define ATTRIBUTE_MAX	65536	/* bytes; certificates are the largest */
#define ID_MAX		64	/* bytes of an id shown in messages */

/* Whether an error means more than that an object has no such attribute. */
static int
is_trouble(CK_RV rv, CK_ATTRIBUTE_TYPE type)
{
	switch (p11_class(rv)) {
	case P11_SESSION:
	case P11_PROCESS:
		return (1);
	case P11_SUSPECT:
		/* Said by some modules of attributes that they do not know. */
		return (rv == CKR_DEVICE_ERROR || type == CKA_KEY_TYPE);
	default:
		return (0);
	}
}

static CK_RV
get_attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a)
{
	CK_RV	 rv;

	rv = p11.f->C_GetAttributeValue(p11.session, object, a, 1);
	if (rv != CKR_OK && is_trouble(rv, a->type))
		p11.trouble = rv;
	return (rv);
}

/*
 * Modules differ in which attributes they know and show, so each one is asked
 * for alone, and one that cannot be had is as good as absent.
 */
struct p11_value
p11_attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
	CK_ATTRIBUTE		 a = { type, NULL, 0 };
	struct p11_value	 v = { NULL, 0 };

	if (get_attribute(object, &a) != CKR_OK ||
	    a.ulValueLen == 0 || a.ulValueLen > ATTRIBUTE_MAX)
		return (v);
	if ((v.data = calloc(1, a.ulValueLen)) == NULL)
		return (v);
	v.len = a.ulValueLen;
	a.pValue = v.data;
	if (get_attribute(object, &a) != CKR_OK ||
	    a.ulValueLen == 0 || a.ulValueLen > v.len) {
		p11_value_free(&v);
		return (v);
	}
	v.len = a.ulValueLen;
	return (v);
}

void
p11_value_free(struct p11_value *v)
{
	free(v->data);
	v->data = NULL;
	v->len = 0;
}

int
p11_flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, int unknown)
{
	struct p11_value	 v = p11_attribute(object, type);
	int			 set = unknown;

	if (v.len == sizeof(CK_BBOOL))
		set = v.data[0] != CK_FALSE;
	p11_value_free(&v);
	return (set);
}

CK_ULONG
p11_number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG unknown)
{
	struct p11_value	 v = p11_attribute(object, type);
	CK_ULONG		 n = unknown;

	if (v.len == sizeof(n))
		memcpy(&n, v.data, sizeof(n));
	p11_value_free(&v);
	return (n);
}

/* C_FindObjectsInit, and once more after the end of a search left open. */
static CK_RV
find_start(CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_RV	 rv;

	rv = p11.f->C_FindObjectsInit(p11.session, template, n);
	if (rv != CKR_OPERATION_ACTIVE)
		return (rv);
	p11.f->C_FindObjectsFinal(p11.session);
	return (p11.f->C_FindObjectsInit(p11.session, template, n));
}

static CK_RV
find(CK_ATTRIBUTE *template, CK_ULONG n, struct p11_objects *objects)
{
	CK_ULONG	 got;
	CK_RV		 rv;

	objects->n = 0;
	if ((rv = find_start(template, n)) != CKR_OK)
		return (rv);
	do {
		got = 0;
		rv = p11.f->C_FindObjects(p11.session,
		    objects->handles + objects->n, FIND_STEP, &got);
		if (rv != CKR_OK || got > FIND_STEP)
			break;
		objects->n += got;
	} while (got != 0 && objects->n <= P11_OBJECTS_MAX - FIND_STEP);
	p11.f->C_FindObjectsFinal(p11.session);
	return (rv);
}

CK_RV
p11_find(CK_OBJECT_CLASS class, const struct p11_value *id,
    const struct p11_value *label, struct p11_objects *objects)
{
	CK_ATTRIBUTE	 template[3] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_ULONG	 n = 1;
	CK_RV		 rv;

	if (id->len != 0)
		template[n++] = (CK_ATTRIBUTE){ CKA_ID, id->data, id->len };
	if (label->len != 0)
		template[n++] = (CK_ATTRIBUTE){ CKA_LABEL, label->data,
		    label->len };
	rv = find(template, n, objects);
	if (rv != CKR_OK && p11_class(rv) != P11_REQUEST)
		p11.trouble = rv;
	return (rv);
}

/* Keep the objects whose label is this one but for the padding. */
static void
filter_label(struct p11_objects *objects, const struct p11_value *want)
{
	struct p11_value	 label;
	char			 text[256], padded[256];
	size_t			 i, n = 0;

	p11_text(text, sizeof(text), want->data, want->len);
	for (i = 0; i < objects->n; i++) {
		label = p11_attribute(objects->handles[i], CKA_LABEL);
		p11_text(padded, sizeof(padded), label.data, label.len);
		if (strcmp(text, padded) == 0)
			objects->handles[n++] = objects->handles[i];
		p11_value_free(&label);
	}
	objects->n = n;
}

CK_RV
p11_find_private(const struct pk11uri *uri, struct p11_objects *objects)
{
	const struct p11_value	 any = { NULL, 0 };
	struct p11_value	 id = { uri->id, uri->id_len };
	struct p11_value	 label = { (uint8_t *)uri->object, 0 };
	CK_RV			 rv;

	if (uri->object != NULL)
		label.len = strlen(uri->object);
	rv = p11_find(CKO_PRIVATE_KEY, &id, &label, objects);
	if (rv != CKR_OK || objects->n != 0 || label.len == 0)
		return (rv);
	rv = p11_find(CKO_PRIVATE_KEY, &id, &any, objects);
	if (rv == CKR_OK)
		filter_label(objects, &label);
	return (rv);
}

static void
list_key(struct p11_list *list, CK_OBJECT_HANDLE object)
{
	struct p11_value	 id = p11_attribute(object, CKA_ID);
	struct p11_value	 label = p11_attribute(object, CKA_LABEL);
	char			 text[64] = "", hex[2 * ID_MAX + 1] = "";

	p11_text(text, sizeof(text), label.data, label.len);
	hex_encode(id.data, id.len < ID_MAX ? id.len : ID_MAX, hex);
	p11_list_add(list, "%s (%s%s)", *text != '\0' ? text : "no label",
	    *hex != '\0' ? "id " : "no id", hex);
	p11_value_free(&id);
	p11_value_free(&label);
}

void
p11_list_keys(struct p11_list *list, const struct p11_objects *objects)
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
