#include "guard.h"

#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elffile.h"
#include "file.h"
#include "process.h"
#include "script.h"
#include "xalloc.h"

/* The kernel follows so many interpreters of #! lines. */
#define SCRIPTS_MAX 5

#define SELF_TEST_SECONDS 10

/* How many matching bytes a message shows. */
#define BYTES_SHOWN 8

/* A file that must stay executable. */
struct guarded {
	const char *what; /* a constant */
	char *path;
	unsigned char head[SPEC_HEAD];
};

struct guarded_list {
	struct guarded *items;
	size_t count, room;
};

struct guard {
	struct guarded_list system;
	int self; /* update-binfmts, open for execution; or -1 */
};

const char guard_version_line[] = "update-binfmts (binfmts) " PACKAGE_VERSION
				  "\n";

static void
list_fini(struct guarded_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
}

static bool
read_head_of(const char *path, unsigned char head[SPEC_HEAD])
{
	CLEANUP(cleanup_close) int fd = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd >= 0 && file_read_head(fd, head, SPEC_HEAD) >= 0;
}

/*
 * Adds a file, and the interpreters of its #! line.  One that cannot be read
 * is left out: it cannot be executed either, or not be judged.
 */
static void
add(struct guarded_list *list, const char *what, const char *path)
{
	CLEANUP(cleanup_free) char *next = xstrdup(path);
	int i;

	for (i = 0; next != NULL && i <= SCRIPTS_MAX; i++) {
		CLEANUP(script_fini) struct script script = { NULL, NULL };
		struct guarded file = { .what = what };

		if (!read_head_of(next, file.head))
			return;
		file.path = STEAL(next);
		GROW(list->items, list->count, list->room);
		list->items[list->count++] = file;
		if (script_parse(file.head, &script))
			next = STEAL(script.interpreter);
	}
}

/* The path that a link in /proc leads to, owned by the caller, or NULL. */
static char *
read_link(const char *link)
{
	char path[PATH_MAX];
	ssize_t len;

	len = readlink(link, path, sizeof(path));
	return len <= 0 || (size_t)len == sizeof(path) ?
	    NULL :
	    xstrndup(path, (size_t)len);
}

/* Adds a running program, which /proc can open even if its path cannot be. */
static void
add_running(struct guarded_list *list, const char *what, const char *link)
{
	struct guarded file = { .what = what };

	file.path = read_link(link);
	if (file.path == NULL || !read_head_of(link, file.head)) {
		free(file.path);
		return;
	}
	GROW(list->items, list->count, list->room);
	list->items[list->count++] = file;
}

/* Not a file but what very many begin with. */
static void
add_scripts(struct guarded_list *list)
{
	static const char *const lines[] = { "#!/bin/sh\n", "#! /bin/sh\n",
		"#!/bin/bash\n", "#!/usr/bin/env sh\n", "#!/usr/bin/perl\n",
		"#!/usr/bin/python3\n" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(lines); i++) {
		struct guarded file = { .what = "scripts that begin with" };

		memcpy(file.head, lines[i], strlen(lines[i]));
		file.path = xstrndup(lines[i], strlen(lines[i]) - 1);
		GROW(list->items, list->count, list->room);
		list->items[list->count++] = file;
	}
}

struct guard *
guard_new(const char *run_detectors)
{
	CLEANUP(cleanup_free) char *loader = NULL;
	struct guard *guard;

	guard = xcalloc(1, sizeof(*guard));
	guard->self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	add_running(&guard->system, "update-binfmts itself", "/proc/self/exe");
	if (guard->self >= 0)
		(void)elffile_classify(guard->self, &loader);
	if (loader != NULL)
		add(&guard->system, "the program loader", loader);
	add(&guard->system, "run-detectors", run_detectors);
	add(&guard->system, "the shell", "/bin/sh");
	add_running(&guard->system, "the program of process 1", "/proc/1/exe");
	add_scripts(&guard->system);
	return guard;
}

void
guard_free(struct guard *guard)
{
	if (guard == NULL)
		return;
	list_fini(&guard->system);
	cleanup_close(&guard->self);
	free(guard);
}

/* What of a file matches: "bytes 0 to 3 are 7f454c46". */
static char *
describe_match(const struct spec *spec, const struct guarded *file)
{
	char hex[2 * BYTES_SHOWN + 1] = "";
	size_t i, len = spec->magic.len;

	if (spec->type == SPEC_EXTENSION)
		return xasprintf("its name ends in .%s", spec->extension);
	if (spec_bits(spec) == 0)
		return xstrdup("the mask is all zero, so every file matches");
	if (len > BYTES_SHOWN)
		len = BYTES_SHOWN;
	for (i = 0; i < len; i++) {
		unsigned char c = file->head[spec->offset + i];

		hex[2 * i] = "0123456789abcdef"[c >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[c & 15];
	}
	hex[2 * i] = '\0';
	return xasprintf("at byte %u it has %s%s", spec->offset, hex,
	    spec->magic.len > len ? "..." : "");
}

static char *
check_list(const struct guarded_list *list, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct guarded *file = &list->items[i];
		CLEANUP(cleanup_free) char *match = NULL;

		if (!spec_matches(&rule->spec, file->head, file->path))
			continue;
		match = describe_match(&rule->spec, file);
		return xasprintf("it would capture %s, %s (%s)", file->what,
		    file->path, match);
	}
	return NULL;
}

char *
guard_check(const struct guard *guard, const struct rule *rule,
    const char *behind, const char *detector)
{
	struct guarded_list own = { 0 };
	char *reason;

	if (rule->bpf) /* what it matches cannot be known */
		return NULL;
	reason = check_list(&guard->system, rule);
	if (reason == NULL) {
		add(&own, "its own interpreter", rule->interpreter);
		if (behind != NULL)
			add(&own, "its own interpreter", behind);
		if (detector != NULL)
			add(&own, "its own detector", detector);
		reason = check_list(&own, rule);
		list_fini(&own);
	}
	return reason;
}

char *
guard_self_test(const struct guard *guard)
{
	char program[] = "update-binfmts", option[] = "--version";
	char *argv[] = { program, option, NULL };
	char output[sizeof(guard_version_line) + 1];
	struct process process = {
		.fd = guard->self,
		.argv = argv,
		.seconds = SELF_TEST_SECONDS,
		.output = output,
		.output_size = sizeof(output),
	};
	int value = 0;

	if (guard->self < 0) /* without /proc there is nothing to execute */
		return NULL;
	switch (process_run(&process, &value)) {
	case PROCESS_EXITED:
		if (value == 0 && strcmp(output, guard_version_line) == 0)
			return NULL;
		return xstrdup("another program was executed in its place");
	case PROCESS_KILLED:
		return xasprintf("it was killed by signal %d", value);
	case PROCESS_TIMED_OUT:
		return xasprintf("it did not end within %d seconds",
		    SELF_TEST_SECONDS);
	case PROCESS_NOT_STARTED:
	default:
		return xstrdup(strerror(value));
	}
}
