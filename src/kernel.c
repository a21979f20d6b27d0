/*
 * What this module promises:
 *
 *  1. A rule MUST reach the kernel in exactly one write(2): a second one would
 *     be a second rule, and stdio does not say when it writes.
 *  2. Looking MUST NOT trigger an automount; only kernel_mount() may.
 *  3. An entry's text MUST be read strictly (entry.c): its interpreter can
 *     hold anything.
 *  4. Nobody else's entry is touched: there is no write to "status".
 */
#include "kernel.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "mounts.h"
#include "sort.h"
#include "xalloc.h"

/* From the kernel's linux/magic.h, which not every libc has. */
#define BINFMTFS_MAGIC	   0x42494e4d
#define AUTOFS_SUPER_MAGIC 0x0187

/* An entry's text: a path, 512 bytes in hexadecimal, and a few words. */
#define ENTRY_MAX (64 * 1024)

/* How many milliseconds a replacement may take before it counts as killed. */
#define REPLACE_MOMENTS 20

struct kernel {
	const char *path;
	enum kernel_state state;
	bool real;	 /* the kernel's own filesystem */
	int dirfd;	 /* O_PATH; -1: absent */
	int error;	 /* why it could not be looked at; 0: it was */
	int register_fd; /* -1: not opened yet */
};

/* What is not there is no error. */
static void
note_error(struct kernel *k)
{
	if (errno != ENOENT && errno != ENOTDIR)
		k->error = errno;
}

static void
look(struct kernel *k)
{
	struct statfs fs;
	struct stat st;

	k->real = false;
	k->error = 0;
	k->state = KERNEL_ABSENT;
	/* With O_DIRECTORY this would be a look that an automount waits for. */
	k->dirfd = open(k->path, O_PATH | O_CLOEXEC);
	if (k->dirfd < 0 || fstat(k->dirfd, &st) < 0) {
		note_error(k);
		return;
	}
	if (!S_ISDIR(st.st_mode))
		return;
	if (fstatfs(k->dirfd, &fs) == 0) {
		k->real = (unsigned long)fs.f_type == BINFMTFS_MAGIC;
		if ((unsigned long)fs.f_type == AUTOFS_SUPER_MAGIC) {
			k->state = KERNEL_AUTOMOUNT;
			return;
		}
	}
	if (faccessat(k->dirfd, "register", F_OK, 0) == 0) {
		k->state = KERNEL_READY;
		return;
	}
	k->state = KERNEL_UNMOUNTED;
	note_error(k);
}

static void
forget(struct kernel *k)
{
	cleanup_close(&k->dirfd);
	cleanup_close(&k->register_fd);
	k->dirfd = k->register_fd = -1;
}

struct kernel *
kernel_open(const char *path)
{
	struct kernel *k;

	k = xcalloc(1, sizeof(*k));
	k->path = path;
	k->register_fd = -1;
	look(k);
	return k;
}

void
kernel_close(struct kernel *k)
{
	if (k == NULL)
		return;
	forget(k);
	free(k);
}

enum kernel_state
kernel_state(const struct kernel *k)
{
	return k->state;
}

int
kernel_check_examined(const struct kernel *k, struct problems *problems)
{
	if (k->error == 0)
		return 0;
	return problem_error(problems, NOWHERE, NULL, "cannot be examined: %s",
	    strerror(k->error));
}

bool
kernel_is_real(const struct kernel *k)
{
	return k->real;
}

/*
 * What statx(2) tells of the mount; laid out as in the kernel's linux/stat.h,
 * which not every libc has in its newest form.
 */
struct mount_statx {
	uint32_t mask;
	uint32_t before[35];
	uint64_t mount;
	uint64_t after[13];
};

#define STATX_MOUNT	   0x1000U /* since Linux 5.8 */
#define STATX_MOUNT_UNIQUE 0x4000U /* since 6.8: never used again */

char *
kernel_instance(const struct kernel *k)
{
	struct mount_statx st = { 0 };

	if (!k->real)
		return NULL;
	if (syscall(SYS_statx, k->dirfd, "", AT_EMPTY_PATH, STATX_MOUNT_UNIQUE,
		&st) < 0)
		return NULL;
	if ((st.mask & STATX_MOUNT_UNIQUE) == 0 &&
	    (syscall(SYS_statx, k->dirfd, "", AT_EMPTY_PATH, STATX_MOUNT, &st) <
		    0 ||
		(st.mask & STATX_MOUNT) == 0))
		return NULL;
	return xasprintf("%llu", (unsigned long long)st.mount);
}

/*
 * Mounting.
 */

static const char *
mount_advice(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "; only root can, or from Linux 6.7 root of a user "
		       "namespace";
	case ENODEV:
		return "; this kernel has no binfmt_misc, or its module cannot "
		       "be loaded";
	default:
		return "";
	}
}

