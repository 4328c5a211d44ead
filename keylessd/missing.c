/* Frontend: explains requests for keys that are not here. */
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "hex.h"
#include "log.h"
#include "loglimit.h"
#include "missing.h"

#define KEYS_NAMED	4	/* of those that are here */

static struct loglimit	 limit = { .what = "key not found" };

static void
identifier(char *text, size_t size, const uint8_t *id, size_t length)
{
	if (id == NULL)
		strlcpy(text, "-", size);
	else
		hex_encode(id, length, text);
}

/* "SKI label, SKI label and 7 more"; returns how many there are in all. */
static size_t
name_keys(char *text, size_t size)
{
	const struct fe_key	*key;
	char			 ski[2 * WIRE_SKI_SIZE + 1];
	size_t			 i, n = 0, used = 0;

	text[0] = '\0';
	for (i = 0; i < frontend_nkeys(); i++) {
		key = frontend_key(i);
		if (key->info.state != KEY_READY || n++ >= KEYS_NAMED)
			continue;
		hex_encode(key->info.ski, WIRE_SKI_SIZE, ski);
		used += (size_t)snprintf(text + used, size - used, "%s%s %s",
		    n == 1 ? "" : ", ", ski, key->info.label);
	}
	if (n > KEYS_NAMED)
		snprintf(text + used, size - used, " and %zu more",
		    n - KEYS_NAMED);
	return (n);
}

void
missing_key(struct conn *conn, const struct opcode_info *op,
    const struct wire_body *body)
{
	char	 ski[2 * WIRE_SKI_SIZE + 1], digest[2 * WIRE_DIGEST_SIZE + 1];
	char	 sni[256], id[REQID_SIZE], keys[1024];
	size_t	 n;

	if (!loglimit_ok(&limit, frontend_now()))
		return;
	identifier(ski, sizeof(ski), body->ski, WIRE_SKI_SIZE);
	identifier(digest, sizeof(digest), body->digest, WIRE_DIGEST_SIZE);
	reqid_word(sni, sizeof(sni), &body->sni);
	reqid_take(id, &body->req_context);
	n = name_keys(keys, sizeof(keys));
	log_warnx("key not found peer=%s opcode=%s sni=%s ski=%s digest=%s "
	    "request_id=%s keys=%zu here=\"%s\" reason=\"the edge has a "
	    "certificate of a key that is not here: add its key to "
	    "private_key_stores, or give the edge a certificate of a key that "
	    "is here\"", conn_peer(conn), op->name, sni, ski, digest,
	    reqid_clean(id), n, keys);
}
