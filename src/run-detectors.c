#include "config.h"

#include <sys/auxv.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "detect.h"
#include "file.h"
#include "invocation.h"
#include "kernel.h"
#include "loop.h"
#include "paths.h"
#include "report.h"
#include "xalloc.h"

/* As a shell would: found but not executable, and not found. */
#define EXIT_CANNOT_RUN 126
#define EXIT_NO_FORMAT	127
#define EXIT_USAGE	2

struct request {
	struct paths paths;
	bool by_hand;
	char *file;
	char *argv0; /* as the file would have got it */
	char **rest; /* the further arguments, up to NULL */
	size_t rest_count;
	bool in_chain;	/* the file is the interpreter of another one */
	bool has_argv0; /* AT_FLAGS says that argv[0] is there */
};

struct candidates {
	const struct format **formats;
	size_t count;
	struct loop_registry registry;
};

static void
help(void)
{
	(void)fputs(
	    "Usage: run-detectors [--admindir DIR] [--procdir DIR] "
	    "FILE [ARG]...\n"
	    "Executes FILE with the interpreter that its format's detector "
	    "accepts.\nThe kernel calls this program; see run-detectors(8).\n",
	    stdout);
}

/* Returns the status to exit with, or -1 to go on. */
static int
parse_options(struct request *request, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "admindir", required_argument, NULL, 'a' },
		{ "procdir", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	static char name[] = "run-detectors";
	int option;

	/* getopt_long() starts its messages with this. */
	argv[0] = name;
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'a':
			request->paths.admindir = optarg;
			break;
		case 'p':
			request->paths.procdir = optarg;
			break;
		case 'h':
			help();
			return fflush(stdout) == 0 ? 0 : EXIT_USAGE;
		case 'v':
			(void)printf("run-detectors (binfmts) %s\n",
			    PACKAGE_VERSION);
			return fflush(stdout) == 0 ? 0 : EXIT_USAGE;
		default:
			return EXIT_USAGE;
		}
	}
	return -1;
}

/* Returns the status to exit with, or -1 to go on. */
static int
read_arguments(struct request *request, const struct invocation *invocation,
    struct report *report, int argc, char *argv[])
{
	int first = 1, status;

	request->by_hand = invocation->by_hand;
	if (request->by_hand) {
		status = parse_options(request, argc, argv);
		if (status >= 0)
			return status;
		first = optind;
	}
	if (argc <= first) {
		report_error(report,
		    "no file is given; run-detectors --help "
		    "shows the usage");
		return EXIT_USAGE;
	}
	request->file = request->argv0 = argv[first++];
	request->has_argv0 = invocation->has_argv0;
	if (!request->by_hand) {
		const char *execfn = (const char *)getauxval(AT_EXECFN);

		request->in_chain = execfn != NULL &&
		    strcmp(execfn, request->file) != 0;
	}
	request->rest = argv + first;
	request->rest_count = (size_t)(argc - first);
	return -1;
}

static bool
is_enabled(const void *context, const char *name)
{
	return kernel_entry_enabled(context, name);
}

/*
 * In a chroot without /proc the kernel runs us all the same, and cannot be
 * asked what is enabled.
 */
static bool
is_enabled_for_all_we_know(const void *context, const char *name)
{
	(void)context;
	(void)name;
	return true;
}

static int
read_head(const struct request *request, unsigned char head[SPEC_HEAD],
    struct report *report)
{
	CLEANUP(cleanup_close) int fd = -1;

	fd = open(request->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && file_read_head(fd, head, SPEC_HEAD) >= 0)
		return 0;
	report_error(report, "%s: cannot read: %s", request->file,
	    strerror(errno));
	return -1;
}

static void
need(struct loop_registry *registry, const unsigned char head[SPEC_HEAD],
    const char *path)
{
	struct catalogue *catalogue = registry->source;

	catalogue_need(catalogue, head, path);
	registry->formats = catalogue->registry.formats;
	registry->count = catalogue->registry.count;
}

static void
find_candidates(struct candidates *found, const char *file,
    const unsigned char head[SPEC_HEAD])
{
	struct loop_registry *registry = &found->registry;
	size_t i;

	need(registry, head, file);

	found->formats = xcalloc(registry->count, sizeof(*found->formats));
	for (i = 0; i < registry->count; i++) {
		const struct format *format = registry->formats[i];

		if (detect_is_candidate(format, head, file) &&
		    registry->is_enabled(registry->context, format->name))
			found->formats[found->count++] = format;
	}
	detect_sort(found->formats, found->count);
}

/*
 * Whether the entry that leads here has P.  AT_FLAGS tells; but in a chain
 * that can be about another entry, for the kernel never takes it back.
 */
static bool
is_preserved(const struct request *request, const struct candidates *found)
{
	const struct format *first = NULL;
	size_t i;

	if (!request->has_argv0 || !request->in_chain || found->count == 0)
		return request->has_argv0;
	for (i = 0; i < found->count; i++) {
		if (first == NULL ||
		    format_precedes(found->formats[i], first) < 0)
			first = found->formats[i];
	}
	for (i = 0; i < found->registry.count; i++) {
		const struct format *format = found->registry.formats[i];

		if (format->preserve == CHOICE_YES && !format->bpf &&
		    spec_compare(&format->spec, &first->spec) == 0)
			return true;
	}
	return false;
}

