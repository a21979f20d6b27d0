#include "registered.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commit.h"
#include "file.h"
#include "sort.h"
#include "xalloc.h"

#define REGISTERED_MAX (64 * 1024 * 1024)

struct record {
	char *name;
	char *text; /* the register string; NULL: nothing is, any more */
	char origin;
	size_t age; /* of two of a name the younger one counts */
	unsigned long long device, inode, size;
	long long seconds;
	long nanoseconds;
};

/* Read when it is first needed; what is new is sorted in when it is sought. */
struct registered {
	const char *rundir;
	char *instance; /* NULL: nothing is remembered */
	char *file;	/* its name in rundir */
	struct record *records;
	size_t count, room, ages;
	size_t sorted; /* of count, those that are sorted by name */
	bool loaded;
	bool changed;
};

static int
compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->age < y->age ? -1 : x->age > y->age;
}

static void
record_fini(struct record *r)
{
	free(r->name);
	free(r->text); /* NOLINT(*.Malloc): see sort() */
}

/*
 * Sorts all, of each name the youngest.  The analyzer takes the record that is
 * freed for one that is kept, in whose place it is not.
 */
static void
sort(struct registered *reg)
{
	size_t i, kept = 0;

	if (reg->sorted == reg->count)
		return;
	sort_items(reg->records, reg->count, sizeof(*reg->records), compare);
	for (i = 0; i < reg->count; i++) {
		if (kept > 0 &&
		    strcmp(reg->records[kept - 1].name, reg->records[i].name) ==
			0)
			record_fini(&reg->records[--kept]);
		reg->records[kept++] = reg->records[i];
	}
	reg->count = reg->sorted = kept;
}

static void
append(struct registered *reg, struct record r)
{
	GROW(reg->records, reg->count, reg->room);
	r.age = reg->ages++;
	reg->records[reg->count++] = r;
}

static int
compare_name(const void *name, const void *element)
{
	const struct record *record = element;

	return strcmp(name, record->name);
}

/* Reads a number and the blank behind it; false: there is none. */
static bool
take_number(const char **p, unsigned long long *value)
{
	bool negative = **p == '-';
	char *end;

	*value = strtoull(*p + (negative ? 1 : 0), &end, 10);
	if (end == *p || *end != ' ')
		return false;
	if (negative)
		*value = -*value;
	*p = end + 1;
	return true;
}

/* A rule that is not one is found out when it is compared. */
static void
parse_line(struct registered *reg, const char *line)
{
	unsigned long long seconds, nanoseconds;
	struct record r = { 0 };
	const char *p = line, *end;

	if (!take_number(&p, &r.device) || !take_number(&p, &r.inode) ||
	    !take_number(&p, &r.size) || !take_number(&p, &seconds) ||
	    !take_number(&p, &nanoseconds) || p[0] == '\0' || p[1] != ' ' ||
	    p[2] == '\0')
		return;
	r.seconds = (long long)seconds;
	r.nanoseconds = (long)nanoseconds;
	r.origin = p[0];
	p += 2;
	end = strchr(p + 1, p[0]);
	if (end == NULL || end == p + 1)
		return;
	r.name = xstrndup(p + 1, (size_t)(end - p - 1));
	r.text = xstrdup(p);
	append(reg, r);
}

static void
load(struct registered *reg)
{
	CLEANUP(cleanup_free) char *path = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	struct problems ignored = PROBLEMS_INIT;
	char *line, *rest;
	size_t len;

	if (reg->loaded)
		return;
	reg->loaded = true;
	path = file_join(reg->rundir, reg->file);
	if (file_read(AT_FDCWD, path, false, REGISTERED_MAX, &text, &len,
		&ignored) == FILE_OK) {
		for (line = strtok_r(text, "\n", &rest); line != NULL;
		     line = strtok_r(NULL, "\n", &rest))
			parse_line(reg, line);
	}
	problems_fini(&ignored);
	sort(reg);
}

/* The record of that name, or NULL.  What is found is all there is to it. */
static struct record *
find(struct registered *reg, const char *name)
{
	struct record *found;

	if (reg->instance == NULL)
		return NULL;
	load(reg);
	sort(reg);
	if (reg->count == 0)
		return NULL;
	found = bsearch(name, reg->records, reg->count, sizeof(*reg->records),
	    compare_name);
	return found == NULL || found->text == NULL ? NULL : found;
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
registered_set(struct registered *reg, const struct rule *rule,
    enum registered_origin origin)
{
	struct problems ignored = PROBLEMS_INIT;
	struct record r = { 0 };

	if (reg->instance == NULL)
		return;
	r.text = rule_print(rule, &ignored);
	problems_fini(&ignored);
	/* A line has to hold it. */
	if (r.text == NULL || strchr(r.text, '\n') != NULL) {
		free(r.text);
		registered_drop(reg, rule->name);
		return;
	}
	r.origin = (char)origin;
	if ((rule->flags & RULE_FIX) != 0)
		(void)measure(rule->interpreter, &r);
	r.name = xstrdup(rule->name);
	load(reg);
	append(reg, r);
	reg->changed = true;
}

void
registered_drop(struct registered *reg, const char *name)
{
	struct record *old = find(reg, name);

	if (old == NULL)
		return;
	free(STEAL(old->text));
	reg->changed = true;
}

bool
registered_is(struct registered *reg, const char *name,
    enum registered_origin origin)
{
	const struct record *record = find(reg, name);

	return record != NULL && record->origin == (char)origin;
}

bool
registered_matches(struct registered *reg, const struct rule *rule)
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
registered_look(struct registered *reg, const char *name,
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

		if (r->text == NULL)
			continue;
		/* See sort().  NOLINTNEXTLINE(*.Malloc) */
		(void)fprintf(stream, "%llu %llu %llu %lld %ld %c %s\n",
		    r->device, r->inode, r->size, r->seconds, r->nanoseconds,
		    r->origin, r->text);
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
	sort(reg);
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
