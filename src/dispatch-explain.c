#include <stdlib.h>
#include <string.h>

#include "dispatch.h"
#include "xalloc.h"

/* A line of the explanation: what it is about, and what there is to say. */
static ATTR_PRINTF(2, 3) void say(const char *what, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	(void)printf("%14s = ", what);
	report_text(stdout, text);
	(void)putchar('\n');
}

static void
explain_files(const struct dispatch *dispatch)
{
	static const char *const states[] = {
		[DISPATCH_READ] = "read",
		[DISPATCH_ABSENT] = "not there",
		[DISPATCH_SKIPPED] = "skipped",
	};
	size_t i;

	for (i = 0; i < dispatch->files_count; i++)
		say("configuration", "%s: %s", dispatch->files[i].path,
		    states[dispatch->files[i].state]);
}

static void
explain_program(const struct dispatch_program *program)
{
	say("file", "%s", program->path);
	if (program->resolved != NULL)
		say("resolved", "%s", program->resolved);
	say("machine", "%s",
	    program->machine == NULL ? "not known" : program->machine);
}

static const struct dispatch_candidate *
explain_candidates(const struct dispatch_choice *choice)
{
	const struct dispatch_candidate *taken = NULL;
	size_t i;

	say("chosen by", "%s", choice->reason);
	for (i = 0; i < choice->count; i++) {
		const struct dispatch_candidate *c = &choice->candidates[i];
		const char *verdict = c->missing;

		if (verdict == NULL)
			verdict = taken == NULL ? "is used" : "is not needed";
		if (taken == NULL && c->missing == NULL)
			taken = c;
		say(i == 0 ? "interpreter" : "fallback", "%s (%s): %s",
		    c->interpreter->id, dispatchconf_name(c->interpreter),
		    verdict);
	}
	return taken;
}

int
dispatch_explain(struct dispatch *dispatch, struct dispatch_program *program)
{
	const struct dispatch_candidate *taken;
	CLEANUP(cleanup_free) char **argv = NULL;
	struct dispatch_choice choice;
	char number[32];
	size_t i;

	explain_files(dispatch);
	if (dispatch_open(dispatch, program) < 0)
		return 2;
	explain_program(program);
	dispatchconf_expand(&dispatch->conf, program->machine);
	if (dispatch_choose(dispatch, program, &choice) < 0) {
		dispatch_choice_fini(&choice);
		return 1;
	}
	taken = explain_candidates(&choice);
	if (taken == NULL) {
		say("result", "it would not run");
		dispatch_choice_fini(&choice);
		return 1;
	}
	if (taken->interpreter->use_muvm)
		say("muvm", "%s",
		    dispatch_wants_muvm(dispatch, taken->interpreter) ?
			"is used, since a page has not 4096 bytes" :
			"is not used, since a page has 4096 bytes");
	argv = dispatch_arguments(dispatch, program, taken->interpreter);
	for (i = 0; argv[i] != NULL; i++) {
		(void)snprintf(number, sizeof(number), "argv[%zu]", i);
		say(number, "%s", argv[i]);
	}
	dispatch_choice_fini(&choice);
	return 0;
}
