#include "actions.h"

#include <string.h>

#include "adopt.h"
#include "check.h"
#include "display.h"
#include "explain.h"
#include "export.h"
#include "find.h"
#include "import.h"
#include "install.h"
#include "switch.h"
#include "sync.h"

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
run_import(struct admin *admin, const struct options *options)
{
	if (options->name != NULL)
		import_one(admin, options->name);
	else
		import_all(admin);
}

static void
run_unimport(struct admin *admin, const struct options *options)
{
	if (options->name != NULL)
		import_undo_one(admin, options->name);
	else
		import_undo_all(admin);
}

/* What an action is about; sources counts where --source is not given. */
static struct admin_selection
select_formats(const struct options *options, unsigned sources)
{
	if (options->sources != 0)
		sources = options->sources;
	return (struct admin_selection){
		.name = options->name,
		.recorded = (sources & SOURCE_DATABASE) != 0,
		.binfmtd = (sources & SOURCE_BINFMTD) != 0,
	};
}

static void
run_display(struct admin *admin, const struct options *options)
{
	unsigned sources = SOURCE_DATABASE | SOURCE_BINFMTD;
	struct admin_selection selection;

	/* Another database than the system's is asked about alone. */
	if (!paths_admindir_is_default(admin->paths))
		sources = SOURCE_DATABASE;
	selection = select_formats(options, sources);
	display_formats(admin, &selection,
	    (options->sources & SOURCE_KERNEL) != 0);
}

static void
run_enable(struct admin *admin, const struct options *options)
{
	struct admin_selection selection = select_formats(options,
	    SOURCE_DATABASE);

	switch_on(admin, &selection);
}

static void
run_disable(struct admin *admin, const struct options *options)
{
	struct admin_selection selection = select_formats(options,
	    SOURCE_DATABASE);

	switch_off(admin, &selection);
}

static void
run_find(struct admin *admin, const struct options *options)
{
	find_interpreters(admin, options->name);
}

static void
run_explain(struct admin *admin, const struct options *options)
{
	admin->negative = !explain_path(admin, options->name);
}

static void
run_check(struct admin *admin, const struct options *options)
{
	struct admin_selection selection = select_formats(options,
	    SOURCE_DATABASE | SOURCE_BINFMTD);

	admin->negative = !check_formats(admin, &selection);
}

static void
run_adopt(struct admin *admin, const struct options *options)
{
	adopt_entry(admin, options->name);
}

static void
run_sync(struct admin *admin, const struct options *options)
{
	struct admin_selection selection = select_formats(options,
	    SOURCE_DATABASE | SOURCE_BINFMTD);

	sync_all(admin, &selection);
}

static void
run_export(struct admin *admin, const struct options *options)
{
	struct admin_selection selection = select_formats(options,
	    SOURCE_DATABASE);

	export_rules(admin, &selection);
}

static void
run_cat_config(struct admin *admin, const struct options *options)
{
	(void)options;
	export_files(admin);
}

/* What the argument of an action is. */
enum argument {
	ARGUMENT_FORMAT, /* the name of a format of ours */
	ARGUMENT_ENTRY,	 /* a name that only the kernel has to like */
	ARGUMENT_PATH,	 /* a path, or the name of a file */
};

static const struct {
	void (*run)(struct admin *admin, const struct options *options);
	enum argument argument;
} actions[] = {
	[ACTION_INSTALL] = { run_install, ARGUMENT_FORMAT },
	[ACTION_REMOVE] = { run_remove, ARGUMENT_FORMAT },
	[ACTION_IMPORT] = { run_import, ARGUMENT_PATH },
	[ACTION_UNIMPORT] = { run_unimport, ARGUMENT_PATH },
	[ACTION_DISPLAY] = { run_display, ARGUMENT_ENTRY },
	[ACTION_ENABLE] = { run_enable, ARGUMENT_ENTRY },
	[ACTION_DISABLE] = { run_disable, ARGUMENT_ENTRY },
	[ACTION_FIND] = { run_find, ARGUMENT_PATH },
	[ACTION_EXPLAIN] = { run_explain, ARGUMENT_PATH },
	[ACTION_CHECK] = { run_check, ARGUMENT_ENTRY },
	[ACTION_ADOPT] = { run_adopt, ARGUMENT_FORMAT },
	[ACTION_SYNC] = { run_sync, ARGUMENT_ENTRY },
	[ACTION_EXPORT] = { run_export, ARGUMENT_ENTRY },
	[ACTION_CAT_CONFIG] = { run_cat_config, ARGUMENT_ENTRY },
};

/* A name that no format and no entry can have is a mistake in any action. */
static int
check_name(enum argument argument, const char *name, struct problems *problems)
{
	if (name == NULL || argument == ARGUMENT_PATH)
		return 0;
	if (argument == ARGUMENT_FORMAT || name[0] == '\0' ||
	    strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strcmp(name, "register") == 0 ||
	    strcmp(name, "status") == 0)
		return format_check_name(name, problems);
	return 0;
}

void
actions_run(struct admin *admin, const struct options *options)
{
	struct problems problems = PROBLEMS_INIT;

	if (check_name(actions[options->action].argument, options->name,
		&problems) == 0)
		actions[options->action].run(admin, options);
	else
		report_problems(admin->report, options->name, &problems,
		    REPORT_AS_THEY_ARE);
}
