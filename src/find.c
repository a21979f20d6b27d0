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
#include "textlist.h"
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
	return entry->readable && !entry->removed && entry->entry.enabled &&
	    !entry->entry.rule.bpf &&
	    strcmp(entry->name, KERNEL_TEMPORARY) != 0 &&
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
	fa = admin_find(admin, a->name);
	fb = admin_find(admin, b->name);
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
	    !admin->entries.enabled)
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
	const struct registry *registry = &admin->registry;
	const struct format **candidates;
	size_t i;

	*count = 0;
	candidates = xcalloc(registry->count, sizeof(*candidates));
	for (i = 0; i < registry->count; i++) {
		const struct format *format = registry->formats[i];

		if (is_enabled(&admin->entries, format->name) &&
		    detect_is_candidate(format, head, path))
			candidates[(*count)++] = format;
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

	registry.formats = admin->registry.formats;
	registry.count = admin->registry.count;
	return loop_returns(&registry, format->interpreter, candidates,
		   count) ||
	    (format->detector != NULL &&
		loop_returns(&registry, format->detector, candidates, count));
}

/* What run-detectors would do. */
static void
add_candidates(const struct admin *admin, const struct target *target,
    struct textlist *found)
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
			textlist_add(found, xstrdup(format->interpreter));
	}
	free(candidates);
}

static void
print(const struct admin *admin, const char *path, const struct textlist *found)
{
	CLEANUP(json_fini) struct json json = { NULL, 0, 0, false };
	size_t i;

	if (!admin->json) {
		for (i = 0; i < found->count; i++) {
			report_text(stdout, found->items[i]);
			(void)putchar('\n');
		}
		return;
	}
	json_init(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "path", path);
	json_strings(&json, "interpreters", found->items, found->count);
	json_end_object(&json);
	(void)printf("%s\n", json.text);
}

void
find_interpreters(struct admin *admin, const char *path)
{
	const struct kernel_entry *winner = NULL;
	struct target target = { .path = path };
	CLEANUP(textlist_fini) struct textlist found = { NULL, 0, 0 };
	int readable;

	if (admin_open_database(admin, DATABASE_READ) < 0)
		return;
	readable = read_target(admin, &target);
	if (readable < 0)
		return;
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	if (readable > 0)
		winner = find_winner(admin, target.head, path);
	if (winner != NULL &&
	    strcmp(winner->entry.rule.interpreter,
		admin->paths->run_detectors) == 0)
		add_candidates(admin, &target, &found);
	else if (winner != NULL)
		textlist_add(&found, xstrdup(winner->entry.rule.interpreter));
	print(admin, path, &found);
}
