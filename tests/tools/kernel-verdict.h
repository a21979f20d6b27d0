/*
 * A register string, read by us and given to the kernel: both must accept it or
 * both refuse it, and what they accept must be the same.  For rule-oracle and
 * for the fuzz target; in an instance of binfmt_misc where nothing is
 * registered.
 */
#ifndef KERNEL_VERDICT_H
#define KERNEL_VERDICT_H

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entry.h"
#include "rule.h"
#include "xalloc.h"

#define REGISTRY "/proc/sys/fs/binfmt_misc"

/* The longest string that is made. */
#define ROOM 4096

struct text {
	char bytes[ROOM];
	size_t len;
};

/* Of REGISTRY, open. */
static int registry;

static inline void
add(struct text *text, const char *bytes, size_t len)
{
	if (len > ROOM - text->len)
		len = ROOM - text->len;
	memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
}

/*
 * The kernel.
 */

static inline void
open_registry(void)
{
	registry = open(REGISTRY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (registry < 0)
		err(2, "%s", REGISTRY);
}

static inline void
remove_entries(void)
{
	int fd = openat(registry, "status", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1", 2) != 2)
		err(2, "status");
	(void)close(fd);
}

/* Returns 0, and the text of the only entry; or the error number. */
static inline int
ask_kernel(const struct text *text, bool newline, char *shown, size_t size)
{
	struct text copy = *text;
	struct dirent *file;
	ssize_t n;
	int error = 0, fd;
	DIR *dir;

	if (newline)
		add(&copy, "\n", 1);
	fd = openat(registry, "register", O_WRONLY | O_CLOEXEC);
	n = write(fd, copy.bytes, copy.len);
	if (n != (ssize_t)copy.len)
		error = n < 0 ? errno : EIO;
	(void)close(fd);
	shown[0] = '\0';
	if (error != 0)
		return error;
	dir = fdopendir(openat(registry, ".", O_RDONLY | O_DIRECTORY));
	if (dir == NULL)
		err(2, "%s", REGISTRY);
	while ((file = readdir(dir)) != NULL) {
		if (strcmp(file->d_name, ".") == 0 ||
		    strcmp(file->d_name, "..") == 0 ||
		    strcmp(file->d_name, "register") == 0 ||
		    strcmp(file->d_name, "status") == 0)
			continue;
		fd = openat(registry, file->d_name, O_RDONLY | O_CLOEXEC);
		n = read(fd, shown, size - 1);
		shown[n < 0 ? 0 : n] = '\0';
		(void)close(fd);
	}
	(void)closedir(dir);
	remove_entries();
	return 0;
}

/*
 * The comparison.
 */

struct counts {
	unsigned strings, accepted, refused, meant, wrong;
};

static inline void
show_text(const struct text *text, bool newline)
{
	size_t i;

	for (i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->bytes[i];

		if (c < ' ' || c > '~')
			printf("<%02x>", c);
		else
			putchar(c);
	}
	printf("%s\n", newline ? "<0a>" : "");
}

static inline bool
holds_raw_nul(const struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		if (problems->items[i].field == NULL ||
		    (strcmp(problems->items[i].field, "magic") != 0 &&
			strcmp(problems->items[i].field, "mask") != 0) ||
		    strstr(problems->items[i].reason, "raw NUL") == NULL)
			return false;
	}
	return problems->count > 0;
}

/*
 * Whether it is one of the differences that are meant.
 *
 * We refuse: NUL as delimiter, which no text file can hold; newline, P, O, C
 * and F, which the kernel takes only by accident, when a newline follows; and a
 * NUL byte in magic or mask, where the kernel cuts them off without a word.
 *
 * The kernel refuses what it is too old for; and with F an interpreter that
 * cannot be opened, which is not a matter of grammar.
 */
static inline bool
is_meant(const struct text *text, bool newline, const struct rule *rule,
    const struct problems *problems, int error)
{
	const unsigned newer = RULE_TRANSPARENT | RULE_LOADER | RULE_DISABLED;

	if (problems->errors > 0 && error == 0) {
		if (text->bytes[0] == '\0')
			return true;
		if (strchr("\nPOCF", text->bytes[0]) != NULL && newline)
			return true;
		return holds_raw_nul(problems);
	}
	if (error == EINVAL)
		return rule->bpf || (rule->flags & newer) != 0;
	return (rule->flags & RULE_FIX) != 0;
}

static inline void
report(const struct text *text, bool newline, const struct problems *problems,
    int error)
{
	size_t i;

	show_text(text, newline);
	printf("\tkernel: %s\n", error == 0 ? "accepts" : strerror(error));
	printf("\twe: %s\n", problems->errors == 0 ? "accept" : "refuse");
	for (i = 0; i < problems->count; i++)
		printf("\t\t%s: %s\n",
		    problems->items[i].field == NULL ? "" :
						       problems->items[i].field,
		    problems->items[i].reason);
}

/* Both have accepted it; whether as the same. */
static inline void
compare_entries(const struct text *text, bool newline, struct rule *rule,
    const char *shown, struct counts *counts)
{
	struct entry entry = { *rule, (rule->flags & RULE_DISABLED) == 0 };
	CLEANUP(cleanup_free) char *expected = entry_print(&entry);

	counts->accepted++;
	if (strcmp(shown, expected) == 0)
		return;
	counts->wrong++;
	show_text(text, newline);
	printf("is for the kernel:\n%sand for us:\n%s", shown, expected);
}

static inline void
compare(const struct text *text, bool newline, struct counts *counts)
{
	struct problems problems = PROBLEMS_INIT;
	char shown[ROOM + 2048];
	struct rule rule;
	int error = ask_kernel(text, newline, shown, sizeof(shown));
	size_t len = text->len;

	if (!newline && len > 0 && text->bytes[len - 1] == '\n')
		len--;
	counts->strings++;
	if (rule_parse(text->bytes, len, NOWHERE, &rule, &problems) < 0)
		memset(&rule, 0, sizeof(rule));
	if (problems.errors == 0 && error == 0)
		compare_entries(text, newline, &rule, shown, counts);
	else if (problems.errors > 0 && error != 0)
		counts->refused++;
	else if (is_meant(text, newline || len < text->len, &rule, &problems,
		     error))
		counts->meant++;
	else {
		counts->wrong++;
		report(text, newline, &problems, error);
	}
	rule_fini(&rule);
	problems_fini(&problems);
}

#endif
