/*
 * Parts of a test that run in a process of their own: as another user, under
 * a limit, or beside the test.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

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
