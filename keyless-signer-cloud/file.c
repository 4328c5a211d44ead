/* Cloud signer: files that hold credentials, and names of such files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cloud.h"
#include "compat.h"

const char *
env(const char *name)
{
	const char	*value = getenv(name);

	return (value == NULL || *value == '\0' ? NULL : value);
}

int
file_read(const char *path, int trim, char *text, size_t size,
    struct call_error *err)
{
	size_t	 len = 0;
	ssize_t	 n = 0;
	int	 fd;

	if ((fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) == -1)
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "cannot open %s: %s", path, strerror(errno)));
	while (len < size && (n = read(fd, text + len, size - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (n == -1 || len == size || memchr(text, '\0', len) != NULL) {
		explicit_bzero(text, size);
		return (call_fail(err, CALL_UNAUTHORIZED,
		    "%s cannot be read, is not text, or too long", path));
	}
	while (trim && len != 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	explicit_bzero(text + len, size - len);
	return (0);
}
