/* Parent and signer: what PKCS#11 modules need while they run. */
#include <stddef.h>
#include <string.h>

#include "compat.h"
#include "modprofile.h"

#define RO(p)	{ .kind = MOD_RO, .path = (p) }
#define RW(p)	{ .kind = MOD_RW, .path = (p) }
#define RO_OPTIONAL(p)	{ .kind = MOD_RO, .path = (p), .optional = 1 }
#define RW_OPTIONAL(p)	{ .kind = MOD_RW, .path = (p), .optional = 1 }

#define PCSCD	{ .kind = MOD_SOCKET, .path = "/run/pcscd/pcscd.comm",	\
		    .variable = "PCSCLITE_CSOCK_NAME", .server = "pcscd" }

/* Name service and certification authorities. */
#define HTTPS	RO_OPTIONAL("/etc/resolv.conf"),			\
		RO_OPTIONAL("/etc/hosts"),				\
		RO_OPTIONAL("/etc/ssl")

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
			RW("/var/lib/opencryptoki"),
			RW("/run/lock/opencryptoki"),
			RW("/dev/shm"),
			RW_OPTIONAL("/var/log/opencryptoki"),
		},
	},
	{
		.name =		"TPM 2",
		.modules =	{ "libtpm2_pkcs11" },
		.flags =	MOD_LIBRARIES | MOD_FINALIZE,
		.group =	"tss",
		.variables =	{ "TPM2_PKCS11_STORE", "TPM2_PKCS11_TCTI",
				    "TPM2_PKCS11_BACKEND",
				    "TPM2_PKCS11_LOG_LEVEL" },
		.paths = {
			{ .kind = MOD_RW, .path = "/etc/tpm2_pkcs11",
			    .variable = "TPM2_PKCS11_STORE" },
			{ .kind = MOD_DEVICE, .path = "/dev/tpmrm0",
			    .variable = "TPM2_PKCS11_TCTI" },
			RO_OPTIONAL("/etc/tpm2-tss"),
			{ .kind = MOD_SOCKET, .optional = 1,
			    .path = "/run/dbus/system_bus_socket",
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
		.name =		"p11-kit proxy",
		.modules =	{ "p11-kit-proxy" },
		.flags =	MOD_LIBRARIES,
		.variables =	{ "P11_KIT_SERVER_ADDRESS" },
		.paths = {
			RO("/usr/share/p11-kit/modules"),
			RO_OPTIONAL("/etc/pkcs11"),
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
			RO_OPTIONAL("/etc/hosts"),
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
			HTTPS,
		},
	},
	{
		.name =		"Fortanix",
		.modules =	{ "fortanix_pkcs11" },
		.flags =	MOD_INET | MOD_THREADS,
		.variables =	{ "FORTANIX_*" },
		.paths = {
			RO_OPTIONAL("/etc/fortanix/pkcs11.conf"),
			HTTPS,
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
			RO_OPTIONAL("/etc/resolv.conf"),
			RO_OPTIONAL("/etc/hosts"),
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
			HTTPS,
		},
	},
};

/*
 * Of any other module nothing is known: it may use the network, and its files,
 * sockets and devices are those that the configuration names.
 */
static const struct modprofile unknown = {
	.name =		"unknown module",
	.flags =	MOD_INET | MOD_THREADS | MOD_LIBRARIES,
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
