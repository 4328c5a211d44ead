/*
 * What is known of PKCS#11 modules: which files, sockets, devices and
 * variables each needs while it runs, and how many sessions it has.  Facts
 * only: sandbox, number of signers and advice to the operator follow from
 * them.
 */
#ifndef MODPROFILE_H
#define MODPROFILE_H

#include <stddef.h>
#include <stdint.h>

enum mod_kind {
	MOD_NONE,	/* ends the list */
	MOD_RO,		/* file or directory that is read */
	MOD_RW,		/* file or directory that is written, too */
	MOD_SOCKET,	/* UNIX socket */
	MOD_DEVICE	/* device, read and written */
};

/* One thing that the module opens. */
struct mod_path {
	enum mod_kind	 kind;
	int		 optional;	/* need not be there */
	const char	*path;		/* NULL: only variable tells */
	/*
	 * An environment variable that, if set, names another path, perhaps
	 * with something in front (unix:path=/...).  Without a slash in it,
	 * it stands for something that is no file.
	 */
	const char	*variable;
	/*
	 * A line "key = path", in the first MOD_RO row before this one that
	 * is there, that names another path.
	 */
	const char	*key;
	/*
	 * Who makes the socket.  Sockets of one server stand together, and
	 * one of them will do.
	 */
	const char	*server;
};

#define MOD_INET	0x01	/* speaks TCP/IP and may ask the DNS */
#define MOD_SYSV	0x02	/* System V shared memory */
#define MOD_THREADS	0x04	/* starts threads in C_Initialize */
#define MOD_LIBRARIES	0x08	/* loads more libraries in C_Initialize */
#define MOD_ONE_LOGIN	0x10	/* two logins at once lose the token */
#define MOD_FINALIZE	0x20	/* must be left by C_Finalize */
#define MOD_UNKNOWN	0x40	/* nothing is known of it */

/* A variable that, when this text is in its value, tells of TCP/IP. */
struct mod_inet {
	const char	*variable;
	const char	*text;
};

struct modprofile {
	const char	*name;
	const char	*modules[4];	/* file names without ".so..." */
	uint32_t	 flags;		/* MOD_* */
	uint32_t	 max_sessions;	/* of the token; 0: no limit known */
	const char	*group;		/* that may use it; NULL: none */
	const char	*variables[6];	/* "NAME_*": all that begin so */
	struct mod_inet	 inet[4];	/* MOD_INET only with these */
	struct mod_path	 paths[12];
};

/* What libraries in general open, when they are there; by MOD_*, any of. */
struct mod_common {
	uint32_t	 flags;
	const char	*path;
};

/*
 * The profile of the module in this file, judged by its name alone; that of
 * unknown modules when there is none.  Never NULL.
 */
const struct modprofile	*modprofile_find(const char *module_path);

/* The i-th of them; NULL: there are no more. */
const struct mod_common	*modprofile_common(size_t i);

/* The flags that a module has in this environment. */
uint32_t	 modprofile_flags(const struct modprofile *);

/*
 * Where row i of a profile is on this machine, by the environment and the
 * module's own configuration; -1: nowhere in the file system.
 */
int		 modprofile_locate(const struct modprofile *, size_t i,
		    char *, size_t);

#endif
