/* Test module: objects, and what they show of themselves. */
#include <string.h>

#include "quirk.h"

#define FOUND_MAX	1024
#define VALUE_MAX	65536
#define LABEL_SIZE	32		/* of a padded label */

/*
 * A handle is the module's own, moved on each time that handles are lost; a
 * copy of a private key has one more bit.
 */
#define STEP		0x100000UL
#define COPY		0x10000000UL
#define COPY_SUFFIX	"-copy"

#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_PRINTABLE_STRING	0x13

struct value {
	uint8_t	 data[VALUE_MAX];
	size_t	 len;
};

static struct {
	CK_OBJECT_HANDLE	 handles[FOUND_MAX];
	size_t			 n;
	size_t			 next;
} found;

/* Rises only: taking the line out of the control file loses nothing. */
static unsigned long
generation(void)
{
	static unsigned long	 highest;
	unsigned long		 n = quirk_number("lose-objects", 0);

	if (n > highest) {
		highest = n;
		quirk_log("lose-objects %lu", n);
	}
	return (highest);
}

CK_RV
object_real(CK_OBJECT_HANDLE ours, CK_OBJECT_HANDLE *handle)
{
	unsigned long	 moved = (ours & ~COPY) / STEP;

	if (moved != generation())
		return (CKR_OBJECT_HANDLE_INVALID);
	*handle = (ours & ~COPY) % STEP;
	return (CKR_OK);
}

static CK_RV
real_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE_TYPE type, struct value *v)
{
	CK_ATTRIBUTE	 a = { type, v->data, sizeof(v->data) };
	CK_RV		 rv;

	rv = real->C_GetAttributeValue(session, handle, &a, 1);
	v->len = rv == CKR_OK ? a.ulValueLen : 0;
	return (rv);
}

static CK_ULONG
real_number(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE_TYPE type)
{
	CK_ULONG	 n = CK_UNAVAILABLE_INFORMATION;
	CK_ATTRIBUTE	 a = { type, &n, sizeof(n) };

	real->C_GetAttributeValue(session, handle, &a, 1);
	return (n);
}

static int
hidden(CK_ATTRIBUTE_TYPE type)
{
	const struct quirk	*q = NULL;

	while ((q = quirk_next(q, "hide")) != NULL)
		if (name_attribute(q->value) == type)
			return (1);
	return (0);
}

/* Put a DER header in front, and skip bytes of what is there. */
static void
wrap(struct value *v, uint8_t tag, size_t skip, int unused_bits)
{
	uint8_t	 header[4];
	size_t	 n = 0, len = v->len - skip + (unused_bits ? 1 : 0);

	header[n++] = tag;
	if (len > 127)
		header[n++] = 0x81;
	header[n++] = (uint8_t)len;
	if (unused_bits)
		header[n++] = 0;
	memmove(v->data + n, v->data + skip, v->len - skip);
	memcpy(v->data, header, n);
	v->len = v->len - skip + n;
}

/* SoftHSM has an OCTET STRING around the point. */
static void
change_point(struct value *v)
{
	size_t	 header = v->len > 129 ? 3 : 2;

	if (v->len < header || v->data[0] != DER_OCTET_STRING)
		return;
	if (quirk_is("ec-point", "raw")) {
		v->len -= header;
		memmove(v->data, v->data + header, v->len);
	} else if (quirk_is("ec-point", "bit-string"))
		wrap(v, DER_BIT_STRING, header, 1);
	else if (quirk_is("ec-point", "wrong"))
		v->data[v->len - 1] ^= 1;
}

/* "hex:06...": these bytes; any other text is the name of the curve. */
static void
change_params(struct value *v, const char *name)
{
	const struct quirk	*q = quirk_find(name);

	if (q == NULL)
		return;
	if (strncmp(q->value, "hex:", 4) == 0) {
		v->len = hex_decode(q->value + 4, v->data, sizeof(v->data));
		return;
	}
	v->len = strlen(q->value);
	memcpy(v->data, q->value, v->len);
	wrap(v, DER_PRINTABLE_STRING, 0, 0);
}

static void
change_label(struct value *v, CK_OBJECT_HANDLE ours)
{
	size_t	 n = strlen(COPY_SUFFIX);
	int	 pad = quirk_is("pad-label", "nul") ? '\0' : ' ';

	if (ours & COPY) {
		memcpy(v->data + v->len, COPY_SUFFIX, n);
		v->len += n;
	}
	if (quirk_find("pad-label") != NULL && v->len < LABEL_SIZE) {
		memset(v->data + v->len, pad, LABEL_SIZE - v->len);
		v->len = LABEL_SIZE;
	}
}

static void
change_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE ours,
    CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type, struct value *v)
{
	switch (type) {
	case CKA_EC_POINT:
		change_point(v);
		break;
	case CKA_EC_PARAMS:
		change_params(v, real_number(session, handle, CKA_KEY_TYPE) ==
		    CKK_EC_EDWARDS ? "ed-params" : "ec-params");
		break;
	case CKA_LABEL:
		change_label(v, ours);
		break;
	case CKA_ALWAYS_AUTHENTICATE:
		if (quirk_find("always-authenticate") != NULL)
			v->data[0] = CK_TRUE;
		break;
	default:
		break;
	}
}

