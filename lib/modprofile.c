/* Parent and signer: what PKCS#11 modules need while they run. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "modprofile.h"
#include "msg.h"

#define LINE_SIZE	1024

#define RO(p)	{ .kind = MOD_RO, .path = (p) }
#define RW(p)	{ .kind = MOD_RW, .path = (p) }
#define RO_OPTIONAL(p)	{ .kind = MOD_RO, .path = (p), .optional = 1 }
#define RW_OPTIONAL(p)	{ .kind = MOD_RW, .path = (p), .optional = 1 }

#define PCSCD	{ .kind = MOD_SOCKET, .path = "/run/pcscd/pcscd.comm",	\
		    .variable = "PCSCLITE_CSOCK_NAME", .server = "pcscd" }


static const struct modprofile profiles[] = {
	{
		.name =		"SoftHSM",
		.modules =	{ "libsofthsm2" },
		.flags =	MOD_ONE_LOGIN,
		.group =	"softhsm",
		.variables =	{ "SOFTHSM2_CONF" },
		.paths = {
			{ .kind = MOD_RO, .optional = 1,
			    .path = "/etc/softhsm/softhsm2.conf",
			    .variable = "SOFTHSM2_CONF" },
			RO_OPTIONAL("/etc/softhsm2.conf"),
			{ .kind = MOD_RW, .path = "/var/lib/softhsm/tokens",
			    .key = "directories.tokendir" },
		},
	},
	{
		.name =		"openCryptoki",
		.modules =	{ "libopencryptoki", "PKCS11_API" },
		.flags =	MOD_SYSV | MOD_LIBRARIES | MOD_THREADS,
		.group =	"pkcs11",
		.variables =	{ "OPENCRYPTOKI_TRACE_LEVEL",
				    "PKCS_APP_STORE" },
		.paths = {
			{ .kind = MOD_SOCKET, .server = "pkcsslotd",
			    .path = "/run/pkcsslotd.socket" },
			{ .kind = MOD_SOCKET, .server = "pkcsslotd",
			    .path = "/run/opencryptoki/pkcsslotd.socket" },
			RO("/etc/opencryptoki"),
			RO("/etc/group"),
			/* its inode names the shared memory, ftok(3) */
			RO_OPTIONAL("/usr/sbin/pkcsslotd"),
			RW("/var/lib/opencryptoki"),
			RW("/run/lock/opencryptoki"),
			RW("/dev/shm"),
			RW_OPTIONAL("/var/log/opencryptoki"),
		},
	},
	{
		.name =		"TPM 2",
		.modules =	{ "libtpm2_pkcs11" },
		.flags =	MOD_LIBRARIES | MOD_THREADS | MOD_FINALIZE,
		.group =	"tss",
		.variables =	{ "TPM2_PKCS11_STORE", "TPM2_PKCS11_TCTI",
				    "TPM2_PKCS11_BACKEND",
				    "TPM2_PKCS11_LOG_LEVEL",
				    "DBUS_SESSION_BUS_ADDRESS" },
		/* simulators; a bus without a file */
		.inet =		{ { "TPM2_PKCS11_TCTI", "swtpm" },
				    { "TPM2_PKCS11_TCTI", "mssim" },
				    { "DBUS_SESSION_BUS_ADDRESS", "abstract" },
				    { "DBUS_SESSION_BUS_ADDRESS", "tcp:" } },
		.paths = {
			{ .kind = MOD_RW, .path = "/etc/tpm2_pkcs11",
			    .variable = "TPM2_PKCS11_STORE" },
			{ .kind = MOD_DEVICE, .path = "/dev/tpmrm0",
			    .variable = "TPM2_PKCS11_TCTI" },
			RO_OPTIONAL("/etc/tpm2-tss"),
			{ .kind = MOD_SOCKET, .optional = 1,
			    .path = "/run/dbus/system_bus_socket",
			    .variable = "DBUS_SESSION_BUS_ADDRESS",
			    .server = "tpm2-abrmd" },
		},
	},
	{
		.name =		"p11-kit client",
		.modules =	{ "p11-kit-client" },
		.variables =	{ "P11_KIT_SERVER_ADDRESS" },
		.paths = {
			{ .kind = MOD_SOCKET, .server = "p11-kit server",
			    .variable = "P11_KIT_SERVER_ADDRESS" },
		},
	},
	{
		/* loads others, which may need anything */
		.name =		"p11-kit proxy",
		.modules =	{ "p11-kit-proxy" },
		.flags =	MOD_INET | MOD_THREADS | MOD_LIBRARIES |
				    MOD_UNKNOWN,
		.variables =	{ "P11_KIT_SERVER_ADDRESS",
				    "XDG_CONFIG_HOME" },
		.paths = {
			RO("/usr/share/p11-kit/modules"),
			RO_OPTIONAL("/etc/pkcs11"),
			{ .kind = MOD_RO, .optional = 1,
			    .variable = "XDG_CONFIG_HOME" },
		},
	},
	{
		.name =		"YubiKey",
		.modules =	{ "libykcs11" },
		.max_sessions =	1,
		.variables =	{ "YKCS11_DBG" },
		.paths =	{ PCSCD },
	},
	{
		.name =		"OpenSC",
		.modules =	{ "opensc-pkcs11", "onepin-opensc-pkcs11" },
		.flags =	MOD_LIBRARIES,
		.max_sessions =	1,
		.variables =	{ "OPENSC_CONF", "OPENSC_DEBUG",
				    "OPENSC_DRIVER" },
		.paths = {
			PCSCD,
			{ .kind = MOD_RO, .optional = 1,
			    .path = "/etc/opensc/opensc.conf",
			    .variable = "OPENSC_CONF" },
		},
	},
	{
		.name =		"YubiHSM 2",
		.modules =	{ "yubihsm_pkcs11" },
		.flags =	MOD_INET | MOD_LIBRARIES,
		.max_sessions =	16,
		.variables =	{ "YUBIHSM_PKCS11_CONF",
				    "YUBIHSM_PKCS11_DBG" },
		.paths = {
			{ .kind = MOD_RO,
			    .variable = "YUBIHSM_PKCS11_CONF" },
			{ .kind = MOD_DEVICE, .optional = 1,
			    .path = "/dev/bus/usb" },
		},
	},
	{
		.name =		"nShield",
		.modules =	{ "libcknfast" },
		.group =	"nfast",
		.variables =	{ "CKNFAST_*", "NFAST_*" },
		.paths = {
			{ .kind = MOD_SOCKET, .server = "hardserver",
			    .path = "/dev/nfast/nserver",
			    .variable = "NFAST_SERVER" },
			{ .kind = MOD_RO, .path = "/opt/nfast/kmdata",
			    .variable = "NFAST_KMDATA" },
			RO_OPTIONAL("/opt/nfast/cknfastrc"),
		},
	},
	{
		.name =		"Luna",
		.modules =	{ "libCryptoki2_64", "libCryptoki2" },
		.flags =	MOD_INET | MOD_THREADS,
		.group =	"hsmusers",
		.variables =	{ "ChrystokiConfigurationPath" },
		.paths = {
			{ .kind = MOD_RO, .path = "/etc/Chrystoki.conf",
			    .variable = "ChrystokiConfigurationPath" },
			RO_OPTIONAL("/usr/safenet/lunaclient"),
		},
	},
	{
		.name =		"AWS CloudHSM",
		.modules =	{ "libcloudhsm_pkcs11",
				    "libcloudhsm_pkcs11_standard",
				    "libcloudhsm_pkcs11_redis" },
		.flags =	MOD_INET | MOD_THREADS,
		.max_sessions =	1024,
		.paths = {
			RO("/opt/cloudhsm/etc"),
			RW_OPTIONAL("/opt/cloudhsm/run"),
		},
	},
	{
		.name =		"Google Cloud KMS",
		.modules =	{ "libkmsp11" },
		.flags =	MOD_INET | MOD_THREADS,
		.variables =	{ "KMS_PKCS11_CONFIG",
				    "GOOGLE_APPLICATION_CREDENTIALS" },
		.paths = {
			{ .kind = MOD_RO, .variable = "KMS_PKCS11_CONFIG" },
			{ .kind = MOD_RO, .optional = 1,
			    .variable = "GOOGLE_APPLICATION_CREDENTIALS" },
		},
	},
	{
		.name =		"Fortanix",
		.modules =	{ "fortanix_pkcs11" },
		.flags =	MOD_INET | MOD_THREADS,
		.variables =	{ "FORTANIX_*" },
		.paths = {
			RO_OPTIONAL("/etc/fortanix/pkcs11.conf"),
		},
	},
	{
		.name =		"Securosys Primus",
		.modules =	{ "libprimusP11" },
		.flags =	MOD_INET | MOD_THREADS,
		.variables =	{ "SECUROSYS_PKCS11_CONF",
				    "SECUROSYS_SECRETS_CONF" },
		.paths = {
			{ .kind = MOD_RO, .optional = 1,
			    .path = "/etc/primus/primus.cfg",
			    .variable = "SECUROSYS_PKCS11_CONF" },
			{ .kind = MOD_RO, .optional = 1,
			    .path = "/etc/primus/.secrets.cfg",
			    .variable = "SECUROSYS_SECRETS_CONF" },
			RO_OPTIONAL("/usr/local/primus/etc"),
		},
	},
	{
		.name =		"IBM Hyper Protect Crypto Services",
		.modules =	{ "pkcs11-grep11-amd64",
				    "pkcs11-grep11-s390x" },
		.flags =	MOD_INET | MOD_THREADS,
		.variables =	{ "EP11CLIENT_CFG" },
		.paths = {
			{ .kind = MOD_RO,
			    .path = "/etc/ep11client/grep11client.yaml",
			    .variable = "EP11CLIENT_CFG" },
		},
	},
};

