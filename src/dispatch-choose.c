#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch.h"
#include "elffile.h"
#include "file.h"
#include "script.h"
#include "xalloc.h"

#define CHOICE_VAR "BINFMT_DISPATCHER_INTERPRETER"

/* What an interpreter can run only in a virtual machine, if not of this. */
#define PAGE_SIZE_4K 4096

/* More steps of #! than the kernel would follow. */
#define SCRIPT_DEPTH 5

/* Which rule comes first: exactly the file; then the longer text. */
#define RANK_EXACT (~(size_t)0)

/* Whether path is dir, or below it: RANK_EXACT, or a rank, or 0. */
static size_t
rank_below(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	while (len > 0 && dir[len - 1] == '/')
		len--;
	if (strncmp(dir, path, len) != 0)
		return 0;
	if (path[len] == '\0' && dir[len] == '\0')
		return RANK_EXACT;
	return path[len] == '/' ? len + 1 : 0;
}

/* How well the rule's path fits the program's; 0: not at all. */
static size_t
rank(const char *pattern, const char *path)
{
	CLEANUP(cleanup_free) char *real = NULL;
	size_t found = rank_below(pattern, path);

	if (found > 0)
		return found;
	if (strpbrk(pattern, "*?[") != NULL &&
	    fnmatch(pattern, path, FNM_PATHNAME) == 0)
		return strlen(pattern);
	real = realpath(pattern, NULL);
	return real == NULL ? 0 : rank_below(real, path);
}

static const struct dispatchconf_rule *
find_binary(const struct dispatchconf *conf, const char *path)
{
	const struct dispatchconf_rule *best = NULL;
	size_t i, best_rank = 0;

	for (i = 0; path != NULL && i < conf->binaries.count; i++) {
		const struct dispatchconf_rule *rule = &conf->binaries.items[i];
		size_t r;

		if (rule->path == NULL || rule->interpreter == NULL ||
		    dispatchconf_find(conf, rule->interpreter) == NULL)
			continue;
		r = rank(rule->path, path);
		/* Of two that fit as well, the later. */
		if (r > 0 && r >= best_rank) {
			best = rule;
			best_rank = r;
		}
	}
	return best;
}

static const struct dispatchconf_rule *
find_machine(const struct dispatchconf *conf, const char *machine)
{
	size_t i;

	for (i = 0; machine != NULL && i < conf->machines.count; i++) {
		const struct dispatchconf_rule *rule = &conf->machines.items[i];

		if (strcmp(rule->id, machine) == 0 &&
		    rule->interpreter != NULL &&
		    dispatchconf_find(conf, rule->interpreter) != NULL)
			return rule;
	}
	return NULL;
}

static char *
describe(const char *what, const char *id,
    const struct dispatchconf_source *source)
{
	return xasprintf("%s%s in %s:%u", what, id,
	    source->file == NULL ? "?" : source->file, source->place.line);
}

/* The one that is wanted first, and why; NULL, and reported: none. */
static const struct dispatchconf_interpreter *
find_first(const struct dispatch *dispatch,
    const struct dispatch_program *program, char **reason)
{
	const struct dispatchconf *conf = &dispatch->conf;
	const struct dispatchconf_interpreter *found = NULL;
	const struct dispatchconf_rule *rule;
	const char *wanted = NULL;

	if (!dispatch->invocation->secure)
		wanted = getenv(CHOICE_VAR);
	if (wanted != NULL && wanted[0] != '\0') {
		found = dispatchconf_find(conf, wanted);
		*reason = xstrdup(CHOICE_VAR " in the environment");
		if (found == NULL)
			report_error(dispatch->report,
			    "%s: " CHOICE_VAR
			    " wants interpreter %s, and "
			    "none is configured",
			    program->path, wanted);
		return found;
	}
	rule = find_binary(conf, program->resolved);
	if (rule != NULL) {
		*reason = describe("binaries.", rule->id, &rule->source);
		return dispatchconf_find(conf, rule->interpreter);
	}
	rule = find_machine(conf, program->machine);
	if (rule != NULL) {
		*reason = describe("machines.", rule->id, &rule->source);
		return dispatchconf_find(conf, rule->interpreter);
	}
	if (conf->interpreter != NULL)
		found = dispatchconf_find(conf, conf->interpreter);
	if (found != NULL)
		*reason = describe("the default", "",
		    &conf->interpreter_source);
	else
		report_error(dispatch->report,
		    "%s: no interpreter is configured for it%s%s; see "
		    "binfmt-dispatcher.toml(5)",
		    program->path, program->machine == NULL ? "" : ", machine ",
		    program->machine == NULL ? "" : program->machine);
	return found;
}

