/*
 * Where things are unless told otherwise.  SYSCONFDIR and EMPTYDIR, the empty
 * root directory of processes that open nothing, come from the Makefile.
 */
#ifndef PATHS_H
#define PATHS_H

#define CONFIG_PATH	SYSCONFDIR "/keylessd.conf"
#define PKCS11_CONFIG_PATH	SYSCONFDIR "/keyless-pkcs11.conf"
#define CONTROL_SOCKET	"/var/run/keylessd.sock"

#define SYSLOG_SOCKET	"/dev/log"

#endif