/*
 * Of any other module nothing is known: it may use the network, and its files,
 * sockets and devices are those that the configuration names.
 */
static const struct modprofile unknown = {
	.name =		"unknown module",
	.flags =	MOD_INET | MOD_THREADS | MOD_LIBRARIES | MOD_UNKNOWN,
};

static const struct mod_common common[] = {
	/* name service */
	{ MOD_INET,	"/etc/resolv.conf" },
	{ MOD_INET,	"/etc/hosts" },
	{ MOD_INET,	"/etc/host.conf" },
	{ MOD_INET,	"/etc/gai.conf" },
	{ MOD_INET,	"/etc/services" },
	{ MOD_INET | MOD_LIBRARIES, "/etc/nsswitch.conf" },
	/* certification authorities */
	{ MOD_INET,	"/etc/ssl" },
	{ MOD_INET,	"/etc/pki" },
	{ MOD_INET,	"/usr/share/ca-certificates" },
	{ MOD_INET,	"/usr/local/share/ca-certificates" },
	/* who am I, and what time is it */
	{ MOD_LIBRARIES, "/etc/passwd" },
	{ MOD_LIBRARIES, "/etc/group" },
	{ MOD_LIBRARIES, "/etc/localtime" },
	/* not devices that reach anything */
	{ MOD_INET | MOD_LIBRARIES, "/dev/null" },
	{ MOD_INET | MOD_LIBRARIES, "/dev/zero" },
	{ MOD_INET | MOD_LIBRARIES, "/dev/random" },
	{ MOD_INET | MOD_LIBRARIES, "/dev/urandom" },
};

