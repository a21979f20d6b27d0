#include "rollback.h"

#include <stdlib.h>

#include "xalloc.h"

void
rollback_add(struct rollback_list *list, const char *name,
    const struct kernel_entry *before, bool moved)
{
	GROW(list->items, list->count, list->room);
	list->items[list->count++] = (struct rollback_item){ name, before,
		moved };
}

static void
take_back(struct admin *admin, const char *name)
{
	struct problems problems = PROBLEMS_INIT;

	registered_drop(admin->registered, name);
	if (kernel_control(admin->kernel, name, KERNEL_REMOVE, &problems) < 0)
		report_problems(admin->report, name, &problems,
		    REPORT_AS_THEY_ARE);
}

static void
put_back(struct admin *admin, const struct kernel_entry *before)
{
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = NULL;
	const struct rule *rule = &before->entry.rule;
	int result = -1;

	text = rule_print(rule, &problems);
	if (text != NULL)
		result = kernel_register(admin->kernel, rule, text, &problems);
	if (result == 0 && !before->entry.enabled)
		/* cppcheck-suppress unreadVariable; problems has it */
		/* NOLINTNEXTLINE(*.DeadStores) */
		result = kernel_control(admin->kernel, rule->name,
		    KERNEL_DISABLE, &problems);
	report_problems(admin->report, rule->name, &problems,
	    REPORT_AS_THEY_ARE);
}

/* The entries that were there before the run, from the place first on. */
static void
put_all_back(struct admin *admin, const struct rollback_list *list,
    size_t first)
{
	size_t i;

	for (i = first; i < list->count; i++) {
		if (list->items[i].before != NULL &&
		    list->items[i].before->readable)
			put_back(admin, list->items[i].before);
	}
}

static void
say_taken_back(struct admin *admin, const struct rollback_list *list,
    size_t first, const char *failure, enum report_as as)
{
	size_t i;

	for (i = first; i < list->count; i++) {
		const char *name = list->items[i].name;

		if (list->items[i].moved)
			continue;
		if (as == REPORT_AS_WARNINGS)
			report_warning(admin->report,
			    "%s: taken back: with it registered, executing a "
			    "native program failed: %s",
			    name, failure);
		else
			report_error(admin->report,
			    "%s: taken back: with it registered, executing a "
			    "native program failed: %s",
			    name, failure);
	}
}

bool
rollback_unless_safe(struct admin *admin, const struct rollback_list *list,
    enum report_as as)
{
	CLEANUP(cleanup_free) char *failure = NULL;
	CLEANUP(cleanup_free) char *first_failure = NULL;
	size_t i;

	if (list->count == 0)
		return false;
	failure = guard_self_test(admin_guard(admin));
	if (failure == NULL)
		return false;
	first_failure = xstrdup(failure);
	for (i = list->count; i > 0 && failure != NULL; i--) {
		take_back(admin, list->items[i - 1].name);
		free(failure);
		failure = guard_self_test(admin_guard(admin));
	}
	put_all_back(admin, list, i);
	say_taken_back(admin, list, i, first_failure, as);
	if (failure != NULL)
		report_error(admin->report,
		    "executing a native program fails all the same: %s",
		    failure);
	return true;
}
