/*
 * Where things are unless told otherwise.
 */
#ifndef PATHS_H
#define PATHS_H

#define CONFIG_PATH	"/etc/keylessd.conf"
#define PKCS11_CONFIG_PATH	"/etc/keyless-pkcs11.conf"
#define CONTROL_SOCKET	"/var/run/keylessd.sock"

#endif
