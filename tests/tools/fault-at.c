/*
 * fault-at [-e ERROR] NUMBER COMMAND [ARGUMENT]...
 * fault-at -t MICROSECONDS COMMAND [ARGUMENT]...
 * fault-at -l COMMAND [ARGUMENT]...
 *
 * Kills the command with SIGKILL when it enters that system call of it, counted
 * from 1, which is not made any more; or after a time.  Exits with 0 when the
 * command was killed, 1 when it ended before, and 77 when processes cannot be
 * traced here.
 *
 * With -e the call fails with ERROR instead, such as EIO, if it is one that
 * can; the command goes on, and a line on standard output tells how it ended:
 * its status, and the name of the call, or "-" when that cannot fail so.
 *
 * With -l all calls that can fail are listed on standard output: the number,
 * the name, and the errors.
 */
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CANNOT_TRACE 77
#define ENDED	     1

/* The calls that files, directories and memory are handled with. */
static const struct call {
	long number;
	const char *name;
	const char *errors; /* which it can return */
} calls[] = {
	{ SYS_openat, "openat", "EIO ENOSPC EINTR EMFILE EACCES ENOMEM" },
	{ SYS_read, "read", "EIO EINTR" },
	{ SYS_pread64, "pread64", "EIO EINTR" },
	{ SYS_write, "write", "EIO ENOSPC EINTR ENOMEM" },
	{ SYS_close, "close", "EIO ENOSPC EINTR" },
	{ SYS_fsync, "fsync", "EIO ENOSPC" },
	{ SYS_syncfs, "syncfs", "EIO ENOSPC" },
	{ SYS_renameat, "renameat", "EIO ENOSPC EACCES ENOMEM" },
	{ SYS_unlinkat, "unlinkat", "EIO EACCES ENOMEM" },
	{ SYS_mkdirat, "mkdirat", "EIO ENOSPC EACCES ENOMEM" },
	{ SYS_getdents64, "getdents64", "EIO ENOMEM" },
	{ SYS_newfstatat, "newfstatat", "EIO EACCES ENOMEM" },
	{ SYS_fchmod, "fchmod", "EIO EACCES ENOSPC" },
	{ SYS_flock, "flock", "EINTR ENOMEM" },
	{ SYS_faccessat2, "faccessat2", "EIO EACCES ENOMEM" },
	{ SYS_mmap, "mmap", "ENOMEM EMFILE EACCES" },
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EIO", EIO },
	{ "ENOSPC", ENOSPC },
	{ "EINTR", EINTR },
	{ "EMFILE", EMFILE },
	{ "EACCES", EACCES },
	{ "ENOMEM", ENOMEM },
};

static pid_t
start(char *command[], bool trace)
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
	return WIFSIGNALED(wait_for(pid)) ? 0 : ENDED;
}

/*
 * Goes on up to the next entry of a system call, or return from it.  False: the
 * command has ended with *status.
 */
static bool
step(pid_t pid, int *status)
{
	long signal = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)signal) < 0) {
			*status = wait_for(pid);
			return false;
		}
		*status = wait_for(pid);
		if (!WIFSTOPPED(*status))
			return false;
		if (WSTOPSIG(*status) == (SIGTRAP | 0x80))
			return true;
		signal = WSTOPSIG(*status) == SIGTRAP ? 0 : WSTOPSIG(*status);
	}
}

/* Starts the command and goes to the entry of a call; its id, or -1: it ended.
 */
static pid_t
go_to_call(long count, char *command[], int *status)
{
	pid_t pid = start(command, true);

	*status = wait_for(pid);
	if (!WIFSTOPPED(*status))
		exit(CANNOT_TRACE);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
		    PTRACE_O_TRACEEXEC)) < 0) {
		(void)end(pid);
		exit(CANNOT_TRACE);
	}
	for (count = 2 * count - 1; count > 0; count--) {
		if (!step(pid, status))
			return -1;
	}
	return pid;
}

static int
kill_at_call(long count, char *command[])
{
	int status;
	pid_t pid = go_to_call(count, command, &status);

	return pid < 0 ? ENDED : end(pid);
}

static int
kill_after(long microseconds, char *command[])
{
	struct timespec time = { microseconds / 1000000,
		microseconds % 1000000 * 1000 };
	pid_t pid = start(command, false);

	(void)nanosleep(&time, NULL);
	return end(pid);
}

#ifdef __x86_64__
/* The call that is entered, if it is one that can fail; or NULL. */
static const struct call *
find_call(pid_t pid)
{
	long number = ptrace(PTRACE_PEEKUSER, pid,
	    (void *)offsetof(struct user_regs_struct, orig_rax), NULL);
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].number == number && calls[i].errors[0] != '\0')
			return &calls[i];
	}
	return NULL;
}

static void
set_register(pid_t pid, size_t offset, long value)
{
	if (ptrace(PTRACE_POKEUSER, pid, (void *)offset, (void *)value) < 0)
		err(2, "ptrace");
}

/* A call of number -1 does nothing; then it gets the result. */
static bool
fail_call(pid_t pid, int error, int *status)
{
	set_register(pid, offsetof(struct user_regs_struct, orig_rax), -1);
	if (!step(pid, status))
		return false;
	set_register(pid, offsetof(struct user_regs_struct, rax), -error);
	return true;
}
#else
static const struct call *
find_call(pid_t pid)
{
	(void)end(pid);
	exit(CANNOT_TRACE);
}

static bool
fail_call(pid_t pid, int error, int *status)
{
	(void)pid;
	(void)error;
	(void)status;
	return false;
}
#endif

static int
fail_at_call(const char *name, long count, char *command[])
{
	const struct call *call;
	bool running = true;
	size_t i;
	int status;
	pid_t pid = go_to_call(count, command, &status);

	if (pid < 0)
		return ENDED;
	for (i = 0; strcmp(errors[i].name, name) != 0; i++) {
		if (i + 1 == sizeof(errors) / sizeof(errors[0]))
			errx(2, "not an error that is known here: %s", name);
	}
	call = find_call(pid);
	if (call == NULL || strstr(call->errors, name) == NULL) {
		printf("- -\n");
		return end(pid);
	}
	running = fail_call(pid, errors[i].number, &status);
	if (running) {
		(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
		status = wait_for(pid);
	}
	printf("%d %s\n",
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	    call->name);
	return 0;
}

static int
list_calls(char *command[])
{
	const struct call *call;
	long number;
	int status;
	pid_t pid = go_to_call(1, command, &status);

	for (number = 1; pid > 0; number++) {
		call = find_call(pid);
		if (call != NULL)
			printf("%ld %s %s\n", number, call->name, call->errors);
		if (!step(pid, &status) || !step(pid, &status))
			return 0;
	}
	return ENDED;
}

int
main(int argc, char *argv[])
{
	if (argc > 3 && strcmp(argv[1], "-t") == 0)
		return kill_after(strtol(argv[2], NULL, 10), argv + 3);
	if (argc > 2 && strcmp(argv[1], "-l") == 0)
		return list_calls(argv + 2);
	if (argc > 4 && strcmp(argv[1], "-e") == 0)
		return fail_at_call(argv[2], strtol(argv[3], NULL, 10),
		    argv + 4);
	if (argc < 3)
		errx(2,
		    "usage: fault-at [-e ERROR | -t] NUMBER COMMAND "
		    "[ARGUMENT]...\n       fault-at -l COMMAND [ARGUMENT]...");
	return kill_at_call(strtol(argv[1], NULL, 10), argv + 2);
}
