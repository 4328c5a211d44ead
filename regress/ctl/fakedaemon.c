/*
 * Test helper: listens on a control socket in place of keylessd.
 *
 *	fakedaemon SOCKET ROLE		play that role: see roles[], or
 *					the name of a lie
 *	fakedaemon			list lies: name|command|what it must say
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "fake.h"

/* Neither answers nor closes. */
static int
silent_answer(struct ipc *ipc, const struct ipc_msg *msg)
{
	(void)ipc;
	(void)msg;
	return (1);
}

static const struct {
	const char	*name;
	answer_function	*answer;
} roles[] = {
	{ "chatty",	chatty_answer },
	{ "honest",	honest_answer },
	{ "mortal",	mortal_answer },
	{ "refuse",	refuse_answer },
	{ "silent",	silent_answer },
	{ "upgraded",	upgraded_answer },
};

static answer_function *
find_role(const char *name)
{
	const struct lie	*lie;
	size_t			 i;

	for (i = 0; i < nitems(roles); i++)
		if (strcmp(roles[i].name, name) == 0)
			return (roles[i].answer);
	for (lie = lies; lie->name != NULL; lie++)
		if (strcmp(lie->name, name) == 0)
			return (lie->answer);
	errx(1, "no such role: %s", name);
}

static void
list_lies(void)
{
	const struct lie	*lie;

	for (lie = lies; lie->name != NULL; lie++)
		printf("%s|%s|%s\n", lie->name, lie->command,
		    lie->says);
}

static int
listen_path(const char *path)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(1, "too long: %s", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 5) == -1)
		err(1, "%s", path);
	return (fd);
}

/* Serve one client until one of the two has enough. */
static void
serve(int fd, answer_function *answer)
{
	struct ipc	*ipc;
	struct ipc_msg	 msg;

	if ((ipc = ipc_new(fd, 0)) == NULL)
		err(1, NULL);
	while (ipc_wait(ipc, &msg) == 1)
		if (!answer(ipc, &msg) || ipc_flush(ipc) != 0)
			break;
	ipc_free(ipc);
}

int
main(int argc, char *argv[])
{
	answer_function	*answer;
	int		 fd, client;

	if (argc == 1) {
		list_lies();
		return (0);
	}
	if (argc != 3)
		errx(2, "usage: fakedaemon [SOCKET ROLE]");
	answer = find_role(argv[2]);
	fd = listen_path(argv[1]);
	while ((client = accept(fd, NULL, NULL)) != -1)
		serve(client, answer);
	err(1, "accept");
}
