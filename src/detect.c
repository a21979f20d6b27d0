/*
 * What this module promises about a detector:
 *
 *  1. It MUST NOT see a descriptor of ours but 0, 1 and 2.
 *  2. It MUST NOT outlive its verdict or its time: it has a process group of
 *     its own, and all that is left in it is killed.
 *  3. The group MUST be killed before its leader is reaped, so that its number
 *     cannot belong to anybody else yet.
 *  4. The caller's signal dispositions, mask and children MUST be afterwards
 *     what they were before, for the interpreter inherits them.
 */
#include "detect.h"

#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "childsignal.h"
#include "xalloc.h"

static int
compare_candidates(const void *a, const void *b)
{
	const struct format *const *x = a, *const *y = b;
	unsigned bits_x, bits_y;

	if ((*x)->priority != (*y)->priority)
		return (*x)->priority > (*y)->priority ? -1 : 1;
	bits_x = spec_bits(&(*x)->spec);
	bits_y = spec_bits(&(*y)->spec);
	if (bits_x != bits_y)
		return bits_x > bits_y ? -1 : 1;
	if (((*x)->detector == NULL) != ((*y)->detector == NULL))
		return (*x)->detector != NULL ? -1 : 1;
	return strcmp((*x)->name, (*y)->name);
}

void
detect_sort(const struct format **formats, size_t count)
{
	if (count > 1)
		qsort(formats, count, sizeof(*formats), compare_candidates);
}

/* Closes all descriptors above 2; in the child, so async-signal-safe. */
static void
close_all(void)
{
	long fd, max;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
		return;
#endif
	max = sysconf(_SC_OPEN_MAX);
	for (fd = 3; fd < (max < 0 ? 65536 : max); fd++)
		(void)close((int)fd);
}

/*
 * Between vfork(2) and execve(2) the child shares our memory: it only calls
 * the system, and tells in *error what did not work.
 */
static ATTR_NORETURN void
become_detector(char *const argv[], const struct sigaction *child_action,
    volatile int *error)
{
	int null, flags;

	(void)setpgid(0, 0);
	(void)sigaction(SIGCHLD, child_action, NULL);
	null = open("/dev/null", O_RDWR);
	if (null > STDIN_FILENO)
		(void)dup2(null, STDIN_FILENO);
	/* Where 2 is closed, or is a file of ours, it writes into nothing. */
	flags = fcntl(STDERR_FILENO, F_GETFD);
	if (null >= 0 && (flags < 0 || (flags & FD_CLOEXEC) != 0))
		(void)dup2(null, STDERR_FILENO);
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	close_all();
	(void)execve(argv[0], argv, environ);
	*error = errno;
	_exit(127);
}

/* A descriptor that can be polled for the end of a process, or -1. */
static int
process_descriptor(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0U);
#else
	(void)pid;
	errno = ENOSYS;
	return -1;
#endif
}

static long
milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 +
	    (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* Waits for the end of a process, not reaping it; false: time is up. */
static bool
wait_for(pid_t pid)
{
	CLEANUP(cleanup_close) int fd = process_descriptor(pid);
	struct timespec start;
	siginfo_t info;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		long left = DETECT_SECONDS * 1000 - milliseconds_since(&start);
		struct pollfd p = { .fd = fd, .events = POLLIN };

		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
			WEXITED | WNOHANG | WNOWAIT) < 0 ||
		    info.si_pid != 0)
			return true;
		if (left <= 0)
			return false;
		/* Without such descriptors (before Linux 5.3), look often. */
		(void)poll(&p, fd < 0 ? 0 : 1, fd < 0 ? 5 : (int)left);
	}
}

static enum detect_verdict
judge(bool in_time, int status, char **reason)
{
	if (!in_time) {
		*reason = xasprintf("did not answer within %d seconds",
		    DETECT_SECONDS);
		return DETECT_FAILS;
	}
	if (WIFSIGNALED(status)) {
		*reason = xasprintf("was killed by signal %d",
		    WTERMSIG(status));
		return DETECT_FAILS;
	}
	if (WEXITSTATUS(status) == 0)
		return DETECT_ACCEPTS;
	*reason = xasprintf("declined with exit status %d",
	    WEXITSTATUS(status));
	return DETECT_DECLINES;
}

enum detect_verdict
detect_run(const char *detector, const char *file, char **reason)
{
	struct childsignal held;
	CLEANUP(cleanup_free) char *name = xstrdup(detector);
	CLEANUP(cleanup_free) char *argument = xstrdup(file);
	char *argv[] = { name, argument, NULL };
	volatile int error = 0;
	bool in_time;
	int status = 0;
	pid_t pid;

	childsignal_hold(&held);
	pid = vfork();
	if (pid == 0)
		become_detector(argv, &held.action, &error);
	if (pid < 0) {
		*reason = xasprintf("cannot be started: %s", strerror(errno));
		childsignal_restore(&held);
		return DETECT_FAILS;
	}
	in_time = wait_for(pid);
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	childsignal_restore(&held);
	if (error != 0) {
		*reason = xasprintf("cannot be executed: %s", strerror(error));
		return DETECT_FAILS;
	}
	return judge(in_time, status, reason);
}
