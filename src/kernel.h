/*
 * Store: binfmt_misc, through the files of its filesystem.
 *
 * The directory is the kernel's own, or any that holds "register" and
 * "status".  Nothing here decides what should be registered.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "compiler.h"
#include "diag.h"
#include "entry.h"
#include "rule.h"

/* The name under which an entry is registered while it is replaced. */
#define KERNEL_TEMPORARY ".binfmts-tmp"

enum kernel_state {
	KERNEL_ABSENT,	  /* there is no such directory */
	KERNEL_UNMOUNTED, /* a directory, but nothing to register with */
	KERNEL_AUTOMOUNT, /* will be mounted as soon as somebody looks */
	KERNEL_READY,
};

struct kernel;

/* An entry, or what is wrong with its text. */
struct kernel_entry {
	char *name;
	bool readable;
	struct entry entry;	  /* when readable */
	struct problems problems; /* when not */
	/* 0 is tried first; only of the kernel's own filesystem, see below. */
	size_t position;
	bool removed; /* since it was read: to be passed over */
};

struct kernel_entries {
	struct kernel_entry *items; /* sorted by name */
	size_t count;
	size_t live; /* of these, those that are not removed */
	/* Whether position is the order in which the kernel tries them. */
	bool ordered;
	bool enabled; /* the kernel's switch for all of them is on */
};

/*
 * Looks at the directory path without triggering an automount.  Owned by the
 * caller, never NULL; path is borrowed and must outlive the result.
 */
ATTR_NONNULL struct kernel *kernel_open(const char *path);
void kernel_close(struct kernel *kernel);

ATTR_NONNULL enum kernel_state kernel_state(const struct kernel *kernel);

/*
 * 0; or -1 and a problem: something is there that could not be looked at, and
 * the state is nothing to rely on.
 */
ATTR_USE_RESULT ATTR_NONNULL int kernel_check_examined(
    const struct kernel *kernel, struct problems *problems);

/* Whether it is the kernel's own filesystem, and not only stands for it. */
ATTR_NONNULL bool kernel_is_real(const struct kernel *kernel);

/*
 * A number, as text, that tells the mounts of binfmt_misc apart, owned by the
 * caller; NULL: there is none, or it is not the kernel's own filesystem.
 */
ATTR_USE_RESULT ATTR_NONNULL char *kernel_instance(const struct kernel *kernel);

/*
 * Mounts binfmt_misc on the directory, or lets an automount do so.  Returns 0
 * when it is KERNEL_READY afterwards, or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int kernel_mount(struct kernel *kernel,
    struct problems *problems);

/*
 * Unmounts the directory if it is a mount of its own and no automount waits
 * below it; otherwise does nothing.  Failure is not reported: a registry that
 * is in use stays.  The kernel is KERNEL_UNMOUNTED afterwards.
 */
ATTR_NONNULL void kernel_unmount(struct kernel *kernel);

/*
 * Reads all entries.  Returns 0, or -1 and a problem; the caller ends entries
 * with kernel_entries_fini() in any case.  No entries unless READY.
 */
ATTR_USE_RESULT ATTR_NONNULL int kernel_load(struct kernel *kernel,
    struct kernel_entries *entries, struct problems *problems);
ATTR_NONNULL void kernel_entries_fini(struct kernel_entries *entries);

/* The entry of that name, or NULL. */
ATTR_NONNULL
struct kernel_entry *kernel_entries_find(const struct kernel_entries *entries,
    const char *name);

/* Notes that an entry has been removed; pointers to it stay valid. */
ATTR_NONNULL
void kernel_entries_drop(struct kernel_entries *entries, const char *name);

/* When an entry was registered: 0, or -1. */
ATTR_USE_RESULT ATTR_NONNULL int kernel_entry_time(const struct kernel *kernel,
    const char *name, struct timespec *time);

/* Whether an entry of that name is registered and enabled; reads one line. */
ATTR_NONNULL
bool kernel_entry_enabled(const struct kernel *kernel, const char *name);

/* Whether the register file can be opened for writing: 0; or -1, errno and why.
 */
ATTR_USE_RESULT ATTR_NONNULL int kernel_check_writable(struct kernel *kernel,
    struct problems *problems);

/*
 * Registers a rule with one write(2) of text, which rule_print() made of it.
 * The newest entry is tried first.  Returns 0, or -1 and a problem.
 */
ATTR_USE_RESULT ATTR_NONNULL int kernel_register(struct kernel *kernel,
    const struct rule *rule, const char *text, struct problems *problems);

enum kernel_command { KERNEL_DISABLE, KERNEL_ENABLE, KERNEL_REMOVE };

/* Controls one entry.  Returns 0, or -1 and a problem. */
ATTR_USE_RESULT ATTR_NONNULL int kernel_control(struct kernel *kernel,
    const char *name, enum kernel_command command, struct problems *problems);

#endif
