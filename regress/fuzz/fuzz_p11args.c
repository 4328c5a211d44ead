/*
 * Fuzzer: the callers of keyless-pkcs11.  Any PKCS#11 functions in any order
 * with any arguments that memory can be read and written at.
 *
 * Input: a byte that chooses the function and then its arguments.  The key
 * server is a stand-in that answers with bytes of the input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "p11.h"

#define ROOM	2048

static const uint8_t		*input;
static size_t			 left;
static CK_FUNCTION_LIST		*f;
static CK_SESSION_HANDLE	 sessions[4];
static char			 conf_path[] = "/tmp/fuzz-p11args.XXXXXX";
static uint8_t			 bytes[ROOM];	/* arguments point here ... */
static uint8_t			 room[ROOM];	/* ... and results go there */

/* ---- a key server */

struct remote {
	const struct conf_slot	*conf;
};

static uint8_t
take(void)
{
	if (left == 0)
		return (0);
	left--;
	return (*input++);
}

struct remote *
remote_new(const struct conf_slot *conf)
{
	struct remote	*r;

	if ((r = calloc(1, sizeof(*r))) != NULL)
		r->conf = conf;
	return (r);
}

enum remote_status
remote_call(struct remote *r, const struct remote_request *req,
    struct remote_answer *answer)
{
	size_t	 i;

	(void)r;
	REQUIRE(req->length <= REMOTE_DATA_MAX);
	memset(answer, 0, sizeof(*answer));
	answer->length = (size_t)take() * 4 + take() % 4;
	if (answer->length > REMOTE_DATA_MAX)
		answer->length = REMOTE_DATA_MAX;
	for (i = 0; i < answer->length; i++)
		answer->data[i] = take();
	return ((enum remote_status)(take() % 8 == 7 ? take() % 5 : 0));
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
	uint8_t		 b = take();
	CK_ULONG	 i;

	*length = b < 0xf0 ? b : (CK_ULONG)b * 8;
	if (b == 0xff)
		return (NULL);
	for (i = 0; i < *length && i < 64; i++)
		bytes[i] = take();
	return (bytes);
}

/* Room for a result, of a length that is true; sometimes none. */
static uint8_t *
result(CK_ULONG *length)
{
	uint8_t	 b = take();

	*length = b < 0x80 ? ROOM : b * 4U;
	return (b == 0xff ? NULL : room);
}

static void
template(CK_ATTRIBUTE *a, CK_ULONG n)
{
	CK_ULONG	 i;

	for (i = 0; i < n; i++) {
		a[i].type = (CK_ULONG)take() << (take() % 3 * 4) | take();
		a[i].ulValueLen = take();
		a[i].pValue = take() % 8 == 0 ? NULL : room;
		room[0] = take();
	}
}

static void
mechanism(CK_MECHANISM *m)
{
	m->mechanism = take() % 2 ? mech_type(mech_at(take() % mech_count())) :
	    (CK_ULONG)take() << 8 | take();
	m->pParameter = data(&m->ulParameterLen);
	if (take() % 4 == 0) {
		m->pParameter = NULL;
		m->ulParameterLen = 0;
	}
}

/* ---- calls */

static void
call_session(uint8_t which)
{
	CK_SESSION_INFO	 info;
	CK_TOKEN_INFO	 token;
	CK_SLOT_INFO	 slot;
	CK_ULONG	 n;

	switch (which % 9) {
	case 0:
		f->C_OpenSession(number(), number(), NULL, NULL,
		    &sessions[take() % 4]);
		break;
	case 1:
		f->C_CloseSession(handle());
		break;
	case 2:
		f->C_CloseAllSessions(number());
		break;
	case 3:
		f->C_GetSessionInfo(handle(), take() == 0 ? NULL : &info);
		break;
	case 4:
		f->C_Login(handle(), number(), bytes, take());
		break;
	case 5:
		f->C_Logout(handle());
		break;
	case 6:
		f->C_GetTokenInfo(number(), &token);
		break;
	case 7:
		f->C_GetSlotInfo(number(), &slot);
		break;
	default:
		n = take();
		f->C_GetMechanismList(number(), (CK_MECHANISM_TYPE *)room, &n);
		break;
	}
}

static void
call_objects(uint8_t which)
{
	CK_ATTRIBUTE	 a[8];
	CK_OBJECT_HANDLE found[16];
	CK_ULONG	 n = take() % 9;

	template(a, n);
	switch (which % 5) {
	case 0:
		f->C_FindObjectsInit(handle(), a, n);
		break;
	case 1:
		f->C_FindObjects(handle(), found, take() % 17, &n);
		break;
	case 2:
		f->C_FindObjectsFinal(handle());
		break;
	case 3:
		f->C_GetAttributeValue(handle(), number(), a, n);
		break;
	default:
		f->C_GetObjectSize(handle(), number(), &n);
		break;
	}
}

static void
call_sign(uint8_t which)
{
	CK_MECHANISM	 m;
	CK_ULONG	 n, outlen;
	uint8_t		*in, *out;

	switch (which % 4) {
	case 0:
		mechanism(&m);
		f->C_SignInit(handle(), take() == 0 ? NULL : &m, number());
		return;
	case 1:
		in = data(&n);
		f->C_SignUpdate(handle(), in, n);
		return;
	case 2:
		out = result(&outlen);
		f->C_SignFinal(handle(), out, &outlen);
		return;
	default:
		in = data(&n);
		out = result(&outlen);
		f->C_Sign(handle(), in, n, out, &outlen);
		return;
	}
}

static void
call_decrypt(uint8_t which)
{
	CK_MECHANISM	 m;
	CK_ULONG	 n, outlen;
	uint8_t		*in, *out;

	switch (which % 4) {
	case 0:
		mechanism(&m);
		f->C_DecryptInit(handle(), take() == 0 ? NULL : &m, number());
		return;
	case 1:
		in = data(&n);
		out = result(&outlen);
		f->C_DecryptUpdate(handle(), in, n, out, &outlen);
		return;
	case 2:
		out = result(&outlen);
		f->C_DecryptFinal(handle(), out, &outlen);
		return;
	default:
		in = data(&n);
		out = result(&outlen);
		f->C_Decrypt(handle(), in, n, out, &outlen);
		return;
	}
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
	for (i = 0; i < 4; i++)
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
	}
	f->C_CloseAllSessions(0);
	return (0);
}
