/*
 * Fuzzer: the callers of keyless-pkcs11.  Any PKCS#11 functions in any order
 * with any arguments that memory can be read and written at.  Nothing is read
 * or written beyond the lengths that the caller declared; a function returns
 * what PKCS#11 lets it return, and a length that goes with that; an operation
 * is over when it should be, and its result is there only if the key server
 * gave one.
 *
 * Input: a byte that chooses the function and then its arguments.  The key
 * server is a stand-in that answers with bytes of the input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "fuzz.h"
#include "p11.h"

#define ROOM		2048
#define NOTHING_YET	((enum remote_status)-1)

/* What may be returned besides CKR_OK, which is 0. */
#define MAY(rv, ...)							\
	REQUIRE(one_of(rv, (const CK_RV []){ __VA_ARGS__, CKR_OK }))

/* By all that take a session, PKCS#11 2.40 section 5.1. */
#define MAY_SESSION	CKR_SESSION_HANDLE_INVALID, CKR_ARGUMENTS_BAD

/* ... and ask the key server. */
#define MAY_ASK		MAY_SESSION, CKR_OPERATION_NOT_INITIALIZED,	\
			CKR_BUFFER_TOO_SMALL, CKR_DEVICE_ERROR,		\
			CKR_FUNCTION_CANCELED, CKR_FUNCTION_FAILED,	\
			CKR_HOST_MEMORY

static const uint8_t		*input;
static size_t			 left;
static CK_FUNCTION_LIST		*f;
static CK_SESSION_HANDLE	 sessions[4];
static char			 conf_path[] = "/tmp/fuzz-p11args.XXXXXX";
static enum remote_status	 given;		/* by the key server */

typedef CK_RV	 init_function(CK_SESSION_HANDLE, CK_MECHANISM *,
		    CK_OBJECT_HANDLE);

/* What a call's arguments point to, each of exactly its declared length. */
static void			*held[16];
static size_t			 nheld;

static uint8_t
take(void)
{
	if (left == 0)
		return (0);
	left--;
	return (*input++);
}

/* Until release(): so many bytes, zero, and none behind them. */
static void *
hold(size_t size)
{
	REQUIRE(nheld < nitems(held));
	REQUIRE((held[nheld] = malloc(size)) != NULL);
	memset(held[nheld], 0, size);
	return (held[nheld++]);
}

static void
release(void)
{
	while (nheld != 0)
		free(held[--nheld]);
}

static int
one_of(CK_RV rv, const CK_RV *codes)
{
	while (*codes != CKR_OK && *codes != rv)
		codes++;
	return (*codes == rv);
}

/* ---- a key server */

struct remote {
	const struct conf_slot	*conf;
};

struct remote *
remote_new(const struct conf_slot *conf)
{
	struct remote	*r;

	if ((r = calloc(1, sizeof(*r))) != NULL)
		r->conf = conf;
	return (r);
}

/* An answer that can be believed. */
static void
answer_well(const struct remote_request *req, struct remote_answer *answer)
{
	static const uint8_t		 ecdsa[] = {
		0x30, 6, 2, 1, 1, 2, 1, 1
	};
	const struct opcode_info	*op = opcode_find(req->opcode);

	REQUIRE(op != NULL);
	switch (op->key_type) {
	case KEY_TYPE_RSA:
		answer->length = 256;
		memset(answer->data, 0x77, 256);
		answer->data[0] = 0;
		answer->data[1] = 2;
		answer->data[take()] = 0;	/* ends the padding, perhaps */
		break;
	case KEY_TYPE_EC:
		answer->length = sizeof(ecdsa);
		memcpy(answer->data, ecdsa, sizeof(ecdsa));
		break;
	default:
		answer->length = 64;
		memset(answer->data, 0x77, 64);
		break;
	}
}

enum remote_status
remote_call(struct remote *r, const struct remote_request *req,
    struct remote_answer *answer)
{
	uint8_t	 b = take();
	size_t	 i;

