#include "find.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "detect.h"
#include "file.h"
#include "json.h"
#include "loop.h"
#include "xalloc.h"

struct target {
	const char *path;
	unsigned char head[SPEC_HEAD];
};

/* Returns whether there is anything to match, or -1: that was reported. */
static int
read_target(struct admin *admin, struct target *target)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct stat st;

	fd = open(target->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENXIO) /* a socket, or a fifo without writer */
		return 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	if (fd >= 0 &&
	    file_read_head(fd, target->head, sizeof(target->head)) >= 0)
		return 1;
	report_error(admin->report, "%s: cannot read: %s", target->path,
	    strerror(errno));
	return -1;
}

static bool
entry_matches(const struct kernel_entry *entry,
    const unsigned char head[SPEC_HEAD], const char *path)
{
	return entry->readable && entry->entry.enabled &&
	    !entry->entry.rule.bpf &&
	    strcmp(entry->name, APPLY_TEMPORARY) != 0 &&
	    spec_matches(&entry->entry.rule.spec, head, path);
}

/*
 * Whether a is tried before b.  Where the order cannot be read, it is the one
 * that we would have made.
 */
static bool
entry_precedes(const struct admin *admin, const struct kernel_entry *a,
    const struct kernel_entry *b)
{
	const struct format *fa, *fb;
	struct format formats[2] = { 0 };

	if (admin->entries.ordered)
		return a->position < b->position;
	fa = database_find(admin->database, a->name);
	fb = database_find(admin->database, b->name);
	formats[0].name = a->name;
	formats[0].spec = a->entry.rule.spec;
	formats[1].name = b->name;
	formats[1].spec = b->entry.rule.spec;
	return format_precedes(fa == NULL ? &formats[0] : fa,
		   fb == NULL ? &formats[1] : fb) < 0;
}

const struct kernel_entry *
find_winner(const struct admin *admin, const unsigned char head[SPEC_HEAD],
    const char *path)
{
	const struct kernel_entry *winner = NULL;
	size_t i;

	if (kernel_state(admin->kernel) != KERNEL_READY ||
	    !kernel_enabled(admin->kernel))
		return NULL;
	for (i = 0; i < admin->entries.count; i++) {
		const struct kernel_entry *entry = &admin->entries.items[i];

		if (entry_matches(entry, head, path) &&
		    (winner == NULL || entry_precedes(admin, entry, winner)))
			winner = entry;
	}
	return winner;
}

static bool
is_enabled(const void *context, const char *name)
{
	const struct kernel_entry *entry = kernel_entries_find(context, name);

	return entry != NULL && entry->readable && entry->entry.enabled;
}

const struct format **
find_candidates(const struct admin *admin, const unsigned char head[SPEC_HEAD],
    const char *path, size_t *count)
{
	const struct format **candidates;
	struct format *const *formats;
	size_t i, all;

	*count = 0;
	formats = database_formats(admin->database, &all);
	candidates = xcalloc(all, sizeof(*candidates));
	for (i = 0; i < all; i++) {
		const struct kernel_entry *entry = kernel_entries_find(
		    &admin->entries, formats[i]->name);

		if (entry != NULL && entry->readable && entry->entry.enabled &&
		    spec_matches(&formats[i]->spec, head, path))
			candidates[(*count)++] = formats[i];
	}
	detect_sort(candidates, *count);
	return candidates;
}

bool
find_loops(const struct admin *admin, const struct format *format,
    const struct format *const *candidates, size_t count)
{
	struct loop_registry registry = {
		.is_enabled = is_enabled,
		.context = &admin->entries,
	};

	registry.formats = database_formats(admin->database, &registry.count);
	return loop_returns(&registry, format->interpreter, candidates,
		   count) ||
	    (format->detector != NULL &&
		loop_returns(&registry, format->detector, candidates, count));
}

/* Prints an interpreter, or adds it to the document. */
static void
put_interpreter(struct json *json, const char *path)
{
	if (json != NULL) {
		json_string(json, NULL, path);
		return;
	}
	report_text(stdout, path);
	(void)putchar('\n');
}

/* What run-detectors would do. */
static void
put_candidates(const struct admin *admin, const struct target *target,
    struct json *json)
{
	const struct format **candidates;
	size_t i, count;

	candidates = find_candidates(admin, target->head, target->path, &count);
	for (i = 0; i < count; i++) {
		const struct format *format = candidates[i];
		CLEANUP(cleanup_free) char *reason = NULL;

		if (!find_loops(admin, format, candidates, count) &&
		    (format->detector == NULL ||
			detect_run(format->detector, target->path, &reason) ==
			    DETECT_ACCEPTS))
			put_interpreter(json, format->interpreter);
	}
	free(candidates);
}

static void
put_interpreters(struct admin *admin, const struct target *target,
    struct json *json)
{
	const struct kernel_entry *winner;

	winner = find_winner(admin, target->head, target->path);
	if (winner == NULL)
		return;
	if (strcmp(winner->entry.rule.interpreter,
		admin->paths->run_detectors) == 0)
		put_candidates(admin, target, json);
	else
		put_interpreter(json, winner->entry.rule.interpreter);
}

void
find_interpreters(struct admin *admin, const char *path)
{
	struct target target = { .path = path };
	CLEANUP(json_fini) struct json json;
	int readable;

	json_init(&json);
	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	readable = read_target(admin, &target);
	if (readable < 0)
		return;
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	json_begin_object(&json, NULL);
	json_string(&json, "path", path);
	json_begin_array(&json, "interpreters");
	if (readable > 0)
		put_interpreters(admin, &target, admin->json ? &json : NULL);
	json_end_array(&json);
	json_end_object(&json);
	if (admin->json)
		(void)printf("%s\n", json.text);
}
