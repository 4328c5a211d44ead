/* Test program: loads the module, finds its keys, does what it is told. */
#include <openssl/x509.h>

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "edge.h"

CK_FUNCTION_LIST	*f;
CK_FUNCTION_LIST_3_0	*f3;
struct edge_key		 keys[KEYS_MAX];
size_t			 nkeys;

static int	 nothreads_main(int, char **);

static const struct {
	const char	*name;
	int		(*run)(int, char **);
	const char	*usage;
} commands[] = {
	{ "args", args_main, "" },
	{ "decrypt", decrypt_main, "count" },
	{ "fork", fork_main, "children" },
	{ "load", load_main, "threads milliseconds [fail-ok]" },
	{ "nothreads", nothreads_main, "" },
};

void
die(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	fprintf(stderr, "p11edge: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(1);
}

void
must(const char *what, CK_RV rv)
{
	if (rv != CKR_OK)
		die("%s: 0x%lx", what, rv);
}

double
now_ms(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6);
}

CK_RV
initialize(void)
{
	CK_C_INITIALIZE_ARGS	 args;

	memset(&args, 0, sizeof(args));
	args.flags = CKF_OS_LOCKING_OK;
	return (f->C_Initialize(&args));
}

CK_SESSION_HANDLE
open_session(CK_SLOT_ID slot)
{
	CK_SESSION_HANDLE	 s;

	must("C_OpenSession", f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL,
	    NULL, &s));
	return (s);
}

/* The public key of a private key, by its CKA_PUBLIC_KEY_INFO. */
static EVP_PKEY *
public_key(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object)
{
	uint8_t		 der[4096];
	const uint8_t	*p = der;
	CK_ATTRIBUTE	 a = { 0x129UL, der, sizeof(der) };
	EVP_PKEY	*pub;

	must("CKA_PUBLIC_KEY_INFO", f->C_GetAttributeValue(s, object, &a, 1));
	if ((pub = d2i_PUBKEY(NULL, &p, (long)a.ulValueLen)) == NULL)
		die("CKA_PUBLIC_KEY_INFO is no key");
	return (pub);
}

static void
find_keys(CK_SLOT_ID slot)
{
	CK_OBJECT_CLASS		 class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE		 want = { CKA_CLASS, &class, sizeof(class) };
	CK_SESSION_HANDLE	 s = open_session(slot);
	CK_OBJECT_HANDLE	 object;
	CK_ULONG		 n;
	struct edge_key		*k;

	must("C_FindObjectsInit", f->C_FindObjectsInit(s, &want, 1));
	for (;;) {
		must("C_FindObjects", f->C_FindObjects(s, &object, 1, &n));
		if (n == 0 || nkeys == KEYS_MAX)
			break;
		k = &keys[nkeys++];
		k->slot = slot;
		k->object = object;
		k->pub = public_key(s, object);
		k->type = EVP_PKEY_base_id(k->pub) == EVP_PKEY_RSA ? CKK_RSA :
		    EVP_PKEY_base_id(k->pub) == EVP_PKEY_EC ? CKK_EC :
		    CKK_EC_EDWARDS;
	}
	must("C_FindObjectsFinal", f->C_FindObjectsFinal(s));
	must("C_CloseSession", f->C_CloseSession(s));
}

/* What C_Initialize says to a program that allows no threads. */
static int
nothreads_main(int argc, char **argv)
{
	CK_C_INITIALIZE_ARGS	 args;

	(void)argc;
	(void)argv;
	memset(&args, 0, sizeof(args));
	args.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS | CKF_OS_LOCKING_OK;
	must("C_Finalize", f->C_Finalize(NULL));
	printf("nothreads rv=0x%lx\n", f->C_Initialize(&args));
	return (0);
}

static void
usage(void)
{
	size_t	 i;

	for (i = 0; i < nitems(commands); i++)
		fprintf(stderr, "usage: p11edge module %s %s\n",
		    commands[i].name, commands[i].usage);
	exit(1);
}

int
main(int argc, char *argv[])
{
	CK_SLOT_ID	 slots[8];
	CK_ULONG	 i, n = nitems(slots);
	CK_RV		(*get)(CK_FUNCTION_LIST **);
	CK_RV		(*get3)(unsigned char *, CK_VERSION *, CK_INTERFACE **,
			    CK_FLAGS);
	CK_INTERFACE	*interface;
	void		*so;
	size_t		 c;

	for (c = 0; argc >= 3 && c < nitems(commands); c++)
		if (strcmp(argv[2], commands[c].name) == 0)
			break;
	if (argc < 3 || c == nitems(commands))
		usage();
	if ((so = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) == NULL)
		die("%s", dlerror());
	*(void **)&get = dlsym(so, "C_GetFunctionList");
	if (get == NULL)
		die("%s", dlerror());
	must("C_GetFunctionList", get(&f));
	*(void **)&get3 = dlsym(so, "C_GetInterface");
	if (get3 == NULL)
		die("%s", dlerror());
	must("C_GetInterface", get3(NULL, NULL, &interface, 0));
	f3 = interface->pFunctionList;
	must("C_Initialize", initialize());
	must("C_GetSlotList", f->C_GetSlotList(1, slots, &n));
	for (i = 0; i < n; i++)
		find_keys(slots[i]);
	if (nkeys == 0)
		die("no keys");
	argc -= 3;
	argv += 3;
	c = (size_t)commands[c].run(argc, argv);
	for (i = 0; i < nkeys; i++)
		EVP_PKEY_free(keys[i].pub);
	return ((int)c);
}
