#include "instance.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

/* The number of the first user namespace, from the kernel's proc_ns.h. */
#define FIRST_USER_NAMESPACE 0xEFFFFFFDUL

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Who may not look at process 1 cannot tell, and is not in a chroot of it. */
static bool
in_chroot(void)
{
	struct stat ours, first;

	return stat("/", &ours) == 0 && stat("/proc/1/root", &first) == 0 &&
	    !same_file(&ours, &first);
}

/*
 * Whether the mount came from a more privileged mount namespace: then it is
 * locked, and cannot be unmounted.  Asked with MNT_EXPIRE, which never
 * unmounts what is in use, and it is in use: a descriptor of it is open.
 */
static bool
is_locked_mount(const char *procdir)
{
	CLEANUP(cleanup_close) int fd = -1;

	fd = open(procdir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (umount2(procdir, MNT_EXPIRE | UMOUNT_NOFOLLOW) == 0)
		return false;
	/* Root without the right to mount is root of something smaller. */
	return errno == EINVAL || (errno == EPERM && geteuid() == 0);
}

/*
 * Whether this process is in a user namespace that is neither the first nor
 * that of process 1, so that somebody made it inside the container; or it is
 * that of process 1, so that the container has its own.
 */
struct namespaces {
	bool own;	 /* not the first one */
	bool of_process; /* the one of process 1 */
};

static struct namespaces
look_at_namespaces(void)
{
	struct namespaces result = { false, false };
	struct stat ours, first;

	if (stat("/proc/self/ns/user", &ours) < 0)
		return result;
	result.own = (unsigned long)ours.st_ino != FIRST_USER_NAMESPACE;
	result.of_process = stat("/proc/1/ns/user", &first) == 0 &&
	    same_file(&ours, &first);
	return result;
}

static bool
in_container(void)
{
	static const char *const marks[] = { "/run/systemd/container",
		"/run/.containerenv", "/.dockerenv",
		"/run/host/container-manager" };
	struct namespaces ns = look_at_namespaces();
	const char *variable = getenv("container");
	size_t i;

	/* A container with a user namespace of its own has its own registry. */
	if (ns.own && ns.of_process)
		return false;
	if (variable != NULL && variable[0] != '\0')
		return true;
	/* The marks are of the container, and not of what is made inside. */
	if (ns.own)
		return false;
	for (i = 0; i < ARRAY_LEN(marks); i++) {
		if (access(marks[i], F_OK) == 0)
			return true;
	}
	return false;
}

const char *
instance_owner(const char *procdir)
{
	if (in_chroot())
		return "the system outside of this chroot";
	if (is_locked_mount(procdir))
		return "another user namespace";
	if (in_container())
		return "the host of this container";
	return NULL;
}
