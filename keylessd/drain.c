/* Parent: out of service and back, while the daemon goes on. */
#include <unistd.h>

#include "compat.h"
#include "log.h"
#include "signers.h"

/*
 *	         drain: sockets for the edge closed,
 *	         the frontends end their connections
 *	SERVING -------------------------------------> DRAINED: keys loaded,
 *	    ^                                           |  signers ready,
 *	    |    undrain: the sockets are bound anew    |  a reload is fine
 *	    +-------------------------------------------+
 *	both: stop, SIGTERM: the same drain with a time limit --> STOPPING
 *
 * Whoever asked for the drain is answered once no frontend has a connection;
 * and nothing is forgotten of it when one dies: its successor is told.
 */

int	 parent_drained;

/* Why it cannot be now; or NULL. */
static const char *
obstacle(void)
{
	if (parent_state != PARENT_SERVING)
		return ("keylessd is stopping");
	if (!frontproc_serves())
		return ("the frontend is starting");
	if (parent_next != NULL)
		return ("a reload is under way");
	return (NULL);
}

void
drain_begin(uint32_t client)
{
	const char	*reason;
	struct setup	*setup;

	if ((reason = obstacle()) != NULL) {
		frontproc_result(client, 1, reason);
		return;
	}
	if (!parent_drained) {
		log_info("draining");
		parent_drained = 1;
		listen_close(&parent_setup->edge);
		TAILQ_FOREACH(setup, &parent_left, entry)
			listen_close(&setup->edge);
	}
	frontproc_drain();
	notify_status();
}

void
drain_end(uint32_t client)
{
	const char	*reason = obstacle();
	char		 text[MSG_REASON_SIZE];
	size_t		 i;
	int		 status;

	if (reason == NULL && !parent_drained)
		reason = "not drained";
	if (reason != NULL) {
		frontproc_result(client, 1, reason);
		return;
	}
	log_capture(text, sizeof(text));
	status = setup_undrain(parent_setup);
	log_capture(NULL, 0);
	if (status == -1) {
		frontproc_result(client, 1, text);
		return;
	}
	log_info("accepting again");
	for (i = 0; i < parent_setup->edge.count; i++)
		log_info("listening address=%s",
		    parent_setup->edge.list[i].address);
	parent_drained = 0;
	frontproc_undrain(parent_setup);
	frontproc_result(client, 0, "");
	notify_status();
}
