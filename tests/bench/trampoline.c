/*
 * The least that a program can do that the kernel runs as an interpreter, to
 * measure run-detectors against: executes the interpreter at the end of all,
 * "nothing" in its own directory.  Under a name that ends in "-detector" it
 * first runs that as a detector, which accepts every file.
 */
#include <sys/wait.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	char path[PATH_MAX];
	char *slash;
	int status;
	ssize_t len;
	pid_t pid;

	if (argc < 2)
		return 2;
	/* The kernel has put the name of the interpreter there. */
	len = (ssize_t)strlen(argv[0]);
	if (len + (ssize_t)sizeof("nothing") > PATH_MAX)
		return 2;
	(void)memcpy(path, argv[0], (size_t)len + 1);
	slash = strrchr(path, '/');
	if (slash == NULL)
		return 2;
	(void)strcpy(slash + 1, "nothing");
	if (strstr(argv[0], "-detector") != NULL) {
		char *detector[] = { path, argv[1], NULL };

		pid = vfork();
		if (pid == 0) {
			(void)execve(path, detector, environ);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			return 1;
	}
	argv[0] = path;
	(void)execve(path, argv, environ);
	return 126;
}
