#include "replace.h"

#include <string.h>

#include "xalloc.h"

static int
print_and_register(struct admin *admin, const struct rule *rule,
    struct problems *problems)
{
	CLEANUP(cleanup_free) char *text = rule_print(rule, problems);

	if (text == NULL)
		return -1;
	return kernel_register(admin->kernel, rule, text, problems);
}

/*
 * Registers the rule under the temporary name, so that there is no instant
 * in which its files cannot be run.  False: the kernel would not have that,
 * and the name is too long is no reason to give up.
 */
static int
register_temporary(struct admin *admin, const struct rule *rule,
    bool *registered, struct problems *problems)
{
	struct problems too_long = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = NULL;
	char name[] = KERNEL_TEMPORARY;
	struct rule temporary = *rule;
	int result = 0;

	temporary.name = name;
	text = rule_print(&temporary, &too_long);
	problems_fini(&too_long);
	*registered = text != NULL;
	/* A run that was killed may have left one. */
	if (*registered &&
	    kernel_entries_find(&admin->entries, KERNEL_TEMPORARY) != NULL) {
		result = kernel_control(admin->kernel, KERNEL_TEMPORARY,
		    KERNEL_REMOVE, problems);
		kernel_entries_drop(&admin->entries, KERNEL_TEMPORARY);
	}
	if (*registered && result == 0)
		result = kernel_register(admin->kernel, &temporary, text,
		    problems);
	return result;
}

static int
replace(struct admin *admin, const struct kernel_entry *old,
    const struct rule *rule, struct problems *problems)
{
	struct problems ignored = PROBLEMS_INIT;
	bool temporary = false;
	int result;

	if (old->readable && old->entry.enabled &&
	    register_temporary(admin, rule, &temporary, problems) < 0)
		return -1;
	result = kernel_control(admin->kernel, old->name, KERNEL_REMOVE,
	    problems);
	if (result == 0) {
		result = print_and_register(admin, rule, problems);
		if (result < 0 && old->readable &&
		    print_and_register(admin, &old->entry.rule, problems) == 0)
			problem_warning(problems, NOWHERE, NULL,
			    "the entry that was registered before is back");
	}
	if (temporary)
		(void)!kernel_control(admin->kernel, KERNEL_TEMPORARY,
		    KERNEL_REMOVE, &ignored);
	problems_fini(&ignored);
	return result;
}

int
replace_entry(struct admin *admin, const struct kernel_entry *old,
    const struct rule *rule, struct problems *problems)
{
	return old == NULL ? print_and_register(admin, rule, problems) :
			     replace(admin, old, rule, problems);
}
