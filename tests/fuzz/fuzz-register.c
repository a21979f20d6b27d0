/*
 * Any register string: the kernel, in an instance of its own, accepts it just
 * when we do, and then shows an entry of just what we have read.  An input that
 * begins with a newline is written with one at its end.
 */
#include <sys/mount.h>

#include <sched.h>

#include "../tools/kernel-verdict.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

/* Root of a user namespace, and nobody else in it. */
static bool
enter_namespace(void)
{
	char uids[32], gids[32];

	(void)snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
	(void)snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uids);
	put("/proc/self/gid_map", gids);
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("binfmt_misc", REGISTRY, "binfmt_misc", 0, NULL) == 0;
}

/* Before libFuzzer has threads, which cannot enter a namespace. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!enter_namespace()) {
		printf("skip - register: no binfmt_misc of our own: %s\n",
		    strerror(errno));
		exit(0);
	}
	open_registry();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text text;
	struct counts counts = { 0 };
	bool newline = size > 0 && data[0] == '\n';

	if (newline) {
		data++;
		size--;
	}
	newline = newline && size < RULE_STRING_MAX &&
	    (size == 0 || data[size - 1] != '\n');
	text.len = 0;
	add(&text, fuzz_text(data), size);
	compare(&text, newline, &counts);
	REQUIRE(counts.wrong == 0);
	return 0;
}
