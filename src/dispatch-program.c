#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch.h"
#include "machine.h"
#include "xalloc.h"

/* Of <linux/magic.h>, which is not part of every C library. */
#define PROC_MAGIC 0x9fa0

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * The kernel's descriptor, out of the way of the three standard ones where
 * the caller had closed those; closed on exec until it is handed over.
 */
static int
take_descriptor(int fd)
{
	int moved;

	if (fd > STDERR_FILENO)
		return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (moved >= 0)
		(void)close(fd);
	return moved;
}

/* Whether /proc is the kernel's, and the name leads to the descriptor. */
static bool
leads_to(const char *name, const struct stat *file)
{
	CLEANUP(cleanup_close) int dir = -1;
	struct statfs fs;
	struct stat st;

	dir = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 && fstatfs(dir, &fs) == 0 && fs.f_type == PROC_MAGIC &&
	    stat(name, &st) == 0 && is_same_file(&st, file);
}

/*
 * The path of the file itself, as the kernel knows it; NULL when that is not
 * to be had, or leads elsewhere by now.
 */
static char *
resolve(const struct dispatch_program *program, const struct stat *file)
{
	CLEANUP(cleanup_free) char *link = NULL;
	char buffer[PATH_MAX + 1];
	struct stat st;
	ssize_t len;

	len = readlink(program->handed, buffer, sizeof(buffer) - 1);
	if (len > 0) {
		buffer[len] = '\0';
		if (buffer[0] == '/' && stat(buffer, &st) == 0 &&
		    is_same_file(&st, file))
			return xstrdup(buffer);
	}
	link = realpath(program->path, NULL);
	if (link != NULL && stat(link, &st) == 0 && is_same_file(&st, file))
		return STEAL(link);
	return NULL;
}

static int
refuse(const struct dispatch *dispatch, const struct dispatch_program *program,
    const char *reason)
{
	report_error(dispatch->report, "%s: %s", program->path, reason);
	return -1;
}

/* How the interpreter will get it: by its path, or as a descriptor. */
static int
decide_handing(const struct dispatch *dispatch,
    struct dispatch_program *program, const struct stat *file)
{
	struct stat st;

	program->by_descriptor = dispatch->invocation->secure ||
	    stat(program->path, &st) < 0 || !is_same_file(&st, file);
	if (program->by_descriptor && !leads_to(program->handed, file))
		return refuse(dispatch, program,
		    dispatch->invocation->secure ?
			"refused: it would run with other credentials than "
			"its caller's, and without /proc it cannot be handed "
			"over as an open file" :
			"its path does not lead to the file, and without "
			"/proc it cannot be handed over as an open file");
	/*
	 * An open file can be opened again only by who may read it; and what
	 * nobody may read, a copy must not show to who traces the interpreter.
	 */
	if (faccessat(AT_FDCWD,
		program->by_descriptor ? program->handed : program->path, R_OK,
		AT_EACCESS) < 0)
		return refuse(dispatch, program,
		    "may be executed and not read, but its interpreter has to "
		    "read it");
	return 0;
}

int
dispatch_open(const struct dispatch *dispatch, struct dispatch_program *program)
{
	const struct invocation *invocation = dispatch->invocation;
	unsigned char head[MACHINE_HEAD] = { 0 };
	struct stat file;

	program->fd = -1;
	if (invocation->secure && (invocation->by_hand || invocation->fd < 0))
		return refuse(dispatch, program,
		    "refused: it would run with other credentials than its "
		    "caller's, and was not handed over as an open file");
	if (!invocation->by_hand && invocation->fd >= 0)
		program->fd = take_descriptor(invocation->fd);
	else
		program->fd = open(program->path,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (program->fd < 0 || fstat(program->fd, &file) < 0)
		return refuse(dispatch, program, strerror(errno));
	if (!S_ISREG(file.st_mode))
		return refuse(dispatch, program, "is not a regular file");
	/* The offset of the descriptor stays where it is. */
	if (pread(program->fd, head, sizeof(head), 0) < 0)
		return refuse(dispatch, program, strerror(errno));
	(void)snprintf(program->handed, sizeof(program->handed),
	    "/proc/self/fd/%d", program->fd);
	program->machine = machine_find(head);
	program->resolved = resolve(program, &file);
	return decide_handing(dispatch, program, &file);
}

void
dispatch_close(struct dispatch_program *program)
{
	if (program->fd >= 0)
		(void)close(program->fd);
	program->fd = -1;
	free(program->resolved);
	program->resolved = NULL;
}
