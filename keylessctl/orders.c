/* keylessctl: commands that change something. */
#include "compat.h"
#include "keylessctl.h"
#include "log.h"

static const uint32_t	 level_debug = LOG_LEVEL_DEBUG;
static const uint32_t	 level_info = LOG_LEVEL_INFO;

const struct request log_brief_request = {
	.type = MSG_CTL_LOG_LEVEL,
	.level = &level_info,
	.show = show_result
};

const struct request log_verbose_request = {
	.type = MSG_CTL_LOG_LEVEL,
	.level = &level_debug,
	.show = show_result
};

const struct request reload_request = {
	.type = MSG_CTL_RELOAD,
	.waiting = "waiting for the new configuration to be ready",
	.show = show_result
};

const struct request drain_request = {
	.type = MSG_CTL_DRAIN,
	.waiting = "waiting for the last connection to end; keylessctl show "
	    "connections lists them, keylessctl undrain takes it back",
	.show = show_result
};

const struct request undrain_request = {
	.type = MSG_CTL_UNDRAIN,
	.show = show_result
};

const struct request stop_request = {
	.type = MSG_CTL_STOP,
	.waiting = "waiting for keylessd to end its connections and itself",
	.closes = 1,
	.show = show_result
};
