#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch.h"
#include "file.h"
#include "xalloc.h"

/* By this name QEMU knows that argv[0] follows the path. */
#define PRESERVE_SUFFIX "-binfmt-P"

static bool
wants_argv0(const struct dispatchconf_interpreter *interpreter)
{
	size_t len, suffix = strlen(PRESERVE_SUFFIX);
	const char *name;

	if (interpreter->argv0 != DISPATCHCONF_ARGV0_BY_NAME)
		return interpreter->argv0 == DISPATCHCONF_ARGV0_YES;
	name = file_base_name(interpreter->path);
	len = strlen(name);
	return len > suffix &&
	    strcmp(name + len - suffix, PRESERVE_SUFFIX) == 0;
}

/* execve(2) wants its arguments without const, and does not write to them. */
static char *
argument(const char *text)
{
	char *p;

	memcpy(&p, &text, sizeof(p));
	return p;
}

char **
dispatch_arguments(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    const struct dispatchconf_interpreter *interpreter)
{
	size_t i, n = 0;
	char **argv;

	argv = xcalloc(program->rest_count + interpreter->args.count + 8,
	    sizeof(*argv));
	if (dispatch_wants_muvm(dispatch, interpreter)) {
		argv[n++] = dispatch->conf.muvm;
		argv[n++] = argument("--");
	}
	argv[n++] = interpreter->path;
	for (i = 0; i < interpreter->args.count; i++)
		argv[n++] = interpreter->args.items[i];
	if (interpreter->argv0 == DISPATCHCONF_ARGV0_OPTION) {
		argv[n++] = interpreter->argv0_option;
		argv[n++] = argument(program->argv0);
	}
	argv[n++] = argument(
	    program->by_descriptor ? program->handed : program->path);
	if (wants_argv0(interpreter))
		argv[n++] = argument(program->argv0);
	for (i = 0; i < program->rest_count; i++)
		argv[n++] = program->rest[i];
	return argv;
}

/* Only returns when it did not work, with errno. */
static void
execute(const struct dispatch *dispatch, const struct dispatch_program *program,
    const struct dispatchconf_interpreter *interpreter)
{
	bool muvm = dispatch_wants_muvm(dispatch, interpreter);
	CLEANUP(cleanup_free) char **argv = NULL;
	size_t i;
	int error;

	dispatch_log(dispatch, DISPATCHCONF_INFO, "%s: using %s%s",
	    program->path, dispatchconf_name(interpreter),
	    muvm ? " with muvm" : "");
	argv = dispatch_arguments(dispatch, program, interpreter);
	for (i = 0; argv[i] != NULL; i++)
		dispatch_log(dispatch, DISPATCHCONF_DEBUG, "argv[%zu] = %s", i,
		    argv[i]);
	if (program->by_descriptor)
		(void)fcntl(program->fd, F_SETFD, 0);
	(void)fflush(NULL);
	/* There is always an interpreter. */
	(void)execve(argv[0], argv, environ); /* NOLINT(*.NonNull*) */
	error = errno;
	(void)fcntl(program->fd, F_SETFD, FD_CLOEXEC);
	errno = error;
}

/* Tries all; only returns when none of them ran. */
static void
try_all(const struct dispatch *dispatch, const struct dispatch_program *program,
    struct dispatch_choice *choice)
{
	size_t i;

	for (i = 0; i < choice->count; i++) {
		struct dispatch_candidate *candidate = &choice->candidates[i];

		if (candidate->missing == NULL) {
			execute(dispatch, program, candidate->interpreter);
			candidate->missing = xasprintf(
			    "%s cannot be executed: %s",
			    candidate->interpreter->path, strerror(errno));
			candidate->unsuited = true;
		}
		dispatch_log(dispatch, DISPATCHCONF_INFO, "%s: %s: %s",
		    program->path, dispatchconf_name(candidate->interpreter),
		    candidate->missing);
	}
}

static void
report_failure(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    const struct dispatch_choice *choice)
{
	char *notes = xstrdup("");
	size_t i;

	for (i = 0; i < choice->count; i++) {
		const struct dispatch_candidate *c = &choice->candidates[i];
		char *longer = xasprintf("%s; %s: %s", notes,
		    dispatchconf_name(c->interpreter),
		    c->missing == NULL ? "was not tried" : c->missing);

		free(notes);
		notes = longer;
	}
	report_error(dispatch->report, "%s: no interpreter can run this%s%s%s",
	    program->path, program->machine == NULL ? " file" : " program for ",
	    program->machine == NULL ? "" : program->machine, notes);
	free(notes);
}

int
dispatch_run(struct dispatch *dispatch, struct dispatch_program *program)
{
	CLEANUP(cleanup_free) char *hint = NULL;
	struct dispatch_choice choice;
	size_t i;

	if (dispatch_open(dispatch, program) < 0)
		return DISPATCH_CANNOT_RUN;
	dispatchconf_expand(&dispatch->conf, program->machine);
	if (dispatch_choose(dispatch, program, &choice) < 0) {
		dispatch_choice_fini(&choice);
		return DISPATCH_NOT_FOUND;
	}
	try_all(dispatch, program, &choice);
	if (dispatch_install(dispatch, program, &choice, &hint)) {
		for (i = 0; i < choice.count; i++)
			dispatch_examine(dispatch, program,
			    &choice.candidates[i]);
		try_all(dispatch, program, &choice);
	}
	report_failure(dispatch, program, &choice);
	if (hint != NULL)
		dispatch_log(dispatch, DISPATCHCONF_ERROR, "%s", hint);
	dispatch_choice_fini(&choice);
	return DISPATCH_CANNOT_RUN;
}
