#include "registered.h"

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

#define REGISTERED_MAX (64 * 1024 * 1024)

struct record {
	char *name;
	char *text; /* the register string */
	unsigned long long device, inode, size;
	long long seconds;
	long nanoseconds;
};

struct registered {
	const char *rundir;
	char *instance;		/* NULL: nothing is remembered */
	char *file;		/* its name in rundir */
	struct record *records; /* sorted by name */
	size_t count, room;
	bool changed;
};

static int
compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
record_fini(struct record *r)
{
	free(r->name);
	free(r->text);
}

/* Where the record of that name is, or would be. */
static size_t
position(const struct registered *reg, const char *name, bool *found)
{
	size_t low = 0, high = reg->count;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, reg->records[middle].name);

		*found = order == 0;
		if (order == 0)
			low = middle;
		else if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct record *
find(const struct registered *reg, const char *name)
{
	bool found;
	size_t at = position(reg, name, &found);

	return found ? &reg->records[at] : NULL;
}

static void
parse_line(struct registered *reg, const char *line)
{
	struct problems ignored = PROBLEMS_INIT;
	struct record r = { 0 };
	struct rule rule;
	int text = -1;

	if (sscanf(line, "%llu %llu %llu %lld %ld %n", &r.device, &r.inode,
		&r.size, &r.seconds, &r.nanoseconds, &text) == 5 &&
	    text >= 0 &&
	    rule_parse(line + text, strlen(line + text), NOWHERE, &rule,
		&ignored) == 0) {
		r.name = xstrdup(rule.name);
		r.text = xstrdup(line + text);
		rule_fini(&rule);
		GROW(reg->records, reg->count, reg->room);
		reg->records[reg->count++] = r;
	}
	problems_fini(&ignored);
}

static void
load(struct registered *reg)
{
	CLEANUP(cleanup_free) char *path = file_join(reg->rundir, reg->file);
	CLEANUP(cleanup_free) char *text = NULL;
	struct problems ignored = PROBLEMS_INIT;
	struct lines lines;
	size_t len;

	if (file_read(AT_FDCWD, path, false, REGISTERED_MAX, &text, &len,
		&ignored) == FILE_OK) {
		lines_init(&lines, text, len);
		while (lines_next(&lines)) {
			CLEANUP(cleanup_free)
			char *line = xstrndup(lines.text, lines.len);

			parse_line(reg, line);
		}
	}
	problems_fini(&ignored);
	if (reg->count > 1)
		qsort(reg->records, reg->count, sizeof(*reg->records), compare);
}

struct registered *
registered_open(const char *rundir, const char *instance)
{
	struct registered *reg;

	reg = xcalloc(1, sizeof(*reg));
	reg->rundir = rundir;
	if (instance == NULL)
		return reg;
	reg->instance = xstrdup(instance);
	reg->file = xasprintf("registered-%s", instance);
	load(reg);
	return reg;
}

void
registered_free(struct registered *reg)
{
	size_t i;

	if (reg == NULL)
		return;
	for (i = 0; i < reg->count; i++)
		record_fini(&reg->records[i]);
	free(reg->records);
	free(reg->instance);
	free(reg->file);
	free(reg);
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
same_file(const struct record *a, const struct record *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->seconds == b->seconds &&
	    a->nanoseconds == b->nanoseconds;
}

void
registered_set(struct registered *reg, const struct rule *rule)
{
	struct problems ignored = PROBLEMS_INIT;
	struct record r = { 0 };
	bool found;
	size_t at;

	if (reg->instance == NULL)
		return;
	r.text = rule_print(rule, &ignored);
	problems_fini(&ignored);
	/* A line has to hold it. */
	if (r.text == NULL || strchr(r.text, '\n') != NULL) {
		free(r.text);
		return;
	}
	if ((rule->flags & RULE_FIX) != 0)
		(void)measure(rule->interpreter, &r);
	r.name = xstrdup(rule->name);
	reg->changed = true;
	at = position(reg, rule->name, &found);
	if (found) {
		record_fini(&reg->records[at]);
		reg->records[at] = r;
		return;
	}
	GROW(reg->records, reg->count, reg->room);
	memmove(reg->records + at + 1, reg->records + at,
	    (reg->count - at) * sizeof(r));
	reg->records[at] = r;
	reg->count++;
}

void
registered_drop(struct registered *reg, const char *name)
{
	struct record *old = find(reg, name);

	if (old == NULL)
		return;
	record_fini(old);
	reg->count--;
	memmove(old, old + 1,
	    (size_t)(reg->records + reg->count - old) * sizeof(*old));
	reg->changed = true;
}

bool
registered_matches(const struct registered *reg, const struct rule *rule)
{
	const struct record *record = find(reg, rule->name);
	struct problems ignored = PROBLEMS_INIT;
	struct rule ours;
	bool same = false;

	if (record != NULL &&
	    rule_parse(record->text, strlen(record->text), NOWHERE, &ours,
		&ignored) == 0) {
		same = rule_same_effect(&ours, rule);
		rule_fini(&ours);
	}
	problems_fini(&ignored);
	return same;
}

enum registered_state
registered_look(const struct registered *reg, const char *name,
    const char *interpreter)
{
	const struct record *old = find(reg, name);
	struct record now = { 0 };

	if (old == NULL || old->inode == 0)
		return REGISTERED_UNKNOWN;
	if (!measure(interpreter, &now))
		return REGISTERED_MISSING;
	return same_file(old, &now) ? REGISTERED_CURRENT : REGISTERED_REPLACED;
}

static char *
print(const struct registered *reg, size_t *len)
{
	char *text = NULL;
	FILE *stream;
	size_t i;

	stream = open_memstream(&text, len);
	if (stream == NULL)
		return NULL;
	for (i = 0; i < reg->count; i++) {
		const struct record *r = &reg->records[i];

		(void)fprintf(stream, "%llu %llu %llu %lld %ld %s\n", r->device,
		    r->inode, r->size, r->seconds, r->nanoseconds, r->text);
	}
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

int
registered_save(struct registered *reg)
{
	CLEANUP(cleanup_close) int dirfd = -1;
	CLEANUP(cleanup_free) char *text = NULL;
	struct problems ignored = PROBLEMS_INIT;
	struct commit *commit;
	size_t len;
	int result = -1;

	if (!reg->changed)
		return 0;
	(void)mkdir(reg->rundir, 0755);
	dirfd = open(reg->rundir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	text = print(reg, &len);
	if (dirfd < 0 || text == NULL)
		return -1;
	commit = commit_new(dirfd);
	if (commit_put(commit, reg->file, text, len, &ignored) == 0)
		result = commit_publish(commit, &ignored);
	commit_free(commit);
	problems_fini(&ignored);
	reg->changed = result < 0;
	return result;
}
