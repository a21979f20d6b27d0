#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* Values above those of characters; each is an index into a table. */
enum {
	OPTION_ACTION = 0x100, /* + enum action */
	OPTION_VALUE = 0x200,  /* + enum format_key */
	OPTION_ADMINDIR = 0x300,
	OPTION_IMPORTDIR,
	OPTION_PROCDIR,
	OPTION_TEST,
	OPTION_FORCE,
	OPTION_JSON,
	OPTION_SOURCE,
	OPTION_ROOT,
	OPTION_QUIET,
	OPTION_VERBOSE,
};

#define ACTION_OPTION(action) (OPTION_ACTION + (int)(action))
#define VALUE_OPTION(key)     (OPTION_VALUE + (int)(key))

static const struct option long_options[] = {
	{ "install", optional_argument, NULL, ACTION_OPTION(ACTION_INSTALL) },
	{ "remove", optional_argument, NULL, ACTION_OPTION(ACTION_REMOVE) },
	{ "import", optional_argument, NULL, ACTION_OPTION(ACTION_IMPORT) },
	{ "unimport", optional_argument, NULL, ACTION_OPTION(ACTION_UNIMPORT) },
	{ "display", optional_argument, NULL, ACTION_OPTION(ACTION_DISPLAY) },
	{ "enable", optional_argument, NULL, ACTION_OPTION(ACTION_ENABLE) },
	{ "disable", optional_argument, NULL, ACTION_OPTION(ACTION_DISABLE) },
	{ "find", optional_argument, NULL, ACTION_OPTION(ACTION_FIND) },
	{ "explain", optional_argument, NULL, ACTION_OPTION(ACTION_EXPLAIN) },
	{ "check", optional_argument, NULL, ACTION_OPTION(ACTION_CHECK) },
	{ "adopt", optional_argument, NULL, ACTION_OPTION(ACTION_ADOPT) },
	{ "sync", no_argument, NULL, ACTION_OPTION(ACTION_SYNC) },
	{ "export", optional_argument, NULL, ACTION_OPTION(ACTION_EXPORT) },
	{ "cat-config", no_argument, NULL, ACTION_OPTION(ACTION_CAT_CONFIG) },
	{ "help", no_argument, NULL, ACTION_OPTION(ACTION_HELP) },
	{ "version", no_argument, NULL, ACTION_OPTION(ACTION_VERSION) },
	{ "package", required_argument, NULL, VALUE_OPTION(KEY_PACKAGE) },
	{ "magic", required_argument, NULL, VALUE_OPTION(KEY_MAGIC) },
	{ "mask", required_argument, NULL, VALUE_OPTION(KEY_MASK) },
	{ "offset", required_argument, NULL, VALUE_OPTION(KEY_OFFSET) },
	{ "extension", required_argument, NULL, VALUE_OPTION(KEY_EXTENSION) },
	{ "detector", required_argument, NULL, VALUE_OPTION(KEY_DETECTOR) },
	{ "credentials", required_argument, NULL,
	    VALUE_OPTION(KEY_CREDENTIALS) },
	{ "preserve", required_argument, NULL, VALUE_OPTION(KEY_PRESERVE) },
	{ "fix-binary", required_argument, NULL, VALUE_OPTION(KEY_FIX_BINARY) },
	{ "open-binary", required_argument, NULL,
	    VALUE_OPTION(KEY_OPEN_BINARY) },
	{ "priority", required_argument, NULL, VALUE_OPTION(KEY_PRIORITY) },
	{ "admindir", required_argument, NULL, OPTION_ADMINDIR },
	{ "importdir", required_argument, NULL, OPTION_IMPORTDIR },
	{ "procdir", required_argument, NULL, OPTION_PROCDIR },
	{ "test", no_argument, NULL, OPTION_TEST },
	{ "force", no_argument, NULL, OPTION_FORCE },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
	{ NULL, 0, NULL, 0 },
};

/* Options that not every action has a use for. */
enum takes {
	TAKES_VALUES = 1 << 0, /* what makes a format */
	TAKES_JSON = 1 << 1,
	TAKES_SOURCE = 1 << 2,
	TAKES_ROOT = 1 << 3,
};

