/*
 * Holds the reader of register strings against the kernel's:
 *
 *	rule-oracle PROGRAM SEED
 *
 * Makes strings that are rules, nearly so, or not at all, always the same from
 * a seed, and gives each to rule_parse() and to binfmt_misc.  Both must accept
 * it or both refuse it; and when they accept it, the kernel's entry must be
 * what was read.  PROGRAM is an interpreter that can be opened.
 *
 * Where they are meant to differ, and only there, they may; see is_meant().
 * Prints each other difference, and at the end how much was compared; the
 * status is 1 after a difference.  To be called where nothing is registered.
 */
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
#define STRINGS	 20000

/* The longest string that is made. */
#define ROOM 4096

struct text {
	char bytes[ROOM];
	size_t len;
};

static int registry;
static const char *program;

/*
 * Numbers: xorshift64*.
 */

static unsigned long long state;

static unsigned
below(unsigned limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 0x2545f4914f6cdd1dULL) >> 33) % limit;
}

static bool
one_in(unsigned n)
{
	return below(n) == 0;
}

/*
 * Strings.  Texts with a NUL in them are given with their length.
 */

struct choice {
	const char *bytes;
	size_t len;
};

#define CHOICE(literal)                                                        \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}

static void
add(struct text *text, const char *bytes, size_t len)
{
	if (len > ROOM - text->len)
		len = ROOM - text->len;
	memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
}

static void
add_choice(struct text *text, const struct choice *choices, size_t count)
{
	const struct choice *choice = &choices[below((unsigned)count)];

	add(text, choice->bytes, choice->len);
}

#define ADD_ONE_OF(text, choices)                                              \
	add_choice((text), (choices), sizeof(choices) / sizeof((choices)[0]))

static void
add_many(struct text *text, const char *bytes, unsigned count)
{
	while (count-- > 0)
		add(text, bytes, strlen(bytes));
}

static void
add_name(struct text *text)
{
	static const struct choice names[] = { CHOICE("a"), CHOICE("name"),
		CHOICE("a b"), CHOICE(""), CHOICE("."), CHOICE(".."),
		CHOICE("..."), CHOICE(".a"), CHOICE("-a"), CHOICE("a/b"),
		CHOICE("/"), CHOICE("register"), CHOICE("status"),
		CHOICE("a\nb"), CHOICE("a\0b"), CHOICE("\xff"),
		CHOICE("a\\x41"), CHOICE("\t"), CHOICE("\\") };

	if (one_in(20))
		add_many(text, "n", 253 + below(6));
	else if (one_in(2))
		add(text, "name", 4);
	else
		ADD_ONE_OF(text, names);
}

static void
add_offset(struct text *text)
{
	static const struct choice offsets[] = { CHOICE("0"), CHOICE("1"),
		CHOICE("250"), CHOICE("251"), CHOICE("252"), CHOICE("253"),
		CHOICE("254"), CHOICE("255"), CHOICE("256"), CHOICE("257"),
		CHOICE("+5"), CHOICE("-5"), CHOICE("-0"), CHOICE("+0"),
		CHOICE("--0"), CHOICE("-+0"), CHOICE("+-0"), CHOICE("++0"),
		CHOICE("+"), CHOICE("-"), CHOICE("010"), CHOICE("0x10"),
		CHOICE(" 5"), CHOICE("5 "), CHOICE("5\n"), CHOICE("\n"),
		CHOICE("5\n\n"), CHOICE("+\n"), CHOICE("2147483647"),
		CHOICE("2147483648"), CHOICE("-2147483648"),
		CHOICE("4294967296"), CHOICE("18446744073709551616"),
		CHOICE("18446744073709551621"),
		CHOICE("99999999999999999999999"),
		CHOICE("0000000000000000000000000000005"), CHOICE("5\0"),
		CHOICE("\0"), CHOICE("1_0"), CHOICE("5a"), CHOICE("zz"),
		CHOICE("1e1") };

	if (one_in(2))
		ADD_ONE_OF(text, offsets);
}