/* Enters an interpreter at an index, unless it is there already. */
static bool
insert(struct dispatch_choice *choice, size_t at,
    const struct dispatchconf_interpreter *interpreter)
{
	size_t i;

	for (i = 0; i < choice->count; i++) {
		if (choice->candidates[i].interpreter == interpreter)
			return false;
	}
	GROW(choice->candidates, choice->count, choice->room);
	memmove(choice->candidates + at + 1, choice->candidates + at,
	    (choice->count - at) * sizeof(*choice->candidates));
	choice->candidates[at] = (struct dispatch_candidate){
		.interpreter = interpreter
	};
	choice->count++;
	return true;
}

int
dispatch_choose(const struct dispatch *dispatch,
    const struct dispatch_program *program, struct dispatch_choice *choice)
{
	const struct dispatchconf_interpreter *first;
	size_t i, j;

	*choice = (struct dispatch_choice){ .reason = NULL };
	first = find_first(dispatch, program, &choice->reason);
	if (first == NULL)
		return -1;
	(void)insert(choice, 0, first);
	for (i = 0; i < choice->count; i++) {
		const struct dispatchconf_list *fallback =
		    &choice->candidates[i].interpreter->fallback;
		size_t at = i + 1;

		for (j = 0; j < fallback->count; j++) {
			const struct dispatchconf_interpreter *next;

			next = dispatchconf_find(&dispatch->conf,
			    fallback->items[j]);
			if (next != NULL && insert(choice, at, next))
				at++;
		}
	}
	for (i = 0; i < choice->count; i++)
		dispatch_examine(dispatch, program, &choice->candidates[i]);
	return 0;
}

void
dispatch_choice_fini(struct dispatch_choice *choice)
{
	size_t i;

	for (i = 0; i < choice->count; i++)
		free(choice->candidates[i].missing);
	free(choice->candidates);
	free(choice->reason);
}

bool
dispatch_wants_muvm(const struct dispatch *dispatch,
    const struct dispatchconf_interpreter *interpreter)
{
	long size = dispatch->paths.page_size;

	if (size == 0)
		size = sysconf(_SC_PAGESIZE);
	return interpreter->use_muvm && size != PAGE_SIZE_4K;
}

static void
add_if_absent(struct dispatchconf_list *list, const char *path)
{
	struct stat st;
	size_t i;

	if (path == NULL || stat(path, &st) == 0)
		return;
	for (i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], path) == 0)
			return;
	}
	list->items = xreallocarray(list->items, list->count + 2,
	    sizeof(*list->items));
	list->items[list->count++] = xstrdup(path);
	list->items[list->count] = NULL;
}

struct dispatchconf_list
dispatch_missing(const struct dispatch *dispatch,
    const struct dispatchconf_interpreter *interpreter)
{
	struct dispatchconf_list list = { NULL, 0 };
	size_t i;

	add_if_absent(&list, interpreter->path);
	for (i = 0; i < interpreter->required_paths.count; i++)
		add_if_absent(&list, interpreter->required_paths.items[i]);
	if (dispatch_wants_muvm(dispatch, interpreter))
		add_if_absent(&list, dispatch->conf.muvm);
	return list;
}

