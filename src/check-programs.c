/*
 * Whether the programs of a format can be executed: in this system, or with
 * --root in the one below it.
 */
#include "check-internal.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "elffile.h"
#include "file.h"
#include "script.h"
#include "tree.h"
#include "xalloc.h"

/* Why a program cannot be executed, a constant, or NULL. */
static const char *
program_problem(int root, const char *path)
{
	struct stat st;

	if (tree_stat(root, path, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if ((st.st_mode & 0111) == 0)
		return "not executable";
	return NULL;
}

/* Reads the start of a program; the descriptor, or -1. */
static int
open_program(int root, const char *path, unsigned char head[SPEC_HEAD])
{
	int fd;

	fd = tree_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && file_read_head(fd, head, SPEC_HEAD) >= 0)
		return fd;
	cleanup_close(&fd);
	return -1;
}

/*
 * The loader of a program is looked up where the file is executed, also that
 * of a program which was fixed elsewhere.
 */
static void
check_loader(struct check *check, const struct format *format, int fd,
    bool elsewhere)
{
	int root = check->admin->paths->root;
	CLEANUP(cleanup_free) char *loader = NULL;
	const char *problem;

	if (elffile_classify(fd, &loader) == ELFFILE_BROKEN || loader == NULL)
		return;
	problem = program_problem(root, loader);
	if (problem != NULL)
		check_find(check, format->name, "missing-loader",
		    "interpreter %s%s needs %s: %s", format->interpreter,
		    elsewhere ? " is not static, and" : "", loader, problem);
}

static void
check_script(struct check *check, const struct plan_item *item,
    const unsigned char head[SPEC_HEAD])
{
	const struct format *format = item->format;
	CLEANUP(script_fini) struct script script = { NULL, NULL };
	const char *problem;

	if (!script_parse(head, &script))
		return;
	problem = program_problem(check->admin->paths->root,
	    script.interpreter);
	if (problem != NULL)
		check_find(check, format->name, "missing-interpreter",
		    "%s is a script for %s: %s", format->interpreter,
		    script.interpreter, problem);
	if (item->how != PLAN_DIRECT)
		return;
	if ((item->flags & (RULE_OPEN | RULE_CREDENTIALS)) != 0)
		check_find(check, format->name, "script-interpreter",
		    "%s is a script, which the kernel refuses with "
		    "credentials or open_binary",
		    format->interpreter);
	if ((item->flags & RULE_PRESERVE) != 0)
		check_find(check, format->name, "script-interpreter",
		    "%s is a script, and with preserve its arguments are not "
		    "what it expects",
		    format->interpreter);
}

/*
 * A fixed interpreter is opened in the system that registers it, so below
 * --root the one of this system may serve.
 */
static void
check_interpreter(struct check *check, const struct plan_item *item)
{
	const struct format *format = item->format;
	int root = check->admin->paths->root;
	CLEANUP(cleanup_close) int fd = -1;
	unsigned char head[SPEC_HEAD];
	const char *problem = program_problem(root, format->interpreter);
	bool elsewhere = false;

	if (problem != NULL && root != TREE_SYSTEM &&
	    (item->flags & RULE_FIX) != 0 &&
	    program_problem(TREE_SYSTEM, format->interpreter) == NULL) {
		elsewhere = true;
		problem = NULL;
	}
	if (problem != NULL) {
		check_find(check, format->name, "missing-interpreter", "%s: %s",
		    format->interpreter, problem);
		return;
	}
	fd = open_program(elsewhere ? TREE_SYSTEM : root, format->interpreter,
	    head);
	if (fd < 0)
		return;
	if (elffile_is_elf(head))
		check_loader(check, format, fd, elsewhere);
	else
		check_script(check, item, head);
}

void
check_programs(struct check *check, const struct plan_item *item)
{
	const struct format *format = item->format;
	int root = check->admin->paths->root;
	const char *problem;

	if (format->bpf)
		return;
	check_interpreter(check, item);
	if (format->detector != NULL) {
		problem = program_problem(root, format->detector);
		if (problem != NULL)
			check_find(check, format->name, "missing-detector",
			    "%s: %s", format->detector, problem);
	}
	if (item->how != PLAN_DETECTORS)
		return;
	problem = program_problem(root, check->plan.run_detectors);
	if (problem != NULL)
		check_find(check, format->name, "missing-interpreter", "%s: %s",
		    check->plan.run_detectors, problem);
	if (format->credentials == CHOICE_YES)
		check_find(check, format->name, "without-credentials",
		    "served by run-detectors, so without credentials");
	if (format->preserve == CHOICE_YES || format->open_binary == CHOICE_YES)
		check_find(check, format->name, "lost-flags",
		    "served by run-detectors, so the interpreter gets neither "
		    "AT_FLAGS nor AT_EXECFD");
}
