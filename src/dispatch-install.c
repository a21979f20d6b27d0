#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "childsignal.h"
#include "dispatch.h"
#include "file.h"
#include "xalloc.h"

/* The command, and the one as a text for people. */
struct plan {
	const struct dispatchconf_interpreter *interpreter;
	struct dispatchconf_list command;
	char *text;
	bool can_assume_yes; /* with -y, where there is nobody to answer */
};

static void
append(struct dispatchconf_list *list, const char *text)
{
	list->items = xreallocarray(list->items, list->count + 2,
	    sizeof(*list->items));
	list->items[list->count++] = xstrdup(text);
	list->items[list->count] = NULL;
}

static void
append_all(struct dispatchconf_list *list, const struct dispatchconf_list *more)
{
	size_t i;

	for (i = 0; i < more->count; i++)
		append(list, more->items[i]);
}

static void
plan_fini(struct plan *plan)
{
	dispatchconf_list_fini(&plan->command);
	free(plan->text);
}

/* The program of that name, never looked for in PATH; owned, or NULL. */
static char *
find_helper(const struct dispatch *dispatch, const char *name)
{
	static const char *const dirs[] = { "/usr/bin", "/bin", "/usr/sbin",
		"/sbin" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(dirs); i++) {
		const char *dir = dispatch->paths.helpers != NULL ?
		    dispatch->paths.helpers :
		    dirs[i];
		char *path = file_join(dir, name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
		if (dispatch->paths.helpers != NULL)
			break;
	}
	return NULL;
}

/*
 * What the manager calls it: packages; or the paths, which some can find.  A
 * path that a user has named could lead to a package of the user's making.
 */
static bool
append_wanted(const struct dispatch *dispatch, struct plan *plan,
    const char *manager, bool paths)
{
	const struct dispatchconf_list *packages;
	struct dispatchconf_list missing;

	packages = dispatchconf_packages(plan->interpreter, manager);
	if (packages != NULL && packages->count > 0) {
		append_all(&plan->command, packages);
		return true;
	}
	if (!paths || plan->interpreter->user_paths ||
	    (dispatch->conf.user_muvm &&
		dispatch_wants_muvm(dispatch, plan->interpreter)))
		return false;
	missing = dispatch_missing(dispatch, plan->interpreter);
	append_all(&plan->command, &missing);
	dispatchconf_list_fini(&missing);
	return true;
}

/* The command of the configuration. */
static bool
plan_configured(const struct dispatch *dispatch, struct plan *plan)
{
	const struct dispatchconf_list *command =
	    &dispatch->conf.package_manager;
	const char *name = file_base_name(command->items[0]);
	bool apt = strcmp(name, "apt") == 0 || strcmp(name, "apt-get") == 0;

	if (access(command->items[0], X_OK) < 0)
		return false;
	append_all(&plan->command, command);
	return append_wanted(dispatch, plan, apt ? "apt" : name, !apt);
}

static bool
plan_known(const struct dispatch *dispatch, struct plan *plan,
    const char *program, const char *manager, bool paths)
{
	CLEANUP(cleanup_free) char *path = find_helper(dispatch, program);

	if (path == NULL)
		return false;
	append(&plan->command, path);
	append(&plan->command, "install");
	plan->can_assume_yes = true;
	if (append_wanted(dispatch, plan, manager, paths))
		return true;
	dispatchconf_list_fini(&plan->command);
	return false;
}

static bool
plan_one(const struct dispatch *dispatch, struct plan *plan)
{
	if (dispatch->conf.package_manager.count > 0)
		return plan_configured(dispatch, plan);
	return plan_known(dispatch, plan, "apt-get", "apt", false) ||
	    plan_known(dispatch, plan, "dnf", "dnf", true);
}

static char *
command_text(const struct dispatchconf_list *command)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < command->count; i++) {
		char *longer = xasprintf("%s%s%s", text, i == 0 ? "" : " ",
		    command->items[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* The first interpreter that a package manager could complete. */
static bool
make_plan(const struct dispatch *dispatch, const struct dispatch_choice *choice,
    struct plan *plan)
{
	size_t i;

	for (i = 0; i < choice->count; i++) {
		const struct dispatch_candidate *c = &choice->candidates[i];

		*plan = (struct plan){ .interpreter = c->interpreter };
		if (c->missing == NULL || c->unsuited)
			continue;
		if (plan_one(dispatch, plan)) {
			plan->text = command_text(&plan->command);
			return true;
		}
		plan_fini(plan);
	}
	return false;
}

/*
 * Runs a program and waits for it, its output to where our messages go.
 * Returns its exit status, or -1.
 */
static int
run_helper(char *const argv[], bool with_input)
{
	struct childsignal held;
	int status = -1;
	pid_t pid;

	childsignal_hold(&held);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		childsignal_child(&held);
		if (!with_input && null >= 0)
			(void)dup2(null, STDIN_FILENO);
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
		/* A plan has a program.  NOLINTNEXTLINE(*.NullDereference) */
		(void)execve(argv[0], argv, environ);
		_exit(127);
	}
	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0) {
			if (errno != EINTR) {
				status = -1;
				break;
			}
		}
	}
	childsignal_restore(&held);
	return pid > 0 && status >= 0 && WIFEXITED(status) ?
	    WEXITSTATUS(status) :
	    -1;
}