static char *
join(const struct dispatchconf_list *list, const char *after)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < list->count; i++) {
		char *longer = xasprintf("%s%s%s", text, i == 0 ? "" : ", ",
		    list->items[i]);

		free(text);
		text = longer;
	}
	if (list->count > 0) {
		char *longer = xasprintf("%s%s%s", text,
		    list->count == 1 ? " is" : " are", after);

		free(text);
		text = longer;
	}
	return text;
}

/* What a #! line at the start of a file names; owned, or NULL. */
static char *
script_interpreter(const unsigned char head[SPEC_HEAD])
{
	struct script script;
	char *name;

	if (!script_parse(head, &script))
		return NULL;
	name = STEAL(script.interpreter);
	script_fini(&script);
	return name;
}

static bool
is_foreign(int fd)
{
	CLEANUP(cleanup_free) char *loader = NULL;

	return elffile_classify(fd, &loader) == ELFFILE_FOREIGN;
}

/*
 * Executing a program of a foreign machine would come back to us, or to
 * another interpreter that may come back.  The program may be a script.
 */
static char *
find_loop(const char *path, const struct stat *program)
{
	CLEANUP(cleanup_free) char *name = xstrdup(path);
	unsigned char head[SPEC_HEAD];
	struct stat st;
	int depth;

	for (depth = 0; name != NULL && depth < SCRIPT_DEPTH; depth++) {
		CLEANUP(cleanup_close) int fd = -1;

		fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		    file_read_head(fd, head, sizeof(head)) < 0)
			return NULL; /* the kernel will say why */
		if (st.st_dev == program->st_dev &&
		    st.st_ino == program->st_ino)
			return xasprintf("%s is the program itself", name);
		if (elffile_is_elf(head))
			return is_foreign(fd) ?
			    xasprintf(
				"%s is itself a program for another "
				"machine",
				name) :
			    NULL;
		free(name);
		name = script_interpreter(head);
	}
	return NULL;
}

static bool
serves(const struct dispatchconf_interpreter *interpreter, const char *machine)
{
	const struct dispatchconf_list *machines = &interpreter->machines;
	size_t i;

	if (machines->items == NULL)
		return true;
	for (i = 0; machine != NULL && i < machines->count; i++) {
		if (strcmp(machines->items[i], machine) == 0)
			return true;
	}
	return false;
}

/* Why no installation would make it fit; NULL: it may fit. */
static char *
find_unsuited(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    const struct dispatchconf_interpreter *interpreter)
{
	struct stat st;

	if (interpreter->path == NULL)
		return xstrdup("no path is configured");
	if (!serves(interpreter, program->machine))
		return xasprintf("is not for %s",
		    program->machine == NULL ? "such a program" :
					       program->machine);
	if (program->by_descriptor &&
	    dispatch_wants_muvm(dispatch, interpreter))
		return xstrdup(
		    "would run in a virtual machine, where an open "
		    "file cannot be handed over");
	if (fstat(program->fd, &st) < 0)
		return NULL;
	return find_loop(interpreter->path, &st);
}

void
dispatch_examine(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    struct dispatch_candidate *candidate)
{
	const struct dispatchconf_interpreter *interpreter =
	    candidate->interpreter;
	struct dispatchconf_list list;

	free(candidate->missing);
	candidate->missing = find_unsuited(dispatch, program, interpreter);
	candidate->unsuited = candidate->missing != NULL;
	if (candidate->unsuited)
		return;
	list = dispatch_missing(dispatch, interpreter);
	if (list.count > 0) {
		candidate->missing = join(&list, " not there");
	} else if (faccessat(AT_FDCWD, interpreter->path, X_OK, AT_EACCESS) <
	    0) {
		candidate->missing = xasprintf("%s cannot be executed: %s",
		    interpreter->path, strerror(errno));
		candidate->unsuited = true;
	}
	dispatchconf_list_fini(&list);
}