/* Takes the original argv[0] from the arguments. */
static void
take_argv0(struct request *request, const struct candidates *found)
{
	if (request->rest_count == 0 || !is_preserved(request, found))
		return;
	request->argv0 = *request->rest++;
	request->rest_count--;
}

/* Only returns when it did not work. */
static void
execute(const struct request *request, const struct format *format)
{
	CLEANUP(cleanup_free) char **argv = NULL;
	size_t n = 0;

	argv = xcalloc(request->rest_count + 4, sizeof(*argv));
	argv[n++] = format->interpreter;
	argv[n++] = request->file;
	if (format->preserve == CHOICE_YES)
		argv[n++] = request->argv0;
	memcpy(argv + n, request->rest, request->rest_count * sizeof(*argv));
	(void)execve(format->interpreter, argv, environ);
}

static void
note(char **notes, const struct format *format, const char *what,
    const char *path, const char *reason)
{
	char *old = *notes;

	*notes = xasprintf("%s; format %s: %s %s %s", old == NULL ? "" : old,
	    format->name, what, path, reason);
	free(old);
}

/* What cannot be told for a damaged index must not be executed. */
static bool
leads_back(struct candidates *all, const char *program)
{
	const struct catalogue *catalogue = all->registry.source;

	return loop_returns(&all->registry, program, all->formats,
		   all->count) ||
	    catalogue->damaged;
}

/* Tries one format; whether its interpreter was found but could not run. */
static bool
try_format(const struct request *request, struct candidates *all,
    const struct format *format, char **notes)
{
	static const char loops[] = "would be run through run-detectors again";
	CLEANUP(cleanup_free) char *reason = NULL;

	if (format->detector != NULL) {
		if (leads_back(all, format->detector)) {
			note(notes, format, "detector", format->detector,
			    loops);
			return true;
		}
		if (detect_run(format->detector, request->file, &reason) !=
		    DETECT_ACCEPTS) {
			note(notes, format, "detector", format->detector,
			    reason);
			return false;
		}
	}
	if (leads_back(all, format->interpreter)) {
		note(notes, format, "interpreter", format->interpreter, loops);
		return true;
	}
	execute(request, format);
	reason = xasprintf("cannot be executed: %s", strerror(errno));
	note(notes, format, "interpreter", format->interpreter, reason);
	return true;
}

/*
 * Tries all formats that match; only returns when none of them ran, with the
 * status to exit with, or -1 when the index is damaged.
 */
static int
try_formats(struct request *request, struct catalogue *catalogue,
    const struct kernel *kernel, const unsigned char head[SPEC_HEAD],
    struct report *report)
{
	struct candidates found = { 0 };
	CLEANUP(cleanup_free) char *notes = NULL;
	int status = EXIT_NO_FORMAT;
	size_t i;

	found.registry.need = need;
	found.registry.source = catalogue;
	found.registry.context = kernel;
	found.registry.is_enabled = request->by_hand ||
		kernel_state(kernel) == KERNEL_READY ?
	    is_enabled :
	    is_enabled_for_all_we_know;
	find_candidates(&found, request->file, head);
	take_argv0(request, &found);
	for (i = 0; i < found.count && !catalogue->damaged; i++) {
		if (try_format(request, &found, found.formats[i], &notes))
			status = EXIT_CANNOT_RUN;
	}
	if (catalogue->damaged)
		status = -1;
	else
		report_error(report, "%s: %s%s", request->file,
		    found.count == 0 ? "no enabled format matches this file" :
				       "no interpreter can run this file",
		    notes == NULL ? "" : notes);
	free(found.formats);
	return status;
}

/* The same, with the index or without it. */
static int
run_file(struct request request, bool with_index,
    const unsigned char head[SPEC_HEAD], struct report *report)
{
	struct problems problems = PROBLEMS_INIT;
	struct catalogue catalogue;
	struct kernel *kernel;
	int status;

	status = catalogue_open(&catalogue, &request.paths, with_index,
	    &problems);
	report_problems(report, request.paths.admindir, &problems,
	    REPORT_AS_THEY_ARE);
	if (status < 0)
		return EXIT_CANNOT_RUN;
	kernel = kernel_open(request.paths.procdir);
	status = try_formats(&request, &catalogue, kernel, head, report);
	kernel_close(kernel);
	catalogue_fini(&catalogue);
	return status;
}

static int
run(const struct request *request, struct report *report)
{
	unsigned char head[SPEC_HEAD];
	int status;

	if (read_head(request, head, report) < 0)
		return EXIT_CANNOT_RUN;
	status = run_file(*request, true, head, report);
	if (status < 0)
		status = run_file(*request, false, head, report);
	return status;
}

int
main(int argc, char *argv[])
{
	struct report report = { "run-detectors", REPORT_NORMAL, 0, false };
	struct request request = { 0 };
	struct invocation invocation;
	int status;

	invocation_get(&invocation);
	if (invocation.secure) {
		report_error(&report,
		    "refused: the file would be run with "
		    "other credentials than the caller's, and could be "
		    "exchanged before its interpreter reads it");
		return EXIT_CANNOT_RUN;
	}
	paths_default(&request.paths);
	status = read_arguments(&request, &invocation, &report, argc, argv);
	if (status < 0)
		status = run(&request, &report);
	return status;
}