static void
add_bytes(struct text *text)
{
	static const struct choice pieces[] = { CHOICE("A"), CHOICE("AB"),
		CHOICE("\\x41"), CHOICE("\\x00"), CHOICE("\\xff"),
		CHOICE("\\xAb"), CHOICE("\\X41"), CHOICE("\\x4"),
		CHOICE("\\xg1"), CHOICE("\\x"), CHOICE("\\"), CHOICE("\\\\"),
		CHOICE("\\\\x41"), CHOICE("\\\\\\x41"), CHOICE("\\n"),
		CHOICE("\\101"), CHOICE("\0"), CHOICE("\n"), CHOICE("\x01"),
		CHOICE("\xff"), CHOICE("x"), CHOICE("4"), CHOICE("/"),
		CHOICE(" "), CHOICE("\\x3a"), CHOICE("\\\\x"),
		CHOICE("\\\\xzz"), CHOICE("\\x\\x41"), CHOICE("\\x4\\x41") };
	unsigned count = one_in(30) ? 0 : 1 + below(4);

	if (one_in(40))
		add_many(text, one_in(2) ? "\\x41" : "A", 226 + below(32));
	while (count-- > 0) {
		if (one_in(2))
			add(text, "A", 1);
		else
			ADD_ONE_OF(text, pieces);
	}
}

static void
add_magic(struct text *text, const char *delimiter)
{
	size_t start = text->len;
	struct text copy;

	add_bytes(text);
	copy.len = text->len - start;
	memcpy(copy.bytes, text->bytes + start, copy.len);
	add(text, delimiter, 1);
	/* Most masks are as long as the magic, if they are anything. */
	if (one_in(3))
		add(text, copy.bytes, copy.len);
	else if (one_in(4))
		add_bytes(text);
}

static void
add_extension(struct text *text, const char *delimiter)
{
	static const struct choice extensions[] = { CHOICE("ext"), CHOICE("e"),
		CHOICE(""), CHOICE(".ext"), CHOICE("tar.gz"), CHOICE("a/b"),
		CHOICE("a b"), CHOICE("\\x41"), CHOICE("a\nb"), CHOICE("a\0b"),
		CHOICE("\0"), CHOICE("\xc3\xa4") };
	static const struct choice masks[] = { CHOICE(""), CHOICE(""),
		CHOICE(""), CHOICE("zz"), CHOICE("\\x4"), CHOICE("\0"),
		CHOICE("a\0") };

	ADD_ONE_OF(text, extensions);
	add(text, delimiter, 1);
	ADD_ONE_OF(text, masks);
}

static void
add_interpreter(struct text *text)
{
	static const struct choice paths[] = { CHOICE("/bin/true"),
		CHOICE("relative"), CHOICE(""), CHOICE("/a b"), CHOICE("/\n"),
		CHOICE("/a\0b"), CHOICE("\0"), CHOICE("/"), CHOICE("/missing"),
		CHOICE("/dev/null"), CHOICE("/a\\x41"),
		CHOICE("/a\nflags: POCF") };

	if (one_in(40))
		add_many(text, "/long", 300 + below(120));
	else if (one_in(2))
		add(text, program, strlen(program));
	else
		ADD_ONE_OF(text, paths);
}

static void
add_flags(struct text *text)
{
	static const struct choice flags[] = { CHOICE("P"), CHOICE("O"),
		CHOICE("C"), CHOICE("F"), CHOICE("POCF"), CHOICE("FCOP"),
		CHOICE("PP"), CHOICE("p"), CHOICE("X"), CHOICE(" "),
		CHOICE("P "), CHOICE("\r"), CHOICE("P\r"), CHOICE("\0"),
		CHOICE("P\0"), CHOICE("T"), CHOICE("L"), CHOICE("D"),
		CHOICE("OC"), CHOICE("P\nP") };

	if (one_in(2))
		ADD_ONE_OF(text, flags);
}

