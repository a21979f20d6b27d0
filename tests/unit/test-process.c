/*
 * The program runs itself: with a role as its second argument, it plays that.
 */
#include <sys/prctl.h>

#include <time.h>

#include "child.h"
#include "process.h"
#include "scratch.h"

#define SELF "/proc/self/exe"
#define ROLE "role"

/*
 * The side of the program that is run.
 */

/* Whether nothing is open above 2 but, when it was run as one, 3. */
static int
play_descriptors(const char *argument)
{
	int fd, count = 0;

	for (fd = 3; fd < 1000; fd++)
		count += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
	if (strcmp(argument, "3") == 0)
		return count == 1 && fcntl(3, F_GETFD) >= 0 ? 0 : 1;
	return count == 0 ? 0 : 2;
}

static int
play_write(const char *argument)
{
	long i, count = atol(argument);

	if (write(2, "#\n", 2) != 2)
		return 1;
	for (i = 0; i < count; i++) {
		/* What does not fit into the pipe is lost. */
		if (write(1, i % 2 == 0 ? "a" : "b", 1) != 1)
			return 3;
	}
	return 0;
}

/* Holds the lock itself. */
static int
play_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0 || write(fd, "x", 1) != 1)
		return 1;
	(void)sleep(100);
	return 2;
}

static int
play(char *argv[])
{
	static const struct {
		const char *role;
		int (*play)(const char *argument);
	} roles[] = {
		{ "exit", atoi },
		{ "descriptors", play_descriptors },
		{ "write", play_write },
		{ "leave", child_leave_locking },
		{ "hang", child_hang_locking },
		{ "lock", play_lock },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(roles); i++) {
		if (strcmp(argv[2], roles[i].role) == 0)
			return roles[i].play(argv[3]);
	}
	return 99;
}

/*
 * The test's side.
 */

struct ran {
	enum process_end end;
	int value;
	char output[100];
};

/* With size 0 the output is not taken. */
static struct ran
run(int fd, const char *name, const char *role, const char *argument,
    size_t size)
{
	CLEANUP(cleanup_free) char *program = xstrdup(name);
	CLEANUP(cleanup_free) char *word = xstrdup(role);
	CLEANUP(cleanup_free) char *more = xstrdup(argument);
	char mark[] = ROLE, *argv[] = { program, mark, word, more, NULL };
	struct ran ran = { PROCESS_EXITED, -1, "unchanged" };
	const struct process process = { .fd = fd,
		.argv = argv,
		.seconds = 1,
		.output = size == 0 ? NULL : ran.output,
		.output_size = size };
	unsigned before = tree_descriptors();

	ran.end = process_run(&process, &ran.value);
	assert_int_equal(tree_descriptors(), before);
	return ran;
}

