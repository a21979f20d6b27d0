#include "database.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commit.h"
#include "file.h"
#include "sort.h"
#include "tree.h"
#include "xalloc.h"

struct database {
	int root; /* the tree that path is in */
	char *path;
	int dirfd; /* -1: there is no such directory */
	int lock;  /* -1: not opened for writing */
	struct format **formats;
	size_t count, room;
	struct format **gone; /* replaced or removed, but still borrowed */
	size_t gone_count, gone_room;
	struct format **put; /* to be published, in this order */
	size_t put_count, put_room;
	struct commit *commit;
	bool removed; /* and the directory is not synced yet */
	bool dry;     /* changes stay in memory */
	struct database_broken *broken;
	size_t broken_count, broken_room;
};

static int
by_name(const void *a, const void *b)
{
	const struct format *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int
broken_by_name(const void *a, const void *b)
{
	const struct database_broken *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/*
 * Opening and reading.
 */

/*
 * The first line of what at least looks like a record: the second one is a
 * type.  Owned by the caller; NULL: it does not.  text may be NULL.
 */
static char *
first_line(const char *text)
{
	size_t len = text == NULL ? 0 : strcspn(text, "\n");

	if (len == 0 ||
	    (strncmp(text + len, "\nmagic\n", 7) != 0 &&
		strncmp(text + len, "\nextension\n", 11) != 0))
		return NULL;
	return xstrndup(text, len);
}

static void
load_file(struct database *db, const char *name)
{
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = NULL;
	struct format format;
	size_t len;
	int result = -1;

	switch (file_read(db->dirfd, name, false, DATABASE_FILE_MAX, &text,
	    &len, &problems)) {
	case FILE_OK:
		result = database_parse(name, text, len, &format, &problems);
		break;
	case FILE_ABSENT: /* removed since the directory was read */
		return;
	case FILE_FAILED:
		break;
	}
	if (result < 0) {
		GROW(db->broken, db->broken_count, db->broken_room);
		db->broken[db->broken_count++] = (struct database_broken){
			xstrdup(name), first_line(text), problems
		};
		return;
	}
	problems_fini(&problems);
	GROW(db->formats, db->count, db->room);
	db->formats[db->count] = xmalloc(sizeof(format));
	*db->formats[db->count++] = format;
}

int
database_read_one(int dirfd, const char *name, struct format *format)
{
	struct problems ignored = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = NULL;
	size_t len;
	int result = -1;

	if (file_read(dirfd, name, false, DATABASE_FILE_MAX, &text, &len,
		&ignored) == FILE_OK)
		result = database_parse(name, text, len, format, &ignored);
	problems_fini(&ignored);
	return result;
}

static int
load(struct database *db, struct problems *problems)
{
	struct dirent *entry;
	DIR *dir = file_open_directory(db->dirfd);

	if (dir == NULL)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot read the directory: %s", strerror(errno));
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (entry->d_name[0] != '.')
			load_file(db, entry->d_name);
		else if (db->lock >= 0 && commit_is_temporary(entry->d_name))
			(void)unlinkat(db->dirfd, entry->d_name, 0);
	}
	if (errno != 0)
		(void)problem_error(problems, NOWHERE, NULL,
		    "cannot read the directory: %s", strerror(errno));
	(void)closedir(dir);
	sort_items(db->formats, db->count, sizeof(*db->formats), by_name);
	sort_items(db->broken, db->broken_count, sizeof(*db->broken),
	    broken_by_name);
	return problems->errors == 0 ? 0 : -1;
}

/* The mode is set afterwards, for no umask to change it. */
static int
create_directory(const struct database *db, struct problems *problems)
{
	CLEANUP(cleanup_close) int parent = -1;
	const char *name;

	parent = tree_open_parent(db->root, db->path, &name);
	if (parent >= 0 && mkdirat(parent, name, 0755) == 0 &&
	    fchmodat(parent, name, 0755, 0) == 0)
		return 0;
	if (parent >= 0 && errno == EEXIST)
		return 0;
	return problem_error(problems, NOWHERE, NULL,
	    "cannot create the directory: %s", strerror(errno));
}

/*
 * The name of the open directory, owned by the caller.  Where path ends in a
 * symbolic link it is that of the directory which the link leads to.
 */
static char *
real_name(const struct database *db)
{
	char link[32], path[PATH_MAX];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", db->dirfd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len <= 1)
		return xstrdup(file_base_name(db->path));
	path[len] = '\0';
	return xstrdup(file_base_name(path));
}

/*
 * The lock stands beside the directory that path leads to, so that two names
 * of one directory have one lock.  Without DATABASE_WRITE, whoever may not
 * take it goes without.
 */
static int
lock(struct database *db, enum database_mode mode, struct problems *problems)
{
	CLEANUP(cleanup_close) int parent = -1;
	CLEANUP(cleanup_free) char *name = real_name(db);
	struct problems why = PROBLEMS_INIT;
	struct stat st, root;

	/* Of a tree there is nothing above its root. */
	if (db->root != TREE_SYSTEM && fstat(db->dirfd, &st) == 0 &&
	    fstat(db->root, &root) == 0 && st.st_dev == root.st_dev &&
	    st.st_ino == root.st_ino)
		return problem_error(problems, NOWHERE, NULL,
		    "leads to the root directory itself");
	parent = openat(db->dirfd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return problem_error(problems, NOWHERE, NULL,
		    "cannot open its parent: %s", strerror(errno));
	db->lock = commit_lock(parent, name, DATABASE_LOCK_SECONDS, &why);
	if (db->lock >= 0)
		return 0;
	if (mode == DATABASE_LOCK &&
	    (errno == EACCES || errno == EPERM || errno == EROFS)) {
		problems_fini(&why);
		return 0;
	}
	*problems = why;
	return -1;
}

static int
open_directory(struct database *db, enum database_mode mode,
    struct problems *problems)
{
	if (mode == DATABASE_WRITE && create_directory(db, problems) < 0)
		return -1;
	db->dirfd = tree_open(db->root, db->path, O_RDONLY | O_DIRECTORY);
	if (db->dirfd < 0 && errno == ENOENT && mode != DATABASE_WRITE)
		return 0;
	if (db->dirfd < 0)
		return problem_error(problems, NOWHERE, NULL, "cannot open: %s",
		    strerror(errno));
	if (mode != DATABASE_READ && lock(db, mode, problems) < 0)
		return -1;
	return load(db, problems);
}

/* A copy of a path without slashes at its end. */
static char *
without_slashes(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return xstrndup(path, len);
}

struct database *
database_open(int root, const char *path, enum database_mode mode,
    struct problems *problems)
{
	struct database *db;

	db = xcalloc(1, sizeof(*db));
	db->root = root;
	db->path = without_slashes(path);
	db->dry = mode != DATABASE_WRITE;
	db->dirfd = db->lock = -1;
	if (open_directory(db, mode, problems) == 0)
		return db;
	database_close(db);
	return NULL;
}

static void
free_formats(struct format **formats, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		format_fini(formats[i]);
		free(formats[i]);
	}
	free(formats);
}

void
database_close(struct database *db)
{
	size_t i;

	if (db == NULL)
		return;
	commit_free(db->commit);
	free_formats(db->formats, db->count);
	free_formats(db->gone, db->gone_count);
	free_formats(db->put, db->put_count);
	for (i = 0; i < db->broken_count; i++) {
		free(db->broken[i].name);
		free(db->broken[i].package);
		problems_fini(&db->broken[i].problems);
	}
	free(db->broken);
	cleanup_close(&db->dirfd);
	cleanup_close(&db->lock);
	free(db->path);
	free(db);
}

struct format *const *
database_formats(const struct database *db, size_t *count)
{
	*count = db->count;
	return db->formats;
}

static struct format **
find(const struct database *db, const char *name)
{
	size_t low = 0, high = db->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, db->formats[middle]->name);

		if (order == 0)
			return &db->formats[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct format *
database_find(const struct database *db, const char *name)
{
	struct format **found = find(db, name);

	return found == NULL ? NULL : *found;
}

const struct format *
database_replaced(const struct database *db, const char *name)
{
	size_t i;

	for (i = 0; i < db->gone_count; i++) {
		if (strcmp(db->gone[i]->name, name) == 0)
			return db->gone[i];
	}
	return NULL;
}

const struct database_broken *
database_broken(const struct database *db, size_t *count)
{
	*count = db->broken_count;
	return db->broken;
}

static int
compare_broken(const void *name, const void *element)
{
	const struct database_broken *broken = element;

	return strcmp(name, broken->name);
}

const struct database_broken *
database_find_broken(const struct database *db, const char *name)
{
	if (db->broken_count == 0)
		return NULL;
	return bsearch(name, db->broken, db->broken_count, sizeof(*db->broken),
	    compare_broken);
}

/*
 * Changing.
 */

int
database_put(struct database *db, struct format *format,
    struct problems *problems)
{
	CLEANUP(cleanup_free) char *text = database_print(format);

	if (!db->dry) {
		if (db->commit == NULL)
			db->commit = commit_new(db->dirfd);
		if (commit_put(db->commit, format->name, text, strlen(text),
			problems) < 0) {
			format_fini(format);
			return -1;
		}
	}
	GROW(db->put, db->put_count, db->put_room);
	db->put[db->put_count] = xmalloc(sizeof(*format));
	*db->put[db->put_count++] = *format;
	return 0;
}

static void
drop(struct database *db, struct format *format)
{
	GROW(db->gone, db->gone_count, db->gone_room);
	db->gone[db->gone_count++] = format;
}

/* Puts what is now in the directory into the array; it is sorted later. */
static void
adopt_put(struct database *db, struct format *format, size_t old_count)
{
	struct format **old = NULL;
	size_t count = db->count;

	/* Only what was there before is sorted and can be found. */
	db->count = old_count;
	old = find(db, format->name);
	db->count = count;
	if (old != NULL) {
		drop(db, *old);
		*old = format;
		return;
	}
	GROW(db->formats, db->count, db->room);
	db->formats[db->count++] = format;
}

/* Whether a was put before b; one of them was put at all. */
static bool
was_put_before(const struct database *db, const struct format *a,
    const struct format *b)
{
	size_t i;

	for (i = 0; i < db->put_count; i++) {
		if (db->put[i] == a || db->put[i] == b)
			return db->put[i] == a;
	}
	return false;
}

/* Of formats that were put twice the later one counts. */
static void
drop_doubles(struct database *db)
{
	size_t i, kept = 0;

	for (i = 0; i < db->count; i++) {
		struct format *format = db->formats[i];
		struct format *last = kept == 0 ? NULL : db->formats[kept - 1];

		if (last == NULL || strcmp(last->name, format->name) != 0) {
			db->formats[kept++] = format;
		} else if (was_put_before(db, last, format)) {
			drop(db, last);
			db->formats[kept - 1] = format;
		} else
			drop(db, format);
	}
	db->count = kept;
}

int
database_publish(struct database *db, struct problems *problems)
{
	size_t i, old_count = db->count;
	int result = 0;

	if (db->commit != NULL && db->put_count > 0)
		result = commit_publish(db->commit, problems);
	else if (db->removed)
		result = commit_sync(db->dirfd, problems);
	db->removed = false;
	for (i = 0; i < db->put_count; i++) {
		if (db->commit == NULL || commit_is_published(db->commit, i))
			adopt_put(db, db->put[i], old_count);
		else
			drop(db, db->put[i]);
	}
	sort_items(db->formats, db->count, sizeof(*db->formats), by_name);
	drop_doubles(db);
	db->put_count = 0;
	commit_free(STEAL(db->commit));
	return result;
}

int
database_remove(struct database *db, const char *name,
    struct problems *problems)
{
	struct format **found = find(db, name);

	if (!db->dry && commit_remove(db->dirfd, name, problems) < 0)
		return -1;
	db->removed = !db->dry;
	if (found == NULL)
		return 0;
	drop(db, *found);
	db->count--;
	memmove(found, found + 1,
	    (size_t)(db->formats + db->count - found) * sizeof(*found));
	return 0;
}

int
database_check_writable(const struct database *db, struct problems *problems)
{
	if (db->dry)
		return 0;
	if (faccessat(db->dirfd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	return problem_error(problems, NOWHERE, NULL, "cannot be changed: %s",
	    strerror(errno));
}

int
database_directory(const struct database *db)
{
	return db->dirfd;
}

bool
database_is_locked(const struct database *db)
{
	return db->lock >= 0;
}

bool
database_is_current(const struct database *db)
{
	size_t count = 0;
	struct dirent *entry;
	DIR *dir = file_open_directory(db->dirfd);
	bool known = dir != NULL;

	for (errno = 0; known && (entry = readdir(dir)) != NULL; errno = 0) {
		if (entry->d_name[0] == '.')
			continue;
		known = find(db, entry->d_name) != NULL ||
		    database_find_broken(db, entry->d_name) != NULL;
		count++;
	}
	known = known && errno == 0;
	if (dir != NULL)
		(void)closedir(dir);
	return known && count == db->count + db->broken_count;
}
