/*
 * The kernel's rules that this file follows are those of fs/exec.c,
 * fs/binfmt_misc.c, fs/binfmt_script.c and fs/binfmt_elf.c of Linux 6.18;
 * tests/kernel holds its predictions against what really happens.
 */
#include "explain.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "detect.h"
#include "elffile.h"
#include "executable.h"
#include "file.h"
#include "find.h"
#include "script.h"
#include "sort.h"
#include "xalloc.h"

/* exec_binprm() of the kernel: the sixth interpreter is one too many. */
#define DEPTH_MAX 5

/* What an execve(2) carries along from one interpreter to the next. */
struct run {
	struct explain *explain;
	char *path; /* of the file to be executed now */
	int depth;
	bool keeps_open; /* O or C was met */
	bool kept;	 /* and a file is kept for AT_EXECFD already */
};

static ATTR_PRINTF(2, 3) void note(struct explain *x, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	textlist_add(&x->notes, xvasprintf(format, ap));
	va_end(ap);
}

static ATTR_PRINTF(3, 4) bool fails(struct explain *x, int error,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	x->reason = xvasprintf(format, ap);
	va_end(ap);
	x->error = error;
	x->runs = false;
	return false;
}

static void
add_step(struct run *run, enum explain_kind kind,
    const struct kernel_entry *entry)
{
	struct explain *x = run->explain;

	GROW(x->steps, x->step_count, x->step_room);
	x->steps[x->step_count++] = (struct explain_step){ xstrdup(run->path),
		kind, entry };
}

/*
 * The native loaders.
 */

static bool
run_elf(struct run *run, int fd)
{
	CLEANUP(cleanup_free) char *loader = NULL;
	struct explain *x = run->explain;
	int error, loader_fd = -1;

	switch (elffile_classify(fd, &loader)) {
	case ELFFILE_NATIVE:
		break;
	case ELFFILE_COMPATIBLE:
		note(x,
		    "%s is of another mode of this processor, which the "
		    "kernel runs if it was built to",
		    run->path);
		break;
	case ELFFILE_FOREIGN:
		add_step(run, EXPLAIN_UNKNOWN, NULL);
		return fails(x, ENOEXEC,
		    "%s is a program for another processor, and no enabled "
		    "entry matches it",
		    run->path);
	case ELFFILE_SHORT:
		add_step(run, EXPLAIN_UNKNOWN, NULL);
		return fails(x, EIO, "%s ends before what its header promises",
		    run->path);
	case ELFFILE_BROKEN:
	default:
		add_step(run, EXPLAIN_UNKNOWN, NULL);
		return fails(x, ENOEXEC, "%s is not a complete ELF program",
		    run->path);
	}
	add_step(run, EXPLAIN_NATIVE, NULL);
	if (loader == NULL)
		return true;
	error = executable_open(loader, &loader_fd);
	if (error == 0)
		error = elffile_check_loader(loader_fd);
	cleanup_close(&loader_fd);
	if (error != 0)
		return fails(x, error, "%s needs the loader %s: %s", run->path,
		    loader, executable_error(loader, error));
	return true;
}

static bool run_file(struct run *run);

/*
 * An interpreter that the kernel holds open and that is not there any more:
 * what it was cannot be seen, so it is taken for a native program.
 */
static bool
run_unseen(struct run *run, const char *interpreter)
{
	free(run->path);
	run->path = xstrdup(interpreter);
	add_step(run, EXPLAIN_NATIVE, NULL);
	return true;
}

/*
 * Whether the file of a fixed interpreter is another one now.  Of an entry
 * that somebody else made, only its time can tell.
 */
static bool
is_replaced(const struct admin *admin, const struct kernel_entry *entry,
    const char *interpreter)
{
	struct timespec made;
	struct stat st;

	switch (registered_look(admin->registered, entry->name, interpreter)) {
	case REGISTERED_CURRENT:
		return false;
	case REGISTERED_REPLACED:
	case REGISTERED_MISSING:
		return true;
	case REGISTERED_UNKNOWN:
	default:
		break;
	}
	return kernel_entry_time(admin->kernel, entry->name, &made) == 0 &&
	    stat(interpreter, &st) == 0 &&
	    (st.st_ctim.tv_sec > made.tv_sec ||
		(st.st_ctim.tv_sec == made.tv_sec &&
		    st.st_ctim.tv_nsec > made.tv_nsec));
}