int
kernel_mount(struct kernel *k, struct problems *problems)
{
	int fd, error = 0;

	if (k->state == KERNEL_READY)
		return 0;
	if (k->state == KERNEL_AUTOMOUNT) {
		/* Opening it for reading is what an automount waits for. */
		fd = open(k->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = errno;
		cleanup_close(&fd);
	} else if (k->state == KERNEL_UNMOUNTED &&
	    mount("binfmt_misc", k->path, "binfmt_misc",
		MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		error = errno;
		return problem_error(problems, NOWHERE, NULL,
		    "cannot mount binfmt_misc: %s%s", strerror(error),
		    mount_advice(error));
	}
	forget(k);
	look(k);
	if (k->state == KERNEL_READY)
		return 0;
	if (k->state == KERNEL_ABSENT)
		return problem_error(problems, NOWHERE, NULL,
		    "there is no such directory; is /proc mounted?");
	if (k->state == KERNEL_AUTOMOUNT)
		return problem_error(problems, NOWHERE, NULL,
		    "the automount does not work: %s", strerror(error));
	return problem_error(problems, NOWHERE, NULL,
	    "has no file 'register'; it is not binfmt_misc");
}

void
kernel_unmount(struct kernel *k)
{
	if (k->state != KERNEL_READY || !mounts_is_plain(k->path))
		return;
	forget(k);
	(void)umount2(k->path, UMOUNT_NOFOLLOW);
	look(k);
}

/*
 * Reading.
 */

static int
entries_by_name(const void *a, const void *b)
{
	const struct kernel_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
open_to_read(const struct kernel *k, const char *name)
{
	return openat(k->dirfd, name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

/*
 * Reads an entry of the kernel's own filesystem, which makes the whole text for
 * one read(2), and has nothing but files.  Returns its length, or 0: it has to
 * be read with more care.
 */
static size_t
read_at_once(const struct kernel *k, const char *name, char *buffer,
    size_t room)
{
	CLEANUP(cleanup_close) int fd = -1;
	ssize_t n;

	if (!k->real)
		return 0;
	fd = open_to_read(k, name);
	n = fd < 0 ? -1 : read(fd, buffer, room);
	return n <= 0 || (size_t)n == room ? 0 : (size_t)n;
}

static void
load_entry(const struct kernel *k, const char *name, struct kernel_entry *entry)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char buffer[8192];
	size_t len;

	memset(entry, 0, sizeof(*entry));
	entry->name = xstrdup(name);
	len = read_at_once(k, name, buffer, sizeof(buffer));
	if (len > 0) {
		entry->readable = entry_parse(name, buffer, len, &entry->entry,
				      &entry->problems) == 0;
		return;
	}
	switch (file_read(k->dirfd, name, false, ENTRY_MAX, &text, &len,
	    &entry->problems)) {
	case FILE_OK:
		entry->readable = entry_parse(name, text, len, &entry->entry,
				      &entry->problems) == 0;
		break;
	case FILE_ABSENT:
		(void)problem_error(&entry->problems, NOWHERE, NULL,
		    "has just been removed");
		break;
	case FILE_FAILED:
		break;
	}
}

/* A directory that only stands for the kernel's may have no readable status. */
static bool
is_switched_on(const struct kernel *k)
{
	CLEANUP(cleanup_close) int fd = -1;
	unsigned char head[sizeof("disabled")];

	fd = open_to_read(k, "status");
	return fd < 0 || file_read_head(fd, head, sizeof(head)) < 0 ||
	    memcmp(head, "disabled", sizeof(head) - 1) != 0;
}

int
kernel_load(struct kernel *k, struct kernel_entries *entries,
    struct problems *problems)
{
	struct dirent *file;
	size_t room = 0;
	DIR *dir;
	int result = 0;

	memset(entries, 0, sizeof(*entries));
	entries->ordered = k->real;
	entries->enabled = true;
	if (k->state != KERNEL_READY)
		return 0;
	entries->enabled = is_switched_on(k);
	dir = file_open_directory(k->dirfd);
	if (dir == NULL)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot read the directory: %s", strerror(errno));
	/* The kernel lists its newest entry first, which it tries first. */
	for (errno = 0; (file = readdir(dir)) != NULL; errno = 0) {
		const char *name = file->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    strcmp(name, "register") == 0 ||
		    strcmp(name, "status") == 0)
			continue;
		GROW(entries->items, entries->count, room);
		load_entry(k, name, &entries->items[entries->count]);
		entries->items[entries->count].position = entries->count;
		entries->count++;
	}
	if (errno != 0)
		result = problem_error(problems, NOWHERE, NULL,
		    "cannot read the directory: %s", strerror(errno));
	entries->live = entries->count;
	(void)closedir(dir);
	sort_items(entries->items, entries->count, sizeof(*entries->items),
	    entries_by_name);
	return result;
}

static void
free_entry(struct kernel_entry *entry)
{
	free(entry->name);
	entry_fini(&entry->entry);
	problems_fini(&entry->problems);
}

void
kernel_entries_fini(struct kernel_entries *entries)
{
	size_t i;

	for (i = 0; i < entries->count; i++)
		free_entry(&entries->items[i]);
	free(entries->items);
	memset(entries, 0, sizeof(*entries));
}

struct kernel_entry *
kernel_entries_find(const struct kernel_entries *entries, const char *name)
{
	size_t low = 0, high = entries->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, entries->items[middle].name);

		if (order == 0)
			return entries->items[middle].removed ?
			    NULL :
			    &entries->items[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void
kernel_entries_drop(struct kernel_entries *entries, const char *name)
{
	struct kernel_entry *entry = kernel_entries_find(entries, name);

	if (entry == NULL)
		return;
	entry->removed = true;
	entries->live--;
}

int
kernel_entry_time(const struct kernel *k, const char *name,
    struct timespec *time)
{
	struct stat st;

	if (fstatat(k->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	*time = st.st_mtim;
	return 0;
}

static bool
is_enabled(const struct kernel *k, const char *name)
{
	CLEANUP(cleanup_close) int fd = -1;
	unsigned char head[sizeof("enabled")];

	fd = open_to_read(k, name);
	return fd >= 0 && file_read_head(fd, head, sizeof(head)) > 0 &&
	    memcmp(head, "enabled\n", sizeof(head)) == 0;
}

/* While an entry is replaced it is missing for a moment. */
bool
kernel_entry_enabled(const struct kernel *k, const char *name)
{
	const struct timespec moment = { 0, 1000 * 1000 };
	int i;

	for (i = 0; i < REPLACE_MOMENTS; i++) {
		if (is_enabled(k, name))
			return true;
		if (faccessat(k->dirfd, name, F_OK, 0) == 0 ||
		    faccessat(k->dirfd, KERNEL_TEMPORARY, F_OK, 0) < 0)
			break;
		(void)nanosleep(&moment, NULL);
	}
	return is_enabled(k, name);
}

/*
 * Writing.
 */

int
kernel_check_writable(struct kernel *k, struct problems *problems)
{
	int error;

	if (k->register_fd >= 0)
		return 0;
	/* With O_APPEND a plain file that stands for it collects the rules. */
	k->register_fd = openat(k->dirfd, "register",
	    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (k->register_fd >= 0)
		return 0;
	error = errno;
	if (error == EACCES)
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot open 'register': %s; the registry belongs to "
		    "another user or user namespace",
		    strerror(error));
	else if (error == EROFS)
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot open 'register': it is mounted read-only");
	else
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot open 'register': %s", strerror(error));
	errno = error;
	return -1;
}

/* What the kernel means by an error, for a rule that is known to be valid. */
static int
explain_refusal(const struct rule *rule, int error, struct problems *problems)
{
	const char *text = strerror(error);

	if (error == EEXIST)
		return problem_error(problems, NOWHERE, "name",
		    "the kernel has an entry of that name already");
	if ((rule->flags & RULE_FIX) != 0 &&
	    (error == ENOENT || error == ENOTDIR || error == ELOOP ||
		error == EACCES))
		return problem_error(problems, NOWHERE, "interpreter",
		    "the kernel cannot open %s to fix it: %s",
		    rule->interpreter, text);
	if (error == EINVAL &&
	    (rule->bpf ||
		(rule->flags &
		    (RULE_TRANSPARENT | RULE_LOADER | RULE_DISABLED)) != 0))
		return problem_error(problems, NOWHERE, "flags",
		    "this kernel does not know the flags T, L, D or the type "
		    "B, which are of Linux 7.3");
	if (error == EINVAL && (rule->flags & RULE_FIX) != 0)
		return problem_error(problems, NOWHERE, "flags",
		    "the kernel refuses the rule; fix_binary needs Linux 4.8");
	return problem_error(problems, NOWHERE, NULL,
	    "the kernel refuses the rule: %s", text);
}

int
kernel_register(struct kernel *k, const struct rule *rule, const char *text,
    struct problems *problems)
{
	size_t len = strlen(text);
	ssize_t n;

	if (kernel_check_writable(k, problems) < 0)
		return -1;
	do
		n = write(k->register_fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return explain_refusal(rule, errno, problems);
	if ((size_t)n != len)
		return problem_error(problems, NOWHERE, NULL,
		    "only %zd of %zu bytes of the rule were written", n, len);
	return 0;
}

int
kernel_control(struct kernel *k, const char *name, enum kernel_command command,
    struct problems *problems)
{
	static const char *const words[] = { "0", "1", "-1" };
	CLEANUP(cleanup_close) int fd = -1;

	fd = openat(k->dirfd, name,
	    O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && command == KERNEL_REMOVE)
		return 0;
	if (fd < 0 ||
	    file_write_all(fd, words[command], strlen(words[command])) < 0)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot %s the kernel's entry '%s': %s",
		    command == KERNEL_REMOVE	 ? "remove" :
			command == KERNEL_ENABLE ? "enable" :
						   "disable",
		    name, strerror(errno));
	return 0;
}
