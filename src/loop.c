#include "loop.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect.h"
#include "file.h"
#include "script.h"
#include "xalloc.h"

/* More steps than any chain that the kernel would follow. */
#define DEPTH_MAX 8

struct walk {
	struct loop_registry *registry;
	const struct format *const *served;
	size_t served_count;
};

static bool
is_served(const struct walk *walk, const struct format *format)
{
	size_t i;

	for (i = 0; i < walk->served_count; i++) {
		if (walk->served[i] == format)
			return true;
	}
	return false;
}

/* The formats that would run a program, the first one first. */
static const struct format **
find_matches(const struct walk *walk, const unsigned char head[SPEC_HEAD],
    const char *path, size_t *count)
{
	struct loop_registry *registry = walk->registry;
	const struct format **matches = NULL;
	size_t i, room = 0;

	*count = 0;
	if (registry->need != NULL)
		registry->need(registry, head, path);
	for (i = 0; i < registry->count; i++) {
		const struct format *format = registry->formats[i];
		size_t at;

		if (!detect_is_candidate(format, head, path) ||
		    !registry->is_enabled(registry->context, format->name))
			continue;
		GROW(matches, *count, room);
		for (at = *count; at > 0; at--) {
			if (format_precedes(matches[at - 1], format) < 0)
				break;
			matches[at] = matches[at - 1];
		}
		matches[at] = format;
		(*count)++;
	}
	return matches;
}

/* Whether the first of the matches is run through run-detectors. */
static bool
is_detected(const struct format *const *matches, size_t count)
{
	size_t i;

	if (matches[0]->detector != NULL)
		return true;
	for (i = 1; i < count; i++) {
		if (spec_compare(&matches[0]->spec, &matches[i]->spec) == 0)
			return true;
	}
	return false;
}

/* The stack is bounded by DEPTH_MAX. */
static bool
returns(const struct walk *walk, const char *program, int depth)
{
	CLEANUP(cleanup_close) int fd = -1;
	CLEANUP(cleanup_free) const struct format **matches = NULL;
	CLEANUP(script_fini) struct script script = { NULL, NULL };
	unsigned char head[SPEC_HEAD];
	size_t i, count;

	if (depth == DEPTH_MAX)
		return true;
	fd = open(program, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || file_read_head(fd, head, sizeof(head)) < 0)
		return false;
	matches = find_matches(walk, head, program, &count);
	if (count == 0)
		return script_parse(head, &script) &&
		    returns(walk, script.interpreter, depth + 1);
	if (!is_detected(matches, count))
		count = 1;
	for (i = 0; i < count; i++) {
		if (is_served(walk, matches[i]) ||
		    returns(walk, matches[i]->interpreter, depth + 1))
			return true;
	}
	return false;
}

bool
loop_returns(struct loop_registry *registry, const char *program,
    const struct format *const *served, size_t served_count)
{
	struct walk walk = { registry, served, served_count };

	return returns(&walk, program, 0);
}