static void
expect(const struct ran *ran, enum process_end end, int value,
    const char *output)
{
	assert_int_equal(ran->end, end);
	if (end != PROCESS_TIMED_OUT)
		assert_int_equal(ran->value, value);
	assert_string_equal(ran->output, output);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
test_output(void **state)
{
	static const struct {
		const char *count;
		size_t size;
		int status;
		const char *output;
	} cases[] = {
		{ "0", 0, 0, "unchanged" },
		{ "0", 100, 0, "" },
		{ "4", 100, 0, "abab" },
		{ "5", 5, 0, "abab" },
		{ "4", 5, 0, "abab" },
		{ "9", 1, 0, "" },
		/* It does not wait for who does not read. */
		{ "1000000", 5, 3, "abab" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct ran ran = run(-1, SELF, "write", cases[i].count,
		    cases[i].size);

		expect(&ran, PROCESS_EXITED, cases[i].status, cases[i].output);
	}
}

static void
test_not_started(void **state)
{
	static const struct {
		const char *name;
		int error;
	} cases[] = {
		{ "nothing", ENOENT },
		{ "plain", EACCES },
		{ "text", ENOEXEC },
	};
	const struct tree *tree = *state;
	size_t i;

	tree_put(tree, "plain", "#!/bin/sh\n");
	tree_put(tree, "text", "exit 0\n");
	assert_int_equal(fchmodat(tree->fd, "text", 0755, 0), 0);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const char *path = tree_path(tree, cases[i].name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		struct ran ran = run(-1, path, "", "", 100);

		expect(&ran, PROCESS_NOT_STARTED, cases[i].error, "");
		if (fd < 0)
			continue;
		ran = run(fd, "name", "", "", 100);
		expect(&ran, PROCESS_NOT_STARTED, cases[i].error, "");
		assert_int_equal(close(fd), 0);
	}
}

/* As a descriptor, which stays open as 3, whatever its number was. */
static void
test_descriptor(void **state)
{
	static const int numbers[] = { 3, 9, 700 };
	int self = open(SELF, O_RDONLY | O_CLOEXEC);
	size_t i;

	(void)state;
	assert_true(self >= 0);
	for (i = 0; i < ARRAY_LEN(numbers); i++) {
		bool taken = fcntl(numbers[i], F_GETFD) >= 0;
		int fd = taken ? numbers[i] :
				 fcntl(self, F_DUPFD_CLOEXEC, numbers[i]);
		struct ran ran;

		if (taken && fd != self)
			continue;
		ran = run(fd, "any name", "descriptors", "3", 100);
		expect(&ran, PROCESS_EXITED, 0, "");
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		if (!taken)
			assert_int_equal(close(fd), 0);
	}
	assert_int_equal(close(self), 0);
}

/* A script is opened again by its interpreter, by way of the descriptor. */
static void
test_descriptor_of_script(void **state)
{
	const struct tree *tree = *state;
	struct ran ran;
	int fd;

	tree_put(tree, "script", "#!/bin/sh\nprintf '%s' \"$2\"\n");
	assert_int_equal(fchmodat(tree->fd, "script", 0755, 0), 0);
	fd = openat(tree->fd, "script", O_RDONLY | O_CLOEXEC);
	ran = run(fd, "name", "said", "", 100);
	assert_int_equal(close(fd), 0);
	expect(&ran, PROCESS_EXITED, 0, "said");
}

static void
test_left_behind(void **state)
{
	const struct tree *tree = *state;
	const char *lock = tree_path(tree, "lock");
	double start;
	struct ran ran;

	tree_put(tree, "lock", "");
	ran = run(-1, SELF, "leave", lock, 100);
	expect(&ran, PROCESS_EXITED, 0, "");
	child_expect_unlocked(lock);
	start = unit_seconds();
	(void)alarm(30);
	ran = run(-1, SELF, "hang", lock, 100);
	(void)alarm(0);
	expect(&ran, PROCESS_TIMED_OUT, 0, "");
	assert_true(unit_seconds() - start >= 1);
	assert_true(unit_seconds() - start < 10);
	child_expect_unlocked(lock);
}

/* As one that inherits orphans: it is left with none. */
static int
run_as_subreaper(void *argument)
{
	struct ran ran;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 1;
	ran = run(-1, SELF, "leave", argument, 0);
	if (ran.end != PROCESS_EXITED || ran.value != 0)
		return 2;
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 3;
}

static void
test_subreaper(void **state)
{
	const struct tree *tree = *state;

	tree_put(tree, "lock", "");
	assert_int_equal(child_run(run_as_subreaper, tree_path(tree, "lock")),
	    0);
}

static int
run_lock(void *argument)
{
	struct ran ran = run(-1, SELF, "lock", argument, 0);

	return (int)ran.end;
}

/* When the caller is killed, what it has run is, too. */
static void
test_caller_killed(void **state)
{
	const struct tree *tree = *state;
	char *lock = tree_path(tree, "lock");
	struct stat st;
	pid_t pid;
	int i;

	tree_put(tree, "lock", "");
	pid = child_start(run_lock, lock);
	for (i = 0; i < 500; i++) {
		assert_int_equal(stat(lock, &st), 0);
		if (st.st_size > 0)
			break;
		(void)usleep(2 * 1000);
	}
	assert_int_equal(st.st_size, 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(child_wait(pid), -SIGKILL);
	child_expect_unlocked(lock);
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		TREE_TEST(test_not_started),
		cmocka_unit_test(test_descriptor),
		TREE_TEST(test_descriptor_of_script),
		TREE_TEST(test_left_behind),
		TREE_TEST(test_subreaper),
		TREE_TEST(test_caller_killed),
	};

	if (argc == 4 && strcmp(argv[1], ROLE) == 0)
		_exit(play(argv));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