/* A dialog of zenity(1); whether it was answered with yes. */
static bool
show_dialog(const char *zenity, const char *kind, const char *text)
{
	CLEANUP(cleanup_free) char *program = xstrdup(zenity);
	CLEANUP(cleanup_free) char *type = xstrdup(kind);
	CLEANUP(cleanup_free) char *message = xasprintf("--text=%s", text);
	char title[] = "--title=binfmt-dispatcher", markup[] = "--no-markup";
	char *argv[] = { program, type, title, markup, message, NULL };

	return run_helper(argv, false) == 0;
}

/*
 * The command with what it needs around it: a terminal, and the right to
 * install.  False, and *lacks: what there is not.
 */
static bool
wrap(const struct dispatch *dispatch, const struct plan *plan,
    const char *terminal, bool assume_yes, struct dispatchconf_list *command,
    const char **lacks)
{
	CLEANUP(cleanup_free) char *pkexec = find_helper(dispatch, "pkexec");
	bool is_root = geteuid() == 0;
	size_t i;

	*command = (struct dispatchconf_list){ NULL, 0 };
	if (pkexec == NULL && !is_root) {
		*lacks = "pkexec";
		return false;
	}
	if (terminal != NULL)
		append(command, terminal);
	if (!is_root)
		append(command, pkexec);
	for (i = 0; i < plan->command.count; i++) {
		append(command, plan->command.items[i]);
		if (i == 1 && assume_yes && plan->can_assume_yes)
			append(command, "-y");
	}
	return true;
}

/* What is said behind the failure, and returned as that nothing was tried. */
static bool
give_up(const struct plan *plan, const char *reason, char **hint)
{
	*hint = xasprintf("%s can be installed by root with: %s (%s)",
	    dispatchconf_name(plan->interpreter), plan->text, reason);
	return false;
}

/* One line of the standard input, and not a byte more. */
static bool
answered_yes(void)
{
	char answer[8] = "";
	size_t len = 0;
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
		if (len + 1 < sizeof(answer))
			answer[len++] = c;
	}
	return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 ||
	    strcmp(answer, "yes") == 0;
}

static bool
is_complete(const struct dispatch *dispatch, const struct plan *plan)
{
	struct dispatchconf_list missing;
	bool complete;

	missing = dispatch_missing(dispatch, plan->interpreter);
	complete = missing.count == 0;
	dispatchconf_list_fini(&missing);
	return complete;
}

