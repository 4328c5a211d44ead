/*
 * Who may ask what: the keys clients and policy of the config file, and
 * opcodes of a store.
 */
#ifndef CONFIG_ACCESS_H
#define CONFIG_ACCESS_H

#include "config.h"
#include "config_yaml.h"

/* For tables of keys, see config_yaml.h. */
void	 config_set_clients(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* base: struct config */
void	 config_set_policy(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);
void	 config_set_opcodes(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);	/* uint32_t, bits */

/*
 * The operations that the policy allows with a key of a store: its SKI, its
 * label, and the store's own opcodes count.
 */
uint32_t config_key_opcodes(const struct config *, const struct conf_store *,
	    const uint8_t *ski, const char *label);

void	 config_print_access(const struct config *, FILE *);
void	 config_print_opcodes(FILE *, const char *indent, uint32_t);
void	 config_access_free(struct conf_accesses *);

#endif