static void
make_rule(struct text *text)
{
	static const struct choice delimiters[] = { CHOICE(","), CHOICE("|"),
		CHOICE("\\"), CHOICE("x"), CHOICE("\0"), CHOICE("\n"),
		CHOICE("/"), CHOICE("P"), CHOICE("O"), CHOICE("C"), CHOICE("F"),
		CHOICE("T"), CHOICE("M"), CHOICE("E"), CHOICE("4"), CHOICE("1"),
		CHOICE("a"), CHOICE("A"), CHOICE("f"), CHOICE("0"), CHOICE(" "),
		CHOICE("\xff"), CHOICE("-"), CHOICE("+"), CHOICE(".") };
	static const struct choice types[] = { CHOICE(""), CHOICE("m"),
		CHOICE("e"), CHOICE("B"), CHOICE("MM"), CHOICE("X"),
		CHOICE("\0"), CHOICE("M ") };
	struct text delimiter = { .len = 0 };
	bool magic = !one_in(3);

	if (one_in(3))
		ADD_ONE_OF(&delimiter, delimiters);
	else
		add(&delimiter, ":", 1);
	add(text, delimiter.bytes, 1);
	add_name(text);
	add(text, delimiter.bytes, 1);
	if (one_in(20))
		ADD_ONE_OF(text, types);
	else
		add(text, magic ? "M" : "E", 1);
	add(text, delimiter.bytes, 1);
	add_offset(text);
	add(text, delimiter.bytes, 1);
	if (magic)
		add_magic(text, delimiter.bytes);
	else
		add_extension(text, delimiter.bytes);
	add(text, delimiter.bytes, 1);
	add_interpreter(text);
	add(text, delimiter.bytes, 1);
	add_flags(text);
}

/* A byte more, less or another one. */
static void
damage(struct text *text)
{
	static const char bytes[] = ":::\\xMEPOCF/\n\r\0A4\xff ,";
	size_t at = below((unsigned)text->len + 1);
	char byte = bytes[below(sizeof(bytes))];

	if (text->len == 0 || text->len == ROOM)
		return;
	if (at == text->len)
		at--;
	switch (below(3)) {
	case 0:
		text->bytes[at] = byte;
		break;
	case 1:
		memmove(text->bytes + at, text->bytes + at + 1,
		    text->len - at - 1);
		text->len--;
		break;
	default:
		memmove(text->bytes + at + 1, text->bytes + at, text->len - at);
		text->bytes[at] = byte;
		text->len++;
	}
}

/* Fills up a rule with its interpreter to a length near the limit. */
static void
stretch(struct text *text)
{
	size_t wanted = RULE_STRING_MAX - 3 + below(6);

	text->len = 0;
	add(text, ":n:E::e::/", 10);
	while (text->len < wanted - 1)
		add(text, "i", 1);
	add(text, ":", 1);
}

static void
make_text(struct text *text)
{
	static const char noise[] = ":::::::MEx\\4/a\n\0P";
	unsigned count;

	text->len = 0;
	if (one_in(100)) {
		stretch(text);
		return;
	}
	if (one_in(25)) {
		for (count = below(30); count > 0; count--)
			add(text, &noise[below(sizeof(noise))], 1);
		return;
	}
	make_rule(text);
	if (one_in(3)) {
		for (count = 1 + below(2); count > 0; count--)
			damage(text);
	}
}

/*
 * The kernel.
 */

static void
remove_entries(void)
{
	int fd = openat(registry, "status", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "-1", 2) != 2)
		err(2, "status");
	(void)close(fd);
}

/* Returns 0, and the text of the only entry; or the error number. */
static int
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

static void
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

static bool
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
static bool
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

static void
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
static void
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

static void
compare(const struct text *text, struct counts *counts)
{
	struct problems problems = PROBLEMS_INIT;
	char shown[ROOM + 2048];
	struct rule rule;
	/* The newline is for the caller to take off. */
	bool newline = one_in(2) && text->len < RULE_STRING_MAX &&
	    (text->len == 0 || text->bytes[text->len - 1] != '\n');
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

int
main(int argc, char *argv[])
{
	struct counts counts = { 0 };
	struct text *text;

	if (argc != 3)
		errx(2, "usage: rule-oracle PROGRAM SEED");
	program = argv[1];
	state = strtoull(argv[2], NULL, 10) + 1;
	registry = open(REGISTRY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (registry < 0)
		err(2, "%s", REGISTRY);
	text = xmalloc(sizeof(*text));
	while (counts.strings < STRINGS) {
		make_text(text);
		compare(text, &counts);
	}
	free(text);
	printf(
	    "%u strings: %u accepted, %u refused, "
	    "%u differences that are meant, %u others\n",
	    counts.strings, counts.accepted, counts.refused, counts.meant,
	    counts.wrong);
	return counts.wrong > 0 || counts.accepted == 0;
}