/* One attribute, as C_GetAttributeValue() gives it. */
static CK_RV
get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE ours,
    CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *a)
{
	static struct value	 v;
	CK_ULONG		 size = a->ulValueLen;
	CK_RV			 rv;

	a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	if (hidden(a->type))
		return (CKR_ATTRIBUTE_TYPE_INVALID);
	if ((rv = real_value(session, handle, a->type, &v)) != CKR_OK)
		return (rv);
	change_value(session, ours, handle, a->type, &v);
	if (a->pValue != NULL && size < v.len)
		return (CKR_BUFFER_TOO_SMALL);
	if (a->pValue != NULL)
		memcpy(a->pValue, v.data, v.len);
	a->ulValueLen = v.len;
	return (CKR_OK);
}

CK_RV
quirk_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE ours,
    CK_ATTRIBUTE *attributes, CK_ULONG n)
{
	CK_OBJECT_HANDLE	 handle;
	CK_ULONG		 i;
	CK_RV			 one, rv;

	rv = quirk_enter("C_GetAttributeValue", ON_LOGIN, session, NULL, 0);
	if (rv != CKR_OK || (rv = object_real(ours, &handle)) != CKR_OK)
		return (rv);
	for (i = 0; i < n; i++) {
		one = get(session, ours, handle, &attributes[i]);
		if (one != CKR_OK)
			rv = one;
	}
	return (rv);
}

static void
add(CK_OBJECT_HANDLE handle, CK_OBJECT_HANDLE copy)
{
	if (found.n < nitems(found.handles))
		found.handles[found.n++] = (handle + generation() * STEP) |
		    copy;
}

/*
 * A search by label for a token that pads its labels: 0 when nothing can
 * match.  Takes the padding off in place.
 */
static int
match_label(CK_ATTRIBUTE *label)
{
	const uint8_t	*text = label->pValue;

	if (quirk_find("pad-label") == NULL || text == NULL)
		return (1);
	if (label->ulValueLen < LABEL_SIZE)
		return (0);
	while (label->ulValueLen > 0 &&
	    (text[label->ulValueLen - 1] == ' ' ||
	    text[label->ulValueLen - 1] == '\0'))
		label->ulValueLen--;
	return (1);
}

/* Prepare the search for the module; 0 when nothing can match. */
static int
change_template(CK_ATTRIBUTE *template, CK_ULONG n, int *has_label)
{
	CK_ULONG	 i;

	*has_label = 0;
	for (i = 0; i < n; i++) {
		if (hidden(template[i].type))
			return (0);
		if (template[i].type != CKA_LABEL)
			continue;
		*has_label = 1;
		if (!match_label(&template[i]))
			return (0);
	}
	return (1);
}

static void
take(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle, int copies)
{
	CK_OBJECT_CLASS	 class = real_number(session, handle, CKA_CLASS);

	if (class == CKO_PUBLIC_KEY && quirk_find("no-public") != NULL)
		return;
	add(handle, 0);
	if (class == CKO_PRIVATE_KEY && copies)
		add(handle, COPY);
}

/* The whole search, so that what it finds can be changed. */
static CK_RV
search(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_OBJECT_HANDLE	 handles[64];
	CK_ULONG		 i, got;
	CK_RV			 rv;
	int			 has_label, possible;

	possible = change_template(template, n, &has_label);
	if ((rv = real->C_FindObjectsInit(session, template, n)) != CKR_OK)
		return (rv);
	do {
		got = 0;
		rv = real->C_FindObjects(session, handles, nitems(handles),
		    &got);
		for (i = 0; i < got && possible; i++)
			take(session, handles[i], !has_label &&
			    quirk_find("duplicate-id") != NULL);
	} while (rv == CKR_OK && got != 0);
	return (rv);
}

CK_RV
quirk_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
    CK_ULONG n)
{
	CK_ATTRIBUTE	 copy[16];
	CK_RV		 rv;

	rv = quirk_enter("C_FindObjectsInit", ON_LOGIN, session, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	if (n > nitems(copy))
		return (CKR_ARGUMENTS_BAD);
	if (n != 0)
		memcpy(copy, template, n * sizeof(*copy));
	found.n = found.next = 0;
	return (search(session, copy, n));
}

CK_RV
quirk_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
    CK_ULONG max, CK_ULONG *n)
{
	CK_RV	 rv;

	rv = quirk_enter("C_FindObjects", ON_LOGIN, session, NULL, 0);
	if (rv != CKR_OK)
		return (rv);
	for (*n = 0; *n < max && found.next < found.n; (*n)++)
		objects[*n] = found.handles[found.next++];
	return (CKR_OK);
}

CK_RV
quirk_FindObjectsFinal(CK_SESSION_HANDLE session)
{
	CK_RV	 rv;

	rv = quirk_enter("C_FindObjectsFinal", ON_SESSION, session, NULL, 0);
	return (rv != CKR_OK ? rv : real->C_FindObjectsFinal(session));
}
