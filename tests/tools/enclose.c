/*
 * Runs a command in a user namespace and a mount namespace of its own, where
 * an instance of binfmt_misc of its own is mounted:
 *
 *	enclose [-e] [-f ID] COMMAND [ARG]...
 *
 *	-e	nothing is mounted, and what is mounted already stays
 *	-f ID	the ids that the namespace knows are ID and those after it
 *		outside, so that nothing that was there before is its own
 *
 * Otherwise root has in it all the ids that it has outside, and another user
 * is its root and knows nobody else.  Where the kernel does not allow that,
 * or has no such instances, says why on standard output and exits with 77.
 *
 * An instance that is mounted outside must not come to light when the command
 * unmounts ours, since it could be writable.  So it is taken away before, or
 * covered where that is not possible.
 */
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_IMPOSSIBLE 77
#define REGISTRY	  "/proc/sys/fs/binfmt_misc"
#define FOREIGN_IDS	  1000

static _Noreturn void
give_up(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	(void)fflush(stdout);
	_exit(STATUS_IMPOSSIBLE);
}

/* The part of a map that says which ids are known, written as an identity. */
static void
identity_map(const char *path, char *map, size_t size)
{
	FILE *file = fopen(path, "re");
	unsigned long inside, outside, count;
	size_t len = 0;

	map[0] = '\0';
	while (file != NULL && len < size &&
	    fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3)
		len += (size_t)snprintf(map + len, size - len, "%lu %lu %lu\n",
		    inside, inside, count);
	if (file != NULL)
		(void)fclose(file);
}

static int
write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	(void)close(fd);
	return n < 0 ? -1 : 0;
}

/* From outside, where our ids still mean something. */
static int
write_maps(pid_t pid, const char *first)
{
	char uids[4096], gids[4096];

	if (first != NULL) {
		(void)snprintf(uids, sizeof(uids), "0 %s %d\n", first,
		    FOREIGN_IDS);
		(void)strcpy(gids, uids);
	} else if (geteuid() == 0) {
		identity_map("/proc/self/uid_map", uids, sizeof(uids));
		identity_map("/proc/self/gid_map", gids, sizeof(gids));
	} else {
		(void)snprintf(uids, sizeof(uids), "0 %u 1\n", geteuid());
		(void)snprintf(gids, sizeof(gids), "0 %u 1\n", getegid());
	}
	if (geteuid() != 0 && write_file(pid, "setgroups", "deny") < 0)
		return -1;
	if (write_file(pid, "uid_map", uids) < 0)
		return -1;
	return write_file(pid, "gid_map", gids);
}

static void
take_mounts_away(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return;
	while (umount2(REGISTRY, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		continue;
}

/* To open more than the path would start an automount. */
static void
cover_mounts(void)
{
	int fd = open(REGISTRY, O_PATH | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		give_up(REGISTRY);
	(void)close(fd);
	if (fs.f_type != PROC_SUPER_MAGIC &&
	    mount("cover", REGISTRY, "tmpfs", MS_RDONLY, NULL) < 0)
		give_up("cannot cover " REGISTRY);
}

/* A process that stays outside writes the maps when we are inside. */
static void
enter(const char *first)
{
	pid_t self = getpid(), writer;
	int ready[2], status;
	char byte = 0;

	if (pipe2(ready, O_CLOEXEC) < 0)
		give_up("pipe");
	writer = fork();
	if (writer < 0)
		give_up("fork");
	if (writer == 0) {
		(void)close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		_exit(write_maps(self, first) < 0 ? errno : 0);
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		give_up("no user namespace");
	if (write(ready[1], &byte, 1) != 1)
		give_up("write");
	(void)close(ready[0]);
	(void)close(ready[1]);
	if (waitpid(writer, &status, 0) != writer)
		give_up("waitpid");
	if (status != 0) {
		errno = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		give_up("no ids in the user namespace");
	}
	if (first != NULL && (setgid(0) < 0 || setuid(0) < 0))
		give_up("setuid");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		give_up("no mounts of our own");
}

/* Anything that is registered already would be somebody else's. */
static void
mount_registry(void)
{
	struct dirent *entry;
	DIR *dir;

	if (mount("binfmt_misc", REGISTRY, "binfmt_misc", 0, NULL) < 0)
		give_up("no binfmt_misc of our own (Linux 6.7 has it)");
	dir = opendir(REGISTRY);
	if (dir == NULL)
		give_up(REGISTRY);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' &&
		    strcmp(entry->d_name, "register") != 0 &&
		    strcmp(entry->d_name, "status") != 0) {
			errno = EEXIST;
			give_up("this binfmt_misc is not our own");
		}
	}
	(void)closedir(dir);
}

int
main(int argc, char *argv[])
{
	const char *first = NULL;
	bool empty = false;
	int option;

	while ((option = getopt(argc, argv, "+ef:")) != -1) {
		if (option == 'e')
			empty = true;
		else if (option == 'f')
			first = optarg;
		else
			return STATUS_IMPOSSIBLE;
	}
	if (optind == argc)
		return STATUS_IMPOSSIBLE;
	if (!empty)
		take_mounts_away();
	enter(first);
	if (!empty) {
		cover_mounts();
		mount_registry();
	}
	(void)execvp(argv[optind], argv + optind);
	give_up(argv[optind]);
}
