/* Test program: loads a config file and prints it, as keylessd -nv does. */
#include <stdio.h>
#include <stdlib.h>

#include "../../keylessd/config.h"

int
main(int argc, char **argv)
{
	struct config	*conf;

	if (argc != 2) {
		fprintf(stderr, "usage: confcheck file\n");
		return (2);
	}
	if ((conf = config_load(argv[1])) == NULL)
		return (1);
	config_print(conf, stdout);
	config_free(conf);
	return (0);
}
