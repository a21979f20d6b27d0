#include "catalogue.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commit.h"
#include "file.h"
#include "xalloc.h"

/* How far the database's time is set back for the index to be believed. */
#define SET_BACK_SECONDS 3

/*
 * Reading.
 */

/* Reads all there is. */
static int
read_all(struct catalogue *c, struct problems *problems)
{
	const struct paths *paths = c->paths;

	c->database = database_open(paths->root, paths->admindir, DATABASE_READ,
	    problems);
	if (c->database == NULL)
		return -1;
	registry_read(&c->registry, paths, true, NULL, 0);
	registry_merge(&c->registry, c->database, NULL);
	return 0;
}

int
catalogue_open(struct catalogue *c, const struct paths *paths, bool with_index,
    struct problems *problems)
{
	struct index_state state;

	memset(c, 0, sizeof(*c));
	c->paths = paths;
	c->admindir = -1;
	if (with_index)
		c->admindir = open(paths->admindir,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->admindir >= 0 && index_look(paths, c->admindir, &state) == 0)
		c->index = index_open(paths->index, &state);
	if (c->index != NULL || read_all(c, problems) == 0)
		return 0;
	catalogue_fini(c);
	return -1;
}

void
catalogue_fini(struct catalogue *c)
{
	registry_fini(&c->registry);
	database_close(c->database);
	index_close(c->index);
	cleanup_close(&c->admindir);
}

static bool
has(const struct registry *registry, const char *name)
{
	size_t i;

	for (i = 0; i < registry->count; i++) {
		if (strcmp(registry->formats[i]->name, name) == 0)
			return true;
	}
	return false;
}

void
catalogue_need(struct catalogue *c, const unsigned char head[SPEC_HEAD],
    const char *path)
{
	enum index_result result = INDEX_END;
	struct index_match match = { 0 };

	while (c->index != NULL &&
	    (result = index_next(c->index, head, path, &match)) ==
		INDEX_FOUND) {
		if (!has(&c->registry, match.name))
			registry_read_one(&c->registry, c->paths, c->admindir,
			    match.name, match.binfmtd);
	}
	if (result == INDEX_DAMAGED)
		c->damaged = true;
}

/*
 * Writing.
 */

void
catalogue_start(struct catalogue_start *start, const struct paths *paths)
{
	CLEANUP(cleanup_close) int admindir = -1;

	admindir = open(paths->admindir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)clock_gettime(CLOCK_REALTIME, &start->time);
	start->known = index_look(paths, admindir, &start->state) == 0;
}

/* Whether all but the database's directory are as they were when read. */
static bool
others_are_unchanged(const struct catalogue_start *start,
    const struct index_state *now)
{
	size_t i;

	for (i = 1; i < INDEX_DIRECTORIES; i++) {
		const struct index_directory *was =
		    &start->state.directories[i];

		if (memcmp(was, &now->directories[i], sizeof(*was)) != 0 ||
		    !index_is_settled(was, &start->time))
			return false;
	}
	return true;
}

/* What is broken can be mended without a trace in its directory. */
static bool
is_all_readable(const struct registry *registry)
{
	size_t i;

	for (i = 0; i < registry->overrides.count; i++) {
		if (registry->overrides.items[i].broken)
			return false;
	}
	return !binfmtd_is_incomplete(&registry->binfmtd);
}

/*
 * Gives the directory of the database, which has been changed just now, a time
 * of which nobody can change it any more, and looks whether it is still as we
 * know it.
 */
static bool
set_back(struct database *database)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };

	(void)clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= SET_BACK_SECONDS;
	return futimens(database_directory(database), times) == 0 &&
	    database_is_current(database);
}

/* The state that an index would be of; false: there can be none now. */
static bool
take_state(const struct catalogue_start *start, const struct paths *paths,
    struct database *database, struct index_state *now)
{
	int admindir = database_directory(database);
	bool same;

	if (!start->known || admindir < 0 ||
	    index_look(paths, admindir, now) < 0 ||
	    !others_are_unchanged(start, now))
		return false;
	same = memcmp(&now->directories[0], &start->state.directories[0],
		   sizeof(now->directories[0])) == 0 &&
	    index_is_settled(&now->directories[0], &start->time);
	if (same)
		return true;
	(void)unlink(paths->index);
	return set_back(database) && index_look(paths, admindir, now) == 0;
}

static bool
is_same(const struct paths *paths, const struct index_state *state,
    const char *text, size_t len)
{
	struct index *index = index_open(paths->index, state);
	bool same = index != NULL && index_has(index, text, len);

	index_close(index);
	return same;
}

static void
write_file(const struct paths *paths, const char *text, size_t len)
{
	CLEANUP(cleanup_close) int dirfd = -1;
	struct problems ignored = PROBLEMS_INIT;
	struct commit *commit;

	/* Whatever the umask of a postinst is. */
	if (mkdir(paths->cachedir, 0755) == 0)
		(void)chmod(paths->cachedir, 0755);
	dirfd = open(paths->cachedir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dirfd < 0)
		return;
	commit_sweep(dirfd);
	commit = commit_new_volatile(dirfd);
	if (commit_put(commit, file_base_name(paths->index), text, len,
		&ignored) == 0)
		(void)!commit_publish(commit, &ignored);
	commit_free(commit);
	problems_fini(&ignored);
}

void
catalogue_write(const struct catalogue_start *start, const struct paths *paths,
    struct database *database, struct registry *registry)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct index_state state;
	size_t len;

	if (!is_all_readable(registry) ||
	    !take_state(start, paths, database, &state)) {
		(void)unlink(paths->index);
		return;
	}
	registry_merge(registry, database, NULL);
	text = index_print(&state, registry->formats, registry->count, &len);
	if (!is_same(paths, &state, text, len))
		write_file(paths, text, len);
}
