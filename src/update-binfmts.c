#include <sys/utsname.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions.h"
#include "admin.h"
#include "options.h"
#include "paths.h"
#include "report.h"

#define EXIT_PROBLEM  2
#define EXIT_NEGATIVE 1

/* 0, or -1 when the directory of --root cannot be opened. */
static int
enter_root(struct paths *paths, struct report *report, const char *root)
{
	if (root == NULL)
		return 0;
	paths->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (paths->root >= 0)
		return 0;
	report_error(report, "%s: cannot open: %s", root, strerror(errno));
	return -1;
}

static void
prepare(struct admin *admin, const struct options *options)
{
	admin->test = options->test;
	admin->force = options->force;
	admin->json = options->json;
	admin->binfmtd = true;
	admin->files = options->files;
	admin->file_count = options->file_count;
}

/*
 * A standard descriptor that is closed would be given to a file that we open,
 * and messages would end in it.  What stands in cannot be written to, so that
 * lost output is noticed.
 */
static void
occupy_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/", O_RDONLY | O_DIRECTORY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static bool
is_linux(void)
{
	struct utsname name;

	return uname(&name) < 0 || strcmp(name.sysname, "Linux") == 0;
}

static void
answer(struct admin *admin, const struct options *options)
{
	if (options->action == ACTION_HELP)
		options_help();
	else if (options->action == ACTION_VERSION)
		(void)fputs(guard_version_line, stdout);
	else if (is_linux())
		actions_run(admin, options);
	else
		report_done(admin->report,
		    "only Linux has binfmt_misc; nothing to do");
}

int
main(int argc, char *argv[])
{
	struct report report = { "update-binfmts", REPORT_NORMAL, 0 };
	struct options options;
	struct paths paths;
	struct admin admin = { .paths = &paths, .report = &report };

	occupy_standard_descriptors();
	paths_default(&paths);
	if (options_parse(&options, &paths, &report, argc, argv) == 0 &&
	    enter_root(&paths, &report, options.root) == 0) {
		prepare(&admin, &options);
		answer(&admin, &options);
	}
	admin_fini(&admin);
	options_fini(&options);
	if (ferror(stdout) != 0 || fflush(stdout) != 0)
		report_error(&report, "cannot write to standard output");
	if (report.errors != 0)
		return EXIT_PROBLEM;
	return admin.negative ? EXIT_NEGATIVE : 0;
}
