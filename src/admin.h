/*
 * Policy: what the actions of install.c, import.c, switch.c and display.c
 * share: database and kernel, opened, and the steps that keep them in
 * agreement.
 *
 * New content is in the database before it reaches the kernel, and an entry
 * leaves the kernel before it leaves the database, so that the same command
 * completes what a killed one has begun.  What goes wrong is reported, and
 * counted in report->errors.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include <stdbool.h>

#include "catalogue.h"
#include "compiler.h"
#include "database.h"
#include "format.h"
#include "guard.h"
#include "kernel.h"
#include "paths.h"
#include "plan.h"
#include "registered.h"
#include "registry.h"
#include "report.h"

struct admin {
	const struct paths *paths;
	struct report *report;
	bool test;  /* change nothing, say what would be done */
	bool force; /* register what the guard refuses */
	bool json;  /* print a JSON document */
	/* What is known: rules of binfmt.d, all or of some files, too. */
	bool binfmtd;
	char *const *files;
	size_t file_count;
	struct registry registry;
	struct catalogue_start start;
	struct database *database; /* NULL until it is opened */
	struct kernel *kernel;	   /* NULL until it is opened */
	struct kernel_entries entries;
	bool lost;     /* they cannot be relied on; that has been reported */
	bool negative; /* the answer to a question is no: exit 1 */
	struct guard *guard;	       /* NULL until it is needed */
	struct registered *registered; /* of the kernel that is open; or NULL */
};

ATTR_NONNULL void admin_fini(struct admin *admin);

/*
 * Opens the database; nothing is changed with admin->test or for reading.
 * Returns 0, or -1 when that has been reported.
 */
ATTR_USE_RESULT ATTR_NONNULL int admin_open_database(struct admin *admin,
    enum database_mode mode);

/* What an action does when the kernel cannot be changed. */
enum admin_kernel {
	ADMIN_LOOK,	/* nothing: it only looks, or decides itself */
	ADMIN_REMOVE,	/* as below; without binfmt_misc all is done already */
	ADMIN_OPTIONAL, /* one warning: the database counts */
	ADMIN_REQUIRED, /* mounts it, or reports an error */
};

/*
 * Opens binfmt_misc and reads its entries.  Returns whether entries can be
 * registered and removed; if not, what there is to say has been said.  With
 * ADMIN_REMOVE and ADMIN_OPTIONAL the registry of somebody else is left alone.
 */
ATTR_NONNULL
bool admin_open_kernel(struct admin *admin, enum admin_kernel need);

/* The guard, made when it is first needed; borrowed. */
ATTR_NONNULL struct guard *admin_guard(struct admin *admin);

/* The formats that an action is about. */
struct admin_selection {
	const char *name; /* only that one; NULL: those of the sources */
	bool recorded, binfmtd;
};

ATTR_NONNULL
bool admin_selects(const struct admin_selection *selection,
    const struct format *format);

/*
 * Makes the plan for all that is known now.  Rules of binfmt.d are active when
 * they are registered or selected; the selection may be NULL.
 */
void admin_plan(struct admin *admin, struct plan *plan,
    const struct admin_selection *selection);

/* The same with a format that is not recorded yet. */
ATTR_NONNULL
void admin_plan_with(struct admin *admin, struct plan *plan,
    struct format *extra);

/* Reports what is wrong with overrides and files of binfmt.d. */
ATTR_NONNULL void admin_report_sources(struct admin *admin);

/* The format of that name, of whatever source, or NULL. */
ATTR_NONNULL
const struct format *admin_find(const struct admin *admin, const char *name);

/* Reports the files of the database that hold no format. */
ATTR_NONNULL void admin_report_broken(struct admin *admin);

/* The package that a record belongs to, even a broken one; NULL: none. */
ATTR_NONNULL
const char *admin_owner(const struct admin *admin, const char *name);

/* The same for the one of that name; whether there is one. */
ATTR_NONNULL
bool admin_report_broken_one(struct admin *admin, const char *name,
    enum report_as as);

/* Warns about programs of the format that cannot be executed. */
ATTR_NONNULL
void admin_check_programs(struct admin *admin, const struct format *format);

/*
 * Records formats that database_put() has got; 0, or -1 when it has been
 * reported that it could not be done.
 */
ATTR_USE_RESULT ATTR_NONNULL int admin_publish(struct admin *admin);

#endif
