/*
 * Store: the configuration of binfmt-dispatcher, merged from TOML files.  A
 * later file wins key by key; a list is one value.  What the keys mean is in
 * binfmt-dispatcher.toml(5).
 */
#ifndef DISPATCHCONF_H
#define DISPATCHCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"

/* Whose file it is; a user's may not name packages or package managers. */
enum dispatchconf_layer {
	DISPATCHCONF_VENDOR,
	DISPATCHCONF_ADMIN,
	DISPATCHCONF_USER,
};

enum dispatchconf_level {
	DISPATCHCONF_OFF,
	DISPATCHCONF_ERROR,
	DISPATCHCONF_WARN,
	DISPATCHCONF_INFO,
	DISPATCHCONF_DEBUG,
	DISPATCHCONF_TRACE,
	DISPATCHCONF_LEVEL_UNKNOWN
};

/* Where something was said last. */
struct dispatchconf_source {
	const char *file; /* NULL: nowhere, it is built in */
	struct place place;
};

struct dispatchconf_list {
	char **items; /* ends with NULL, or is NULL when it was not given */
	size_t count;
};

/* How an interpreter is told the argv[0] of the program. */
enum dispatchconf_argv0 {
	DISPATCHCONF_ARGV0_BY_NAME, /* yes, if its name ends in -binfmt-P */
	DISPATCHCONF_ARGV0_NO,
	DISPATCHCONF_ARGV0_YES,	   /* behind the path */
	DISPATCHCONF_ARGV0_OPTION, /* with an option before the path */
};

struct dispatchconf_packages {
	char *manager; /* the name of its program, or apt */
	struct dispatchconf_list names;
};

struct dispatchconf_interpreter {
	char *id;
	char *name; /* NULL: the id */
	char *path; /* NULL: it is not usable */
	struct dispatchconf_list required_paths;
	struct dispatchconf_list args;
	struct dispatchconf_list fallback;
	struct dispatchconf_list machines;
	struct dispatchconf_packages *packages;
	size_t packages_count, packages_room;
	bool use_muvm;
	bool user_paths; /* a user's file has said what must be there */
	enum dispatchconf_argv0 argv0;
	char *argv0_option;
	struct dispatchconf_source source;
};

/* One of [machines] or [binaries]; path is of the latter. */
struct dispatchconf_rule {
	char *id;
	char *path;
	char *interpreter;
	struct dispatchconf_source source;
};

struct dispatchconf_rules {
	struct dispatchconf_rule *items;
	size_t count, room;
};

struct dispatchconf {
	char *interpreter; /* the default; NULL: none */
	struct dispatchconf_source interpreter_source;
	enum dispatchconf_level level;
	char *muvm;
	bool user_muvm;				  /* as above */
	struct dispatchconf_list package_manager; /* a command */
	struct dispatchconf_interpreter *interpreters;
	size_t interpreters_count, interpreters_room;
	struct dispatchconf_rules machines;
	struct dispatchconf_rules binaries;
	char **files; /* those that sources name */
	size_t files_count, files_room;
};

ATTR_NONNULL void dispatchconf_init(struct dispatchconf *conf);
ATTR_NONNULL void dispatchconf_fini(struct dispatchconf *conf);

/*
 * Merges the text of a file.  Returns 0; or -1 when it is no TOML, with all
 * errors, and nothing of it is taken.  A key that is unknown, or whose value
 * is none for it, is ignored, and a warning.
 */
ATTR_USE_RESULT ATTR_NONNULL int dispatchconf_merge(struct dispatchconf *conf,
    const char *file, enum dispatchconf_layer layer, const char *text,
    size_t len, struct problems *problems);

/*
 * Finds what is wrong with the whole of it: names that nothing has, and what
 * lacks a needed key.  Calls found for each, once.
 */
void dispatchconf_check(const struct dispatchconf *conf,
    void (*found)(void *context, const struct dispatchconf_source *source,
	const char *reason),
    void *context);

/*
 * Replaces %m in the paths and arguments of all interpreters by the name of a
 * machine, and %% by %.  With NULL those that need it serve no machine.
 */
void dispatchconf_expand(struct dispatchconf *conf, const char *machine);

/* The interpreter of that id, or NULL. */
ATTR_NONNULL const struct dispatchconf_interpreter *dispatchconf_find(
    const struct dispatchconf *conf, const char *id);

/* The level of that name, in any case, or DISPATCHCONF_LEVEL_UNKNOWN. */
ATTR_NONNULL enum dispatchconf_level dispatchconf_level(const char *name);

/* What people call it. */
ATTR_NONNULL const char *dispatchconf_name(
    const struct dispatchconf_interpreter *interpreter);

/* The packages that it needs by a package manager of that name, or NULL. */
ATTR_NONNULL const struct dispatchconf_list *dispatchconf_packages(
    const struct dispatchconf_interpreter *interpreter, const char *manager);

/* For the parts of this module. */
ATTR_NONNULL void dispatchconf_list_fini(struct dispatchconf_list *list);
ATTR_NONNULL struct dispatchconf_interpreter *dispatchconf_interpreter_get(
    struct dispatchconf *conf, const char *id);
ATTR_NONNULL struct dispatchconf_rule *dispatchconf_rule_get(
    struct dispatchconf_rules *rules, const char *id);

#endif
