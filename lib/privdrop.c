/* Children of the parent: from root to an unprivileged user, for good. */
#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "privdrop.h"

void
privdrop(const char *user, const char *root)
{
	struct passwd	*pw;
	uid_t		 uid;
	gid_t		 gid;

	/* The user database is out of reach after chroot. */
	if ((pw = getpwnam(user)) == NULL)
		fatalx("unknown user name=%s", user);
	if ((uid = pw->pw_uid) == 0)
		fatalx("refusing to run as uid 0 user=%s", user);
	gid = pw->pw_gid;
	if (initgroups(user, gid) == -1)
		fatal("initgroups user=%s", user);

	if (*root != '\0' && chroot(root) == -1)
		fatal("chroot path=%s", root);
	if (chdir("/") == -1)
		fatal("chdir path=/");

	if (setresgid(gid, gid, gid) == -1)
		fatal("setresgid user=%s", user);
	if (setresuid(uid, uid, uid) == -1)
		fatal("setresuid user=%s", user);
	if (setuid(0) != -1 || seteuid(0) != -1)
		fatalx("root regained after setresuid user=%s", user);
}