	(void)r;
	REQUIRE(req->length <= REMOTE_DATA_MAX);
	memset(answer, 0, sizeof(*answer));
	if (b >= 0xc0)
		answer_well(req, answer);
	else {
		answer->length = (size_t)b * 4 + take() % 4;
		for (i = 0; i < answer->length; i++)
			answer->data[i] = take();
	}
	given = (enum remote_status)(take() % 8 == 7 ? take() % 5 : 0);
	return (given);
}

void
remote_cancel(struct remote *r)
{
	(void)r;
}

void
remote_free(struct remote *r)
{
	free(r);
}

/* No TLS here: its files are certificates without keys. */
int
conf_tls_check(const struct conf_slot *conf, int pair, char *why, size_t size)
{
	(void)conf;
	(void)pair;
	(void)why;
	(void)size;
	return (0);
}

/* ---- arguments */

/* A handle: one of ours, a small number, or anything. */
static CK_ULONG
handle(void)
{
	uint8_t	 b = take();

	if (b < 0xc0)
		return (sessions[b % 4]);
	return (b < 0xf0 ? b & 0xf : (CK_ULONG)-1 << (take() % 64));
}

static CK_ULONG
number(void)
{
	uint8_t	 b = take();

	return (b < 0xf0 ? b & 0x3f : (CK_ULONG)-1 << (take() % 64));
}

/* Data, with a length that is true; sometimes none. */
static uint8_t *
data(CK_ULONG *length)
{
	uint8_t		 b = take(), *bytes;
	CK_ULONG	 i;

	*length = b < 0xf0 ? b : (b & 0xf) * 128U;
	if (b == 0xff)
		return (NULL);
	bytes = hold(*length);
	for (i = 0; i < *length && i < 64; i++)
		bytes[i] = take();
	return (bytes);
}

/*
 * Room for a result, of a length that is true: as a rule enough, else what
 * some results just fit in, or a byte less; sometimes none.
 */
static uint8_t *
result(CK_ULONG *length)
{
	uint8_t	 b = take();

	*length = b < 0x80 ? ROOM : (b & 0x3f) * 8U;
	if (*length != 0 && b >= 0xc0)
		(*length)--;
	return (b == 0xff ? NULL : hold(*length));
}

/* Attributes; what each declares goes to lengths, too. */
static CK_ATTRIBUTE *
template(CK_ULONG n, CK_ULONG *lengths)
{
	CK_ATTRIBUTE	*a = hold(n * sizeof(*a));
	CK_ULONG	 i;
	uint8_t		 first;
	int		 none;

	for (i = 0; i < n; i++) {
		a[i].type = (CK_ULONG)take() << (take() % 3 * 4) | take();
		a[i].ulValueLen = lengths[i] = take();
		none = take() % 8 == 0;
		first = take();
		if (none)
			continue;
		a[i].pValue = hold(lengths[i]);
		if (lengths[i] != 0)
			*(uint8_t *)a[i].pValue = first;
	}
	return (a);
}

static CK_MECHANISM *
mechanism(void)
{
	CK_MECHANISM	*m = hold(sizeof(*m));

	m->mechanism = take() % 2 ? mech_type(mech_at(take() % mech_count())) :
	    (CK_ULONG)take() << 8 | take();
	m->pParameter = data(&m->ulParameterLen);
	if (take() % 4 == 0) {
		m->pParameter = NULL;
		m->ulParameterLen = 0;
	}
	return (m);
}

/* ---- calls */

