/*
 * Fuzzer: the configuration file.  What was loaded and printed loads again and
 * prints the same; keylessctl's own look at the file finds the same socket.
 */
#include "../../lib/config_yaml.h"

/* A megabyte to wipe each time would be most of the work. */
#undef CONF_FILE_MAX
#define CONF_FILE_MAX	16384
#include "../../lib/config_yaml.c"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "fuzz.h"
#include "paths.h"
#include "../../keylessctl/keylessctl.h"
#include "../../keylessd/config.h"

static int	 files[2];

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t	 i;

	(void)argc;
	(void)argv;
	for (i = 0; i < nitems(files); i++) {
		REQUIRE((files[i] = compat_anonfd()) != -1);
		REQUIRE(fchmod(files[i], 0600) == 0);
	}
	return (0);
}

static void
file_path(size_t i, char *path, size_t size)
{
	snprintf(path, size, "/proc/self/fd/%d", files[i]);
}

/* Load these bytes as a file. */
static struct config *
load(size_t i, const void *data, size_t size)
{
	char	 path[64];

	REQUIRE(ftruncate(files[i], 0) == 0);
	REQUIRE(pwrite(files[i], data, size, 0) == (ssize_t)size);
	file_path(i, path, sizeof(path));
	return (config_load(path));
}

/* What -nv prints, without its comments; to be freed. */
static char *
print(const struct config *conf)
{
	char	*text, *line, *next, *end;
	size_t	 size;
	FILE	*f;

	REQUIRE((f = open_memstream(&text, &size)) != NULL);
	config_print(conf, f);
	REQUIRE(fclose(f) == 0 && strlen(text) == size);
	for (line = end = text; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (line[strspn(line, " ")] == '#')
			continue;
		memmove(end, line, (size_t)(next - line));
		end += next - line;
	}
	*end = '\0';
	return (text);
}

/* Whether the daemon writes a path as it stands in the file. */
static int
is_plain(const char *path)
{
	return (strstr(path, "./") == NULL && strstr(path, "//") == NULL &&
	    path[strlen(path) - 1] != '/' && strcmp(path, ".") != 0);
}

static void
check_ctl(const struct config *conf)
{
	char	*name, error[256], path[64];
	FILE	*f;
	int	 found;

	file_path(0, path, sizeof(path));
	REQUIRE((f = fopen(path, "r")) != NULL);
	found = conf_control_socket(f, path, &name, error, sizeof(error));
	fclose(f);
	REQUIRE(found != 1 || name != NULL);
	if (conf != NULL) {
		REQUIRE(found != -1);
		if (found == 0)
			REQUIRE(strcmp(conf->control_socket,
			    CONTROL_SOCKET) == 0);
		else if (is_plain(name))
			REQUIRE(strcmp(conf->control_socket, name) == 0);
	}
	free(name);
}

static void
check_config(const struct config *conf)
{
	struct config	*again;
	char		*once, *twice;

	REQUIRE(!TAILQ_EMPTY(&conf->stores) && !TAILQ_EMPTY(&conf->listen));
	REQUIRE(conf->control_socket[0] == '/' && conf->auth_key[0] == '/');
	once = print(conf);
	if (strlen(once) > CONF_FILE_MAX) {
		free(once);
		return;
	}
	again = load(1, once, strlen(once));
	REQUIRE(again != NULL);
	twice = print(again);
	REQUIRE(strcmp(once, twice) == 0);
	free(once);
	free(twice);
	config_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config	*conf;
	int		 lowest = fuzz_lowest_fd();

	if (size > CONF_FILE_MAX + 1)
		return (0);
	if ((conf = load(0, data, size)) != NULL)
		check_config(conf);
	check_ctl(conf);
	config_free(conf);
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
