/*
 * kill-at COUNT COMMAND [ARGUMENT]...
 * kill-at -t MICROSECONDS COMMAND [ARGUMENT]...
 *
 * Kills the command with SIGKILL when it enters the COUNTth system call, which
 * is not made any more; or after a time.  Exits 0 when the command was killed,
 * 1 when it ended before, and 77 when processes cannot be traced here.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CANNOT_TRACE 77

static pid_t
start(char *command[], int trace)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (pid > 0)
		return pid;
	if (trace) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(CANNOT_TRACE);
		(void)raise(SIGSTOP);
	}
	(void)execvp(command[0], command);
	_exit(127);
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			err(2, "waitpid");
	}
	return status;
}

static int
end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	return WIFSIGNALED(wait_for(pid)) ? 0 : 1;
}

static int
kill_at_call(long count, char *command[])
{
	pid_t pid = start(command, 1);
	int status = wait_for(pid), inside = 0;
	long signal = 0;

	if (!WIFSTOPPED(status))
		return CANNOT_TRACE;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
		    PTRACE_O_TRACEEXEC)) < 0) {
		(void)end(pid);
		return CANNOT_TRACE;
	}
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)signal) < 0)
			return end(pid);
		status = wait_for(pid);
		if (!WIFSTOPPED(status))
			return 1;
		signal = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			inside = !inside;
			if (inside && --count <= 0)
				return end(pid);
		} else if (WSTOPSIG(status) != SIGTRAP)
			signal = WSTOPSIG(status);
	}
}

static int
kill_after(long microseconds, char *command[])
{
	struct timespec time = { microseconds / 1000000,
		microseconds % 1000000 * 1000 };
	pid_t pid = start(command, 0);

	(void)nanosleep(&time, NULL);
	return end(pid);
}

int
main(int argc, char *argv[])
{
	if (argc > 3 && strcmp(argv[1], "-t") == 0)
		return kill_after(strtol(argv[2], NULL, 10), argv + 3);
	if (argc < 3)
		errx(2, "usage: kill-at [-t] NUMBER COMMAND [ARGUMENT]...");
	return kill_at_call(strtol(argv[1], NULL, 10), argv + 2);
}
