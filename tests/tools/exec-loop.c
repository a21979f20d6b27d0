/*
 * Executes a file again and again, until standard input ends:
 *
 *	exec-loop FILE
 *
 * Then prints how often, and how often it could not be executed or ended with
 * a status other than 0; and for the first time that it did, why.
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Returns the status, or the negative error number of execve(2). */
static int
execute(char *argv[])
{
	volatile int error = 0;
	int status = 0;
	pid_t pid;

	/* The child shares our memory until it has executed the file. */
	pid = vfork();
	if (pid == 0) {
		(void)execve(argv[0], argv, environ);
		error = errno;
		_exit(1);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return error != 0 ? -error : status;
}

static bool
input_ended(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	return poll(&p, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

int
main(int argc, char *argv[])
{
	unsigned long runs = 0, failures = 0;
	int first = 0;

	if (argc != 2)
		return 2;
	while (!input_ended()) {
		int result = execute(argv + 1);

		runs++;
		if (result != 0 && failures++ == 0)
			first = result;
	}
	printf("%lu runs, %lu failures\n", runs, failures);
	if (first < 0)
		printf("first: %s\n", strerror(-first));
	else if (first > 0)
		printf("first: wait status %#x\n", (unsigned)first);
	return failures > 0 || runs == 0;
}
