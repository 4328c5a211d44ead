/* Children of the parent: from root to an unprivileged user, for good. */
#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "privdrop.h"

void
privdrop_groups(struct privdrop *who, const char *user)
{
	struct passwd	*pw;

	if ((pw = getpwnam(user)) == NULL)
		fatalx("unknown user name=%s", user);
	if (pw->pw_uid == 0)
		fatalx("refusing to run as uid 0 user=%s", user);
	who->user = user;
	who->uid = pw->pw_uid;
	who->gid = pw->pw_gid;
	if (initgroups(user, who->gid) == -1)
		fatal("initgroups user=%s", user);
}

void
privdrop_become(const struct privdrop *who)
{
	if (chdir("/") == -1)
		fatal("chdir path=/");
	if (setresgid(who->gid, who->gid, who->gid) == -1)
		fatal("setresgid user=%s", who->user);
	if (setresuid(who->uid, who->uid, who->uid) == -1)
		fatal("setresuid user=%s", who->user);
	if (setuid(0) != -1 || seteuid(0) != -1)
		fatalx("root regained after setresuid user=%s", who->user);
}
