#include "invocation.h"

#include <sys/auxv.h>
#include <sys/stat.h>

#include <elf.h>
#include <errno.h>
#include <limits.h>

/* Set in AT_FLAGS since Linux 5.12 when argv has the original argv[0]. */
#ifndef AT_FLAGS_PRESERVE_ARGV0
#	define AT_FLAGS_PRESERVE_ARGV0 1
#endif

/*
 * The kernel's AT_EXECFN is the file that was executed.  When somebody calls
 * this program it is this program; when the kernel does, it is the file to be
 * interpreted, whatever the arguments look like.
 */
static bool
called_by_hand(void)
{
	const char *file = (const char *)getauxval(AT_EXECFN);
	struct stat a, b;

	return file != NULL && stat(file, &a) == 0 &&
	    stat("/proc/self/exe", &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino;
}

/* Descriptor 0 is possible, so that errno has to tell whether there is any. */
static int
opened_file(void)
{
	unsigned long fd;

	errno = 0;
	fd = getauxval(AT_EXECFD);
	return (fd == 0 && errno != 0) || fd > INT_MAX ? -1 : (int)fd;
}

void
invocation_get(struct invocation *invocation)
{
	invocation->by_hand = called_by_hand();
	invocation->secure = getauxval(AT_SECURE) != 0;
	invocation->has_argv0 = !invocation->by_hand &&
	    (getauxval(AT_FLAGS) & AT_FLAGS_PRESERVE_ARGV0) != 0;
	invocation->fd = opened_file();
}