/* What may follow an action. */
static const struct {
	const char *option;
	const char *arguments;
	int least, most;
	unsigned takes;
} actions[] = {
	[ACTION_NONE] = { NULL, NULL, 0, 0, 0 },
	[ACTION_INSTALL] = { "install", "NAME PATH", 2, 2,
	    TAKES_VALUES | TAKES_ROOT },
	[ACTION_REMOVE] = { "remove", "NAME PATH", 2, 2, TAKES_ROOT },
	[ACTION_IMPORT] = { "import", "at most one NAME", 0, 1, TAKES_ROOT },
	[ACTION_UNIMPORT] = { "unimport", "at most one NAME", 0, 1,
	    TAKES_ROOT },
	[ACTION_DISPLAY] = { "display", "at most one NAME", 0, 1,
	    TAKES_JSON | TAKES_SOURCE | TAKES_ROOT },
	[ACTION_ENABLE] = { "enable",
	    "at most one NAME, or with --source=binfmt.d files", 0, 1,
	    TAKES_SOURCE },
	[ACTION_DISABLE] = { "disable",
	    "at most one NAME, or with --source=binfmt.d files", 0, 1,
	    TAKES_SOURCE },
	[ACTION_FIND] = { "find", "PATH", 1, 1, TAKES_JSON },
	[ACTION_EXPLAIN] = { "explain", "PATH", 1, 1, TAKES_JSON },
	[ACTION_CHECK] = { "check", "at most one NAME", 0, 1,
	    TAKES_JSON | TAKES_SOURCE | TAKES_ROOT },
	[ACTION_ADOPT] = { "adopt", "NAME", 1, 1, 0 },
	[ACTION_SYNC] = { "sync", "nothing", 0, 0,
	    TAKES_JSON | TAKES_SOURCE | TAKES_ROOT },
	[ACTION_EXPORT] = { "export", "at most one NAME", 0, 1,
	    TAKES_SOURCE | TAKES_ROOT },
	[ACTION_CAT_CONFIG] = { "cat-config", "nothing", 0, 0, TAKES_ROOT },
	[ACTION_HELP] = { "help", "nothing", 0, 9999, ~0U },
	[ACTION_VERSION] = { "version", "nothing", 0, 9999, ~0U },
};

struct parse {
	struct options *options;
	struct paths *paths;
	struct report *report;
	char **arguments; /* room for all; owned by options */
	int argument_count;
};

static int
usage(const struct parse *parse, const char *what, const char *detail)
{
	report_error(parse->report,
	    "%s%s; update-binfmts --help shows all "
	    "actions and options",
	    what, detail);
	return -1;
}

static int
add_argument(struct parse *parse, char *argument)
{
	parse->arguments[parse->argument_count++] = argument;
	return 0;
}

static int
set_action(struct parse *parse, enum action action)
{
	struct options *options = parse->options;

	/* These two answer whatever else is asked. */
	if (options->action == ACTION_HELP || options->action == ACTION_VERSION)
		return 0;
	if (options->action != ACTION_NONE && action != ACTION_HELP &&
	    action != ACTION_VERSION) {
		report_error(parse->report,
		    "--%s and --%s: exactly one "
		    "action can be given",
		    actions[options->action].option, actions[action].option);
		return -1;
	}
	options->action = action;
	return optarg == NULL ? 0 : add_argument(parse, optarg);
}

static int
set_value(struct parse *parse, enum format_key key)
{
	struct value *value = &parse->options->values[key];

	if (value->text != NULL) {
		report_error(parse->report, "%s is given twice",
		    format_key_name(key));
		return -1;
	}
	value->text = optarg;
	value->len = strlen(optarg);
	return 0;
}

static int
set_directory(struct parse *parse, const char **directory, const char *what)
{
	if (optarg[0] == '\0')
		return usage(parse, what, " needs the path of a directory");
	*directory = optarg;
	return 0;
}

/* A list of words, with commas between them. */
static int
set_sources(struct parse *parse)
{
	static const struct {
		const char *word;
		unsigned sources;
	} words[] = {
		{ "database", SOURCE_DATABASE },
		{ "binfmt.d", SOURCE_BINFMTD },
		{ "kernel", SOURCE_KERNEL },
		{ "all", SOURCE_DATABASE | SOURCE_BINFMTD | SOURCE_KERNEL },
	};
	const char *p = optarg;

	for (;;) {
		size_t i, len = strcspn(p, ",");

		for (i = 0; i < ARRAY_LEN(words); i++) {
			if (strlen(words[i].word) == len &&
			    strncmp(p, words[i].word, len) == 0)
				break;
		}
		if (i == ARRAY_LEN(words))
			return usage(parse, optarg,
			    ": --source takes a list of database, binfmt.d, "
			    "kernel, all");
		parse->options->sources |= words[i].sources;
		if (p[len] == '\0')
			return 0;
		p += len + 1;
	}
}

