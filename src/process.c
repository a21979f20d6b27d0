/*
 * What this module promises about a program that it runs:
 *
 *  1. It MUST NOT see a descriptor of ours but 0, 1 and 2.
 *  2. It MUST NOT outlive its verdict or its time: it has a process group of
 *     its own, and all that is left in it is killed.
 *  3. The group MUST be killed before its leader is reaped, so that its number
 *     cannot belong to anybody else yet.
 *  4. The caller's signal dispositions, mask and children MUST be afterwards
 *     what they were before, for an interpreter may inherit them.
 */
#include "process.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "childsignal.h"
#include "xalloc.h"

/* Closes all descriptors from first on; in the child, so signal-safe. */
static void
close_from(int first)
{
	long fd, max;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
		return;
#endif
	max = sysconf(_SC_OPEN_MAX);
	for (fd = first; fd < (max < 0 ? 65536 : max); fd++)
		(void)close((int)fd);
}

static void
execute(const struct process *process)
{
	int fd = STDERR_FILENO + 1;

	if (process->fd < 0) {
		close_from(fd);
		(void)execve(process->argv[0], process->argv, environ);
		return;
	}
	/* Kept open across execve, for an interpreter may have to open it. */
	if (process->fd == fd)
		(void)fcntl(fd, F_SETFD, 0);
	else if (dup2(process->fd, fd) < 0)
		return;
	close_from(fd + 1);
	(void)syscall(SYS_execveat, fd, "", process->argv, environ,
	    AT_EMPTY_PATH);
}

/* In a chroot without /dev/null: a pipe that nobody writes to. */
static void
read_nothing(void)
{
	int fds[2];

	if (pipe(fds) < 0)
		return;
	(void)close(fds[1]);
	(void)dup2(fds[0], STDIN_FILENO);
}

/*
 * Between vfork(2) and execve(2) the child shares our memory: it only calls
 * the system, and tells in *error what did not work.
 */
static ATTR_NORETURN void
become(const struct process *process, int output,
    const struct childsignal *held, volatile int *error)
{
	int null, flags;

	(void)setpgid(0, 0);
	/* When we are killed, nobody is left who would end it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	childsignal_child(held);
	null = open("/dev/null", O_RDWR);
	if (null > STDIN_FILENO)
		(void)dup2(null, STDIN_FILENO);
	else if (null < 0)
		read_nothing();
	/* Where 2 is closed, or is a file of ours, it writes into nothing. */
	flags = fcntl(STDERR_FILENO, F_GETFD);
	if (null >= 0 && (flags < 0 || (flags & FD_CLOEXEC) != 0))
		(void)dup2(null, STDERR_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	execute(process);
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
wait_for(pid_t pid, unsigned seconds)
{
	CLEANUP(cleanup_close) int fd = process_descriptor(pid);
	struct timespec start;
	siginfo_t info;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		long left = (long)seconds * 1000 - milliseconds_since(&start);
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

static enum process_end
judge(bool in_time, int status, int *value)
{
	if (!in_time)
		return PROCESS_TIMED_OUT;
	if (WIFSIGNALED(status)) {
		*value = WTERMSIG(status);
		return PROCESS_KILLED;
	}
	*value = WEXITSTATUS(status);
	return PROCESS_EXITED;
}

/* Starts it and waits for it; output is where its standard output goes. */
static enum process_end
run(const struct process *process, int output, int *value)
{
	struct childsignal held;
	volatile int error = 0;
	bool in_time;
	int status = 0;
	pid_t pid;

	childsignal_hold(&held);
	/* become() calls nothing that could harm the parent. */
	pid = vfork(); /* NOLINT(*.vfork) */
	if (pid == 0)  /* NOLINTNEXTLINE(*.Vfork) */
		become(process, output, &held, &error);
	if (pid < 0) {
		*value = errno;
		childsignal_restore(&held);
		return PROCESS_NOT_STARTED;
	}
	in_time = wait_for(pid, process->seconds);
	(void)kill(-pid, SIGKILL);
	/* Its leader may have left it for another group. */
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	/* Orphans of the group come to us if we are a subreaper. */
	while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR)
		continue;
	childsignal_restore(&held);
	if (error != 0) {
		*value = error;
		return PROCESS_NOT_STARTED;
	}
	return judge(in_time, status, value);
}

/* What is in the pipe when the process has ended is all that counts. */
static void
collect(int fd, char *output, size_t size)
{
	size_t used = 0;

	while (used + 1 < size) {
		ssize_t n = read(fd, output + used, size - used - 1);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	output[used] = '\0';
}

enum process_end
process_run(const struct process *process, int *value)
{
	CLEANUP(cleanup_close) int reader = -1;
	CLEANUP(cleanup_close) int writer = -1;
	enum process_end end;
	int fds[2];

	if (process->output == NULL)
		return run(process, STDERR_FILENO, value);
	process->output[0] = '\0';
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		*value = errno;
		return PROCESS_NOT_STARTED;
	}
	reader = fds[0];
	writer = fds[1];
	end = run(process, writer, value);
	collect(reader, process->output, process->output_size);
	return end;
}
