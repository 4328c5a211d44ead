/*
 * Fuzzers of keyless-pkcs11: its certificates, and in place of its log.c what
 * shim.c has not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "fuzz.h"
#include "p11.h"

/* Signed by themselves; nobody has their keys. */
static const struct {
	const char	*name;
	const char	*pem;
} certificates[] = {
	{ "ed25519.pem",
	    "-----BEGIN CERTIFICATE-----\n"
	    "MIIBRDCB96ADAgECAhQ5s6X4iYe+JI0xzYj+mI0+2lG6kDAFBgMrZXAwFzEVMBMG\n"
	    "A1UEAwwMZnV6eiBlZDI1NTE5MCAXDTI2MTEyMTIxMDgwNFoYDzIxMjYxMDI4MjEw\n"
	    "ODA0WjAXMRUwEwYDVQQDDAxmdXp6IGVkMjU1MTkwKjAFBgMrZXADIQB0hffhitWY\n"
	    "9PAZwo7Ca5ZSOAzyaih+B5dw+zI8UecpH6NTMFEwHQYDVR0OBBYEFFe251cn0wDp\n"
	    "56NkMK0vSHsHL928MB8GA1UdIwQYMBaAFFe251cn0wDp56NkMK0vSHsHL928MA8G\n"
	    "A1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAhhjkQmIEOfZZ2JE3kx78kc0gr/gag4Qn\n"
	    "4BbAhfCNSbbeNk7ksIaG1Wz0qbdk03wdrEud6jVrUYX5ZFevRcS8BQ==\n"
	    "-----END CERTIFICATE-----\n" },
	{ "p256.pem",
	    "-----BEGIN CERTIFICATE-----\n"
	    "MIIBfzCCASWgAwIBAgIUEodzVSC1IM+///J9e/TO+kQCnNYwCgYIKoZIzj0EAwIw\n"
	    "FDESMBAGA1UEAwwJZnV6eiBwMjU2MCAXDTI2MTEyMTIxMDgwNFoYDzIxMjYxMDI4\n"
	    "MjEwODA0WjAUMRIwEAYDVQQDDAlmdXp6IHAyNTYwWTATBgcqhkjOPQIBBggqhkjO\n"
	    "PQMBBwNCAAT+Lru8N7oJbOXW383vQeFTfEMzsTPuMEmqNTlzHGWeYFxs7nDCAFxP\n"
	    "kBtomeIxLv+rl43g5dUOI5+xkuDpZB8po1MwUTAdBgNVHQ4EFgQUaKI2pi1BmlDj\n"
	    "6b/Gb0warjxKwI0wHwYDVR0jBBgwFoAUaKI2pi1BmlDj6b/Gb0warjxKwI0wDwYD\n"
	    "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBg94g2tSZQr63xsA68rQV3\n"
	    "vcDoAHpewYSE0b1DJSd+CgIhAOqfnxPN2WGvmUIgac7jKt8W7LC4wcbnmIfG/GAT\n"
	    "bWs6\n"
	    "-----END CERTIFICATE-----\n" },
	{ "rsa.pem",
	    "-----BEGIN CERTIFICATE-----\n"
	    "MIIDCTCCAfGgAwIBAgIUQvgaXT8U6cS+4Y4JUmzEoqniyOIwDQYJKoZIhvcNAQEL\n"
	    "BQAwEzERMA8GA1UEAwwIZnV6eiByc2EwIBcNMjYxMTIxMjEwODA0WhgPMjEyNjEw\n"
	    "MjgyMTA4MDRaMBMxETAPBgNVBAMMCGZ1enogcnNhMIIBIjANBgkqhkiG9w0BAQEF\n"
	    "AAOCAQ8AMIIBCgKCAQEA8/LeHiPutaHDJ57gT08GfJ2hrllHWS+/GZczj4I3vhd4\n"
	    "capGQ2Fp13V6IO5jnt5pUx/1lNQXvaUSPZ4WaKvid+IovHv1WPRZ02ylpgMi6Bc/\n"
	    "yR5tZcGC/J67uzOAjLICwr5xI8M9hRsyLTyr/hzGxG8FppzJ46IkN1TRbxcb11Jk\n"
	    "Ju705FRwxZWILv+ClQhbXgAz/ZZQ+j7VwTqX+T53kaCOYAYy7z6urQOe8o2ULPfF\n"
	    "OpyVoYC9Z/lZTdfZKi0SqcehYBAlIajQ3E+Q9ah48qNqS13+s7cspn2gtyBwwkJu\n"
	    "Tw+Vv+ZzqM9dVYeezyiktwnR65+YDx4g5OaV5QSJ3wIDAQABo1MwUTAdBgNVHQ4E\n"
	    "FgQURh934WXRP0Gk4/pXsQ6M2u6ukwMwHwYDVR0jBBgwFoAURh934WXRP0Gk4/pX\n"
	    "sQ6M2u6ukwMwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAB4up\n"
	    "ZaJwK4x7j3dDrvesc0iMueVuzWbWV59Iy0gdH19gD6DeuMKtQhEAfUUN3EbRyHsE\n"
	    "nTHvcbZCnPL4PgFCuyErW1hgV2lzeT95EK1+H4aINb49tVakRbz00zeeBsllYJ/S\n"
	    "m3hmlBea+S0ekifdLzWbyczgM1Eo1WqsPe5gEB3tY3EYR7wQuns4A3eH+Wo1KSBa\n"
	    "L6JtxdDklPWqFhJmLl951Z7wO6lbay7zilhtj6UL/piEbHsDblT2hqEpcXA74/fA\n"
	    "ElHVdiYNydqG3baDJO8IvHQZ8eSK/YTrktlxH7GtgvF26HpGCprTAbFeleRXeSss\n"
	    "fPdKUEkamr9ElSfFsA==\n"
	    "-----END CERTIFICATE-----\n" },
};

static char	 dir[] = "/tmp/keylessd-fuzz.XXXXXX";

static void
file_path(size_t i, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", dir, certificates[i].name);
}

const char *
p11_certs(void)
{
	char	 path[64];
	size_t	 i, length;
	int	 fd;

	REQUIRE(mkdtemp(dir) != NULL);
	for (i = 0; i < nitems(certificates); i++) {
		file_path(i, path, sizeof(path));
		length = strlen(certificates[i].pem);
		REQUIRE((fd = open(path, O_WRONLY | O_CREAT, 0600)) != -1);
		REQUIRE(write(fd, certificates[i].pem, length) ==
		    (ssize_t)length);
		REQUIRE(close(fd) == 0);
	}
	return (dir);
}

void
p11_certs_remove(void)
{
	char	 path[64];
	size_t	 i;

	for (i = 0; i < nitems(certificates); i++) {
		file_path(i, path, sizeof(path));
		unlink(path);
	}
	REQUIRE(rmdir(dir) == 0);
}

void
module_log(const char *to, enum log_level level)
{
	REQUIRE(to != NULL && level <= LOG_LEVEL_FATAL);
}

void
module_log_lock(void)
{
}

void
module_log_unlock(void)
{
}
