#include "fixed.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commit.h"
#include "file.h"
#include "lines.h"
#include "xalloc.h"

#define FIXED_MAX (16 * 1024 * 1024)

struct record {
	char *name;
	unsigned long long device, inode, size;
	long long seconds;
	long nanoseconds;
};

struct fixed {
	const char *rundir;
	char *file; /* its name in rundir */
	struct record *records;
	size_t count, room;
	bool changed;
};

static struct record *
find(const struct fixed *fixed, const char *name)
{
	size_t i;

	for (i = 0; i < fixed->count; i++) {
		if (strcmp(fixed->records[i].name, name) == 0)
			return &fixed->records[i];
	}
	return NULL;
}

static void
parse_line(struct fixed *fixed, const char *line)
{
	struct record r = { 0 };
	int name = -1;

	if (sscanf(line, "%llu %llu %llu %lld %ld %n", &r.device, &r.inode,
		&r.size, &r.seconds, &r.nanoseconds, &name) != 5 ||
	    name < 0 || line[name] == '\0')
		return;
	r.name = xstrdup(line + name);
	GROW(fixed->records, fixed->count, fixed->room);
	fixed->records[fixed->count++] = r;
}

static void
load(struct fixed *fixed)
{
	CLEANUP(cleanup_free)
	char *path = file_join(fixed->rundir, fixed->file);
	CLEANUP(cleanup_free) char *text = NULL;
	struct problems ignored = PROBLEMS_INIT;
	struct lines lines;
	size_t len;

	if (file_read(AT_FDCWD, path, false, FIXED_MAX, &text, &len,
		&ignored) == FILE_OK) {
		lines_init(&lines, text, len);
		while (lines_next(&lines)) {
			CLEANUP(cleanup_free)
			char *line = xstrndup(lines.text, lines.len);

			parse_line(fixed, line);
		}
	}
	problems_fini(&ignored);
}

struct fixed *
fixed_open(const char *rundir, unsigned long long instance)
{
	struct fixed *fixed;

	fixed = xcalloc(1, sizeof(*fixed));
	fixed->rundir = rundir;
	fixed->file = xasprintf("fixed-%llu", instance);
	if (instance != 0)
		load(fixed);
	return fixed;
}

void
fixed_free(struct fixed *fixed)
{
	size_t i;

	if (fixed == NULL)
		return;
	for (i = 0; i < fixed->count; i++)
		free(fixed->records[i].name);
	free(fixed->records);
	free(fixed->file);
	free(fixed);
}

static bool
measure(const char *interpreter, struct record *r)
{
	struct stat st;

	if (stat(interpreter, &st) < 0)
		return false;
	r->device = st.st_dev;
	r->inode = st.st_ino;
	r->size = (unsigned long long)st.st_size;
	r->seconds = st.st_mtim.tv_sec;
	r->nanoseconds = st.st_mtim.tv_nsec;
	return true;
}

static bool
same(const struct record *a, const struct record *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->seconds == b->seconds &&
	    a->nanoseconds == b->nanoseconds;
}

void
fixed_set(struct fixed *fixed, const char *name, const char *interpreter)
{
	struct record *old = find(fixed, name);
	struct record r = { 0 };

	if (!measure(interpreter, &r)) {
		fixed_drop(fixed, name);
		return;
	}
	if (old != NULL && same(old, &r))
		return;
	fixed->changed = true;
	if (old != NULL) {
		r.name = old->name;
		*old = r;
		return;
	}
	r.name = xstrdup(name);
	GROW(fixed->records, fixed->count, fixed->room);
	fixed->records[fixed->count++] = r;
}

void
fixed_drop(struct fixed *fixed, const char *name)
{
	struct record *old = find(fixed, name);

	if (old == NULL)
		return;
	free(old->name);
	*old = fixed->records[--fixed->count];
	fixed->changed = true;
}

enum fixed_state
fixed_look(const struct fixed *fixed, const char *name, const char *interpreter)
{
	const struct record *old = find(fixed, name);
	struct record now = { 0 };

	if (old == NULL)
		return FIXED_UNKNOWN;
	if (!measure(interpreter, &now))
		return FIXED_MISSING;
	return same(old, &now) ? FIXED_CURRENT : FIXED_REPLACED;
}

static char *
print(const struct fixed *fixed, size_t *len)
{
	char *text = NULL;
	FILE *stream;
	size_t i;

	stream = open_memstream(&text, len);
	if (stream == NULL)
		return NULL;
	for (i = 0; i < fixed->count; i++) {
		const struct record *r = &fixed->records[i];

		(void)fprintf(stream, "%llu %llu %llu %lld %ld %s\n", r->device,
		    r->inode, r->size, r->seconds, r->nanoseconds, r->name);
	}
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

int
fixed_save(struct fixed *fixed)
{
	CLEANUP(cleanup_close) int dirfd = -1;
	CLEANUP(cleanup_free) char *text = NULL;
	struct problems ignored = PROBLEMS_INIT;
	struct commit *commit;
	size_t len, published;
	int result = -1;

	if (!fixed->changed)
		return 0;
	(void)mkdir(fixed->rundir, 0755);
	dirfd = open(fixed->rundir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	text = print(fixed, &len);
	if (dirfd < 0 || text == NULL)
		return -1;
	commit = commit_new(dirfd);
	if (commit_put(commit, fixed->file, text, len, &ignored) == 0)
		result = commit_publish(commit, &published, &ignored);
	commit_free(commit);
	problems_fini(&ignored);
	fixed->changed = result < 0;
	return result;
}
