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

/* Another database than the system's is looked at alone. */
static unsigned
all_to_look_at(const struct admin *admin)
{
	if (!paths_admindir_is_default(admin->paths))
		return SOURCE_DATABASE;
	return SOURCE_DATABASE | SOURCE_BINFMTD;
}

static void
run_display(struct admin *admin, const struct options *options)
{
	struct admin_selection selection = select_formats(options,
	    all_to_look_at(admin));

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

static const struct {
	void (*run)(struct admin *admin, const struct options *options);
	bool takes_path; /* or the name of a file */
} actions[] = {
	[ACTION_INSTALL] = { run_install, false },
	[ACTION_REMOVE] = { run_remove, false },
	[ACTION_IMPORT] = { run_import, true },
	[ACTION_UNIMPORT] = { run_unimport, true },
	[ACTION_DISPLAY] = { run_display, false },
	[ACTION_ENABLE] = { run_enable, false },
	[ACTION_DISABLE] = { run_disable, false },
	[ACTION_FIND] = { run_find, true },
	[ACTION_EXPLAIN] = { run_explain, true },
	[ACTION_CHECK] = { run_check, false },
	[ACTION_ADOPT] = { run_adopt, false },
	[ACTION_SYNC] = { run_sync, false },
	[ACTION_EXPORT] = { run_export, false },
	[ACTION_CAT_CONFIG] = { run_cat_config, false },
};

void
actions_run(struct admin *admin, const struct options *options)
{
	struct problems problems = PROBLEMS_INIT;

	if (options->name == NULL || actions[options->action].takes_path ||
	    format_check_name(options->name, &problems) == 0)
		actions[options->action].run(admin, options);
	else
		report_problems(admin->report, options->name, &problems,
		    REPORT_AS_THEY_ARE);
}
