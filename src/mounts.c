#include "mounts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "file.h"
#include "xalloc.h"

#define MOUNTINFO_MAX (16 * 1024 * 1024)

/* Decodes the octal escapes of a field of mountinfo, in place. */
static void
unescape(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 |
			    (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else
			*to++ = *text++;
	}
	*to = '\0';
}

/*
 * Field 5 of a line of mountinfo is the mount point; the type of the filesystem
 * follows a lone dash.
 */
bool
mounts_is_plain(const char *path)
{
	struct problems ignored = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *real = realpath(path, NULL);
	CLEANUP(cleanup_free) char *text = NULL;
	bool mounted = false, automount = false;
	char *line, *rest;
	size_t len;

	if (real == NULL ||
	    file_read(AT_FDCWD, "/proc/self/mountinfo", true, MOUNTINFO_MAX,
		&text, &len, &ignored) != FILE_OK) {
		problems_fini(&ignored);
		return false;
	}
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *field, *more, *type = strstr(line, " - ");
		int i;

		field = strtok_r(line, " ", &more);
		for (i = 0; i < 4 && field != NULL; i++)
			field = strtok_r(NULL, " ", &more);
		if (field == NULL || type == NULL)
			continue;
		unescape(field);
		if (strcmp(field, real) != 0)
			continue;
		mounted = true;
		if (strncmp(type + 3, "autofs ", 7) == 0)
			automount = true;
	}
	return mounted && !automount;
}
