#include "apply.h"

#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "file.h"
#include "order.h"
#include "rollback.h"
#include "sort.h"
#include "xalloc.h"

/* What has to happen with the entry of one item. */
struct job {
	const struct plan_item *item;
	struct kernel_entry *entry; /* NULL: not registered */
	enum apply_want want;
	enum apply_want *done; /* where success is noted, or NULL */
	bool enables;	       /* it is registered, and only disabled */
	bool agreed;	       /* it is registered again for the order only */
	bool registers;
	size_t rank; /* among all jobs; 0 is to be tried first */
};

static char *
entry_subject(const struct admin *admin, const char *name)
{
	return file_join(admin->paths->procdir, name);
}

static void
report_entry(struct admin *admin, const char *name, struct problems *problems,
    enum report_as as)
{
	CLEANUP(cleanup_free) char *subject = entry_subject(admin, name);

	report_problems(admin->report, subject, problems, as);
}

enum apply_standing
apply_standing(const struct kernel_entry *entry, const struct plan *plan,
    const struct plan_item *item)
{
	struct rule rule;

	if (entry == NULL)
		return APPLY_ABSENT;
	if (!entry->readable || item->how == PLAN_NOT)
		return APPLY_DIFFERS;
	rule = plan_rule(plan, item);
	return rule_same_effect(&entry->entry.rule, &rule) ? APPLY_AGREES :
							     APPLY_DIFFERS;
}

/*
 * Whether a rule is one that a plan can have made of a format: of this
 * program's run-detectors, or of another installation's.
 */
static bool
is_made_for(const struct rule *rule, const struct format *format)
{
	return spec_compare(&rule->spec, &format->spec) == 0 &&
	    (strcmp(rule->interpreter, format->interpreter) == 0 ||
		strcmp(file_base_name(rule->interpreter), "run-detectors") ==
		    0);
}

/*
 * Whether an entry was registered by us for this format: as remembered, or
 * because it is what would be made of the format, or of the one that this run
 * has replaced.  Others that only share the name are left alone.
 */
bool
apply_is_ours(const struct admin *admin, const struct plan_item *item)
{
	const struct format *format = item->format;
	const struct kernel_entry *entry = kernel_entries_find(&admin->entries,
	    format->name);
	const struct format *replaced = database_replaced(admin->database,
	    format->name);
	const struct rule *rule;

	if (entry == NULL || !entry->readable)
		return false;
	rule = &entry->entry.rule;
	if (registered_matches(admin->registered, rule))
		return true;
	if (rule->bpf || format->bpf)
		return rule->bpf == format->bpf &&
		    strcmp(rule->interpreter, format->interpreter) == 0;
	return is_made_for(rule, format) ||
	    (replaced != NULL && is_made_for(rule, replaced));
}

/*
 * Single entries.
 */

int
apply_remove(struct admin *admin, const char *name, enum report_as as)
{
	struct problems problems = PROBLEMS_INIT;

	if (admin->test)
		report_done(admin->report, "would remove the kernel's entry %s",
		    name);
	else if (kernel_control(admin->kernel, name, KERNEL_REMOVE, &problems) <
	    0) {
		report_entry(admin, name, &problems, as);
		return -1;
	}
	kernel_entries_drop(&admin->entries, name);
	registered_drop(admin->registered, name);
	return 0;
}

static void
say_would_register(struct admin *admin, const struct job *job,
    const struct rule *rule, enum report_as as)
{
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *text = rule_print(rule, &problems);

	if (text == NULL) {
		report_entry(admin, rule->name, &problems, as);
		return;
	}
	report_done(admin->report, "would %s the kernel's entry %s:",
	    job->entry == NULL ? "register" : "replace", rule->name);
	if (admin->report->level == REPORT_QUIET || admin->report->document)
		return;
	(void)putchar(' ');
	report_text(stdout, text);
	(void)putchar('\n');
}

