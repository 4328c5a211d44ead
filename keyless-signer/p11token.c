/* Signer of a token: which token, and what the parent is told of it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "log.h"
#include "p11.h"

#define REPORT_MS	1000	/* between two reports */
#define SESSIONS_MS	10000	/* between two counts of the sessions */

/* The slot of the URI's token, and what else the module shows. */
struct selection {
	const struct pk11uri	*uri;
	CK_INFO			 library;
	CK_TOKEN_INFO		 token;
	CK_SLOT_ID		 slot;
	struct p11_list		 matching;
	struct p11_list		 all;
};

/* What the parent knows, and when it learned that; times in ms. */
static struct {
	struct msg_token	 told;
	uint64_t		 told_at;
	uint64_t		 counted_at;
	struct errcount	 errors;
} reported;

void
p11_text(char *dst, size_t size, const uint8_t *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\0'))
		len--;
	if (len > size - 1)
		len = size - 1;
	if (len > 0)
		memcpy(dst, text, len);
	dst[len] = '\0';
}

int
p11_same(const char *want, const uint8_t *field, size_t len)
{
	char	 text[72];

	if (want == NULL)
		return (1);
	p11_text(text, sizeof(text), field, len);
	return (strcmp(want, text) == 0);
}

void
p11_list_add(struct p11_list *list, const char *fmt, ...)
{
	va_list	 ap;
	size_t	 used;

	if (list->n++ >= P11_LIST_MAX)
		return;
	if (list->n > 1)
		strlcat(list->text, ", ", sizeof(list->text));
	used = strlen(list->text);
	va_start(ap, fmt);
	vsnprintf(list->text + used, sizeof(list->text) - used, fmt, ap);
	va_end(ap);
}

void
p11_list_end(struct p11_list *list)
{
	char	 more[48];

	if (list->n <= P11_LIST_MAX)
		return;
	snprintf(more, sizeof(more), " and %zu more", list->n - P11_LIST_MAX);
	if (strlen(list->text) + strlen(more) >= sizeof(list->text))
		list->text[sizeof(list->text) - strlen(more) - 1] = '\0';
	strlcat(list->text, more, sizeof(list->text));
}

static int
same_version(const char *want, const CK_VERSION *v)
{
	char	 major[8], full[16];

	if (want == NULL)
		return (1);
	snprintf(major, sizeof(major), "%u", v->major);
	snprintf(full, sizeof(full), "%u.%u", v->major, v->minor);
	return (strcmp(want, full) == 0 || strcmp(want, major) == 0);
}

static int
library_matches(const struct selection *s)
{
	const struct pk11uri	*uri = s->uri;
	const CK_INFO		*lib = &s->library;

	return (P11_SAME(uri->library_manufacturer, lib->manufacturerID) &&
	    P11_SAME(uri->library_description, lib->libraryDescription) &&
	    same_version(uri->library_version, &lib->libraryVersion));
}

static int
slot_matches(const struct pk11uri *uri, CK_SLOT_ID slot)
{
	CK_SLOT_INFO	 info;

	if (uri->has_slot_id && uri->slot_id != slot)
		return (0);
	if (uri->slot_description == NULL && uri->slot_manufacturer == NULL)
		return (1);
	return (p11.f->C_GetSlotInfo(slot, &info) == CKR_OK &&
	    P11_SAME(uri->slot_description, info.slotDescription) &&
	    P11_SAME(uri->slot_manufacturer, info.manufacturerID));
}

static int
token_matches(const struct pk11uri *uri, const CK_TOKEN_INFO *info)
{
	return (P11_SAME(uri->token, info->label) &&
	    P11_SAME(uri->serial, info->serialNumber) &&
	    P11_SAME(uri->manufacturer, info->manufacturerID) &&
	    P11_SAME(uri->model, info->model));
}

static void
list_token(struct p11_list *list, CK_SLOT_ID slot, const CK_TOKEN_INFO *info)
{
	char	 label[40], serial[24];

	p11_text(label, sizeof(label), info->label, sizeof(info->label));
	p11_text(serial, sizeof(serial), info->serialNumber,
	    sizeof(info->serialNumber));
	if (!(info->flags & CKF_TOKEN_INITIALIZED))
		p11_list_add(list, "a token not initialised (slot-id %lu)",
		    slot);
	else
		p11_list_add(list, "%s (serial %s, slot-id %lu)", label,
		    serial, slot);
}

static void
look_at_slot(struct selection *s, CK_SLOT_ID slot)
{
	CK_TOKEN_INFO	 info;
	CK_RV		 rv;

	memset(&info, 0, sizeof(info));
	if ((rv = p11.f->C_GetTokenInfo(slot, &info)) != CKR_OK) {
		log_debug("no token information slot=%lu reason=%s", slot,
		    p11_error(rv));
		return;
	}
	list_token(&s->all, slot, &info);
	if (!token_matches(s->uri, &info) || !slot_matches(s->uri, slot))
		return;
	list_token(&s->matching, slot, &info);
	s->token = info;
	s->slot = slot;
}