static int
set_option(struct parse *parse, int option)
{
	if (option >= OPTION_ACTION && option < OPTION_VALUE)
		return set_action(parse, (enum action)(option - OPTION_ACTION));
	if (option >= OPTION_VALUE && option < VALUE_OPTION(KEY_COUNT))
		return set_value(parse,
		    (enum format_key)(option - OPTION_VALUE));
	switch (option) {
	case 1: /* an argument, in its place */
		return add_argument(parse, optarg);
	case OPTION_ADMINDIR:
		return set_directory(parse, &parse->paths->admindir,
		    "--admindir");
	case OPTION_IMPORTDIR:
		return set_directory(parse, &parse->paths->importdir,
		    "--importdir");
	case OPTION_PROCDIR:
		return set_directory(parse, &parse->paths->procdir,
		    "--procdir");
	case OPTION_TEST:
		parse->options->test = true;
		return 0;
	case OPTION_FORCE:
		parse->options->force = true;
		return 0;
	case OPTION_JSON:
		parse->options->json = true;
		return 0;
	case OPTION_SOURCE:
		return set_sources(parse);
	case OPTION_ROOT:
		return set_directory(parse, &parse->options->root, "--root");
	case OPTION_QUIET:
		parse->report->level = REPORT_QUIET;
		return 0;
	case OPTION_VERBOSE:
		parse->report->level = REPORT_VERBOSE;
		return 0;
	default: /* getopt_long() has said what is wrong */
		parse->report->errors++;
		return -1;
	}
}

/* Only --install makes a format; --remove has a package as well. */
static int
check_takes(const struct parse *parse)
{
	const struct options *options = parse->options;
	unsigned takes = actions[options->action].takes;
	int key;

	for (key = 0; key < KEY_COUNT; key++) {
		if (key != KEY_PACKAGE && options->values[key].text != NULL &&
		    (takes & TAKES_VALUES) == 0)
			return usage(parse,
			    format_key_name((enum format_key)key),
			    " goes with --install only");
	}
	if (options->json && (takes & TAKES_JSON) == 0)
		return usage(parse,
		    "--json goes with --display, --find, "
		    "--explain, --check and --sync",
		    "");
	if (options->sources != 0 && (takes & TAKES_SOURCE) == 0)
		return usage(parse,
		    "--source goes with --display, --enable, "
		    "--disable, --check, --sync and --export",
		    "");
	if (options->root != NULL && (takes & TAKES_ROOT) == 0)
		return usage(parse,
		    "--root leaves the kernel alone, so it "
		    "does not go with --",
		    actions[options->action].option);
	return 0;
}

/* Files of binfmt.d take the place of a name. */
static bool
takes_files(const struct options *options)
{
	return (options->action == ACTION_ENABLE ||
		   options->action == ACTION_DISABLE) &&
	    options->sources == SOURCE_BINFMTD;
}

static int
check_arguments(struct parse *parse)
{
	struct options *options = parse->options;
	enum action action = options->action;

	if (takes_files(options)) {
		options->files = parse->arguments;
		options->file_count = (size_t)parse->argument_count;
		return 0;
	}
	if (parse->argument_count < actions[action].least ||
	    parse->argument_count > actions[action].most) {
		CLEANUP(cleanup_free)
		char *what = xasprintf("--%s takes %s", actions[action].option,
		    actions[action].arguments);

		return usage(parse, what, "");
	}
	if (parse->argument_count > 0)
		options->name = parse->arguments[0];
	return 0;
}

static int
check(struct parse *parse)
{
	struct options *options = parse->options;
	struct value *package = &options->values[KEY_PACKAGE];
	struct value *interpreter = &options->values[KEY_INTERPRETER];

	if (options->action == ACTION_NONE)
		return usage(parse, "no action is given", "");
	if (check_arguments(parse) < 0 || check_takes(parse) < 0)
		return -1;
	if (package->text == NULL) {
		package->text = FORMAT_LOCAL;
		package->len = strlen(FORMAT_LOCAL);
	}
	if (options->action == ACTION_INSTALL) {
		interpreter->text = parse->arguments[1];
		interpreter->len = strlen(parse->arguments[1]);
	}
	return 0;
}

