/* keylessctl: show config. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "json.h"
#include "keylessctl.h"
#include "text.h"

static void
config_json(const char *config)
{
	struct json	 j;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "config", config);
	json_end(&j);
}

/* Line by line, since a newline is all that may reach a terminal as it is. */
static void
config_visible(char *config)
{
	char	*line, *visible;
	size_t	 size;

	while ((line = strsep(&config, "\n")) != NULL) {
		if (*line == '\0' && config == NULL)
			return;
		size = TEXT_VISIBLE_SIZE(strlen(line));
		if ((visible = malloc(size)) == NULL)
			err(1, NULL);
		text_visible(visible, size, line);
		puts(visible);
		free(visible);
	}
}

/* A file gets it byte for byte. */
static void
show_config(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	char	 none[] = "", *config = (char *)answer->rows[0].data;

	(void)request;
	if (config == NULL)
		config = none;
	if (style->json)
		config_json(config);
	else if (style->terminal)
		config_visible(config);
	else
		fputs(config, stdout);
}

static const struct kind text_kind = {
	.type = MSG_CTL_TEXT
};

const struct request config_request = {
	.type = MSG_CTL_SHOW_CONFIG,
	.kinds = { &text_kind },
	.show = show_config
};