static void
open_session(void)
{
	CK_SLOT_ID	 slot = number();
	CK_FLAGS	 flags = number();
	size_t		 i = take() % nitems(sessions);
	CK_RV		 rv;

	rv = f->C_OpenSession(slot, flags, NULL, NULL, &sessions[i]);
	MAY(rv, CKR_SLOT_ID_INVALID, CKR_SESSION_COUNT,
	    CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	if (rv == CKR_OK)
		REQUIRE(slot == 0 && sessions[i] != CK_INVALID_HANDLE);
}

static void
session_info(void)
{
	CK_SESSION_HANDLE	 session = handle();
	CK_SESSION_INFO		*info = hold(sizeof(*info));
	CK_RV			 rv;

	if (take() == 0)
		info = NULL;
	rv = f->C_GetSessionInfo(session, info);
	MAY(rv, MAY_SESSION);
	if (rv != CKR_OK)
		return;
	REQUIRE(info != NULL && info->slotID == 0);
	REQUIRE(info->flags & CKF_SERIAL_SESSION);
	REQUIRE((info->state == CKS_RW_PUBLIC_SESSION ||
	    info->state == CKS_RW_USER_FUNCTIONS) ==
	    ((info->flags & CKF_RW_SESSION) != 0));
	REQUIRE(info->state <= CKS_RW_USER_FUNCTIONS);
}

static void
log_in(void)
{
	CK_SESSION_HANDLE	 session = handle();
	CK_USER_TYPE		 user = number();
	CK_ULONG		 length = take();
	CK_RV			 rv;

	rv = f->C_Login(session, user, hold(length), length);
	MAY(rv, MAY_SESSION, CKR_OPERATION_NOT_INITIALIZED,
	    CKR_USER_TYPE_INVALID, CKR_USER_ALREADY_LOGGED_IN);
	if (rv == CKR_OK)
		REQUIRE(user == CKU_USER);
}

/* Texts are padded with blanks and have no NUL. */
static void
token_info(void)
{
	CK_TOKEN_INFO	*info = hold(sizeof(*info));
	CK_RV		 rv;

	rv = f->C_GetTokenInfo(number(), info);
	MAY(rv, CKR_SLOT_ID_INVALID);
	if (rv != CKR_OK)
		return;
	REQUIRE(memchr(info->label, 0, sizeof(info->label)) == NULL);
	REQUIRE(memchr(info->model, 0, sizeof(info->model)) == NULL);
	REQUIRE(info->ulRwSessionCount <= info->ulSessionCount);
}

static void
slot_info(void)
{
	CK_SLOT_INFO	*info = hold(sizeof(*info));
	CK_RV		 rv;

	rv = f->C_GetSlotInfo(number(), info);
	MAY(rv, CKR_SLOT_ID_INVALID);
	if (rv == CKR_OK)
		REQUIRE(memchr(info->slotDescription, 0,
		    sizeof(info->slotDescription)) == NULL);
}

static void
mechanism_list(void)
{
	CK_ULONG		 i, n = take(), declared = n;
	CK_MECHANISM_TYPE	*list = NULL;
	CK_RV			 rv;

	if (n != 0xff)
		list = hold(n * sizeof(*list));
	rv = f->C_GetMechanismList(number(), list, &n);
	MAY(rv, CKR_SLOT_ID_INVALID, CKR_BUFFER_TOO_SMALL);
	if (rv == CKR_BUFFER_TOO_SMALL)
		REQUIRE(list != NULL && n > declared);
	if (rv == CKR_OK) {
		REQUIRE(n == mech_count() && (list == NULL || n <= declared));
		for (i = 0; list != NULL && i < n; i++)
			REQUIRE(mech_find(list[i]) != NULL);
	}
}

static void
call_session(uint8_t which)
{
	switch (which % 9) {
	case 0:
		open_session();
		break;
	case 1:
		MAY(f->C_CloseSession(handle()), MAY_SESSION);
		break;
	case 2:
		MAY(f->C_CloseAllSessions(number()), CKR_SLOT_ID_INVALID);
		break;
	case 3:
		session_info();
		break;
	case 4:
		log_in();
		break;
	case 5:
		MAY(f->C_Logout(handle()), MAY_SESSION,
		    CKR_USER_NOT_LOGGED_IN);
		break;
	case 6:
		token_info();
		break;
	case 7:
		slot_info();
		break;
	default:
		mechanism_list();
		break;
	}
}

/* What is found is there, and the caller's to have as many of as he said. */
static void
find_objects(void)
{
	CK_SESSION_HANDLE	 session = handle();
	CK_ULONG		 i, n = 0, max = take() % 17, size;
	CK_OBJECT_HANDLE	*found = hold(max * sizeof(*found));
	CK_RV			 rv;

	rv = f->C_FindObjects(session, found, max, &n);
	MAY(rv, MAY_SESSION, CKR_OPERATION_NOT_INITIALIZED);
	if (rv != CKR_OK)
		return;
	REQUIRE(n <= max);
	for (i = 0; i < n; i++)
		REQUIRE(f->C_GetObjectSize(session, found[i], &size) ==
		    CKR_OK);
}

/* PKCS#11 2.40 section 5.7: the length of what cannot be had is -1. */
static void
get_attributes(CK_ATTRIBUTE *a, CK_ULONG n, const CK_ULONG *declared)
{
	CK_SESSION_HANDLE	 session = handle();
	CK_ULONG		 i, refused = 0;
	CK_RV			 rv;

	rv = f->C_GetAttributeValue(session, number(), a, n);
	MAY(rv, MAY_SESSION, CKR_OBJECT_HANDLE_INVALID, CKR_BUFFER_TOO_SMALL,
	    CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID);
	if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL &&
	    rv != CKR_ATTRIBUTE_SENSITIVE && rv != CKR_ATTRIBUTE_TYPE_INVALID)
		return;
	for (i = 0; i < n; i++) {
		if (a[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
			refused++;
		else if (a[i].pValue != NULL)
			REQUIRE(a[i].ulValueLen <= declared[i]);
	}
	REQUIRE((rv == CKR_OK) == (refused == 0));
}

static void
call_objects(uint8_t which)
{
	CK_ULONG		 n = take() % 9, lengths[8];
	CK_ATTRIBUTE		*a = template(n, lengths);
	CK_SESSION_HANDLE	 session;
	CK_RV			 rv;

	switch (which % 5) {
	case 0:
		MAY(f->C_FindObjectsInit(handle(), a, n), MAY_SESSION,
		    CKR_OPERATION_ACTIVE);
		break;
	case 1:
		find_objects();
		break;
	case 2:
		MAY(f->C_FindObjectsFinal(handle()), MAY_SESSION,
		    CKR_OPERATION_NOT_INITIALIZED);
		break;
	case 3:
		get_attributes(a, n, lengths);
		break;
	default:
		session = handle();
		rv = f->C_GetObjectSize(session, number(), &n);
		MAY(rv, MAY_SESSION, CKR_OBJECT_HANDLE_INVALID);
		if (rv == CKR_OK)
			REQUIRE(n > 0);
		break;
	}
}

/* ---- operations */

/* Whether one is under way, as a C_*Init says that could begin none. */
static int
active(init_function *init, CK_SESSION_HANDLE session)
{
	CK_MECHANISM	 m = { CKM_RSA_PKCS, NULL, 0 };

	return (init(session, &m, CK_INVALID_HANDLE) == CKR_OPERATION_ACTIVE);
}

static void
begin(init_function *init)
{
	CK_MECHANISM		*m = mechanism();
	CK_SESSION_HANDLE	 session = handle();
	CK_RV			 rv;

	if (take() == 0)
		m = NULL;
	rv = init(session, m, number());
	MAY(rv, MAY_SESSION, CKR_OPERATION_ACTIVE, CKR_KEY_HANDLE_INVALID,
	    CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_INVALID,
	    CKR_MECHANISM_PARAM_INVALID);
	if (rv == CKR_OK || rv == CKR_OPERATION_ACTIVE)
		REQUIRE(active(init, session) == (m != NULL));
}

/*
 * Section 5.2: of a result that has no room the length is told; then, or when
 * the length is all that was asked for, the operation goes on.  Else it is
 * over.
 */
static void
check_result(CK_RV rv, int more, const uint8_t *out, CK_ULONG declared,
    CK_ULONG length)
{
	if (rv == CKR_BUFFER_TOO_SMALL)
		REQUIRE(out != NULL && length > declared);
	if (rv == CKR_BUFFER_TOO_SMALL || rv == CKR_OK)
		REQUIRE(length <= REMOTE_DATA_MAX);
	if (rv == CKR_OK && out == NULL)
		REQUIRE(length > 0);
	if (rv == CKR_OK && out != NULL)
		REQUIRE(length <= declared && given == REMOTE_OK);
	REQUIRE(more == (rv == CKR_BUFFER_TOO_SMALL ||
	    (rv == CKR_OK && out == NULL)));
}

static void
call_sign(uint8_t which)
{
	CK_SESSION_HANDLE	 session;
	CK_ULONG		 n = 0, outlen, declared;
	uint8_t			*in = NULL, *out;
	CK_RV			 rv;

	if (which % 4 == 0) {
		begin(f->C_SignInit);
		return;
	}
	if (which % 4 != 2)
		in = data(&n);
	if (which % 4 == 1) {
		session = handle();
		rv = f->C_SignUpdate(session, in, n);
		MAY(rv, MAY_SESSION, CKR_OPERATION_NOT_INITIALIZED,
		    CKR_DATA_LEN_RANGE);
		REQUIRE(active(f->C_SignInit, session) == (rv == CKR_OK));
		return;
	}
	out = result(&outlen);
	declared = outlen;
	given = NOTHING_YET;
	session = handle();
	rv = which % 4 == 2 ? f->C_SignFinal(session, out, &outlen) :
	    f->C_Sign(session, in, n, out, &outlen);
	MAY(rv, MAY_ASK, CKR_DATA_LEN_RANGE);
	check_result(rv, active(f->C_SignInit, session), out, declared,
	    outlen);
	if (rv == CKR_OK)
		REQUIRE(outlen > 0);
}

static void
call_decrypt(uint8_t which)
{
	CK_SESSION_HANDLE	 session;
	CK_ULONG		 n = 0, outlen, declared;
	uint8_t			*in = NULL, *out;
	CK_RV			 rv;

	if (which % 4 == 0) {
		begin(f->C_DecryptInit);
		return;
	}
	if (which % 4 != 2)
		in = data(&n);
	out = result(&outlen);
	declared = outlen;
	given = NOTHING_YET;
	session = handle();
	if (which % 4 == 1) {
		rv = f->C_DecryptUpdate(session, in, n, out, &outlen);
		MAY(rv, MAY_SESSION, CKR_OPERATION_NOT_INITIALIZED,
		    CKR_ENCRYPTED_DATA_LEN_RANGE);
		if (rv == CKR_OK)
			REQUIRE(outlen <= declared);
		REQUIRE(active(f->C_DecryptInit, session) == (rv == CKR_OK));
		return;
	}
	rv = which % 4 == 2 ? f->C_DecryptFinal(session, out, &outlen) :
	    f->C_Decrypt(session, in, n, out, &outlen);
	MAY(rv, MAY_ASK, CKR_ENCRYPTED_DATA_INVALID,
	    CKR_ENCRYPTED_DATA_LEN_RANGE);
	check_result(rv, active(f->C_DecryptInit, session), out, declared,
	    outlen);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char	*dir = p11_certs();
	FILE		*conf;
	int		 fd;

	(void)argc;
	(void)argv;
	REQUIRE((fd = mkstemp(conf_path)) != -1);
	REQUIRE((conf = fdopen(fd, "w")) != NULL);
	fprintf(conf, "slots: [{label: fuzz, servers: [127.0.0.1:1], "
	    "auth_cert: %s/rsa.pem, auth_key: %s/rsa.pem, "
	    "keyserver_ca_cert: %s/rsa.pem, certificates: [%s]}]\n", dir, dir,
	    dir, dir);
	REQUIRE(fclose(conf) == 0);
	setenv("KEYLESS_PKCS11_CONF", conf_path, 1);
	REQUIRE(C_GetFunctionList(&f) == CKR_OK);
	REQUIRE(f->C_Initialize(NULL) == CKR_OK);
	unlink(conf_path);
	p11_certs_remove();
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t size)
{
	size_t	 i;
	uint8_t	 which;

	input = p;
	left = size;
	for (i = 0; i < nitems(sessions); i++)
		REQUIRE(f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL,
		    &sessions[i]) == CKR_OK);
	while (left > 0) {
		which = take();
		switch (which >> 6) {
		case 0:
			call_session(which & 0x3f);
			break;
		case 1:
			call_objects(which & 0x3f);
			break;
		case 2:
			call_sign(which & 0x3f);
			break;
		default:
			call_decrypt(which & 0x3f);
			break;
		}
		release();
	}
	REQUIRE(f->C_CloseAllSessions(0) == CKR_OK);
	return (0);
}