/*
 * Goes on with an interpreter; how is what leads to it, and entry that which
 * has it open, or NULL.
 */
static bool
run_next(struct run *run, const char *interpreter, const char *how,
    const struct kernel_entry *entry)
{
	struct explain *x = run->explain;
	int fd = -1, error;

	if (interpreter[0] != '/')
		note(x,
		    "%s is a relative path, so the interpreter depends on "
		    "the working directory",
		    interpreter);
	error = executable_open(interpreter, &fd);
	cleanup_close(&fd);
	if (entry != NULL &&
	    (error != 0 || is_replaced(x->admin, entry, interpreter)))
		return run_unseen(run, interpreter);
	if (error != 0)
		return fails(x, error, "%s %s: %s", how, interpreter,
		    executable_error(interpreter, error));
	/* A kept file can only be handed to the interpreter right behind. */
	if (run->keeps_open && run->kept)
		return fails(x, ENOEXEC,
		    "%s %s cannot take over the open file: with the flags O "
		    "or C the next program must be a native one",
		    how, interpreter);
	run->kept = run->keeps_open;
	if (++run->depth > DEPTH_MAX)
		return fails(x, ELOOP,
		    "there are more than %d interpreters in a row", DEPTH_MAX);
	free(run->path);
	run->path = xstrdup(interpreter);
	return run_file(run);
}

static bool
run_native(struct run *run, int fd, const unsigned char head[SPEC_HEAD])
{
	struct explain *x = run->explain;
	CLEANUP(script_fini) struct script script = { NULL, NULL };

	if (script_parse(head, &script)) {
		add_step(run, EXPLAIN_SCRIPT, NULL);
		textlist_remove_first(&x->argv);
		textlist_prepend(&x->argv, run->path);
		if (script.argument != NULL)
			textlist_prepend(&x->argv, script.argument);
		textlist_prepend(&x->argv, script.interpreter);
		return run_next(run, script.interpreter,
		    "the interpreter in the #! line,", NULL);
	}
	if (elffile_is_elf(head))
		return run_elf(run, fd);
	add_step(run, EXPLAIN_UNKNOWN, NULL);
	return fails(x, ENOEXEC,
	    "%s is neither a native program nor a script, and no enabled "
	    "entry matches it; a shell would take it for a shell script",
	    run->path);
}

/*
 * Entries of binfmt_misc.
 */

static char *
describe_bytes(const unsigned char *bytes, size_t len)
{
	struct bytes shown = { NULL, len };
	CLEANUP(cleanup_free) unsigned char *copy = xmalloc(len);

	memcpy(copy, bytes, len);
	shown.data = copy;
	return bytes_encode(&shown, '\\');
}

static char *
explain_match(const struct spec *spec, const unsigned char head[SPEC_HEAD])
{
	size_t len = spec->magic.len > 16 ? 16 : spec->magic.len;
	CLEANUP(cleanup_free) char *bytes = NULL;

	if (spec->type == SPEC_EXTENSION)
		return xasprintf("its name ends in .%s", spec->extension);
	bytes = describe_bytes(head + spec->offset, len);
	return xasprintf("byte %u on: %s%s, %u bits compared", spec->offset,
	    bytes, len < spec->magic.len ? "..." : "", spec_bits(spec));
}

static char *
explain_mismatch(const struct spec *spec, const unsigned char head[SPEC_HEAD],
    const char *path)
{
	const char *dot = strrchr(path, '.');
	unsigned differences;
	int at;

	if (spec->type == SPEC_EXTENSION)
		return xasprintf("its name %s, not in .%s",
		    dot == NULL || strchr(dot, '/') != NULL ?
			"has no extension" :
			"ends otherwise",
		    spec->extension);
	at = spec_first_difference(spec, head);
	differences = spec_differences(spec, head);
	return xasprintf("byte %d is %02x, not %02x%s", at, head[at],
	    spec->magic.data[at - (int)spec->offset],
	    differences == 1 && spec->magic.len > 2 ?
		"; the only one that differs" :
		"");
}

