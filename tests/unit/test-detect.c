/*
 * The program is its own detector: executed with a role as its only argument,
 * it plays that, and looks at what it was given.
 */
#include <sys/sysmacros.h>
#include <sys/time.h>

#include <time.h>

#include "child.h"
#include "detect.h"
#include "scratch.h"

#define SELF "/proc/self/exe"
#define ROLE "role "

/*
 * The detector's side.
 */

static bool
is_dev_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3);
}

/* Whether 0, 1 and 2 are open and nothing else, and what they are. */
static int
play_descriptors(void)
{
	struct stat out, err;
	int fd;

	if (!is_dev_null(0))
		return 1;
	if (fstat(1, &out) < 0 || fstat(2, &err) < 0 ||
	    out.st_dev != err.st_dev || out.st_ino != err.st_ino)
		return 2;
	for (fd = 3; fd < 2000; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			return 3;
	}
	return 0;
}

/* What /proc/self/status has behind a key. */
static uint64_t
signals(const char *key)
{
	CLEANUP(cleanup_free) char *text = xcalloc(8192, 1);
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *found;

	if (fd < 0 || read(fd, text, 8191) < 0)
		return 0;
	(void)close(fd);
	found = strstr(text, key);
	return found == NULL ? 0 : strtoull(found + strlen(key), NULL, 16);
}

#define BIT(number) ((uint64_t)1 << ((number)-1))

/* As the test below has them: ignored, and blocked. */
static int
play_signals(void)
{
	uint64_t ignored = signals("SigIgn:"), blocked = signals("SigBlk:");

	if ((ignored & BIT(SIGCHLD)) == 0 || (ignored & BIT(SIGINT)) == 0 ||
	    (ignored & BIT(SIGQUIT)) != 0)
		return 1;
	if (blocked != (BIT(SIGUSR1) | BIT(SIGCHLD)))
		return 2;
	return 0;
}

static int
play_fill(void)
{
	char text[4096];
	int i;

	memset(text, '\n', sizeof(text));
	for (i = 0; i < 256; i++) {
		if (write(i % 2 + 1, text, sizeof(text)) != sizeof(text))
			return 1;
	}
	return 0;
}

static int
play_output(void)
{
	return write(1, "out\n", 4) == 4 && write(2, "err\n", 4) == 4 ? 0 : 1;
}

static int
play(const char *role, const char *argument)
{
	if (strcmp(role, "exit") == 0)
		return atoi(argument);
	if (strcmp(role, "signal") == 0) {
		(void)signal(atoi(argument), SIG_DFL);
		return raise(atoi(argument));
	}
	if (strcmp(role, "sleep") == 0)
		return usleep((unsigned)atoi(argument) * 1000) == 0 ? 0 : 1;
	if (strcmp(role, "group") == 0)
		return getpgrp() == getpid() ? 0 : 1;
	if (strcmp(role, "descriptors") == 0)
		return play_descriptors();
	if (strcmp(role, "signals") == 0)
		return play_signals();
	if (strcmp(role, "output") == 0)
		return play_output();
	if (strcmp(role, "fill") == 0)
		return play_fill();
	if (strcmp(role, "leave") == 0)
		return child_leave_locking(argument);
	if (strcmp(role, "hang") == 0)
		return child_hang_locking(argument);
	return 99;
}

static int
be_detector(char *argv[])
{
	char *role = argv[1] + strlen(ROLE), *argument = strchr(role, ' ');

	if (strcmp(argv[0], SELF) != 0)
		return 98;
	if (argument != NULL)
		*argument++ = '\0';
	return play(role, argument == NULL ? "" : argument);
}

/*
 * The test's side.
 */

