#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "dispatch.h"
#include "invocation.h"
#include "number.h"
#include "paths.h"
#include "report.h"

#define EXIT_USAGE 2

#define PAGE_SIZE_MAX (1L << 30)

struct request {
	struct dispatch_paths paths;
	struct dispatch_program program;
	bool explain;
};

static void
help(void)
{
	(void)fputs(
	    "Usage: binfmt-dispatcher [--explain] [OPTION]... FILE [ARG]...\n"
	    "Executes FILE with the interpreter that the configuration chooses "
	    "for it.\n"
	    "The kernel calls this program; see binfmt-dispatcher(8).\n\n"
	    "  --explain            print what would be done, and why\n"
	    "  --vendor-dir DIR     read the drop-ins in DIR\n"
	    "  --config FILE        the administrator's configuration\n"
	    "  --user-config FILE   the user's configuration\n"
	    "  --helper-dir DIR     where pkexec, zenity and the others are\n"
	    "  --page-size BYTES    as though a page had so many bytes\n"
	    "  --help               print this\n"
	    "  --version            print the version\n",
	    stdout);
}

/* Returns the status to exit with, or -1 to go on. */
static int
take_option(struct request *request, struct report *report, int option,
    const char *value)
{
	switch (option) {
	case 'e':
		request->explain = true;
		break;
	case 'd':
		request->paths.vendor = value;
		break;
	case 'c':
		request->paths.admin = value;
		break;
	case 'u':
		request->paths.user = value;
		break;
	case 'x':
		request->paths.helpers = value;
		break;
	case 'p':
		if (number_parse(value, strlen(value), 1, PAGE_SIZE_MAX,
			&request->paths.page_size) == NUMBER_OK)
			break;
		report_error(report, "--page-size needs a number, not '%s'",
		    value);
		return EXIT_USAGE;
	case 'h':
		help();
		return fflush(stdout) == 0 ? 0 : EXIT_USAGE;
	case 'v':
		(void)printf("binfmt-dispatcher (binfmts) %s\n",
		    PACKAGE_VERSION);
		return fflush(stdout) == 0 ? 0 : EXIT_USAGE;
	default:
		return EXIT_USAGE;
	}
	return -1;
}

/* Returns the status to exit with, or -1 to go on. */
static int
parse_options(struct request *request, struct report *report, int argc,
    char *argv[])
{
	static const struct option options[] = {
		{ "explain", no_argument, NULL, 'e' },
		{ "vendor-dir", required_argument, NULL, 'd' },
		{ "config", required_argument, NULL, 'c' },
		{ "user-config", required_argument, NULL, 'u' },
		{ "helper-dir", required_argument, NULL, 'x' },
		{ "page-size", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	static char name[] = "binfmt-dispatcher";
	int option, status;

	argv[0] = name; /* messages of getopt_long(3) start with it */
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		status = take_option(request, report, option, optarg);
		if (status >= 0)
			return status;
	}
	return -1;
}

/* Returns the status to exit with, or -1 to go on. */
static int
read_arguments(struct request *request, const struct invocation *invocation,
    struct report *report, int argc, char *argv[])
{
	struct dispatch_program *program = &request->program;
	int first = 1, status;

	if (invocation->by_hand && !invocation->secure) {
		status = parse_options(request, report, argc, argv);
		if (status >= 0)
			return status;
		first = optind;
	}
	if (argc <= first) {
		report_error(report,
		    "no file is given; binfmt-dispatcher --help shows the "
		    "usage");
		return EXIT_USAGE;
	}
	program->path = program->argv0 = argv[first++];
	if (invocation->has_argv0 && argc > first)
		program->argv0 = argv[first++];
	program->rest = argv + first;
	program->rest_count = (size_t)(argc - first);
	return -1;
}

int
main(int argc, char *argv[])
{
	struct report report = { "binfmt-dispatcher", REPORT_NORMAL, 0, false };
	struct request request = { .program = { .fd = -1 } };
	struct invocation invocation;
	struct dispatch dispatch;
	struct paths paths;
	int status;

	invocation_get(&invocation);
	paths_default(&paths);
	request.paths.vendor = paths.dispatcher_dir;
	request.paths.admin = paths.dispatcher_file;
	status = read_arguments(&request, &invocation, &report, argc, argv);
	if (status >= 0)
		return status;
	dispatch_init(&dispatch, &request.paths, &invocation, &report);
	status = request.explain ?
	    dispatch_explain(&dispatch, &request.program) :
	    dispatch_run(&dispatch, &request.program);
	if (fflush(stdout) != 0 && request.explain)
		status = EXIT_USAGE;
	dispatch_close(&request.program);
	dispatch_fini(&dispatch);
	return status;
}
