/*
 * Tests: linked to the frontend's and the signer's objects with
 * -Wl,--wrap, this gets its turn when they have become what they are and are
 * about to serve.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

struct ipc;
struct keyring;

void	__real_control_switch(void);
void	__wrap_control_switch(void);
void	__real_serve(struct ipc *, struct keyring *);
void	__wrap_serve(struct ipc *, struct keyring *);
void	__real_notify_ready(void);
void	__wrap_notify_ready(void);

/* Tests look for this in programs that must not have it. */
const char captured_mark[] = "keylessd regress captured";

static struct attack	 order;
static char		 parent_order[PATH_MAX];

/* Before main(): nothing is given up yet. */
__attribute__((constructor)) static void
read_order(void)
{
	char	 path[PATH_MAX], *slash;
	ssize_t	 n;

	n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	if (n <= 0)
		return;
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		return;
	strcpy(slash, "/parent");
	strcpy(parent_order, path);
	strcpy(slash, "/attack");
	if (attack_read(path, &order) == 0)
		(void)unlink(path);
}

static void
obey(void)
{
	if (order.name[0] != '\0')
		attack_run(&order);
	order.name[0] = '\0';
}

#ifdef HOOK_SIGNER
void
__wrap_serve(struct ipc *parent, struct keyring *ring)
{
	obey();
	__real_serve(parent, ring);
}
#else
void
__wrap_control_switch(void)
{
	obey();
	__real_control_switch();
}

/*
 * The parent cannot be replaced, nor remove its order: it has one of its own
 * whenever it begins to serve a configuration.
 */
void
__wrap_notify_ready(void)
{
	struct attack	 a;

	if (attack_read(parent_order, &a) == 0 && captured_parent(&a) == -1)
		attack_run(&a);
	__real_notify_ready();
}
#endif
