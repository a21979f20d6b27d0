/*
 * Parts of a test that run in a process of their own: as another user, under
 * a limit, or beside the test.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <unistd.h>

#include "unit.h"

/* Whoever owns nothing. */
#define CHILD_NOBODY 65534

/*
 * Starts a child that ends with what function returns.  It must not use what
 * would leave the function by a jump, as assertions do.
 */
static inline pid_t
child_start(int (*function)(void *), void *argument)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(function(argument));
	return pid;
}

/* Its exit status, or the negative number of the signal that ended it. */
static inline int
child_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static inline int
child_run(int (*function)(void *), void *argument)
{
	return child_wait(child_start(function, argument));
}

/* What a child ends with that cannot be somebody else. */
#define CHILD_CANNOT 77

struct child_call {
	int (*function)(void *);
	void *argument;
};

static inline int
child_call_as_nobody(void *argument)
{
	const struct child_call *call = argument;

	if (geteuid() == 0) {
		(void)setgroups(0, NULL);
		if (setresgid(CHILD_NOBODY, CHILD_NOBODY, CHILD_NOBODY) < 0 ||
		    setresuid(CHILD_NOBODY, CHILD_NOBODY, CHILD_NOBODY) < 0)
			return CHILD_CANNOT;
	}
	return call->function(call->argument);
}

/*
 * Like child_run(), without root's rights.  Who has none runs as itself, and
 * is nobody special either.
 */
static inline int
child_run_as_nobody(int (*function)(void *), void *argument)
{
	struct child_call call = { function, argument };

	return child_run(child_call_as_nobody, &call);
}

/* What it returned must be 0, unless it could not be nobody. */
static inline void
child_expect_done(int status)
{
	if (status == CHILD_CANNOT) {
		print_message("# cannot give up the rights of root\n");
		skip();
	}
	assert_int_equal(status, 0);
}

/* In a child: lets it write files of so many bytes, and see an error then. */
static inline void
child_limit_files(rlim_t bytes)
{
	const struct rlimit limit = { bytes, bytes };

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

/*
 * In a child: leaves one of its own behind that locks the file path and stays
 * with it, and returns as soon as the lock is held; 0, or another number.
 */
static inline int
child_leave_locking(const char *path)
{
	int ready[2];
	char byte;

	if (pipe(ready) < 0)
		return 1;
	if (fork() == 0) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		(void)signal(SIGTERM, SIG_IGN);
		(void)signal(SIGHUP, SIG_IGN);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)sleep(100);
		_exit(0);
	}
	(void)close(ready[1]);
	return read(ready[0], &byte, 1) == 1 ? 0 : 2;
}

/* The same, then leaves its process group and does not end. */
static inline int
child_hang_locking(const char *path)
{
	if (child_leave_locking(path) != 0 ||
	    setpgid(0, getpgid(getppid())) < 0)
		return 1;
	(void)sleep(100);
	return 2;
}

/* Who is killed gives his lock on the file path back, at once or soon. */
static inline void
child_expect_unlocked(const char *path)
{
	int i, fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	for (i = 0; i < 500; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			break;
		(void)usleep(10 * 1000);
	}
	assert_int_equal(close(fd), 0);
	assert_true(i < 500);
}

/* In a child, for its result: whether the problems are what is expected. */
static inline bool
child_problems_are(const struct problems *problems, const char *expected)
{
	CLEANUP(cleanup_free) char *got = unit_problems(problems);

	if (strcmp(got, expected) == 0)
		return true;
	fprintf(stderr, "# '%s' is not '%s'\n", got, expected);
	return false;
}

#endif
