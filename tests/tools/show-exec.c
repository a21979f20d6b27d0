/*
 * An interpreter or detector that shows how it was executed, on standard
 * output, one thing a line.  SHOW in the environment names the things, with
 * blanks between them; the default is argv flags execfn execfd.  The exit
 * status is SHOW_STATUS, or 0.
 */
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Descriptors and signals that are looked at. */
#define FD_MAX	   64
#define SIGNAL_MAX 31

static char **arguments;

/* What the descriptor leads to, where /proc is there to tell. */
static const char *
target(int fd)
{
	static char path[4096];
	char link[32];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len < 0 ? 0 : len] = '\0';
	return path;
}

static void
show_argv(void)
{
	char **argument;

	for (argument = arguments; *argument != NULL; argument++)
		printf(" [%s]", *argument);
}

static void
show_flags(void)
{
	printf(" %#lx", getauxval(AT_FLAGS));
}

static void
show_execfn(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);

	printf(" %s", path == NULL ? "none" : path);
}

static void
show_execfd(void)
{
	unsigned long fd;

	errno = 0;
	fd = getauxval(AT_EXECFD);
	if (fd == 0 && errno == ENOENT)
		printf(" none");
	else
		printf(" %lu %s at %ld", fd, target((int)fd),
		    (long)lseek((int)fd, 0, SEEK_CUR));
}

static void
show_ids(void)
{
	printf(" uid %u euid %u gid %u egid %u secure %lu", getuid(), geteuid(),
	    getgid(), getegid(), getauxval(AT_SECURE));
}

static void
show_fds(void)
{
	struct stat st;
	int fd;

	for (fd = 0; fd < FD_MAX; fd++) {
		if (fstat(fd, &st) == 0)
			printf(" %d", fd);
	}
}

static void
show_stdin(void)
{
	char byte;

	printf(" %s", read(STDIN_FILENO, &byte, 1) == 1 ? "data" : "empty");
}

static void
show_stdout(void)
{
	struct stat out, err;

	printf(" %s",
	    fstat(STDOUT_FILENO, &out) == 0 &&
		    fstat(STDERR_FILENO, &err) == 0 &&
		    out.st_dev == err.st_dev && out.st_ino == err.st_ino ?
		"as stderr" :
		"not as stderr");
}

static void
show_signals(void)
{
	sigset_t blocked, pending;
	int signal;

	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	(void)sigpending(&pending);
	for (signal = 1; signal <= SIGNAL_MAX; signal++) {
		struct sigaction action;

		(void)sigaction(signal, NULL, &action);
		if (action.sa_handler == SIG_IGN)
			printf(" ignored %d", signal);
		if (sigismember(&blocked, signal) == 1)
			printf(" blocked %d", signal);
		if (sigismember(&pending, signal) == 1)
			printf(" pending %d", signal);
	}
}

static void
show_children(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

	printf(" %s", pid < 0 ? "none" : pid == 0 ? "running" : "ended");
}

static void
show_group(void)
{
	printf(" %s", getpgrp() == getpid() ? "own" : "inherited");
}

static void
show_cwd(void)
{
	char path[4096];

	printf(" %s", getcwd(path, sizeof(path)) == NULL ? "none" : path);
}

static void
show_umask(void)
{
	printf(" %03o", (unsigned)umask(0));
}

static void
show_nofile(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		printf(" %lu", (unsigned long)limit.rlim_cur);
}

static void
show_environment(void)
{
	char **variable;

	for (variable = environ; *variable != NULL; variable++) {
		if (strncmp(*variable, "SHOW", 4) != 0)
			printf(" [%s]", *variable);
	}
}

static void
show_program(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	printf(" %.*s", len < 0 ? 0 : (int)len, path);
}

static const struct {
	const char *name;
	void (*show)(void);
} things[] = {
	{ "argv", show_argv },
	{ "flags", show_flags },
	{ "execfn", show_execfn },
	{ "execfd", show_execfd },
	{ "ids", show_ids },
	{ "fds", show_fds },
	{ "stdin", show_stdin },
	{ "stdout", show_stdout },
	{ "signals", show_signals },
	{ "children", show_children },
	{ "group", show_group },
	{ "cwd", show_cwd },
	{ "umask", show_umask },
	{ "nofile", show_nofile },
	{ "environment", show_environment },
	{ "program", show_program },
};

static bool
show(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		if (strcmp(things[i].name, name) == 0) {
			printf("%s", name);
			things[i].show();
			putchar('\n');
			return true;
		}
	}
	return false;
}

int
main(int argc, char *argv[])
{
	const char *wanted = getenv("SHOW");
	const char *status = getenv("SHOW_STATUS");
	char *names, *name, *rest;

	(void)argc;
	arguments = argv;
	names = strdup(wanted == NULL ? "argv flags execfn execfd" : wanted);
	if (names == NULL)
		return 2;
	for (name = strtok_r(names, " ", &rest); name != NULL;
	     name = strtok_r(NULL, " ", &rest)) {
		if (!show(name)) {
			fprintf(stderr, "show-exec: unknown: %s\n", name);
			return 2;
		}
	}
	free(names);
	if (fflush(stdout) != 0)
		return 2;
	return status == NULL ? 0 : (int)strtol(status, NULL, 10);
}
