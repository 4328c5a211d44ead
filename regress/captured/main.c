/* Tests: an attack by a process that has no sandbox. */
#include <stdio.h>

#include "attack.h"

int
main(int argc, char *argv[])
{
	struct attack	 a;

	if (argc != 2 || attack_read(argv[1], &a) == -1) {
		fprintf(stderr, "usage: attack file\n");
		return (2);
	}
	attack_run(&a);
	return (0);
}