int
options_parse(struct options *options, struct paths *paths,
    struct report *report, int argc, char *argv[])
{
	struct parse parse = { options, paths, report, NULL, 0 };
	union {
		const char *in;
		char *out;
	} program = { report->program };
	int option;

	memset(options, 0, sizeof(*options));
	parse.arguments = xcalloc((size_t)argc + 1, sizeof(*parse.arguments));
	options->arguments = parse.arguments;
	/* getopt_long() starts its messages with this. */
	if (argc > 0)
		argv[0] = program.out;
	while (
	    (option = getopt_long(argc, argv, "-", long_options, NULL)) != -1) {
		if (set_option(&parse, option) < 0)
			return -1;
	}
	for (; optind < argc; optind++)
		(void)add_argument(&parse, argv[optind]);
	return check(&parse);
}

void
options_fini(struct options *options)
{
	free(options->arguments);
	options->arguments = NULL;
}

/* clang-format off */
static const char help_text[] =
"Usage: update-binfmts [OPTION]... ACTION\n"
"Registers interpreters for executable formats with the Linux kernel.\n"
"\n"
"Actions:\n"
"  --install NAME PATH SPEC   record a format and register its interpreter PATH\n"
"  --remove NAME PATH         remove a format\n"
"  --import [NAME|FILE]       record and register a packaged format, or all\n"
"  --unimport [NAME|FILE]     remove a packaged format, or all\n"
"  --display [NAME]           show a format, or all, and whether it is enabled\n"
"  --enable [NAME|FILE...]    register a format, or all; files of binfmt.d go\n"
"                             with --source=binfmt.d\n"
"  --disable [NAME|FILE...]   take them out of the kernel\n"
"  --find PATH                print the interpreters that PATH would run with\n"
"  --explain PATH             tell what executing PATH does, and why\n"
"  --check [NAME]             tell what does not agree or cannot work\n"
"  --adopt NAME               record an entry that the kernel has already\n"
"  --sync                     make format files, database, binfmt.d and kernel\n"
"                             agree\n"
"  --export [NAME]            print rules of binfmt.d for a format, or all\n"
"  --cat-config               print the files of binfmt.d that are in effect\n"
"  --help, --version          show this text, or the version\n"
"\n"
"SPEC, what the files of a format look like:\n"
"  --magic BYTES              bytes that they hold, with \\xHH for any byte\n"
"  --mask BYTES               which bits of the magic count\n"
"  --offset N                 where the magic is, instead of at the start\n"
"  --extension EXT            what follows the last dot of their names\n"
"\n"
"Further options of --install, yes or no but for the first and the last:\n"
"  --detector PATH            a program that decides about each file\n"
"  --credentials yes|no       run with the credentials of the file\n"
"  --preserve yes|no          hand on the original argv[0]\n"
"  --fix-binary yes|no        open the interpreter now, for use in chroots\n"
"  --open-binary yes|no       hand over the file as an open descriptor\n"
"  --priority N               -100 to 100; the highest is tried first\n"
"\n"
"Options:\n"
"  --package NAME             the package that the format belongs to\n"
"  --test                     change nothing, show what would be done\n"
"  --force                    register what would make the system unusable\n"
"  --json                     print JSON: --display, --find, --explain, --check,\n"
"                             --sync\n"
"  --source LIST              of database, binfmt.d, kernel, all: what an action\n"
"                             without NAME is about\n"
"  --root DIR                 work on the system in DIR; the kernel is left alone\n"
"  --quiet                    print errors only\n"
"  --verbose                  print each thing that is done\n"
"  --admindir DIR             the database, instead of the system's\n"
"  --importdir DIR            the packaged formats, instead of the system's\n"
"  --procdir DIR              where binfmt_misc is mounted\n"
"\n"
"Exit status: 0 when all is done, 2 when there was a problem; --explain and\n"
"--check: 1 when the file would not run, or something was found.\n";
/* clang-format on */

void
options_help(void)
{
	(void)fputs(help_text, stdout);
}
