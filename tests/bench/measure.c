/*
 * measure RUNS [count] <PLAN: what commands cost.  A line of the plan is
 *
 *	LABEL|REPEAT|PREPARE|COMMAND
 *
 * All commands are run in turn, RUNS times, for each to meet the same moments
 * of the machine.  Before each turn of one sh(1) runs PREPARE, unmeasured; then
 * COMMAND, of words between blanks, is executed REPEAT times.  Prints a line of
 *
 *	LABEL  MICROSECONDS  KIB  INSTRUCTIONS  SYSTEM-CALLS
 *
 * for each, with tabs: medians of the time of one execution, from fork to wait,
 * and of the peak of memory; and with count, what valgrind(1) and strace(1)
 * count in one more turn each, or -.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 32
#define RUNS_MAX  999
#define LINE_SIZE 4096

struct task {
	char *label, *prepare, *command;
	char *words[WORDS_MAX + 1];
	long repeat;
	double microseconds[RUNS_MAX], kib[RUNS_MAX];
};

static struct task *tasks;
static size_t task_count;

/* What it prints is not wanted either. */
static void
shell(const char *command)
{
	char line[2 * LINE_SIZE];

	if (command[0] == '\0')
		return;
	(void)snprintf(line, sizeof(line), "{ %s; } >/dev/null", command);
	/* NOLINTNEXTLINE(cert-env33-c): the plan is ours. */
	if (system(line) != 0)
		errx(2, "failed: %s", command);
}

/* Executes it once; what it prints is not wanted. */
static double
execute(char *const words[])
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status, error;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
	    "/dev/null", O_WRONLY, 0);
	error = posix_spawn(&pid, words[0], &actions, NULL, words, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (error != 0) {
		errno = error;
		err(2, "%s", words[0]);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		err(2, "wait4");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(2, "status %d of %s", status, words[0]);
	return (double)usage.ru_maxrss;
}

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void
turn(struct task *task, int run)
{
	double start, kib = 0;
	long i;

	shell(task->prepare);
	start = now();
	for (i = 0; i < task->repeat; i++)
		kib = execute(task->words);
	task->microseconds[run] = (now() - start) / (double)task->repeat;
	task->kib[run] = kib;
}

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), ascending);
	return count % 2 == 1 ? values[count / 2] :
				(values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Runs the command below a tool and prints the number that program finds. */
static void
count(const struct task *task, const char *tool, const char *program)
{
	char line[2 * LINE_SIZE];
	FILE *output;

	shell(task->prepare);
	(void)snprintf(line, sizeof(line), "%s %s 2>&1 >/dev/null | %s", tool,
	    task->command, program);
	/* NOLINTNEXTLINE(cert-env33-c) */
	output = popen(line, "re");
	if (output == NULL || fgets(line, sizeof(line), output) == NULL)
		(void)strcpy(line, "-\n");
	if (output != NULL)
		(void)pclose(output);
	line[strcspn(line, "\n")] = '\0';
	printf("\t%s", line);
}

/* valgrind(1) would give any other file to sh(1), whatever the kernel does. */
static bool
is_native(const char *path)
{
	char head[4] = "";
	FILE *file = fopen(path, "re");
	bool native = file != NULL &&
	    fread(head, 1, sizeof(head), file) == sizeof(head) &&
	    memcmp(head, "\177ELF", sizeof(head)) == 0;

	if (file != NULL)
		(void)fclose(file);
	return native;
}

static void
split(struct task *task)
{
	char *words, *rest, *word;
	size_t n = 0;

	words = strdup(task->command);
	for (word = strtok_r(words, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		if (n == WORDS_MAX)
			errx(2, "too many words: %s", task->command);
		task->words[n++] = word;
	}
	if (n == 0)
		errx(2, "no command: %s", task->label);
}

static void
read_plan(void)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *p = line;
		struct task *task;

		line[strcspn(line, "\n")] = '\0';
		tasks = realloc(tasks, (task_count + 1) * sizeof(*tasks));
		if (tasks == NULL)
			err(2, NULL);
		task = &tasks[task_count++];
		memset(task, 0, sizeof(*task));
		task->label = strdup(strsep(&p, "|"));
		task->repeat = p == NULL ? 0 :
					   strtol(strsep(&p, "|"), NULL, 10);
		if (task->repeat < 1 || p == NULL)
			errx(2, "not LABEL|REPEAT|PREPARE|COMMAND: %s", line);
		task->prepare = strdup(strsep(&p, "|"));
		task->command = strdup(p == NULL ? "" : p);
		split(task);
	}
}

int
main(int argc, char *argv[])
{
	int run, runs = argc < 2 ? 0 : atoi(argv[1]);
	size_t i;

	if (runs < 1 || runs > RUNS_MAX)
		errx(2, "usage: measure RUNS [count] <PLAN");
	read_plan();
	for (run = 0; run < runs; run++) {
		for (i = 0; i < task_count; i++)
			turn(&tasks[i], run);
	}
	for (i = 0; i < task_count; i++) {
		struct task *task = &tasks[i];

		printf("%s\t%.1f\t%.0f", task->label,
		    median(task->microseconds, runs), median(task->kib, runs));
		(void)fflush(stdout);
		if (argc > 2) {
			count(task,
			    !is_native(task->words[0]) ?
				"true" :
				"valgrind --tool=callgrind "
				"--trace-children=yes "
				"--callgrind-out-file=/dev/null",
			    "awk '/Collected/ { n += $4 } END { if (n) print n "
			    "}'");
			count(task, "strace -f -c -U calls,name -o '|cat >&2'",
			    "awk '$2 == \"total\" { print $1 }'");
		} else
			printf("\t-\t-");
		printf("\n");
		(void)fflush(stdout);
	}
	return 0;
}
