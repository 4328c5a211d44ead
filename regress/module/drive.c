/*
 * Calls a PKCS#11 module as the words of the command line say, and prints what
 * each call returns.  For the test of quirk.so.
 *
 *	drive MODULE word ...
 */
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quirk.h"

CK_FUNCTION_LIST		*real;

static CK_SLOT_ID		 slot;
static CK_SESSION_HANDLE	 session;
static CK_OBJECT_HANDLE		 objects[64];
static CK_ULONG			 nobjects;
static uint8_t			 data[4096];

struct word {
	const char	*name;
	CK_RV		 (*call)(const char *);
};

/* names.c complains through it. */
void
quirk_log(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void
print_hex(const uint8_t *p, size_t n)
{
	printf(" ");
	while (n-- > 0)
		printf("%02x", *p++);
}

size_t
hex_decode(const char *hex, uint8_t *out, size_t size)
{
	size_t		 n;
	unsigned int	 byte;

	for (n = 0; n < size && sscanf(hex, "%2x", &byte) == 1; n++, hex += 2)
		out[n] = (uint8_t)byte;
	return (n);
}

/* Replace the control file, as a test does while a daemon runs. */
static CK_RV
do_control(const char *text)
{
	const char	*path = getenv("QUIRK_CONTROL");
	char		*line, *copy = strdup(text), *rest;
	FILE		*f;

	if (path == NULL || copy == NULL || (f = fopen(path, "w")) == NULL)
		err(1, "QUIRK_CONTROL");
	rest = copy;
	while ((line = strsep(&rest, ";")) != NULL)
		fprintf(f, "%s\n", line);
	fclose(f);
	free(copy);
	return (CKR_OK);
}

static CK_RV
do_init(const char *arg)
{
	(void)arg;
	return (real->C_Initialize(NULL));
}

static CK_RV
do_finalize(const char *arg)
{
	(void)arg;
	return (real->C_Finalize(NULL));
}

/* The first token that is initialised becomes the one of all other calls. */
static CK_RV
do_slots(const char *arg)
{
	CK_SLOT_ID	 slots[16];
	CK_TOKEN_INFO	 info;
	CK_ULONG	 i, n = nitems(slots);
	CK_RV		 rv;

	(void)arg;
	if ((rv = real->C_GetSlotList(CK_TRUE, slots, &n)) != CKR_OK)
		return (rv);
	printf(" n=%lu", n);
	for (i = 0; i < n; i++) {
		if (real->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    (info.flags & CKF_TOKEN_INITIALIZED)) {
			slot = slots[i];
			break;
		}
	}
	return (CKR_OK);
}

static CK_RV
do_token(const char *arg)
{
	CK_TOKEN_INFO	 info;
	CK_RV		 rv;

	(void)arg;
	if ((rv = real->C_GetTokenInfo(slot, &info)) != CKR_OK)
		return (rv);
	printf(" label=%.5s pad=%u sessions=%ld max=%ld pin=%x", info.label,
	    info.label[31], (long)info.ulSessionCount,
	    (long)info.ulMaxSessionCount, (unsigned)(info.flags >> 16) & 0xf);
	return (CKR_OK);
}

static CK_RV
do_mechanism(const char *arg)
{
	CK_MECHANISM_TYPE	 list[512];
	CK_MECHANISM_INFO	 info;
	CK_ULONG		 i, n = 0, size = nitems(list);
	CK_RV			 rv;

	if ((rv = real->C_GetMechanismList(slot, NULL, &n)) != CKR_OK ||
	    (rv = real->C_GetMechanismList(slot, list, &size)) != CKR_OK)
		return (rv);
	for (i = 0; i < n && list[i] != name_mechanism(arg); i++)
		;
	printf(" listed=%d same=%d", i < n, n == size);
	rv = real->C_GetMechanismInfo(slot, name_mechanism(arg), &info);
	if (rv == CKR_OK)
		printf(" max=%ld", (long)info.ulMaxKeySize);
	return (rv);
}

static CK_RV
do_open(const char *arg)
{
	return (real->C_OpenSession(slot, CKF_SERIAL_SESSION |
	    (*arg != '\0' ? CKF_RW_SESSION : 0), NULL, NULL, &session));
}

static CK_RV
do_close(const char *arg)
{
	(void)arg;
	return (real->C_CloseSession(session));
}

/* login=PIN[@USER] */
static CK_RV
do_login(const char *arg)
{
	const char	*at = strchr(arg, '@');
	CK_USER_TYPE	 user = CKU_USER;

	if (at != NULL)
		user = strtoul(at + 1, NULL, 0);
	return (real->C_Login(session, user, (CK_UTF8CHAR *)arg,
	    at != NULL ? (CK_ULONG)(at - arg) : strlen(arg)));
}

static CK_RV
do_logout(const char *arg)
{
	(void)arg;
	return (real->C_Logout(session));
}

static CK_RV
find(CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_RV	 rv;

	nobjects = 0;
	rv = real->C_FindObjectsInit(session, template, n);
	if (rv == CKR_OK)
		rv = real->C_FindObjects(session, objects, nitems(objects),
		    &nobjects);
	real->C_FindObjectsFinal(session);
	printf(" n=%lu", nobjects);
	return (rv);
}

static CK_RV
find_text(CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE type, const void *value,
    size_t len)
{
	CK_ATTRIBUTE	 template[2];

	template[0] = (CK_ATTRIBUTE){ CKA_CLASS, &class, sizeof(class) };
	template[1] = (CK_ATTRIBUTE){ type, (void *)value, len };
	return (find(template, len == 0 ? 1 : 2));
}

/* id=HEX, label=TEXT: private keys; public=HEX: public keys with that id */
static CK_RV
do_id(const char *arg)
{
	return (find_text(CKO_PRIVATE_KEY, CKA_ID, data, hex_decode(arg, data,
	    sizeof(data))));
}

static CK_RV
do_label(const char *arg)
{
	return (find_text(CKO_PRIVATE_KEY, CKA_LABEL, arg, strlen(arg)));
}

static CK_RV
do_public(const char *arg)
{
	return (find_text(CKO_PUBLIC_KEY, CKA_ID, data, hex_decode(arg, data,
	    sizeof(data))));
}

/* attr=CKA_...: of all objects that were found */
static CK_RV
do_attr(const char *arg)
{
	CK_ATTRIBUTE	 a;
	CK_ULONG	 i;
	CK_RV		 rv = CKR_OK;

	for (i = 0; i < nobjects && rv == CKR_OK; i++) {
		a = (CK_ATTRIBUTE){ name_attribute(arg), NULL, 0 };
		rv = real->C_GetAttributeValue(session, objects[i], &a, 1);
		if (rv != CKR_OK)
			break;
		a.pValue = data;
		rv = real->C_GetAttributeValue(session, objects[i], &a, 1);
		if (rv == CKR_OK)
			print_hex(data, a.ulValueLen);
	}
	return (rv);
}

/* MECHANISM:HEX, with the object that was found first */
static CK_RV
operate(const char *arg, CK_C_SignInit begin, CK_C_Sign end, const char *pin)
{
	static uint8_t	 in[1024];
	char		 name[64];
	const char	*colon = strchr(arg, ':');
	CK_MECHANISM	 mechanism = { 0, NULL, 0 };
	CK_ULONG	 len = sizeof(data);
	CK_RV		 rv;

	if (colon == NULL)
		errx(1, "%s: no colon", arg);
	snprintf(name, sizeof(name), "%.*s", (int)(colon - arg), arg);
	mechanism.mechanism = name_mechanism(name);
	rv = begin(session, &mechanism, objects[0]);
	printf(" init=%s", error_name(rv));
	if (rv != CKR_OK)
		return (rv);
	if (pin != NULL)
		printf(" login=%s", error_name(real->C_Login(session,
		    CKU_CONTEXT_SPECIFIC, (CK_UTF8CHAR *)pin, strlen(pin))));
	fflush(stdout);
	rv = end(session, in, hex_decode(colon + 1, in, sizeof(in)), data,
	    &len);
	if (rv == CKR_OK) {
		printf(" len=%lu", len);
		print_hex(data, 1);
	}
	return (rv);
}

static CK_RV
do_sign(const char *arg)
{
	return (operate(arg, real->C_SignInit, real->C_Sign, NULL));
}

static CK_RV
do_decrypt(const char *arg)
{
	return (operate(arg, real->C_DecryptInit, real->C_Decrypt, NULL));
}

/* The same with a login for each operation, PIN:MECHANISM:HEX */
static CK_RV
do_pin_sign(const char *arg)
{
	const char	*colon = strchr(arg, ':');
	char		 pin[64];

	if (colon == NULL)
		errx(1, "%s: no colon", arg);
	snprintf(pin, sizeof(pin), "%.*s", (int)(colon - arg), arg);
	return (operate(colon + 1, real->C_SignInit, real->C_Sign, pin));
}

/* Stay until standard input ends. */
static CK_RV
do_wait(const char *arg)
{
	(void)arg;
	fflush(stdout);
	while (read(STDIN_FILENO, data, sizeof(data)) > 0)
		;
	return (CKR_OK);
}

static const struct word words[] = {
	{ "attr",	do_attr },
	{ "close",	do_close },
	{ "control",	do_control },
	{ "decrypt",	do_decrypt },
	{ "finalize",	do_finalize },
	{ "id",		do_id },
	{ "init",	do_init },
	{ "label",	do_label },
	{ "login",	do_login },
	{ "logout",	do_logout },
	{ "mechanism",	do_mechanism },
	{ "open",	do_open },
	{ "pin-sign",	do_pin_sign },
	{ "public",	do_public },
	{ "sign",	do_sign },
	{ "slots",	do_slots },
	{ "token",	do_token },
	{ "wait",	do_wait },
};

static void
run(const char *word)
{
	const char	*arg = strchr(word, '=');
	size_t		 i, len;
	CK_RV		 rv;

	len = arg != NULL ? (size_t)(arg - word) : strlen(word);
	for (i = 0; i < nitems(words); i++)
		if (strlen(words[i].name) == len &&
		    strncmp(words[i].name, word, len) == 0)
			break;
	if (i == nitems(words))
		errx(1, "%s: no such word", word);
	printf("%s", words[i].name);
	rv = words[i].call(arg != NULL ? arg + 1 : "");
	printf(" %s\n", error_name(rv));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	CK_C_GetFunctionList	 get = NULL;
	void			*handle, *address;
	int			 i;

	if (argc < 2)
		errx(1, "usage: drive MODULE word ...");
	if ((handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) == NULL ||
	    (address = dlsym(handle, "C_GetFunctionList")) == NULL)
		errx(1, "%s", dlerror());
	memcpy(&get, &address, sizeof(get));
	if (get(&real) != CKR_OK)
		errx(1, "C_GetFunctionList");
	for (i = 2; i < argc; i++)
		run(argv[i]);
	return (0);
}