static bool
register_job(struct admin *admin, const struct plan *plan,
    const struct job *job, enum report_as as)
{
	struct problems problems = PROBLEMS_INIT;
	struct rule rule = plan_rule(plan, job->item);
	bool disabled;
	int result;

	if (admin->test) {
		say_would_register(admin, job, &rule, as);
		return true;
	}
	disabled = job->entry != NULL && job->entry->readable &&
	    !job->entry->entry.enabled && job->want != APPLY_ENABLE;
	result = replace_entry(admin, job->entry, &rule, &problems);
	if (result == 0 && disabled)
		result = kernel_control(admin->kernel, rule.name,
		    KERNEL_DISABLE, &problems);
	report_entry(admin, rule.name, &problems, as);
	if (result < 0)
		return false;
	registered_set(admin->registered, &rule,
	    job->item->format->binfmtd ? REGISTERED_BINFMTD :
					 REGISTERED_RECORDED);
	report_detail(admin->report, "registered %s", rule.name);
	return true;
}

static bool
enable_job(struct admin *admin, const struct job *job, enum report_as as)
{
	struct problems problems = PROBLEMS_INIT;

	if (admin->test) {
		report_done(admin->report, "would enable the kernel's entry %s",
		    job->entry->name);
		return true;
	}
	if (kernel_control(admin->kernel, job->entry->name, KERNEL_ENABLE,
		&problems) == 0)
		return true;
	report_entry(admin, job->entry->name, &problems, as);
	return false;
}

/* Whether the item may be registered; otherwise that has been said. */
static bool
is_allowed(struct admin *admin, const struct plan *plan,
    const struct plan_item *item, const struct apply *apply)
{
	CLEANUP(cleanup_free) char *reason = NULL;
	const char *name = item->format->name;

	reason = refusal_reason(admin, plan, item, apply->wants);
	if (reason == NULL)
		return true;
	if (admin->force)
		report_warning(admin->report, "%s: forced, although %s", name,
		    reason);
	else if (apply->refusals == REPORT_AS_WARNINGS)
		report_warning(admin->report, "%s: not registered: %s", name,
		    reason);
	else
		report_error(admin->report,
		    "%s: refused: %s; --force "
		    "registers it all the same",
		    name, reason);
	return admin->force;
}

/*
 * The plan as a whole.
 */

/* Whether the kernel holds an older file than the one that is there now. */
static bool
is_stale(const struct admin *admin, const struct plan_item *item)
{
	const struct format *format = item->format;

	return (item->flags & RULE_FIX) != 0 &&
	    registered_look(admin->registered, format->name,
		format->interpreter) == REGISTERED_REPLACED;
}

/*
 * Whether an entry that differs is replaced: if it is ours, or if an
 * administrator has asked for this one.
 */
static bool
is_replaced(struct admin *admin, const struct job *job)
{
	if (job->want == APPLY_ENABLE || apply_is_ours(admin, job->item))
		return true;
	if (job->want == APPLY_REGISTER)
		report_warning(admin->report,
		    "%s: left alone: somebody else has registered an entry of "
		    "that name; update-binfmts --enable %s replaces it",
		    job->entry->name, job->entry->name);
	return false;
}

/*
 * An item that must not be registered; it goes if it is ours, or was asked.  An
 * override that is wrong takes no entry away before an action is about its
 * format.
 */
static void
settle_not(struct admin *admin, struct job *job, const struct apply *apply)
{
	if (job->item->why == PLAN_INVALID && job->want == APPLY_KEEP)
		return;
	if (apply->explain && job->want != APPLY_KEEP)
		advice_not(admin, job->item, apply->refusals);
	if (job->entry == NULL || !apply_is_ours(admin, job->item))
		return;
	if (apply_remove(admin, job->entry->name, apply->failures) == 0 &&
	    job->done != NULL)
		*job->done = APPLY_REMOVED;
}

/*
 * Decides about one item, and does at once what does not depend on the order.
 * Returns whether the item is or will be registered as planned.
 */
