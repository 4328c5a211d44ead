/*
 * The secrets of a configuration file: taken out of it before it is parsed, so
 * that libyaml never sees them in this process.
 */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "config_yaml.h"

/*
 * A process of its own, which ends with all its memory, looks the file through.
 * Each scalar that is a secret (a URI with a PIN; what stands behind the name
 * of a secret) is replaced by the letter x and blanks.  That there are no
 * processes to be had is a mistake of the file.  One file at a time.
 */
extern const struct conf_keeper config_secrets;

#endif
