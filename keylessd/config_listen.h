/*
 * Where to listen: the keys listen and metrics_listen of the config file.
 */
#ifndef CONFIG_LISTEN_H
#define CONFIG_LISTEN_H

#include "config.h"
#include "config_yaml.h"

/*
 * Take both from the root of the file, with what stands for them when they
 * are not there.  They need port and metrics_port, which may stand further
 * down, so these must have been taken.
 */
void	 config_set_listen(struct conf_file *, const struct conf_node *root,
	    struct config *);

void	 config_listen_free(struct conf_listens *);

#endif
