/* Any process: what OpenBSD's libc has and this system's lacks. */
#include <sys/mman.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"

#ifndef __OpenBSD__
void *
recallocarray(void *ptr, size_t oldn, size_t newn, size_t size)
{
	void	*p;

	if (size != 0 && (oldn > SIZE_MAX / size || newn > SIZE_MAX / size)) {
		errno = ENOMEM;
		return (NULL);
	}
	if ((p = calloc(newn, size)) == NULL)
		return (NULL);
	if (ptr != NULL) {
		memcpy(p, ptr, (oldn < newn ? oldn : newn) * size);
		freezero(ptr, oldn * size);
	}
	return (p);
}

void
freezero(void *ptr, size_t size)
{
	if (ptr == NULL)
		return;
	explicit_bzero(ptr, size);
	free(ptr);
}

size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t	 len = strlen(src), n;

	if (size != 0) {
		n = len < size - 1 ? len : size - 1;
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return (len);
}

size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t	 used = strnlen(dst, size);

	if (used == size)
		return (size + strlen(src));
	return (used + strlcpy(dst + used, src, size - used));
}

long long
strtonum(const char *text, long long min, long long max, const char **errstr)
{
	char		*end;
	long long	 n;

	*errstr = NULL;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end != '\0')
		*errstr = "invalid";
	else if (n < min || (errno == ERANGE && n == LLONG_MIN))
		*errstr = "too small";
	else if (n > max || errno == ERANGE)
		*errstr = "too large";
	return (*errstr == NULL ? n : 0);
}

int
getpeereid(int fd, uid_t *uid, gid_t *gid)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return (-1);
	*uid = cred.uid;
	*gid = cred.gid;
	return (0);
}
#endif /* !__OpenBSD__ */

int
compat_anonfd(void)
{
#ifdef __linux__
	return (memfd_create("keylessd", MFD_CLOEXEC));
#else
	char	 name[] = "/tmp/keylessd.XXXXXXXXXX";
	int	 fd;

	if ((fd = shm_mkstemp(name)) == -1)
		return (-1);
	if (shm_unlink(name) == -1 || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
		close(fd);
		return (-1);
	}
	return (fd);
#endif
}

int
compat_ncpu(void)
{
	long	 n = sysconf(_SC_NPROCESSORS_ONLN);

	return (n < 1 ? 1 : n > 1024 ? 1024 : (int)n);
}

int
compat_keepalive(int fd)
{
	int	 on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) == -1)
		return (-1);
#ifdef __linux__
	{
		int	 idle = 15, interval = 5, probes = 3;

		if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle,
		    sizeof(idle)) == -1 ||
		    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
		    sizeof(interval)) == -1 ||
		    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes,
		    sizeof(probes)) == -1)
			return (-1);
	}
#endif
	return (0);
}

int
compat_batch(int on)
{
#ifdef __linux__
	const struct sched_param	 param = { .sched_priority = 0 };

	return (sched_setscheduler(0, on ? SCHED_BATCH : SCHED_OTHER, &param));
#else
	(void)on;
	errno = ENOTSUP;
	return (-1);
#endif
}

void
compat_malloc_keep(int bytes)
{
#ifdef __GLIBC__
	(void)mallopt(M_TRIM_THRESHOLD, bytes);
#else
	(void)bytes;
#endif
}

char *
compat_getenv(const char *name)
{
#ifdef __linux__
	return (secure_getenv(name));
#else
	return (issetugid() ? NULL : getenv(name));
#endif
}
