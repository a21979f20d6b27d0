#include "guard.h"

#include "config.h"

#include <sys/auxv.h>

#include <elf.h>
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

/* An ELF header is as long as this, or a little shorter. */
#define HEADER 64

/*
 * A rule that contradicts no byte that all programs have in common, and looks
 * at no more bits than this of what differs between their headers, or at less
 * than a byte behind those, captures too many of them.
 */
#define HEADER_BITS_MAX 32
#define OTHER_BITS_MIN	8

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

/*
 * What native programs of one type begin with, as far as it is the same for
 * all of them.
 */
struct kind {
	unsigned char bytes[HEADER];
	unsigned char known[HEADER]; /* which bits of them; all 0: no kind */
};

struct guard {
	struct guarded_list system;
	/* The program that was checked last, for most formats share theirs. */
	char *last;
	struct guarded_list last_heads;
	struct kind kinds[2];
	int self;   /* a native program, open for execution; or -1 */
	bool shell; /* it is /bin/sh, and not update-binfmts */
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
	memset(list, 0, sizeof(*list));
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

static void
know(struct kind *kind, const unsigned char *head, size_t offset, size_t len)
{
	memcpy(kind->bytes + offset, head + offset, len);
	memset(kind->known + offset, 0xff, len);
}

/*
 * As our own header, but for the type, what stands for the system (0 or 3),
 * and what depends on the size of the program.
 */
static void
make_native(struct kind *kind, const unsigned char head[SPEC_HEAD],
    unsigned char type)
{
	bool wide = head[EI_CLASS] == ELFCLASS64;

	memset(kind, 0, sizeof(*kind));
	know(kind, head, 0, 24);
	kind->known[EI_OSABI] = 0xfc;
	kind->bytes[head[EI_DATA] == ELFDATA2LSB ? 16 : 17] = type;
	/* Program headers begin behind the header, and have their size. */
	know(kind, head, wide ? 32 : 28, wide ? 8 : 4);
	know(kind, head, wide ? 52 : 40, 4);
}

static unsigned char
mask_of(const struct spec *spec, size_t i)
{
	return spec->mask.len == 0 ? 0xff : spec->mask.data[i];
}

/* Scripts: a rule has to name both bytes to be about them. */
static bool
captures_scripts(const struct spec *spec)
{
	static const unsigned char start[] = { '#', '!' };
	size_t i;

	if (spec->type != SPEC_MAGIC)
		return false;
	for (i = 0; i < sizeof(start); i++) {
		if (i < spec->offset || i - spec->offset >= spec->magic.len ||
		    mask_of(spec, i - spec->offset) != 0xff ||
		    spec->magic.data[i - spec->offset] != start[i])
			return false;
	}
	return true;
}

static bool
captures_kind(const struct spec *spec, const struct kind *kind)
{
	unsigned differing = 0, all = 0, identification = 0;
	bool in_header = false;
	size_t i;

	if (spec->type != SPEC_MAGIC || kind->known[0] == 0)
		return false;
	for (i = 0; i < spec->magic.len; i++) {
		size_t at = spec->offset + i;
		unsigned char mask = mask_of(spec, i);
		unsigned char known = at < HEADER ? kind->known[at] : 0;

		if (known != 0 &&
		    ((spec->magic.data[i] ^ kind->bytes[at]) & mask & known) !=
			0)
			return false;
		all += (unsigned)__builtin_popcount(mask);
		differing += (unsigned)__builtin_popcount(
		    mask & (unsigned char)~known);
		if (at < SELFMAG)
			identification += (unsigned)__builtin_popcount(mask);
		if (at < HEADER && mask != 0)
			in_header = true;
	}
	/* One that asks for ELF means programs like ours. */
	return identification == 8 * SELFMAG ||
	    (in_header && differing <= HEADER_BITS_MAX) || all < OTHER_BITS_MIN;
}

/* Not files but what very many begin with. */
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

/* Whether a program is run by its loader, which was named in front of it. */
static bool
is_loader(const char *path)
{
	return path != NULL &&
	    strncmp(file_base_name(path), "ld", strlen("ld")) == 0;
}

/* What the self-test executes; where /proc shows the loader, the shell. */
static void
open_self(struct guard *guard)
{
	CLEANUP(cleanup_free) char *path = read_link("/proc/self/exe");

	guard->shell = is_loader(path);
	guard->self = open(guard->shell ? "/bin/sh" : "/proc/self/exe",
	    O_RDONLY | O_CLOEXEC);
}

/* The name that this program was called by may be that of a link to it. */
static void
add_called(struct guarded_list *list)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	struct guarded file = { .what = "update-binfmts itself" };

