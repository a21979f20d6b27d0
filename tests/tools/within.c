/*
 * within SECONDS COMMAND [ARGUMENT]...
 *
 * Becomes the command, which is killed by SIGALRM when it has not ended in
 * time.  Cheaper than timeout(1), of which the tests would start thousands.
 */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	if (argc < 3)
		errx(2, "usage: within SECONDS COMMAND [ARGUMENT]...");
	(void)alarm((unsigned)strtoul(argv[1], NULL, 10));
	(void)execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