static void
add_entry(struct explain *x, const struct kernel_entry *entry,
    const unsigned char *head)
{
	const struct format *format = admin_find(x->admin, entry->name);
	struct explain_entry held = { .entry = entry };
	const struct spec *spec = &entry->entry.rule.spec;

	held.source = format == NULL ? "somebody else" :
	    format->source == NULL   ? "the database" :
				       format->source;
	if (head == NULL)
		held.why = xstrdup("not asked");
	else if (!entry->readable)
		held.why = xstrdup("its text cannot be read");
	else if (entry->entry.rule.bpf)
		held.why = xstrdup(
		    "a BPF program decides, which cannot be "
		    "asked");
	else {
		held.matches = spec_matches(spec, head, x->path);
		held.why = held.matches ? explain_match(spec, head) :
					  explain_mismatch(spec, head, x->path);
	}
	GROW(x->entries, x->entry_count, x->entry_room);
	x->entries[x->entry_count++] = held;
}

static int
by_kernel_order(const void *a, const void *b)
{
	const struct explain_entry *x = a, *y = b;

	if (x->entry->position != y->entry->position)
		return x->entry->position < y->entry->position ? -1 : 1;
	return 0;
}

/* All entries, held against the file in question; NULL: it has no head. */
static void
add_entries(struct explain *x, const unsigned char *head)
{
	const struct kernel_entries *entries = &x->admin->entries;
	size_t i;

	for (i = 0; i < entries->count; i++) {
		if (!entries->items[i].removed &&
		    strcmp(entries->items[i].name, KERNEL_TEMPORARY) != 0)
			add_entry(x, &entries->items[i], head);
	}
	sort_items(x->entries, x->entry_count, sizeof(*x->entries),
	    by_kernel_order);
}

static void
mark_winner(struct explain *x, const struct kernel_entry *winner)
{
	size_t i;

	for (i = 0; i < x->entry_count; i++)
		x->entries[i].wins = x->entries[i].entry == winner;
}

/* The arguments for an interpreter, as load_misc_binary() makes them. */
static void
rewrite_argv(struct explain *x, const char *path, const char *interpreter,
    bool preserve)
{
	if (!preserve)
		textlist_remove_first(&x->argv);
	textlist_prepend(&x->argv, path);
	textlist_prepend(&x->argv, interpreter);
}

static void
add_candidate(struct explain *x, const struct format *format, bool loops)
{
	struct explain_candidate candidate = { .format = format };

	if (loops)
		candidate.verdict = xstrdup(
		    "refused, its programs would be "
		    "run through run-detectors again");
	else if (format->detector == NULL) {
		candidate.verdict = xstrdup("has no detector");
		candidate.accepted = true;
	} else if (detect_run(format->detector, x->path, &candidate.verdict) ==
	    DETECT_ACCEPTS) {
		candidate.verdict = xstrdup("accepted");
		candidate.accepted = true;
	}
	GROW(x->candidates, x->candidate_count, x->candidate_room);
	x->candidates[x->candidate_count++] = candidate;
}

static void
note_lost(struct explain *x, const struct format *format)
{
	if (format->preserve == CHOICE_YES)
		note(x,
		    "%s is not told in AT_FLAGS that it gets argv[0]: "
		    "run-detectors cannot hand that on",
		    format->interpreter);
	if (format->open_binary == CHOICE_YES ||
	    format->credentials == CHOICE_YES)
		note(x,
		    "%s gets neither the open file nor the credentials of "
		    "the file: run-detectors cannot hand them on",
		    format->interpreter);
}

/* run-detectors executes the interpreter anew, with nothing carried along. */
static bool
run_candidate(struct run *run, struct explain_candidate *candidate,
    const struct textlist *argv)
{
	struct explain *x = run->explain;
	const struct format *format = candidate->format;
	bool preserve = format->preserve == CHOICE_YES;
	struct run next = { .explain = x };
	size_t i;
	bool result;

	textlist_fini(&x->argv);
	for (i = 0; i < argv->count; i++)
		textlist_add(&x->argv, xstrdup(argv->items[i]));
	rewrite_argv(x, run->path, format->interpreter, preserve);
	next.path = xstrdup(format->interpreter);
	x->error = 0;
	free(STEAL(x->reason));
	x->runs = true;
	result = run_file(&next);
	free(next.path);
	candidate->chosen = result;
	if (result)
		note_lost(x, format);
	return result;
}

