#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch.h"
#include "file.h"
#include "owner.h"
#include "toml.h"
#include "tree.h"
#include "xalloc.h"

#define SUFFIX	  ".toml"
#define USER_FILE "/binfmt-dispatcher/binfmt-dispatcher.toml"
#define LEVEL_VAR "BINFMT_DISPATCHER_LOG_LEVEL"

/* By hand, the files that are named are the caller's as likely as root's. */
static bool
is_owner(const struct dispatch *dispatch, uid_t uid,
    enum dispatchconf_layer layer)
{
	const struct invocation *invocation = dispatch->invocation;

	if (owner_is_root(uid))
		return true;
	return uid == geteuid() && !invocation->secure &&
	    (layer == DISPATCHCONF_USER || invocation->by_hand);
}

/* What is wrong with who can write it, as a constant; NULL: nothing. */
static const char *
distrust(const struct dispatch *dispatch, const struct stat *st,
    enum dispatchconf_layer layer)
{
	/* Users may have a group of their own, with a umask to suit. */
	mode_t others = layer == DISPATCHCONF_USER ? S_IWOTH :
						     S_IWGRP | S_IWOTH;

	if (!is_owner(dispatch, st->st_uid, layer))
		return layer == DISPATCHCONF_USER ? "belongs to somebody else" :
						    "does not belong to root";
	return (st->st_mode & others) != 0 ? "can be written by others" : NULL;
}

/* Whether it may be read; if there is a doubt, that is a problem. */
static bool
may_trust(const struct dispatch *dispatch, const struct stat *st,
    enum dispatchconf_layer layer, const char *what, struct problems *problems)
{
	const char *doubt = distrust(dispatch, st, layer);

	if (doubt == NULL)
		return true;
	if (dispatch->invocation->secure) {
		(void)problem_error(problems, NOWHERE, NULL,
		    "%s%s; skipped, since the program runs with other "
		    "credentials than its caller's",
		    what, doubt);
		return false;
	}
	/* Of a user whose file it is not, as with sudo, the more so. */
	if (layer == DISPATCHCONF_USER &&
	    !is_owner(dispatch, st->st_uid, layer)) {
		problem_warning(problems, NOWHERE, NULL, "%s%s; skipped", what,
		    doubt);
		return false;
	}
	problem_warning(problems, NOWHERE, NULL, "%s%s; used all the same",
	    what, doubt);
	return true;
}

/* Opens a file of the configuration; -1 when it is not to be read. */
static int
open_config(const struct dispatch *dispatch, struct dispatch_file *file,
    enum dispatchconf_layer layer, size_t *size)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct stat st;
	int result;

	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		file->state = DISPATCH_ABSENT;
		return -1;
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)problem_error(&file->problems, NOWHERE, NULL,
		    "cannot open: %s; skipped", strerror(errno));
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)problem_error(&file->problems, NOWHERE, NULL,
		    "is not a regular file; skipped");
		return -1;
	}
	if (st.st_size > (off_t)TOML_SIZE_MAX) {
		(void)problem_error(&file->problems, NOWHERE, NULL,
		    "is larger than %zu bytes; skipped", TOML_SIZE_MAX);
		return -1;
	}
	if (!may_trust(dispatch, &st, layer, "", &file->problems))
		return -1;
	*size = (size_t)st.st_size;
	result = fd;
	fd = -1; /* NOLINT(*.DeadStores): for the cleanup of fd */
	return result;
}

static struct dispatch_file *
add_file(struct dispatch *dispatch, char *path)
{
	GROW(dispatch->files, dispatch->files_count, dispatch->files_room);
	dispatch->files[dispatch->files_count] = (struct dispatch_file){
		.path = path,
		.state = DISPATCH_SKIPPED,
		.problems = PROBLEMS_INIT,
	};
	return &dispatch->files[dispatch->files_count++];
}

/* The path is owned by dispatch from here on. */
static void
load(struct dispatch *dispatch, char *path, enum dispatchconf_layer layer)
{
	struct dispatch_file *file = add_file(dispatch, path);
	CLEANUP(cleanup_free) unsigned char *text = NULL;
	CLEANUP(cleanup_close) int fd = -1;
	size_t size = 0;
	long len;

	fd = open_config(dispatch, file, layer, &size);
	if (fd < 0)
		return;
	text = xmalloc(size);
	len = file_read_head(fd, text, size);
	if (len < 0)
		(void)problem_error(&file->problems, NOWHERE, NULL,
		    "cannot read: %s; skipped", strerror(errno));
	else if (dispatchconf_merge(&dispatch->conf, path, layer,
		     (const char *)text, (size_t)len, &file->problems) == 0)
		file->state = DISPATCH_READ;
	else
		(void)problem_error(&file->problems, NOWHERE, NULL,
		    "skipped, because it is not valid TOML");
}

/*
 * With other credentials it matters who can put files there, too; otherwise
 * the files themselves are enough.
 */