/* Look at all slots that hold a token. */
static CK_RV
look_at_slots(struct selection *s)
{
	CK_SLOT_ID	*slots = NULL;
	CK_ULONG	 i, n = 0;
	CK_RV		 rv;

	if ((rv = p11.f->C_GetSlotList(CK_TRUE, NULL, &n)) != CKR_OK)
		return (rv);
	if (n == 0)
		return (CKR_OK);
	if ((slots = calloc(n, sizeof(*slots))) == NULL)
		return (CKR_HOST_MEMORY);
	if ((rv = p11.f->C_GetSlotList(CK_TRUE, slots, &n)) == CKR_OK)
		for (i = 0; i < n; i++)
			look_at_slot(s, slots[i]);
	free(slots);
	return (rv);
}

static void
describe_token(const struct selection *s)
{
	const CK_TOKEN_INFO	*info = &s->token;
	const CK_INFO		*library = &s->library;
	struct msg_token	*token = &p11.token;

	memset(token, 0, sizeof(*token));
	p11_text(token->manufacturer, sizeof(token->manufacturer),
	    info->manufacturerID, sizeof(info->manufacturerID));
	p11_text(token->label, sizeof(token->label), info->label,
	    sizeof(info->label));
	p11_text(token->serial, sizeof(token->serial), info->serialNumber,
	    sizeof(info->serialNumber));
	p11_text(token->model, sizeof(token->model), info->model,
	    sizeof(info->model));
	p11_text(token->library, sizeof(token->library),
	    library->libraryDescription, sizeof(library->libraryDescription));
	snprintf(token->library_version, sizeof(token->library_version),
	    "%u.%u", library->libraryVersion.major,
	    library->libraryVersion.minor);
	token->slot_id = s->slot;
	strlcpy(p11.name, *token->label != '\0' ? token->label : token->serial,
	    sizeof(p11.name));
}

/* Whether it is one token that was found.  0, or -1 with the failure filled. */
static int
judge(struct selection *s, struct msg_failure *f)
{
	p11_list_end(&s->all);
	p11_list_end(&s->matching);
	if (!library_matches(s))
		return (p11_fail_for_good(f, "the module is not the one that "
		    "the URI's library attributes describe"));
	if (s->all.n == 0)
		return (p11_fail(f, "no token is present"));
	if (s->matching.n == 0)
		return (p11_fail(f, "no token is the one that the URI names; "
		    "there are: %s", s->all.text));
	if (s->matching.n > 1)
		return (p11_fail_for_good(f, "more than one token is what the "
		    "URI names, say which by serial or slot-id: %s",
		    s->matching.text));
	if (!(s->token.flags & CKF_TOKEN_INITIALIZED))
		return (p11_fail(f, "token is not initialised slot-id=%lu: "
		    "initialise it with its own tools", s->slot));
	return (0);
}

int
p11_token_select(const struct pk11uri *uri, struct msg_failure *f)
{
	struct selection	 s;
	CK_RV			 rv;

	memset(&s, 0, sizeof(s));
	s.uri = uri;
	if ((rv = p11.f->C_GetInfo(&s.library)) != CKR_OK ||
	    (rv = look_at_slots(&s)) != CKR_OK) {
		p11_error_seen(rv);
		return (p11_fail(f, "module shows no tokens reason=%s%s",
		    p11_error(rv), p11_advice(rv)));
	}
	if (judge(&s, f) == -1)
		return (-1);
	p11.slot = s.slot;
	describe_token(&s);
	return (0);
}

void
p11_error_seen(CK_RV rv)
{
	errcount_count(&p11.errors, p11_error(rv), 1);
}

void
p11_token_error(CK_RV rv)
{
	p11.token.errors++;
	p11_error_seen(rv);
	p11.token.last_error_time = (uint64_t)time(NULL);
	strlcpy(p11.token.last_error, p11_error(rv),
	    sizeof(p11.token.last_error));
}

int
p11_errors(struct msg_errors *m)
{
	if (memcmp(&reported.errors, &p11.errors, sizeof(p11.errors)) == 0)
		return (0);
	reported.errors = p11.errors;
	memset(m, 0, sizeof(*m));
	m->errors = p11.errors;
	return (1);
}

static uint64_t
limit(CK_ULONG n)
{
	return (n == CK_UNAVAILABLE_INFORMATION ? UINT64_MAX : n);
}

static void
count_sessions(void)
{
	CK_TOKEN_INFO	 info;

	memset(&info, 0, sizeof(info));
	if (p11.f->C_GetTokenInfo(p11.slot, &info) != CKR_OK)
		return;
	p11.token.sessions = limit(info.ulSessionCount);
	p11.token.sessions_max = limit(info.ulMaxSessionCount);
}

static uint64_t
monotonic_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static int
has_news(void)
{
	return (memcmp(&reported.told, &p11.token, sizeof(p11.token)) != 0);
}

int
p11_report(struct msg_token *token)
{
	uint64_t	 now;

	if (p11.session == CK_INVALID_HANDLE)
		return (0);
	now = monotonic_ms();
	if (reported.counted_at == 0 ||
	    now - reported.counted_at >= SESSIONS_MS) {
		reported.counted_at = now;
		count_sessions();
	}
	if (!has_news() || (reported.told_at != 0 &&
	    now - reported.told_at < REPORT_MS))
		return (0);
	p11mech_names(p11.used, p11.token.mechanisms,
	    sizeof(p11.token.mechanisms));
	reported.told = p11.token;
	reported.told_at = now;
	*token = p11.token;
	return (1);
}

int
p11_report_wait(void)
{
	if (p11.session == CK_INVALID_HANDLE)
		return (-1);
	return (has_news() ? REPORT_MS : SESSIONS_MS);
}
