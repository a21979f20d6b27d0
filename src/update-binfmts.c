#include <sys/utsname.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "adopt.h"
#include "check.h"
#include "display.h"
#include "explain.h"
#include "find.h"
#include "import.h"
#include "install.h"
#include "options.h"
#include "paths.h"
#include "report.h"
#include "switch.h"

#define EXIT_PROBLEM  2
#define EXIT_NEGATIVE 1

static void
run_install(struct admin *admin, const struct options *options)
{
	struct problems problems = PROBLEMS_INIT;
	struct format format;
	int result;

	result = format_build(&format, options->name, options->values,
	    ORIGIN_COMMAND, &problems);
	report_problems(admin->report, options->name, &problems,
	    REPORT_AS_THEY_ARE);
	if (result == 0)
		install_format(admin, &format);
}

static void
run_remove(struct admin *admin, const struct options *options)
{
	install_remove(admin, options->name, options->values[KEY_PACKAGE].text);
}

static void
run_explain(struct admin *admin, const struct options *options)
{
	admin->negative = !explain_path(admin, options->name);
}

static void
run_check(struct admin *admin, const struct options *options)
{
	admin->negative = !check_formats(admin, options->name);
}

static void
run_adopt(struct admin *admin, const struct options *options)
{
	adopt_entry(admin, options->name);
}

static void
run_find(struct admin *admin, const struct options *options)
{
	find_interpreters(admin, options->name);
}

/* Actions that take the name of a format, a file, or nothing. */
struct pair {
	void (*one)(struct admin *admin, const char *name);
	void (*all)(struct admin *admin);
};

static const struct {
	void (*run)(struct admin *admin, const struct options *options);
	struct pair pair;
	bool takes_path; /* the name may be a path, or is one */
} actions[] = {
	[ACTION_INSTALL] = { run_install, { NULL, NULL }, false },
	[ACTION_REMOVE] = { run_remove, { NULL, NULL }, false },
	[ACTION_IMPORT] = { NULL, { import_one, import_all }, true },
	[ACTION_UNIMPORT] = { NULL, { import_undo_one, import_undo_all },
	    true },
	[ACTION_DISPLAY] = { NULL, { display_one, display_all }, false },
	[ACTION_ENABLE] = { NULL, { switch_on, switch_on_all }, false },
	[ACTION_DISABLE] = { NULL, { switch_off, switch_off_all }, false },
	[ACTION_FIND] = { run_find, { NULL, NULL }, true },
	[ACTION_EXPLAIN] = { run_explain, { NULL, NULL }, true },
	[ACTION_CHECK] = { run_check, { NULL, NULL }, false },
	[ACTION_ADOPT] = { run_adopt, { NULL, NULL }, false },
};

static void
run(struct admin *admin, const struct options *options)
{
	struct problems problems = PROBLEMS_INIT;

	if (options->name != NULL && !actions[options->action].takes_path &&
	    format_check_name(options->name, &problems) < 0) {
		report_problems(admin->report, options->name, &problems,
		    REPORT_AS_THEY_ARE);
		return;
	}
	if (actions[options->action].run != NULL)
		actions[options->action].run(admin, options);
	else if (options->name != NULL)
		actions[options->action].pair.one(admin, options->name);
	else
		actions[options->action].pair.all(admin);
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

int
main(int argc, char *argv[])
{
	struct report report = { "update-binfmts", REPORT_NORMAL, 0 };
	struct options options;
	struct paths paths;
	struct admin admin = { .paths = &paths, .report = &report };

	occupy_standard_descriptors();
	paths_default(&paths);
	if (options_parse(&options, &paths, &report, argc, argv) < 0)
		return EXIT_PROBLEM;
	admin.test = options.test;
	admin.force = options.force;
	admin.json = options.json;
	admin.foreign = (options.sources & SOURCE_KERNEL) != 0;
	if (options.action == ACTION_HELP)
		options_help();
	else if (options.action == ACTION_VERSION)
		(void)fputs(guard_version_line, stdout);
	else if (is_linux())
		run(&admin, &options);
	else
		report_done(&report,
		    "only Linux has binfmt_misc; nothing to "
		    "do");
	admin_fini(&admin);
	if (ferror(stdout) != 0 || fflush(stdout) != 0)
		report_error(&report, "cannot write to standard output");
	if (report.errors != 0)
		return EXIT_PROBLEM;
	return admin.negative ? EXIT_NEGATIVE : 0;
}
