/*
 * The stores of a configuration, for config.c and config_print.c.
 */
#ifndef CONFIG_STORE_H
#define CONFIG_STORE_H

#include "config.h"
#include "config_yaml.h"

char	*conf_strdup(const char *);	/* never NULL */

/* For the key private_key_stores; base is a struct config. */
void	config_set_stores(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *base);

void	config_store_free(struct conf_store *);

/* Whether what a variable of an environment, by its NAME, holds is a secret. */
int	config_env_secret(const char *);

#endif