/* The verdict, and what there is to say about it; owned. */
static char *
run(const char *detector, const char *file)
{
	CLEANUP(cleanup_free) char *reason = NULL;

	switch (detect_run(detector, file, &reason)) {
	case DETECT_ACCEPTS:
		return xasprintf("accepts%s", reason == NULL ? "" : " but");
	case DETECT_DECLINES:
		return xasprintf("declines: %s", reason);
	case DETECT_FAILS:
	default:
		return xasprintf("fails: %s", reason);
	}
}

static void
expect(const char *role, const char *verdict)
{
	CLEANUP(cleanup_free) char *got = run(SELF, role);

	assert_string_equal(got, verdict);
}

static void
test_verdicts(void **state)
{
	static const struct {
		const char *role, *verdict;
	} cases[] = {
		{ ROLE "exit 0", "accepts" },
		{ ROLE "exit 1", "declines: declined with exit status 1" },
		{ ROLE "exit 255", "declines: declined with exit status 255" },
		{ ROLE "signal 15", "fails: was killed by signal 15" },
		{ ROLE "signal 9", "fails: was killed by signal 9" },
		{ ROLE "group", "accepts" },
		{ ROLE "descriptors", "accepts" },
	};
	unsigned before = tree_descriptors();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		expect(cases[i].role, cases[i].verdict);
	assert_int_equal(tree_descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
test_cannot_be_executed(void **state)
{
	static const struct {
		const char *name, *verdict;
	} cases[] = {
		{ "nothing",
		    "fails: cannot be executed: No such file or directory" },
		{ "plain", "fails: cannot be executed: Permission denied" },
		{ "directory", "fails: cannot be executed: Permission denied" },
		{ "plain/x", "fails: cannot be executed: Not a directory" },
		{ "text", "fails: cannot be executed: Exec format error" },
		{ "lost",
		    "fails: cannot be executed: No such file or directory" },
		{ "a script", "accepts" },
	};
	const struct tree *tree = *state;
	unsigned before = tree_descriptors();
	size_t i;

	tree_put(tree, "plain", "#!/bin/sh\n");
	tree_mkdir(tree, "directory");
	tree_put(tree, "text", "exit 0\n");
	tree_put(tree, "lost", "#!/nowhere/sh\n");
	tree_put(tree, "a script",
	    "#!/bin/sh\ntest $# = 1 && test -e \"$1\"\n");
	assert_int_equal(fchmodat(tree->fd, "text", 0755, 0), 0);
	assert_int_equal(fchmodat(tree->fd, "lost", 0755, 0), 0);
	assert_int_equal(fchmodat(tree->fd, "a script", 0755, 0), 0);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = run(tree_path(tree, cases[i].name),
		    "/proc/self/exe");

		assert_string_equal(got, cases[i].verdict);
	}
	assert_int_equal(tree_descriptors(), before);
}

/* Its output is our standard error, of both kinds, in the order of writing. */
static void
test_output(void **state)
{
	const struct tree *tree = *state;
	int out, err, kept_out, kept_err;

	fflush(NULL);
	kept_out = fcntl(1, F_DUPFD_CLOEXEC, 10);
	kept_err = fcntl(2, F_DUPFD_CLOEXEC, 10);
	out = openat(tree->fd, "out", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	err = openat(tree->fd, "err", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(dup2(out, 1) == 1 && dup2(err, 2) == 2);
	expect(ROLE "output", "accepts");
	tree_expect(tree, "err", "out\nerr\n");
	expect(ROLE "fill", "accepts");
	assert_true(dup2(kept_out, 1) == 1 && dup2(kept_err, 2) == 2);
	assert_int_equal(close(kept_out), 0);
	assert_int_equal(close(kept_err), 0);
	tree_expect(tree, "out", "");
	assert_int_equal(lseek(err, 0, SEEK_END), 8 + 256 * 4096);
	assert_int_equal(close(out), 0);
	assert_int_equal(close(err), 0);
}

struct closed {
	bool closed[3]; /* of 0, 1 and 2 */
	bool ours;	/* 2 is a file of ours, not for others */
};

static int
run_with_closed(void *argument)
{
	const struct closed *c = argument;
	char *reason = NULL;
	int fd;

	for (fd = 0; fd < 3; fd++) {
		if (c->closed[fd])
			(void)close(fd);
	}
	if (c->ours)
		(void)fcntl(2, F_SETFD, FD_CLOEXEC);
	if (detect_run(SELF, ROLE "descriptors", &reason) != DETECT_ACCEPTS)
		return 1;
	for (fd = 0; fd < 3; fd++) {
		bool open = fcntl(fd, F_GETFD) >= 0;

		if (open == c->closed[fd])
			return 2;
	}
	return 0;
}

static void
test_closed_descriptors(void **state)
{
	unsigned set;

	(void)state;
	for (set = 0; set < 16; set++) {
		struct closed c = { { set & 1, set & 2, set & 4 }, set & 8 };
		int status = child_run(run_with_closed, &c);

		if (status != 0)
			fail_msg("set %u: %d", set, status);
	}
}

/* Whether close-on-exec or not, and however high: none reaches a detector. */
static void
test_no_descriptor_leaks(void **state)
{
	static const int numbers[] = { 3, 10, 63, 64, 255, 900 };
	const struct tree *tree = *state;
	bool opened[ARRAY_LEN(numbers)];
	size_t i;

	for (i = 0; i < ARRAY_LEN(numbers); i++) {
		opened[i] = fcntl(numbers[i], F_GETFD) < 0;
		if (opened[i])
			assert_int_equal(dup2(tree->fd, numbers[i]),
			    numbers[i]);
	}
	expect(ROLE "descriptors", "accepts");
	for (i = 0; i < ARRAY_LEN(numbers); i++) {
		assert_true(fcntl(numbers[i], F_GETFD) >= 0);
		if (opened[i])
			assert_int_equal(close(numbers[i]), 0);
	}
}

/*
 * Signals.
 */

static volatile sig_atomic_t handled;

static void
count_signal(int number)
{
	(void)number;
	handled++;
}

/* In a child, which starts without any of the test's own. */
static int
see_signals(void *argument)
{
	struct sigaction before[65], after;
	sigset_t mask, now;
	char *reason = NULL;
	int i;

	(void)argument;
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR1);
	(void)sigaddset(&mask, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)signal(SIGUSR2, count_signal);
	for (i = 1; i < 65; i++)
		(void)sigaction(i, NULL, &before[i]);
	if (detect_run(SELF, ROLE "signals", &reason) != DETECT_ACCEPTS)
		return 1;
	for (i = 1; i < 65; i++) {
		/* The C library keeps some for itself. */
		if (sigaction(i, NULL, &after) < 0)
			continue;
		if (after.sa_handler != before[i].sa_handler ||
		    after.sa_flags != before[i].sa_flags)
			return 2;
	}
	(void)sigprocmask(SIG_SETMASK, NULL, &now);
	for (i = 1; i < 65; i++) {
		if (sigismember(&now, i) != sigismember(&mask, i))
			return 3;
	}
	return 0;
}

static void
test_signals_restored(void **state)
{
	(void)state;
	assert_int_equal(child_run(see_signals, NULL), 0);
}

/* What SIGCHLD is when detect_run() is called. */
struct child_signal {
	void (*handler)(int);
	int flags;
	bool blocked, pending;
};

static bool
is_pending(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, SIGCHLD) == 1;
}

static int
see_child_signal(void *argument)
{
	const struct child_signal *c = argument;
	struct sigaction action = { .sa_handler = c->handler,
		.sa_flags = c->flags };
	struct sigaction after;
	char *reason = NULL;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(c->blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
	(void)sigaction(SIGCHLD, &action, NULL);
	if (c->pending)
		(void)kill(getpid(), SIGCHLD);
	if (is_pending() != c->pending)
		return 1;
	/* The verdict is known, whatever SIGCHLD is. */
	if (detect_run(SELF, ROLE "exit 3", &reason) != DETECT_DECLINES ||
	    strcmp(reason, "declined with exit status 3") != 0)
		return 2;
	free(reason);
	if (is_pending() != c->pending)
		return 3;
	if (handled != 0)
		return 4;
	(void)sigaction(SIGCHLD, NULL, &after);
	if (after.sa_handler != c->handler ||
	    (after.sa_flags & SA_NOCLDWAIT) != (c->flags & SA_NOCLDWAIT))
		return 5;
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 6;
}

static void
test_child_signal(void **state)
{
	static const struct child_signal cases[] = {
		{ SIG_DFL, 0, false, false },
		{ SIG_DFL, 0, true, false },
		{ SIG_DFL, 0, true, true },
		{ SIG_DFL, SA_NOCLDWAIT, false, false },
		{ SIG_DFL, SA_NOCLDWAIT, true, true },
		{ SIG_IGN, 0, false, false },
		{ SIG_IGN, 0, true, false },
		{ SIG_IGN, 0, true, true },
		{ count_signal, 0, false, false },
		{ count_signal, 0, true, false },
		{ count_signal, 0, true, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct child_signal c = cases[i];
		int status = child_run(see_child_signal, &c);

		if (status != 0)
			fail_msg("case %zu: %d", i, status);
	}
}

static int
end_with_seven(void *argument)
{
	(void)argument;
	return 7;
}

/* Children of ours that were there before are left to us. */
static void
test_other_children(void **state)
{
	pid_t ended = child_start(end_with_seven, NULL);
	siginfo_t info;

	(void)state;
	assert_int_equal(waitid(P_PID, (id_t)ended, &info, WEXITED | WNOWAIT),
	    0);
	expect(ROLE "exit 0", "accepts");
	assert_int_equal(child_wait(ended), 7);
}

/* Signals that arrive meanwhile change nothing. */
static void
test_interrupted(void **state)
{
	struct sigaction action = { .sa_handler = count_signal }, old;
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { 0 };

	(void)state;
	handled = 0;
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	expect(ROLE "sleep 200", "accepts");
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_true(handled > 10);
	handled = 0;
}

/*
 * What is left behind.
 */

static void
test_leftover(void **state)
{
	const struct tree *tree = *state;
	CLEANUP(cleanup_free)
	char *role = xasprintf(ROLE "leave %s/lock", tree->path);

	tree_put(tree, "lock", "");
	expect(role, "accepts");
	child_expect_unlocked(tree_path(tree, "lock"));
}

/* The only test that takes the time that a detector has. */
static void
test_time_limit(void **state)
{
	const struct tree *tree = *state;
	CLEANUP(cleanup_free)
	char *role = xasprintf(ROLE "hang %s/lock", tree->path);
	double start = unit_seconds();

	tree_put(tree, "lock", "");
	(void)alarm(30); /* in case that it is waited for, for ever */
	expect(role, "fails: did not answer within 10 seconds");
	(void)alarm(0);
	assert_true(unit_seconds() - start >= 10);
	assert_true(unit_seconds() - start < 15);
	child_expect_unlocked(tree_path(tree, "lock"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/*
 * The order.
 */

struct sorted {
	const char *name, *extension, *detector;
	int priority;
	unsigned sequence;
};

static void
make_sorted(struct format *format, const struct sorted *from)
{
	memset(format, 0, sizeof(*format));
	format->name = (char *)(uintptr_t)from->name;
	format->detector = (char *)(uintptr_t)from->detector;
	format->priority = from->priority;
	format->sequence = from->sequence;
	format->spec.type = SPEC_EXTENSION;
	format->spec.extension = (char *)(uintptr_t)from->extension;
}

#define SORTED_MAX 10

/* The order is the same, whatever it was before: from each rotation. */
static void
check_sorted(const struct sorted *cases, size_t count)
{
	struct format formats[SORTED_MAX];
	size_t i, j;

	for (i = 0; i < count; i++)
		make_sorted(&formats[i], &cases[i]);
	for (i = 0; i < 2 * count; i++) {
		const struct format *sorted[SORTED_MAX];

		for (j = 0; j < count; j++)
			sorted[i < count ? j : count - 1 - j] =
			    &formats[(i + j) % count];
		detect_sort(sorted, count);
		for (j = 0; j < count; j++)
			assert_ptr_equal(sorted[j], &formats[j]);
	}
}

static void
test_sort(void **state)
{
	/* From the first to the last. */
	static const struct sorted cases[] = {
		{ "z", "a", NULL, 1, 0 },
		{ "y", "abc", "/d", 0, 0 },
		{ "x", "abc", NULL, 0, 0 },
		{ "b", "ab", "/d", 0, 0 },
		{ "c", "ab", "/d", 0, 0 },
		{ "A", "ab", NULL, 0, 0 },
		{ "a", "ab", NULL, 0, 0 },
		{ "\xff", "ab", NULL, 0, 0 },
		{ "a", "abcd", "/d", -1, 0 },
	};

	(void)state;
	check_sorted(cases, ARRAY_LEN(cases));
}

/* Rules of binfmt.d, the later one first, and formats that are recorded. */
static void
test_sort_rules(void **state)
{
	static const struct sorted rules[] = {
		{ "b", "ab", "/d", 0, 1 },
		{ "c", "ab", NULL, 0, 9 },
		{ "a", "ab", NULL, 0, 5 },
		{ "b", "ab", NULL, 0, 2 },
	};
	struct format formats[3];
	const struct format *sorted[3], *again[3];
	size_t i, j;

	(void)state;
	check_sorted(rules, ARRAY_LEN(rules));
	make_sorted(&formats[0], &(struct sorted){ "a", "x", NULL, 0, 1 });
	make_sorted(&formats[1], &(struct sorted){ "b", "x", NULL, 0, 0 });
	make_sorted(&formats[2], &(struct sorted){ "c", "x", NULL, 0, 2 });
	/* Mixed, there is one order, too, whatever it was before. */
	for (i = 0; i < 6; i++) {
		sorted[0] = &formats[i % 3];
		sorted[1 + i / 3] = &formats[(i + 1) % 3];
		sorted[2 - i / 3] = &formats[(i + 2) % 3];
		detect_sort(sorted, 3);
		for (j = 0; j < 3; j++) {
			if (i == 0)
				again[j] = sorted[j];
			assert_ptr_equal(sorted[j], again[j]);
		}
	}
}

static void
test_is_candidate(void **state)
{
	static const unsigned char head[SPEC_HEAD] = "MZ";
	struct format format;

	(void)state;
	make_sorted(&format, &(struct sorted){ "a", "x", NULL, 0, 0 });
	assert_true(detect_is_candidate(&format, head, "a.x"));
	assert_false(detect_is_candidate(&format, head, "a.y"));
	format.masked = true;
	assert_false(detect_is_candidate(&format, head, "a.x"));
	format.masked = false;
	format.invalid = true;
	assert_false(detect_is_candidate(&format, head, "a.x"));
	format.invalid = false;
	format.bpf = true;
	assert_false(detect_is_candidate(&format, head, "a.x"));
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		TREE_TEST(test_cannot_be_executed),
		TREE_TEST(test_output),
		cmocka_unit_test(test_closed_descriptors),
		TREE_TEST(test_no_descriptor_leaks),
		cmocka_unit_test(test_signals_restored),
		cmocka_unit_test(test_child_signal),
		cmocka_unit_test(test_other_children),
		cmocka_unit_test(test_interrupted),
		TREE_TEST(test_leftover),
		TREE_TEST(test_time_limit),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_sort_rules),
		cmocka_unit_test(test_is_candidate),
	};

	if (argc == 2 && strncmp(argv[1], ROLE, strlen(ROLE)) == 0)
		_exit(be_detector(argv));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
