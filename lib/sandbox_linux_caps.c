/* Every process, on Linux: capabilities given up for good. */
#ifdef __linux__

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "sandbox_linux.h"

#define CAP_HIGHEST	63

/* The parent serves itself. */
static const int	 parent_caps[] = {
	CAP_DAC_OVERRIDE,	/* control socket, pid file: any directory */
	CAP_DAC_READ_SEARCH,	/* key and PIN files of any owner */
	CAP_KILL,		/* children, who are other users */
	CAP_NET_BIND_SERVICE,	/* ports below 1024 */
	CAP_SETGID		/* the control socket's group */
};

/*
 * The launcher needs them for others: what it has is what a process has before
 * it has changed its user.
 */
static const int	 launcher_caps[] = {
	CAP_CHOWN,		/* the enroller's, see CAPS_PLACE */
	CAP_DAC_OVERRIDE,
	CAP_DAC_READ_SEARCH,	/* programs and root directories anywhere */
	CAP_SETGID,		/* their groups */
	CAP_SETUID,		/* their user */
	CAP_SETPCAP,		/* the bounding set */
	CAP_SYS_ADMIN,		/* name spaces, mounts */
	CAP_SYS_CHROOT,		/* where name spaces are not had */
	CAP_SYS_RESOURCE	/* memory to be locked */
};

static uint64_t
caps_of(int which)
{
	const int	*caps = which == CAPS_PARENT ? parent_caps :
			    launcher_caps;
	uint64_t	 set = 0;
	size_t		 i, n = 0;

	if (which == CAPS_CHROOT)
		return (UINT64_C(1) << CAP_SYS_CHROOT);
	if (which == CAPS_PLACE)
		return (UINT64_C(1) << CAP_DAC_OVERRIDE |
		    UINT64_C(1) << CAP_CHOWN);
	if (which == CAPS_PARENT)
		n = nitems(parent_caps);
	else if (which == CAPS_LAUNCHER)
		n = nitems(launcher_caps);
	for (i = 0; i < n; i++)
		set |= UINT64_C(1) << caps[i];
	return (set);
}

static int
get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct	 header;

	memset(&header, 0, sizeof(header));
	memset(data, 0, 2 * sizeof(data[0]));
	header.version = _LINUX_CAPABILITY_VERSION_3;
	return ((int)syscall(SYS_capget, &header, data));
}

static int
has(int cap)
{
	struct __user_cap_data_struct	 data[2];

	return (get(data) == 0 &&
	    (data[cap / 32].effective & UINT32_C(1) << cap % 32) != 0);
}

int
caps_has_admin(void)
{
	return (has(CAP_SYS_ADMIN));
}

int
caps_has_setpcap(void)
{
	return (has(CAP_SETPCAP));
}

int
caps_has_kill(void)
{
	return (has(CAP_KILL));
}

int
caps_any(void)
{
	struct __user_cap_data_struct	 data[2];

	if (get(data) == -1)
		return (1);
	return ((data[0].effective | data[0].permitted | data[0].inheritable |
	    data[1].effective | data[1].permitted | data[1].inheritable) != 0);
}

void
caps_bound(int which)
{
	uint64_t	 keep = caps_of(which);
	int		 cap;

	for (cap = 0; cap <= CAP_HIGHEST; cap++) {
		if ((keep & UINT64_C(1) << cap) != 0 ||
		    prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			fatal("prctl PR_CAPBSET_DROP cap=%d", cap);
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 &&
	    errno != EINVAL)
		fatal("prctl PR_CAP_AMBIENT_CLEAR_ALL");
}

void
caps_keep(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1)
		fatal("prctl PR_SET_KEEPCAPS");
}

void
caps_set(int which)
{
	struct __user_cap_header_struct	 header;
	struct __user_cap_data_struct	 data[2];
	uint64_t			 keep = caps_of(which);
	int				 i;

	if (get(data) == -1)
		fatal("capget");
	for (i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	memset(&header, 0, sizeof(header));
	header.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capset, &header, data) == -1)
		fatal("capset");
}

#else
typedef int not_linux;
#endif
