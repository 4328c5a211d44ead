/*
 * Token objects: tables of attributes, made from a certificate once and never
 * changed.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <openssl/x509.h>

#include <pkcs11-helper-1.0/pkcs11.h>

#include <stddef.h>
#include <stdint.h>

#include "keyid.h"
#include "opcode.h"

/* PKCS#11 2.40 and 3.0; not in the header of pkcs11-helper 1.29. */
#ifndef CKA_NAME_HASH_ALGORITHM
#define CKA_NAME_HASH_ALGORITHM		0x8cUL
#endif
#ifndef CKA_PUBLIC_KEY_INFO
#define CKA_PUBLIC_KEY_INFO		0x129UL
#endif
#ifndef CKA_COPYABLE
#define CKA_COPYABLE			0x171UL
#endif
#ifndef CKA_DESTROYABLE
#define CKA_DESTROYABLE			0x172UL
#endif

#define OBJECT_ATTRIBUTES_MAX	32

struct attribute {
	CK_ATTRIBUTE_TYPE	 type;
	uint8_t			*value;
	size_t			 length;
};

/* A key of a key server. */
struct key {
	struct keyid	 id;
	size_t		 size;	/* bytes of a modulus or of a field element */
};

struct object {
	CK_OBJECT_CLASS		 class;
	struct key		 key;	/* of a certificate, the one in it */
	struct attribute	 attributes[OBJECT_ATTRIBUTES_MAX];
	size_t			 nattributes;
};

/* The objects of a slot; the handle of one is its index and 1. */
struct objects {
	struct object	**list;
	size_t		  n;
};

/* What the attributes of a certificate and its key are made from. */
struct source {
	X509		*x509;
	EVP_PKEY	*pkey;
	struct key	 key;
	const char	*label;
};

/* objects.c */

/*
 * Add a certificate object and, unless an earlier certificate had the same
 * key, those of its key.  -1: no memory.
 */
int			 objects_add(struct objects *, const struct source *);
void			 objects_free(struct objects *);
const struct object	*objects_get(const struct objects *,
			    CK_OBJECT_HANDLE);

/* attribute.c */

/* Fill an object of its class with all attributes; -1: no memory. */
int			 attribute_fill(struct object *,
			    const struct source *);
const struct attribute	*attribute_find(const struct object *,
			    CK_ATTRIBUTE_TYPE);

/* Whether an object has such an attribute, but never shows it. */
int			 attribute_hidden(const struct object *,
			    CK_ATTRIBUTE_TYPE);

#endif