/* Whether a file of this name is the module: NAME, NAME.so, NAME.so.1.2 */
static int
is_module(const char *name, const char *file)
{
	size_t	 len = strlen(name);

	return (strncmp(name, file, len) == 0 &&
	    (file[len] == '\0' || strncmp(file + len, ".so", 3) == 0));
}

const struct modprofile *
modprofile_find(const char *module_path)
{
	const struct modprofile	*p;
	const char		*slash = strrchr(module_path, '/');
	const char		*file = slash == NULL ? module_path : slash + 1;
	size_t			 i;

	for (p = profiles; p < profiles + nitems(profiles); p++)
		for (i = 0; i < nitems(p->modules) && p->modules[i] != NULL;
		    i++)
			if (is_module(p->modules[i], file))
				return (p);
	return (&unknown);
}

const struct mod_common *
modprofile_common(size_t i)
{
	return (i < nitems(common) ? &common[i] : NULL);
}

uint32_t
modprofile_flags(const struct modprofile *p)
{
	const char	*value;
	size_t		 i;

	for (i = 0; i < nitems(p->inet) && p->inet[i].variable != NULL; i++)
		if ((value = getenv(p->inet[i].variable)) != NULL &&
		    strstr(value, p->inet[i].text) != NULL)
			return (p->flags | MOD_INET);
	return (p->flags);
}

/* The value of a line "key = value", or NULL. */
static char *
line_value(char *line, const char *key)
{
	size_t	 len = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, len) != 0)
		return (NULL);
	line += len + strspn(line + len, " \t");
	if (*line != '=')
		return (NULL);
	line++;
	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	return (line);
}

/* Copy the value of key in a module's configuration file; -1: it has none. */
static int
file_value(const char *file, const char *key, char *dst, size_t size)
{
	FILE	*fp;
	char	 line[LINE_SIZE], *value = NULL;

	if ((fp = fopen(file, "re")) == NULL)
		return (-1);
	while (value == NULL && fgets(line, sizeof(line), fp) != NULL)
		value = line_value(line, key);
	fclose(fp);
	if (value == NULL || *value != '/')
		return (-1);
	strlcpy(dst, value, size);
	return (0);
}

int
modprofile_locate(const struct modprofile *p, size_t i, char *dst,
    size_t size)
{
	const struct mod_path	*row = &p->paths[i];
	const char		*value;
	char			 file[MSG_PATH_SIZE];
	size_t			 j;

	if (row->variable != NULL &&
	    (value = getenv(row->variable)) != NULL) {
		if ((value = strchr(value, '/')) == NULL)
			return (-1);
		strlcpy(dst, value, size);
		return (0);
	}
	for (j = 0; row->key != NULL && j < i; j++) {
		if (p->paths[j].kind != MOD_RO ||
		    modprofile_locate(p, j, file, sizeof(file)) == -1)
			continue;
		if (file_value(file, row->key, dst, size) == 0)
			return (0);
	}
	if (row->path == NULL)
		return (-1);
	strlcpy(dst, row->path, size);
	return (0);
}
