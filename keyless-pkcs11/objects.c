/* In the host's process: the objects of a slot, from its certificates. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "object.h"

static void
object_free(struct object *object)
{
	size_t	 i;

	for (i = 0; i < object->nattributes; i++)
		free(object->attributes[i].value);
	free(object);
}

static int
add(struct objects *objects, CK_OBJECT_CLASS class,
    const struct source *source)
{
	struct object	*object, **p;

	if ((p = reallocarray(objects->list, objects->n + 1,
	    sizeof(*p))) == NULL)
		return (-1);
	objects->list = p;
	if ((object = calloc(1, sizeof(*object))) == NULL)
		return (-1);
	object->class = class;
	object->key = source->key;
	if (attribute_fill(object, source) == -1) {
		object_free(object);
		return (-1);
	}
	objects->list[objects->n++] = object;
	return (0);
}

/* Certificates that are renewed with the same key share it. */
static int
has_key(const struct objects *objects, const struct key *key)
{
	const struct object	*object;
	size_t			 i;

	for (i = 0; i < objects->n; i++) {
		object = objects->list[i];
		if (object->class == CKO_PRIVATE_KEY &&
		    memcmp(object->key.id.ski, key->id.ski,
		    sizeof(key->id.ski)) == 0)
			return (1);
	}
	return (0);
}

int
objects_add(struct objects *objects, const struct source *source)
{
	if (add(objects, CKO_CERTIFICATE, source) == -1)
		return (-1);
	if (has_key(objects, &source->key))
		return (0);
	if (add(objects, CKO_PUBLIC_KEY, source) == -1)
		return (-1);
	return (add(objects, CKO_PRIVATE_KEY, source));
}

void
objects_free(struct objects *objects)
{
	size_t	 i;

	for (i = 0; i < objects->n; i++)
		object_free(objects->list[i]);
	free(objects->list);
	objects->list = NULL;
	objects->n = 0;
}

const struct object *
objects_get(const struct objects *objects, CK_OBJECT_HANDLE handle)
{
	if (handle == CK_INVALID_HANDLE || handle > objects->n)
		return (NULL);
	return (objects->list[handle - 1]);
}