static bool
is_safe_directory(struct dispatch *dispatch, const char *path)
{
	struct stat st;
	struct dispatch_file *file;

	if (!dispatch->invocation->secure || stat(path, &st) < 0 ||
	    distrust(dispatch, &st, DISPATCHCONF_VENDOR) == NULL)
		return true;
	file = add_file(dispatch, xstrdup(path));
	return may_trust(dispatch, &st, DISPATCHCONF_VENDOR, "the directory ",
	    &file->problems);
}

static bool
is_drop_in(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	return len > suffix && strcmp(name + len - suffix, SUFFIX) == 0;
}

static void
load_vendor(struct dispatch *dispatch)
{
	const char *path = dispatch->paths.vendor;
	CLEANUP(textlist_fini) struct textlist names = { 0 };
	size_t i;

	if (!is_safe_directory(dispatch, path))
		return;
	if (tree_list(TREE_SYSTEM, path, &names) < 0 && errno != ENOENT) {
		int error = errno;

		(void)problem_error(
		    &add_file(dispatch, xstrdup(path))->problems, NOWHERE, NULL,
		    "cannot read the directory: %s", strerror(error));
	}
	for (i = 0; i < names.count; i++) {
		if (is_drop_in(names.items[i]))
			load(dispatch, file_join(path, names.items[i]),
			    DISPATCHCONF_VENDOR);
	}
}

static void
load_admin(struct dispatch *dispatch)
{
	const char *path = dispatch->paths.admin;
	const char *base = file_base_name(path);
	CLEANUP(cleanup_free) char *dir = NULL;

	dir = xstrndup(path, (size_t)(base - path));
	if (is_safe_directory(dispatch, dir[0] == '\0' ? "." : dir))
		load(dispatch, xstrdup(path), DISPATCHCONF_ADMIN);
}

static void
load_user(struct dispatch *dispatch)
{
	const char *home;

	if (dispatch->invocation->secure)
		return;
	if (dispatch->paths.user != NULL) {
		load(dispatch, xstrdup(dispatch->paths.user),
		    DISPATCHCONF_USER);
		return;
	}
	/* The XDG base directory specification ignores relative paths. */
	home = getenv("XDG_CONFIG_HOME");
	if (home != NULL && home[0] == '/') {
		load(dispatch, xasprintf("%s" USER_FILE, home),
		    DISPATCHCONF_USER);
		return;
	}
	home = getenv("HOME");
	if (home != NULL && home[0] == '/')
		load(dispatch, xasprintf("%s/.config" USER_FILE, home),
		    DISPATCHCONF_USER);
}

/* What is wrong across files is said of the one that said it last. */
static void
note(void *context, const struct dispatchconf_source *source,
    const char *reason)
{
	struct dispatch *dispatch = context;
	size_t i;

	for (i = 0; i < dispatch->files_count; i++) {
		struct dispatch_file *file = &dispatch->files[i];

		if (source->file != NULL &&
		    strcmp(file->path, source->file) == 0) {
			problem_warning(&file->problems, source->place, NULL,
			    "%s", reason);
			return;
		}
	}
}

static void
set_level(struct dispatch *dispatch)
{
	const char *wanted = NULL;
	enum dispatchconf_level level;

	dispatch->level = dispatch->conf.level;
	if (!dispatch->invocation->secure)
		wanted = getenv(LEVEL_VAR);
	if (wanted != NULL && wanted[0] != '\0') {
		level = dispatchconf_level(wanted);
		if (level != DISPATCHCONF_LEVEL_UNKNOWN)
			dispatch->level = level;
		else
			report_warning(dispatch->report,
			    LEVEL_VAR
			    ": no level '%s'; it is one of off, "
			    "error, warn, info, debug, trace",
			    wanted);
	}
	dispatch->report->level = dispatch->level < DISPATCHCONF_WARN ?
	    REPORT_QUIET :
	    REPORT_NORMAL;
}

void
dispatch_init(struct dispatch *dispatch, const struct dispatch_paths *paths,
    const struct invocation *invocation, struct report *report)
{
	size_t i;

	*dispatch = (struct dispatch){
		.report = report,
		.invocation = invocation,
		.paths = *paths,
	};
	dispatchconf_init(&dispatch->conf);
	load_vendor(dispatch);
	load_admin(dispatch);
	load_user(dispatch);
	dispatchconf_check(&dispatch->conf, note, dispatch);
	set_level(dispatch);
	for (i = 0; i < dispatch->files_count; i++) {
		struct dispatch_file *file = &dispatch->files[i];

		if (dispatch->level == DISPATCHCONF_OFF)
			problems_fini(&file->problems);
		report_problems(report, file->path, &file->problems,
		    REPORT_AS_THEY_ARE);
	}
}

void
dispatch_fini(struct dispatch *dispatch)
{
	size_t i;

	for (i = 0; i < dispatch->files_count; i++) {
		free(dispatch->files[i].path);
		problems_fini(&dispatch->files[i].problems);
	}
	free(dispatch->files);
	dispatchconf_fini(&dispatch->conf);
}

void
dispatch_log(const struct dispatch *dispatch, enum dispatchconf_level level,
    const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list ap;

	if (level > dispatch->level)
		return;
	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	(void)fprintf(stderr, "%s: ", dispatch->report->program);
	report_text(stderr, text);
	(void)putc('\n', stderr);
}