static bool
install_in_terminal(const struct dispatch *dispatch,
    const struct dispatch_program *program, const struct plan *plan,
    char **hint)
{
	CLEANUP(dispatchconf_list_fini)
	struct dispatchconf_list command = { NULL, 0 };
	const char *lacks = NULL;

	if (!wrap(dispatch, plan, NULL, false, &command, &lacks)) {
		return give_up(plan, "pkexec is not there to ask for it", hint);
	}
	(void)fprintf(stderr, "%s: ", dispatch->report->program);
	report_text(stderr, program->path);
	(void)fputs(" needs ", stderr);
	report_text(stderr, dispatchconf_name(plan->interpreter));
	(void)fputs(", which is not installed.\nInstall it now, with ", stderr);
	report_text(stderr, plan->text);
	(void)fputs("? [y/N] ", stderr);
	if (!answered_yes()) {
		return give_up(plan, "it was declined", hint);
	}
	if (run_helper(command.items, true) != 0)
		dispatch_log(dispatch, DISPATCHCONF_ERROR,
		    "the installation failed: %s", plan->text);
	return true;
}

/* Some terminals return before what runs in them has ended. */
static void
wait_for_terminal(const struct dispatch *dispatch, const struct plan *plan,
    const char *zenity)
{
	CLEANUP(cleanup_free) char *text = NULL;

	text = xasprintf(
	    "%s is not installed yet.\n\nContinue when the "
	    "installation in the terminal has ended.",
	    dispatchconf_name(plan->interpreter));
	while (!is_complete(dispatch, plan)) {
		if (!show_dialog(zenity, "--question", text))
			return;
	}
}

static bool
install_by_dialog(const struct dispatch *dispatch,
    const struct dispatch_program *program, const struct plan *plan,
    const char *zenity, char **hint)
{
	CLEANUP(dispatchconf_list_fini)
	struct dispatchconf_list command = { NULL, 0 };
	CLEANUP(cleanup_free) char *terminal = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	const char *lacks = NULL, *name = dispatchconf_name(plan->interpreter);
	bool failed;

	terminal = find_helper(dispatch, "xdg-terminal-exec");
	if (!wrap(dispatch, plan, terminal, terminal == NULL, &command,
		&lacks)) {
		text = xasprintf(
		    "%s needs %s, which is not installed.\n\n"
		    "It can be installed by root with:\n%s",
		    program->path, name, plan->text);
		(void)show_dialog(zenity, "--error", text);
		return give_up(plan, "pkexec is not there to ask for it", hint);
	}
	text = xasprintf(
	    "%s needs %s, which is not installed.\n\n"
	    "Install it now, with\n%s?",
	    program->path, name, plan->text);
	if (!show_dialog(zenity, "--question", text)) {
		return give_up(plan, "it was declined", hint);
	}
	failed = run_helper(command.items, false) != 0;
	if (terminal != NULL && !failed) {
		wait_for_terminal(dispatch, plan, zenity);
	} else if (!is_complete(dispatch, plan)) {
		free(text);
		text = xasprintf("%s could not be installed.", name);
		(void)show_dialog(zenity, "--error", text);
	}
	return true;
}

/* In the background, reading from the terminal would stop us. */
static bool
has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) &&
	    tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static bool
has_display(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	return (x != NULL && x[0] != '\0') ||
	    (wayland != NULL && wayland[0] != '\0');
}

bool
dispatch_install(const struct dispatch *dispatch,
    const struct dispatch_program *program,
    const struct dispatch_choice *choice, char **hint)
{
	CLEANUP(cleanup_free) char *zenity = NULL;
	struct plan plan;
	bool tried = false;

	if (dispatch->invocation->secure)
		return false;
	if (!make_plan(dispatch, choice, &plan))
		return false;
	if (has_terminal()) {
		tried = install_in_terminal(dispatch, program, &plan, hint);
	} else if (!has_display()) {
		(void)give_up(&plan, "there is nobody to ask", hint);
	} else if ((zenity = find_helper(dispatch, "zenity")) != NULL) {
		tried = install_by_dialog(dispatch, program, &plan, zenity,
		    hint);
	} else {
		(void)give_up(&plan, "zenity is not there to ask", hint);
	}
	plan_fini(&plan);
	return tried;
}
