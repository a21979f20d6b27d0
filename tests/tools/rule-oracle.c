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
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../random.h"
#include "kernel-verdict.h"

#define STRINGS 20000

static const char *program;

/*
 * Numbers.
 */

static struct random numbers;

static unsigned
below(unsigned limit)
{
	return random_below(&numbers, limit);
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

int
main(int argc, char *argv[])
{
	struct counts counts = { 0 };
	struct text *text;

	if (argc != 3)
		errx(2, "usage: rule-oracle PROGRAM SEED");
	program = argv[1];
	numbers.state = strtoull(argv[2], NULL, 10) + 1;
	open_registry();
	text = xmalloc(sizeof(*text));
	while (counts.strings < STRINGS) {
		make_text(text);
		compare(text,
		    one_in(2) && text->len < RULE_STRING_MAX &&
			(text->len == 0 || text->bytes[text->len - 1] != '\n'),
		    &counts);
	}
	free(text);
	printf(
	    "%u strings: %u accepted, %u refused, "
	    "%u differences that are meant, %u others\n",
	    counts.strings, counts.accepted, counts.refused, counts.meant,
	    counts.wrong);
	return counts.wrong > 0 || counts.accepted == 0;
}
