/* In the host's process: finding objects and reading their attributes. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "module.h"

/* Whether a template can be read at all. */
static int
template_ok(const CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_ULONG	 i;

	if (template == NULL)
		return (n == 0);
	for (i = 0; i < n; i++)
		if (template[i].pValue == NULL && template[i].ulValueLen != 0)
			return (0);
	return (1);
}

static int
matches(const struct object *object, const CK_ATTRIBUTE *template, CK_ULONG n)
{
	const struct attribute	*a;
	CK_ULONG		 i;

	for (i = 0; i < n; i++) {
		a = attribute_find(object, template[i].type);
		if (a == NULL || a->length != template[i].ulValueLen ||
		    (a->length != 0 && memcmp(a->value, template[i].pValue,
		    a->length) != 0))
			return (0);
	}
	return (1);
}

/* Remember the handles of all objects that match. */
static CK_RV
find(struct session *s, const CK_ATTRIBUTE *template, CK_ULONG n)
{
	const struct objects	*objects = &s->slot->conf->objects;
	size_t			 i;

	s->found = reallocarray(NULL, objects->n + 1, sizeof(*s->found));
	if (s->found == NULL)
		return (CKR_HOST_MEMORY);
	s->finding = 1;
	s->nfound = s->next_found = 0;
	for (i = 0; i < objects->n; i++)
		if (matches(objects->list[i], template, n))
			s->found[s->nfound++] = i + 1;
	return (CKR_OK);
}

void
find_end(struct session *s)
{
	free(s->found);
	s->found = NULL;
	s->finding = 0;
}

CK_RV
C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *template,
    CK_ULONG n)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (!template_ok(template, n))
		rv = CKR_ARGUMENTS_BAD;
	else if (s->finding)
		rv = CKR_OPERATION_ACTIVE;
	else
		rv = find(s, template, n);
	session_leave(m, s);
	return (rv);
}

CK_RV
C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *objects,
    CK_ULONG max, CK_ULONG *count)
{
	struct module	*m;
	struct session	*s;
	CK_ULONG	 n = 0;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (count == NULL || (objects == NULL && max != 0))
		rv = CKR_ARGUMENTS_BAD;
	else if (!s->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	else {
		while (n < max && s->next_found < s->nfound)
			objects[n++] = s->found[s->next_found++];
		*count = n;
	}
	session_leave(m, s);
	return (rv);
}

CK_RV
C_FindObjectsFinal(CK_SESSION_HANDLE handle)
{
	struct module	*m;
	struct session	*s;
	CK_RV		 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if (!s->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	find_end(s);
	session_leave(m, s);
	return (rv);
}

/* PKCS#11 2.40 section 5.7, C_GetAttributeValue: one of the template. */
static CK_RV
get_attribute(const struct object *object, CK_ATTRIBUTE *wanted)
{
	const struct attribute	*a;

	if ((a = attribute_find(object, wanted->type)) == NULL) {
		wanted->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return (attribute_hidden(object, wanted->type) ?
		    CKR_ATTRIBUTE_SENSITIVE : CKR_ATTRIBUTE_TYPE_INVALID);
	}
	if (wanted->pValue == NULL) {
		wanted->ulValueLen = a->length;
		return (CKR_OK);
	}
	if (wanted->ulValueLen < a->length) {
		wanted->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return (CKR_BUFFER_TOO_SMALL);
	}
	if (a->length != 0)
		memcpy(wanted->pValue, a->value, a->length);
	wanted->ulValueLen = a->length;
	return (CKR_OK);
}

/* All of the template are looked at, whatever some of them give. */
static CK_RV
get_attributes(const struct object *object, CK_ATTRIBUTE *template,
    CK_ULONG n)
{
	CK_ULONG	 i;
	CK_RV		 one, rv = CKR_OK;

	for (i = 0; i < n; i++)
		if ((one = get_attribute(object, &template[i])) != CKR_OK)
			rv = one;
	return (rv);
}

CK_RV
C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE which,
    CK_ATTRIBUTE *template, CK_ULONG n)
{
	const struct object	*object;
	struct module		*m;
	struct session		*s;
	CK_RV			 rv;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if ((object = objects_get(&s->slot->conf->objects, which)) == NULL)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if (template == NULL || n == 0)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = get_attributes(object, template, n);
	session_leave(m, s);
	return (rv);
}

CK_RV
C_GetObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE which,
    CK_ULONG *size)
{
	const struct object	*object;
	struct module		*m;
	struct session		*s;
	CK_RV			 rv;
	size_t			 i;

	if ((rv = session_enter(handle, &m, &s)) != CKR_OK)
		return (rv);
	if ((object = objects_get(&s->slot->conf->objects, which)) == NULL)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if (size == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else
		for (*size = 0, i = 0; i < object->nattributes; i++)
			*size += object->attributes[i].length;
	session_leave(m, s);
	return (rv);
}