static bool
run_detectors(struct run *run, const unsigned char head[SPEC_HEAD])
{
	struct explain *x = run->explain;
	const struct format **found;
	struct textlist argv = x->argv;
	size_t i, first = x->candidate_count, count;
	bool result = false;

	x->argv = (struct textlist){ 0 };
	found = find_candidates(x->admin, head, run->path, &count);
	for (i = 0; i < count; i++)
		add_candidate(x, found[i],
		    find_loops(x->admin, found[i], found, count));
	free(found);
	for (i = first; !result && i < first + count; i++) {
		if (x->candidates[i].accepted)
			result = run_candidate(run, &x->candidates[i], &argv);
	}
	textlist_fini(&argv);
	/* By then execve(2) has succeeded, with run-detectors. */
	x->error = 0;
	if (result || x->reason != NULL)
		return result;
	return fails(x, 0,
	    count == 0 ? "run-detectors finds no enabled format for %s" :
			 "no detector accepts %s",
	    run->path);
}

static bool
run_entry(struct run *run, const struct kernel_entry *entry,
    const unsigned char head[SPEC_HEAD])
{
	struct explain *x = run->explain;
	const struct rule *rule = &entry->entry.rule;
	bool ours = strcmp(rule->interpreter, x->admin->paths->run_detectors) ==
	    0;

	add_step(run, ours ? EXPLAIN_DETECTORS : EXPLAIN_ENTRY, entry);
	if ((rule->flags & (RULE_OPEN | RULE_CREDENTIALS)) != 0)
		run->keeps_open = true;
	if (ours)
		return run_detectors(run, head);
	rewrite_argv(x, run->path, rule->interpreter,
	    (rule->flags & RULE_PRESERVE) != 0);
	if ((rule->flags & RULE_FIX) != 0)
		note(x,
		    "%s was opened when %s was registered, and is used as "
		    "it was then",
		    rule->interpreter, entry->name);
	return run_next(run, rule->interpreter, "the interpreter",
	    (rule->flags & RULE_FIX) != 0 ? entry : NULL);
}

/*
 * The files.
 */

static bool
run_file(struct run *run)
{
	struct explain *x = run->explain;
	CLEANUP(cleanup_close) int fd = -1;
	const struct kernel_entry *winner;
	unsigned char head[SPEC_HEAD];
	int error;

	error = executable_open(run->path, &fd);
	if (error != 0) {
		add_step(run, EXPLAIN_UNKNOWN, NULL);
		if (x->step_count == 1)
			add_entries(x, NULL);
		return fails(x, error, "%s cannot be executed: %s", run->path,
		    executable_error(run->path, error));
	}
	if (fd < 0 || file_read_head(fd, head, sizeof(head)) < 0) {
		add_step(run, EXPLAIN_UNKNOWN, NULL);
		x->unknown = true;
		return fails(x, EACCES,
		    "%s cannot be read by this user, so what happens to it "
		    "cannot be told",
		    run->path);
	}
	winner = find_winner(x->admin, head, run->path);
	if (x->step_count == 0) {
		add_entries(x, head);
		mark_winner(x, winner);
	}
	if (winner != NULL)
		return run_entry(run, winner, head);
	return run_native(run, fd, head);
}

static char *
describe_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return xstrdup(strerror(errno));
	if (!S_ISREG(st.st_mode))
		return xstrdup("not a regular file");
	return xasprintf("a regular file of %lld bytes, mode %04o%s",
	    (long long)st.st_size, (unsigned)st.st_mode & 07777,
	    (st.st_mode & (S_ISUID | S_ISGID)) == 0 ? "" :
						      ", with the "
						      "credentials of its "
						      "owner");
}

int
explain_make(struct admin *admin, const char *path, struct explain *explain)
{
	struct run run = { .explain = explain };

	memset(explain, 0, sizeof(*explain));
	if (admin_open_database(admin, DATABASE_READ) < 0)
		return -1;
	(void)admin_open_kernel(admin, ADMIN_LOOK);
	explain->admin = admin;
	explain->path = path;
	explain->file = describe_file(path);
	explain->runs = true;
	textlist_add(&explain->argv, xstrdup(path));
	textlist_add(&explain->argv, xstrdup(EXPLAIN_ARGUMENTS));
	run.path = xstrdup(path);
	(void)run_file(&run);
	free(run.path);
	return 0;
}

void
explain_fini(struct explain *x)
{
	size_t i;

	for (i = 0; i < x->entry_count; i++)
		free(x->entries[i].why);
	free(x->entries);
	for (i = 0; i < x->step_count; i++)
		free(x->steps[i].path);
	free(x->steps);
	for (i = 0; i < x->candidate_count; i++)
		free(x->candidates[i].verdict);
	free(x->candidates);
	textlist_fini(&x->argv);
	textlist_fini(&x->notes);
	free(x->file);
	free(x->reason);
	memset(x, 0, sizeof(*x));
}