static bool
settle_job(struct admin *admin, const struct plan *plan, struct job *job,
    const struct apply *apply)
{
	enum apply_standing standing = apply_standing(job->entry, plan,
	    job->item);

	if (job->item->how == PLAN_NOT) {
		settle_not(admin, job, apply);
		return false;
	}
	if (standing == APPLY_ABSENT)
		job->registers = job->want != APPLY_KEEP;
	else if (standing == APPLY_DIFFERS)
		job->registers = is_replaced(admin, job);
	else if (job->want != APPLY_KEEP && is_stale(admin, job->item))
		job->registers = true;
	else if (!job->entry->entry.enabled && job->want == APPLY_ENABLE &&
	    (job->item->flags & RULE_DISABLED) == 0)
		job->enables = true;
	if ((job->registers || job->enables) &&
	    !is_allowed(admin, plan, job->item, apply))
		job->registers = job->enables = false;
	job->agreed = standing == APPLY_AGREES;
	return job->registers || job->agreed;
}

static int
by_rank(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Sorts the jobs, the one to be tried first first. */
static void
sort_jobs(struct job *jobs, size_t count)
{
	const struct format **formats;
	size_t i, *rank;

	formats = xcalloc(count, sizeof(*formats));
	rank = xcalloc(count, sizeof(*rank));
	for (i = 0; i < count; i++)
		formats[i] = jobs[i].item->format;
	order_rank(formats, count, rank);
	for (i = 0; i < count; i++)
		jobs[i].rank = rank[i];
	sort_items(jobs, count, sizeof(*jobs), by_rank);
	free(formats);
	free(rank);
}

/* The jobs as the order sees them; owned by the caller. */
static struct order_item *
make_order(const struct admin *admin, const struct job *jobs, size_t count)
{
	struct order_item *items;
	size_t i;

	items = xcalloc(count, sizeof(*items));
	for (i = 0; i < count; i++) {
		items[i].spec = &jobs[i].item->format->spec;
		items[i].registers = jobs[i].registers;
		if (jobs[i].entry != NULL && admin->entries.ordered)
			items[i].position = jobs[i].entry->position;
	}
	return items;
}

/*
 * What a run that was killed in the middle of a replacement left behind.  It
 * goes last: until then it serves its files.
 */
static void
remove_temporary(struct admin *admin)
{
	if (kernel_entries_find(&admin->entries, KERNEL_TEMPORARY) != NULL)
		(void)!apply_remove(admin, KERNEL_TEMPORARY,
		    REPORT_AS_WARNINGS);
}

/*
 * Whether a run was killed between the two halves of a replacement: then the
 * temporary entry does what this item's entry did, which has been removed.
 */
static bool
is_lost(const struct admin *admin, const struct plan *plan,
    const struct plan_item *item)
{
	const struct kernel_entry *temporary = kernel_entries_find(
	    &admin->entries, KERNEL_TEMPORARY);
	struct rule rule;

	if (temporary == NULL || !temporary->readable ||
	    item->how == PLAN_NOT ||
	    kernel_entries_find(&admin->entries, item->format->name) != NULL)
		return false;
	rule = plan_rule(plan, item);
	return rule_same_effect(&temporary->entry.rule, &rule);
}

/* Collects what has to be done, the one to be tried first first. */
static struct job *
make_jobs(struct admin *admin, const struct plan *plan,
    const struct apply *apply, size_t *count)
{
	struct job *jobs;
	size_t i;

	*count = 0;
	jobs = xcalloc(plan->count, sizeof(*jobs));
	for (i = 0; i < plan->count; i++) {
		struct job job = {
			.item = &plan->items[i],
			.entry = kernel_entries_find(&admin->entries,
			    plan->items[i].format->name),
			.want = apply->wants == NULL ? APPLY_KEEP :
						       apply->wants[i],
			.done = apply->wants == NULL ? NULL : &apply->wants[i],
		};

		if (job.want == APPLY_KEEP && is_lost(admin, plan, job.item))
			job.want = APPLY_REGISTER;
		if (settle_job(admin, plan, &job, apply))
			jobs[(*count)++] = job;
	}
	sort_jobs(jobs, *count);
	return jobs;
}

/* Entries of others that are overtaken by one that moves for the order. */
static void
say_overtaken(struct admin *admin, const struct plan *plan,
    const struct job *job)
{
	const struct kernel_entries *entries = &admin->entries;
	size_t i;

	if (job->entry == NULL || !entries->ordered)
		return;
	for (i = 0; i < entries->count; i++) {
		const struct kernel_entry *other = &entries->items[i];

		if (!other->removed && other->readable &&
		    !other->entry.rule.bpf &&
		    other->position < job->entry->position &&
		    strcmp(other->name, KERNEL_TEMPORARY) != 0 &&
		    plan_find(plan, other->name) == NULL &&
		    spec_overlaps(&other->entry.rule.spec,
			&job->item->format->spec))
			report_warning(admin->report,
			    "%s: is now tried before %s, which somebody else "
			    "registered",
			    job->entry->name, other->name);
	}
}

/* Registers one job and takes note of it. */
static bool
do_job(struct admin *admin, const struct plan *plan, const struct job *job,
    const struct apply *apply)
{
	/* Where only the order is at stake, what is there stays. */
	enum report_as as = job->agreed ? REPORT_AS_WARNINGS : apply->failures;

	if (!register_job(admin, plan, job, as))
		return false;
	say_overtaken(admin, plan, job);
	if (apply->explain && job->item->how == PLAN_DETECTORS)
		advice_detectors(admin, job->item);
	if (job->done != NULL && job->want != APPLY_KEEP)
		*job->done = APPLY_DONE;
	return true;
}

/*
 * Registers from the last to the first, and with them what they overtake.
 * What could not be registered overtakes nothing.
 */
static void
run_jobs(struct admin *admin, const struct plan *plan, struct job *jobs,
    size_t count, const struct apply *apply, struct rollback_list *done)
{
	struct order_item *items = make_order(admin, jobs, count);
	bool settled = order_is_settled(items, count);
	size_t i;

	for (i = count; i > 0; i--) {
		struct job *job = &jobs[i - 1];
		struct order_item *item = &items[i - 1];
		bool success = false;

		if (!settled && !item->registers)
			item->registers = order_is_overtaken(items, i - 1,
			    count);
		if (item->registers)
			success = item->registers = do_job(admin, plan, job,
			    apply);
		else if (job->enables)
			success = enable_job(admin, job, apply->failures);
		if (success)
			rollback_add(done, job->item->format->name, job->entry,
			    item->registers && !job->registers);
	}
	free(items);
}

static size_t
count_new(const struct rollback_list *done)
{
	size_t i, count = 0;

	for (i = 0; i < done->count; i++) {
		if (!done->items[i].moved)
			count++;
	}
	return count;
}

/* Whether there are overrides unread, of any format; if so, says that. */
static bool
may_be_masked(struct admin *admin, enum report_as as)
{
	struct problems problems = PROBLEMS_INIT;
	int error = admin->registry.overrides.error;

	if (error != 0)
		(void)problem_error(&problems, NOWHERE, NULL,
		    "cannot be read, so no entry is registered or replaced: %s",
		    strerror(error));
	report_problems(admin->report, admin->paths->overridedir, &problems,
	    as);
	return error != 0;
}

struct apply_result
apply_plan(struct admin *admin, const struct plan *plan,
    const struct apply *apply)
{
	struct apply_result result = { 0, false };
	struct rollback_list done = { 0 };
	struct job *jobs;
	size_t count;

	if (may_be_masked(admin, apply->failures))
		return result;
	jobs = make_jobs(admin, plan, apply, &count);
	run_jobs(admin, plan, jobs, count, apply, &done);
	if (!admin->test)
		result.taken_back = rollback_unless_safe(admin, &done,
		    apply->refusals);
	remove_temporary(admin);
	if (!result.taken_back)
		result.registered = count_new(&done);
	free(done.items);
	free(jobs);
	return result;
}
