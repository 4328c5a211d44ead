/*
 * Keys of the configuration from the environment, as the Go server has them:
 * KEYLESS_ and the key in capitals.  They come before the file.
 */
#ifndef CONFIG_ENV_H
#define CONFIG_ENV_H

/*
 * Take the variables out of the environment, first thing in main(), while
 * there is one thread.  Secrets are then in anonymous descriptors and their
 * place in memory, which /proc shows, is wiped.
 */
void		 config_env_take(void);

/* After logging is set up: warn of what should not be there. */
void		 config_env_warn(void);

/*
 * The variables that are set, secrets excepted, as YAML, to be freed; NULL:
 * there are none.
 */
char		*config_env_yaml(void);

/* A copy of the descriptor of a secret key; -1: it is not set. */
int		 config_env_secret_fd(const char *key);

#endif
