/*
 * Executes a file as nothing but execve(2) does, which a shell would not:
 *
 *	exec-file [OPTION]... FILE [ARG]...
 *
 *	-0 NAME		is argv[0]; otherwise that is FILE
 *	-b SIGNAL	is blocked
 *	-i SIGNAL	is ignored
 *	-k SIGNAL	is blocked, and pending
 *	-n NUMBER	of open files is the limit
 *	-u UID		is the user, and the group has the same number
 *	-d		through a descriptor, as fexecve(3)
 *	-s		orphans among the descendants come to this process
 *
 * Descriptors above 9 are those of some shell, and closed.  When it fails, says
 * why and exits with 120.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FAILED 120
#define FD_MAX	      256

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "exec-file: %s: %s\n", what, strerror(errno));
	exit(STATUS_FAILED);
}

static void
block(int signal)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, signal);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		fail("sigprocmask");
}

static void
ignore(int signal)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	if (sigaction(signal, &action, NULL) < 0)
		fail("sigaction");
}

static void
limit_files(unsigned number)
{
	struct rlimit limit = { number, number };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("setrlimit");
}

static void
become(unsigned id)
{
	if (setgroups(0, NULL) < 0 || setgid(id) < 0 || setuid(id) < 0)
		fail("setuid");
}

static void
execute(const char *file, char *argv[], bool by_descriptor)
{
	int fd;

	for (fd = 10; fd < FD_MAX; fd++)
		(void)close(fd);
	if (!by_descriptor) {
		(void)execve(file, argv, environ);
		return;
	}
	fd = open(file, O_RDONLY);
	if (fd >= 0)
		(void)syscall(SYS_execveat, fd, "", argv, environ,
		    AT_EMPTY_PATH);
}

int
main(int argc, char *argv[])
{
	bool by_descriptor = false;
	char *name = NULL;
	const char *file;
	int option;

	while ((option = getopt(argc, argv, "+0:b:i:k:n:u:ds")) != -1) {
		int number = optarg == NULL ? 0 : atoi(optarg);

		switch (option) {
		case '0':
			name = optarg;
			break;
		case 'b':
			block(number);
			break;
		case 'i':
			ignore(number);
			break;
		case 'k':
			block(number);
			(void)raise(number);
			break;
		case 'n':
			limit_files((unsigned)number);
			break;
		case 'u':
			become((unsigned)number);
			break;
		case 'd':
			by_descriptor = true;
			break;
		case 's':
			if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
				fail("prctl");
			break;
		default:
			return STATUS_FAILED;
		}
	}
	if (optind == argc)
		return STATUS_FAILED;
	file = argv[optind];
	if (name != NULL)
		argv[optind] = name;
	execute(file, argv + optind, by_descriptor);
	fail(file);
}
