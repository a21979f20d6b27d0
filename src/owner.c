#include "owner.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "number.h"
#include "xalloc.h"

#define OVERFLOW_FILE "/proc/sys/kernel/overflowuid"
#define OVERFLOW_UID  65534

/* A small file of /proc, or an empty text. */
static void
read_small(const char *path, unsigned char *text, size_t size)
{
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || file_read_head(fd, text, size - 1) < 0)
		text[0] = '\0';
	text[size - 1] = '\0';
}

/* Whether we are in a user namespace that does not know all users. */
static bool
in_user_namespace(void)
{
	unsigned long inside, outside, count;
	unsigned char text[128];
	char *p = (char *)text;

	read_small("/proc/self/uid_map", text, sizeof(text));
	if (text[0] == '\0')
		return false;
	/* cppcheck-suppress uninitvar; the text of read_small() */
	inside = strtoul(p, &p, 10);
	outside = strtoul(p, &p, 10);
	count = strtoul(p, &p, 10);
	return inside != 0 || outside != 0 || count < 4294967295UL;
}

bool
owner_is_root(uid_t uid)
{
	unsigned char text[16];
	long overflow = OVERFLOW_UID;

	if (uid == 0)
		return true;
	read_small(OVERFLOW_FILE, text, sizeof(text));
	return number_parse((const char *)text, strcspn((char *)text, "\n"), 0,
		   INT_MAX, &overflow) != NUMBER_RANGE &&
	    uid == (uid_t)overflow && in_user_namespace();
}
