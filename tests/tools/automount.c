/*
 * An automount of binfmt_misc, as init makes it, of which the part that mounts
 * it runs in a user namespace, so that it is an instance of its own:
 *
 *	automount prepare enclose -e automount serve COMMAND [ARG]...
 *
 * The first puts an autofs on the directory, in a mount namespace of its own,
 * for which it must be root outside of all user namespaces; where that is not
 * possible it says so on standard output and exits with 77.  The second waits
 * for somebody to look at the directory, and mounts, until COMMAND ends; with
 * AUTOMOUNT_FAILS in the environment it never can.
 */
#include <linux/auto_fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_IMPOSSIBLE 77
#define REGISTRY	  "/proc/sys/fs/binfmt_misc"

/* Where the second part finds what the first has opened. */
#define FD_REQUESTS 8
#define FD_AUTOFS   9

static _Noreturn void
give_up(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	(void)fflush(stdout);
	_exit(STATUS_IMPOSSIBLE);
}

static void
move(int from, int to)
{
	if (from != to && (dup2(from, to) < 0 || close(from) < 0))
		give_up("dup2");
}

/*
 * Processes of this group see what is below the automount; all others wait
 * there for it.
 */
static void
prepare(char *argv[])
{
	char options[128];
	int pipes[2], fd;

	(void)close(FD_REQUESTS);
	(void)close(FD_AUTOFS);
	(void)setpgid(0, 0);
	if (pipe(pipes) < 0)
		give_up("pipe");
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		give_up("no mount namespace");
	while (umount2(REGISTRY, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		continue;
	(void)snprintf(options, sizeof(options),
	    "fd=%d,pgrp=%d,minproto=5,maxproto=5,direct", pipes[1], getpgrp());
	if (mount("binfmts-test", REGISTRY, "autofs", 0, options) < 0)
		give_up("no autofs");
	/* The kernel holds its end. */
	(void)close(pipes[1]);
	fd = open(REGISTRY, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		give_up(REGISTRY);
	move(fd, FD_AUTOFS);
	move(pipes[0], FD_REQUESTS);
	(void)execvp(argv[0], argv);
	give_up(argv[0]);
}

static void
answer(void)
{
	struct autofs_v5_packet packet;
	unsigned long command = AUTOFS_IOC_READY;

	if (read(FD_REQUESTS, &packet, sizeof(packet)) <
	    (ssize_t)sizeof(packet))
		return;
	if (getenv("AUTOMOUNT_FAILS") != NULL ||
	    mount("binfmt_misc", REGISTRY, "binfmt_misc", 0, NULL) < 0)
		command = AUTOFS_IOC_FAIL;
	(void)ioctl(FD_AUTOFS, command, packet.wait_queue_token);
}

static int
serve(char *argv[])
{
	struct pollfd request = { .fd = FD_REQUESTS, .events = POLLIN };
	int status;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		(void)setpgid(0, 0);
		(void)close(FD_REQUESTS);
		(void)close(FD_AUTOFS);
		(void)execvp(argv[0], argv);
		give_up(argv[0]);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (poll(&request, 1, 10) > 0)
			answer();
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int
main(int argc, char *argv[])
{
	if (argc > 2 && strcmp(argv[1], "prepare") == 0)
		prepare(argv + 2);
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		return serve(argv + 2);
	return STATUS_IMPOSSIBLE;
}