	if (path == NULL || !read_head_of(path, file.head))
		return;
	file.path = xstrdup(path);
	GROW(list->items, list->count, list->room);
	list->items[list->count++] = file;
}

struct guard *
guard_new(const char *run_detectors)
{
	CLEANUP(cleanup_free) char *loader = NULL;
	unsigned char head[SPEC_HEAD];
	struct guard *guard;

	guard = xcalloc(1, sizeof(*guard));
	open_self(guard);
	add_running(&guard->system, "update-binfmts itself", "/proc/self/exe");
	add_called(&guard->system);
	if (guard->self >= 0)
		(void)elffile_classify(guard->self, &loader);
	if (loader != NULL)
		add(&guard->system, "the program loader", loader);
	add(&guard->system, "run-detectors", run_detectors);
	add(&guard->system, "the shell", "/bin/sh");
	add_running(&guard->system, "the program of process 1", "/proc/1/exe");
	add_scripts(&guard->system);
	if (guard->self >= 0 &&
	    pread(guard->self, head, sizeof(head), 0) == sizeof(head)) {
		make_native(&guard->kinds[0], head, ET_EXEC);
		make_native(&guard->kinds[1], head, ET_DYN);
	}
	return guard;
}

void
guard_free(struct guard *guard)
{
	if (guard == NULL)
		return;
	list_fini(&guard->system);
	list_fini(&guard->last_heads);
	free(guard->last);
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

static char *
check_kinds(const struct guard *guard, const struct spec *spec)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(guard->kinds); i++) {
		if (captures_kind(spec, &guard->kinds[i]))
			return xstrdup("it would capture native programs");
	}
	if (captures_scripts(spec))
		return xstrdup(
		    "it would capture scripts, files that begin "
		    "with #!");
	return NULL;
}

/* Of a program that the rule itself leads to; path may be NULL. */
static char *
check_program(struct guard *guard, const struct rule *rule, const char *what,
    const char *path)
{
	struct guarded_list *heads = &guard->last_heads;
	size_t i;

	if (path == NULL)
		return NULL;
	if (guard->last == NULL || strcmp(guard->last, path) != 0) {
		list_fini(heads);
		free(guard->last);
		guard->last = xstrdup(path);
		add(heads, what, path);
	}
	for (i = 0; i < heads->count; i++)
		heads->items[i].what = what;
	return check_list(heads, rule);
}

char *
guard_check(struct guard *guard, const struct rule *rule, const char *behind,
    const char *detector)
{
	char *reason;

	if (rule->bpf) /* what it matches cannot be known */
		return NULL;
	reason = check_list(&guard->system, rule);
	if (reason == NULL)
		reason = check_program(guard, rule, "its own interpreter",
		    rule->interpreter);
	if (reason == NULL)
		reason = check_program(guard, rule, "its own interpreter",
		    behind);
	if (reason == NULL)
		reason = check_program(guard, rule, "its own detector",
		    detector);
	if (reason == NULL)
		reason = check_kinds(guard, &rule->spec);
	return reason;
}

char *
guard_self_test(const struct guard *guard)
{
	static const char shell_line[] = "executed\n";
	char program[] = "update-binfmts", option[] = "--version";
	char shell[] = "sh", command[] = "-c", script[] = "echo executed";
	char *self_argv[] = { program, option, NULL };
	char *shell_argv[] = { shell, command, script, NULL };
	const char *expected = guard->shell ? shell_line : guard_version_line;
	char output[sizeof(guard_version_line) + sizeof(shell_line)];
	struct process process = {
		.fd = guard->self,
		.argv = guard->shell ? shell_argv : self_argv,
		.seconds = SELF_TEST_SECONDS,
		.output = output,
		.output_size = sizeof(output),
	};
	int value = 0;

	if (guard->self < 0) /* without /proc there is nothing to execute */
		return NULL;
	switch (process_run(&process, &value)) {
	case PROCESS_EXITED:
		if (value == 0 && strcmp(output, expected) == 0)
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
