/*
 * The keys of the configuration file that concern enrolment.
 */
#ifndef CONFIG_ENROLL_H
#define CONFIG_ENROLL_H

#include "config_yaml.h"

struct config;

#define RENEW_UNSET	UINT32_MAX	/* until config_enroll_end() */

void	config_set_renew(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);
void	config_set_endpoint(struct conf_file *, const struct conf_node *,
	    const struct conf_key *, void *);

/* Defaults: before the file is read, and once it has been. */
void	config_enroll_begin(struct config *);
void	config_enroll_end(struct conf_file *, const struct conf_node *,
	    struct config *);

#endif
