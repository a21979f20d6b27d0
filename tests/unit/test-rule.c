#include "generate.h"

/* A rule in one line: NAME TYPE OFFSET MAGIC MASK INTERPRETER FLAGS. */
static char *
show(const struct rule *rule)
{
	const struct spec *spec = &rule->spec;
	CLEANUP(cleanup_free) char *magic = unit_hex(&spec->magic);
	CLEANUP(cleanup_free) char *mask = unit_hex(&spec->mask);
	char flags[8];

	rule_flag_letters(rule->flags, flags);
	if (rule->bpf)
		return xasprintf("%s B %s %s", rule->name, rule->interpreter,
		    flags);
	if (spec->type == SPEC_EXTENSION)
		return xasprintf("%s E %s %s %s", rule->name, spec->extension,
		    rule->interpreter, flags);
	return xasprintf("%s M %u %s %s %s %s", rule->name, spec->offset, magic,
	    spec->mask.len == 0 ? "-" : mask, rule->interpreter, flags);
}

/* What a register string is read as, or what is wrong with it. */
static char *
outcome(const char *text, size_t len, struct place start)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	struct rule rule;
	char *shown;

	if (rule_parse(exact, len, start, &rule, &problems) < 0) {
		assert_true(problems.errors > 0);
		assert_null(rule.name);
		return unit_problems(&problems);
	}
	assert_int_equal(problems.count, 0);
	shown = show(&rule);
	rule_fini(&rule);
	return shown;
}

struct string {
	const char *text;
	size_t len;
	const char *outcome;
};

static void
check(const struct string *strings, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		CLEANUP(cleanup_free)
		char *got = outcome(strings[i].text, strings[i].len,
		    (struct place){ 7, 1 });

		if (strcmp(got, strings[i].outcome) != 0)
			print_message("# of: %s\n", strings[i].text);
		assert_string_equal(got, strings[i].outcome);
	}
}

#define CHECK(strings) check(strings, ARRAY_LEN(strings))

static void
test_fields(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:M::b::c:"), "a M 0 62 - c " },
		{ TEXT(":a:E::b::c:"), "a E b c " },
		{ TEXT(":jar:M:0:PK\\x03\\x04:\\xff\\xff\\xff\\xfe:/j:POCF"),
		    "jar M 0 504b0304 fffffffe /j POCF" },
		{ TEXT(":h:B::::handler:"), "h B handler " },
		{ TEXT(":h:B::::handler:D"), "h B handler D" },
		{ TEXT(""),
		    "7:1: the first byte separates the fields, and NUL, "
		    "newline and the letters P, O, C, F cannot do that" },
		{ TEXT(":"), "7:2: name: is not closed: no ':' follows" },
		{ TEXT("foo"), "7:2: name: is not closed: no 'f' follows" },
		{ TEXT(":a"), "7:2: name: is not closed: no ':' follows" },
		{ TEXT(":a:"), "7:4: type: is not closed: no ':' follows" },
		{ TEXT(":a:M:"), "7:6: offset: is not closed: no ':' follows" },
		{ TEXT("MaMMM"), "7:6: offset: is not closed: no 'M' follows" },
		{ TEXT(":a:M::"), "7:7: magic: is not closed: no ':' follows" },
		{ TEXT(":a:M::b:"),
		    "7:9: mask: is not closed: no ':' "
		    "follows" },
		{ TEXT(":a:M::b::"),
		    "7:10: interpreter: is not closed: no ':' follows" },
		/* The delimiter before the flags is not optional. */
		{ TEXT(":a:E::b::/x"),
		    "7:10: interpreter: is not closed: no ':' follows" },
		/* Everything wrong is said at once. */
		{ TEXT("::M:x:\\x4:\\x::p"),
		    "7:2: name: is empty\n"
		    "7:5: offset: 'x' is not a decimal number\n"
		    "7:7: magic: byte 1: \\x needs two hexadecimal digits, "
		    "not '4'\n"
		    "7:11: mask: byte 1: \\x needs two hexadecimal digits, "
		    "not ''\n"
		    "7:14: interpreter: is empty\n"
		    "7:15: flags: 'p' is none of P, O, C, F, T, L, D" },
		{ TEXT(":a/b:E::/:::x"),
		    "7:2: name: 'a/b' contains a slash\n"
		    "7:9: extension: '/' contains a slash\n"
		    "7:12: interpreter: is empty\n"
		    "7:13: flags: 'x' is none of P, O, C, F, T, L, D" },
	};

	(void)state;
	CHECK(strings);
}

/* The columns count from the place of the string, if that is known. */
static void
test_place(void **state)
{
	static const struct {
		struct place start;
		const char *outcome;
	} cases[] = {
		{ { 7, 1 }, "7:15: flags: 'x' is none of P, O, C, F, T, L, D" },
		{ { 1, 4 }, "1:18: flags: 'x' is none of P, O, C, F, T, L, D" },
		{ { 9, 0 }, "9: flags: 'x' is none of P, O, C, F, T, L, D" },
		{ { 0, 0 }, "flags: 'x' is none of P, O, C, F, T, L, D" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = outcome(TEXT(":abc:E::d::/e:x"), cases[i].start);

		assert_string_equal(got, cases[i].outcome);
	}
}

/* Rules with an interpreter that makes them len bytes long. */
static void
test_length(void **state)
{
	static const char head[] = ":a:E::b::";
	char text[2000];
	char *got;

	(void)state;
	memset(text, '/', sizeof(text));
	memcpy(text, head, strlen(head));
	text[1919] = ':';
	got = outcome(text, 1920, NOWHERE);
	assert_int_equal(strlen(got), 1920 - strlen(head) - 1 + 7);
	free(got);
	text[1919] = '/';
	text[1920] = ':';
	got = outcome(text, 1921, (struct place){ 7, 1 });
	assert_string_equal(got,
	    "7:1: the rule has 1921 bytes, and the kernel accepts 1920");
	free(got);
	/* The shortest that can be; one byte less lacks a field. */
	got = outcome(TEXT(":a:E::b::c:"), NOWHERE);
	assert_string_equal(got, "a E b c ");
	free(got);
}

#define CANNOT_DELIMIT                                                         \
	"7:1: the first byte separates the fields, and NUL, newline and the "  \
	"letters P, O, C, F cannot do that"

static void
test_delimiter(void **state)
{
	static const struct string strings[] = {
		{ TEXT(",a,M,,b,,/i,P"), "a M 0 62 - /i P" },
		{ TEXT("|a:b|M||:||/i:|"), "a:b M 0 3a - /i: " },
		{ TEXT("\xff"
		       "a\xffM\xff\xff"
		       "b\xff\xff/i\xff"),
		    "a M 0 62 - /i " },
		{ TEXT("/a/M//b//i/"), "a M 0 62 - i " },
		{ TEXT("/a/M//b///i/"),
		    "7:10: interpreter: is empty\n"
		    "7:11: flags: 'i' is none of P, O, C, F, T, L, D\n"
		    "7:12: flags: '/' is none of P, O, C, F, T, L, D" },
		/* Those that occur in an escape, where they do not count. */
		{ TEXT("xaxMxx\\x41xx/ix"), "a M 0 41 - /i " },
		{ TEXT("anaMaa\\x0aaa/ia"), "n M 0 0a - /i " },
		{ TEXT("4n4M44\\x4144/i4"), "n M 0 41 - /i " },
		{ TEXT("0n0M00\\x4000/i0"), "n M 0 40 - /i " },
		{ TEXT("\\a\\M\\\\MZ\\x1\\/i\\"), "a M 0 4d5a 7831 /i " },
		{ TEXT("\\a\\M\\\\MZ\\\\/i\\"), "a M 0 4d5a - /i " },
		{ TEXT("\na\nM\n\nb\n\n/i\n"), CANNOT_DELIMIT },
		{ TEXT("\0a\0M\0\0b\0\0/i\0"), CANNOT_DELIMIT },
		{ TEXT("PaPMPPbPP/iP"), CANNOT_DELIMIT },
		{ TEXT("OaOMOObOO/iO"), CANNOT_DELIMIT },
		{ TEXT("CaCMCCbCC/iC"), CANNOT_DELIMIT },
		{ TEXT("FaFMFFbFF/iF"), CANNOT_DELIMIT },
	};

	(void)state;
	CHECK(strings);
}

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static void
test_name(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":.a:E::b::/i:"), ".a E b /i " },
		{ TEXT(":-a:E::b::/i:"), "-a E b /i " },
		{ TEXT(":...:E::b::/i:"), "... E b /i " },
		{ TEXT(": a\n\x01\xc3\xa9:E::b::/i:"),
		    " a\n\x01\xc3\xa9 E b /i " },
		{ TEXT(":" FIFTY FIFTY FIFTY FIFTY FIFTY "12345:E::b::/i:"),
		    FIFTY FIFTY FIFTY FIFTY FIFTY "12345 E b /i " },
		{ TEXT(":" FIFTY FIFTY FIFTY FIFTY FIFTY "123456:E::b::/i:"),
		    "7:2: name: has 256 bytes, and the kernel accepts 255" },
		{ TEXT("::E::b::/i:"), "7:2: name: is empty" },
		{ TEXT(":.:E::b::/i:"),
		    "7:2: name: '.' is reserved by the kernel" },
		{ TEXT(":..:E::b::/i:"),
		    "7:2: name: '..' is reserved by the kernel" },
		{ TEXT(":register:E::b::/i:"),
		    "7:2: name: 'register' is reserved by the kernel" },
		{ TEXT(":status:E::b::/i:"),
		    "7:2: name: 'status' is reserved by the kernel" },
		{ TEXT(":/:E::b::/i:"), "7:2: name: '/' contains a slash" },
		{ TEXT(":a\0b:E::b::/i:"), "7:2: name: contains a NUL byte" },
	};

	(void)state;
	CHECK(strings);
}

static void
test_type(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a::0:b::/i:"),
		    "7:4: type: '' is neither M (magic) nor E (extension)" },
		{ TEXT(":a:m:0:b::/i:"),
		    "7:4: type: 'm' is neither M (magic) nor E (extension)" },
		{ TEXT(":a:e:0:b::/i:"),
		    "7:4: type: 'e' is neither M (magic) nor E (extension)" },
		{ TEXT(":a:MM:0:b::/i:"),
		    "7:4: type: 'MM' is neither M (magic) nor E (extension)" },
		/* What looks like an escape ends at the delimiter, too. */
		{ TEXT("4a4\\x414b4"),
		    "7:4: type: '\\x' is neither M (magic) nor E (extension)" },
		{ TEXT(":h:B:0:::/h:"),
		    "7:6: offset: must be empty in a rule of type B" },
		{ TEXT(":h:B::x:y:/h:"),
		    "7:7: magic: must be empty in a rule of type B\n"
		    "7:9: mask: must be empty in a rule of type B" },
	};

	(void)state;
	CHECK(strings);
}

static void
test_offset(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:M:0:b::/i:"), "a M 0 62 - /i " },
		{ TEXT(":a:M:+5:b::/i:"), "a M 5 62 - /i " },
		{ TEXT(":a:M:010:b::/i:"), "a M 10 62 - /i " },
		{ TEXT(":a:M:-0:b::/i:"), "a M 0 62 - /i " },
		{ TEXT(":a:M:5\n:b::/i:"), "a M 5 62 - /i " },
		{ TEXT(":a:M:\n:b::/i:"),
		    "7:6: offset: '\n' is not a decimal number" },
		{ TEXT(":a:M:5\n\n:b::/i:"),
		    "7:6: offset: '5\n' is not a decimal number" },
		{ TEXT(":a:M:-1:b::/i:"),
		    "7:6: offset: '-1' is not between 0 and 255" },
		{ TEXT(":a:M:0x10:b::/i:"),
		    "7:6: offset: '0x10' is not a decimal number" },
		{ TEXT(":a:M: 5:b::/i:"),
		    "7:6: offset: ' 5' is not a decimal number" },
		{ TEXT(":a:M:5 :b::/i:"),
		    "7:6: offset: '5 ' is not a decimal number" },
		{ TEXT(":a:M:9999999999:b::/i:"),
		    "7:6: offset: '9999999999' is not between 0 and 255" },
		{ TEXT(":a:M:4294967296:b::/i:"),
		    "7:6: offset: '4294967296' is not between 0 and 255" },
		/* With an extension it is not looked at. */
		{ TEXT(":a:E:zz:b::/i:"), "a E b /i " },
		{ TEXT(":a:E:-1:b::/i:"), "a E b /i " },
		{ TEXT(":a:E:\0:b::/i:"), "7:6: offset: contains a NUL byte" },
	};

	(void)state;
	CHECK(strings);
}

/* A magic of len bytes at an offset; what is expected: MAGIC or a problem. */
static void
check_end(const char *offset, size_t len, const char *mask,
    const char *expected)
{
	CLEANUP(cleanup_free) char *magic = xcalloc(len + 1, 1);
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *got = NULL;

	memset(magic, 'm', len);
	text = xasprintf(":a:M:%s:%s:%s:/i:", offset, magic, mask);
	got = outcome(text, strlen(text), (struct place){ 7, 1 });
	if (expected != NULL)
		assert_string_equal(got, expected);
	else
		assert_memory_equal(got, "a M ", 4);
}

static void
test_end_of_magic(void **state)
{
	(void)state;
	check_end("254", 2, "", NULL);
	check_end("255", 1, "", NULL);
	check_end("", 256, "", NULL);
	check_end("255", 2, "",
	    "7:6: offset: 255 bytes and a magic of 2 end at byte 257, and the "
	    "kernel compares the first 256 of a file");
	check_end("256", 1, "",
	    "7:6: offset: 256 bytes and a magic of 1 end at byte 257, and the "
	    "kernel compares the first 256 of a file");
	check_end("2147483647", 1, "",
	    "7:6: offset: 2147483647 bytes and a magic of 1 end at byte "
	    "2147483648, and the kernel compares the first 256 of a file");
	check_end("1", 256, "",
	    "7:6: offset: 1 bytes and a magic of 256 end at byte 257, and the "
	    "kernel compares the first 256 of a file");
	check_end("", 257, "",
	    "7:7: magic: has 257 bytes, and the kernel compares the first 256 "
	    "of a file");
	check_end("", 257, "\\xff",
	    "7:265: mask: has 1 bytes and magic has 257; they must be equally "
	    "long\n"
	    "7:7: magic: has 257 bytes, and the kernel compares the first 256 "
	    "of a file");
}

static void
test_escapes(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:M::\\xaB\\x09::/i:"), "a M 0 ab09 - /i " },
		{ TEXT(":a:M::\\X41\\n\\\\\\101::/i:"),
		    "a M 0 5c5834315c6e5c5c5c313031 - /i " },
		{ TEXT(":a:M::\\\\x41::/i:"), "a M 0 5c5c783431 - /i " },
		{ TEXT(":a:M::\\::/i:"), "a M 0 5c - /i " },
		{ TEXT(":a:M::\\x3a:\\x3a:/:"), "a M 0 3a 3a / " },
		{ TEXT(":a:M::A\\x4::/i:"),
		    "7:8: magic: byte 2: \\x needs two hexadecimal digits, "
		    "not '4'" },
		{ TEXT(":a:M::\\xg1::/i:"),
		    "7:7: magic: byte 1: \\x needs two hexadecimal digits, "
		    "not 'g1'" },
		{ TEXT(":a:M::A:\\x1g:/i:"),
		    "7:9: mask: byte 1: \\x needs two hexadecimal digits, "
		    "not '1g'" },
		{ TEXT(":a:M::\\\\x4::/i:"),
		    "7:8: magic: byte 2: \\x needs two hexadecimal digits, "
		    "not '4'" },
		{ TEXT(":a:M::A\\xghi::/i:"),
		    "7:8: magic: byte 2: \\x needs two hexadecimal digits, "
		    "not 'gh'" },
		{ TEXT(":a:M::\\x4"),
		    "7:7: magic: is not closed: no ':' follows" },
		/* Nowhere else is anything decoded. */
		{ TEXT(":\\x41:E::\\x42::/\\x43:"), "\\x41 E \\x42 /\\x43 " },
	};

	(void)state;
	CHECK(strings);
}

static void
test_nul(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:M::\\x00::/i:"), "a M 0 00 - /i " },
		{ TEXT(":a:M::A\0B::/i:"),
		    "7:8: magic: byte 2 is a raw NUL, where the kernel would "
		    "cut the value off; write \\x00" },
		{ TEXT(":a:M::\0::/i:"),
		    "7:7: magic: byte 1 is a raw NUL, where the kernel would "
		    "cut the value off; write \\x00" },
		{ TEXT(":a:M::AB:\0\xff:/i:"),
		    "7:10: mask: byte 1 is a raw NUL, where the kernel would "
		    "cut the value off; write \\x00" },
		{ TEXT(":a:M:\0:b::/i:"), "7:6: offset: contains a NUL byte" },
		{ TEXT(":a:E::b\0c::/i:"),
		    "7:7: extension: contains a NUL byte" },
		{ TEXT(":a:E::b:\0:/i:"), "7:9: mask: contains a NUL byte" },
		{ TEXT(":a:E::b::/i\0:"),
		    "7:10: interpreter: contains a NUL byte" },
	};

	(void)state;
	CHECK(strings);
}

static void
test_mask(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:M::AB:\\xff\\xfe:/i:"), "a M 0 4142 fffe /i " },
		{ TEXT(":a:M::AB:xy:/i:"), "a M 0 4142 7879 /i " },
		{ TEXT(":a:M::AB:\\x00\\x00:/i:"), "a M 0 4142 0000 /i " },
		{ TEXT(":a:M::AB:\\xff:/i:"),
		    "7:10: mask: has 1 bytes and magic has 2; they must be "
		    "equally long" },
		{ TEXT(":a:M::AB:\\xff\\xff\\xff:/i:"),
		    "7:10: mask: has 3 bytes and magic has 2; they must be "
		    "equally long" },
		{ TEXT(":a:M:::\\xff:/i:"), "7:7: magic: is empty" },
		{ TEXT(":a:E::b:any thing:/i:"), "a E b /i " },
		/* An unescaped delimiter in a magic shifts what follows. */
		{ TEXT(":a:M::A:B::/i:"),
		    "7:11: interpreter: is empty\n"
		    "7:12: flags: '/' is none of P, O, C, F, T, L, D\n"
		    "7:13: flags: 'i' is none of P, O, C, F, T, L, D\n"
		    "7:14: flags: ':' is none of P, O, C, F, T, L, D" },
	};

	(void)state;
	CHECK(strings);
}

static void
test_extension(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:E::Foo::/i:"), "a E Foo /i " },
		{ TEXT(":a:E::.foo::/i:"), "a E .foo /i " },
		{ TEXT(":a:E::tar.gz::/i:"), "a E tar.gz /i " },
		{ TEXT(":a:E::b c\n::/i:"), "a E b c\n /i " },
		{ TEXT(":a:E::::/i:"), "7:7: extension: is empty" },
		{ TEXT(":a:E::b/c::/i:"),
		    "7:7: extension: 'b/c' contains a slash" },
	};

	(void)state;
	CHECK(strings);
}

static void
test_interpreter(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:E::b::relative:"), "a E b relative " },
		{ TEXT(":a:E::b::/with blanks\nand newline:"),
		    "a E b /with blanks\nand newline " },
		{ TEXT(":a:E::b::/" FIFTY FIFTY FIFTY ":"),
		    "a E b /" FIFTY FIFTY FIFTY " " },
		{ TEXT(":a:E::b:::"), "7:10: interpreter: is empty" },
	};

	(void)state;
	CHECK(strings);
}

static void
test_flags(void **state)
{
	static const struct string strings[] = {
		{ TEXT(":a:E::b::/i:FCOP"), "a E b /i POCF" },
		{ TEXT(":a:E::b::/i:PP"), "a E b /i P" },
		{ TEXT(":a:E::b::/i:C"), "a E b /i C" },
		{ TEXT(":a:E::b::/i:LTD"), "a E b /i TLD" },
		{ TEXT(":a:E::b::/i:PxO p"),
		    "7:14: flags: 'x' is none of P, O, C, F, T, L, D\n"
		    "7:16: flags: ' ' is none of P, O, C, F, T, L, D\n"
		    "7:17: flags: 'p' is none of P, O, C, F, T, L, D" },
		{ TEXT(":a:E::b::/i:P:"),
		    "7:14: flags: ':' is none of P, O, C, F, T, L, D" },
		{ TEXT(":a:E::b::/i:\0"), "7:13: flags: contains a NUL byte" },
		{ TEXT(":a:E::b::/i:P\r"),
		    "7:14: flags: '\r' is none of P, O, C, F, T, L, D" },
	};

	(void)state;
	CHECK(strings);
}

/*
 * Printing.
 */

struct printed {
	struct rule rule;
	const char *outcome;
};

#define NAMED(text)	  .name = (char *)(uintptr_t)(text)
#define INTERPRETER(text) .interpreter = (char *)(uintptr_t)(text)
#define BYTES(text)                                                            \
	{                                                                      \
		(unsigned char *)(uintptr_t)(text), sizeof(text) - 1           \
	}
#define FOR_MAGIC(...) .spec = { .type = SPEC_MAGIC, __VA_ARGS__ }
#define FOR_EXTENSION(text)                                                    \
	.spec = { .type = SPEC_EXTENSION,                                      \
		.extension = (char *)(uintptr_t)(text) }

/* The register string, or why there is none. */
static char *
print(const struct rule *rule)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	char *text = rule_print(rule, &problems);

	assert_int_equal(problems.errors, text == NULL ? 1 : 0);
	return text != NULL ? text : unit_problems(&problems);
}

static void
check_printed(const struct printed *cases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *got = print(&cases[i].rule);

		assert_string_equal(got, cases[i].outcome);
	}
}

static void
test_print(void **state)
{
	const struct printed cases[] = {
		{ { NAMED("a"), INTERPRETER("/i"), FOR_EXTENSION("b") },
		    ":a:E:0:b::/i:" },
		{ { NAMED("a"), INTERPRETER("/i"),
		      FOR_MAGIC(.magic = BYTES("MZ")) },
		    ":a:M:0:MZ::/i:" },
		{ { NAMED("a"), INTERPRETER("/i"),
		      FOR_MAGIC(.offset = 8, .magic = BYTES("A:\\\0"),
			  .mask = BYTES("\xff\xf0 :")),
		      .flags = RULE_FIX | RULE_CREDENTIALS | RULE_PRESERVE },
		    ":a:M:8:A\\x3a\\x5c\\x00:\\xff\\xf0 \\x3a:/i:PCF" },
		{ { NAMED("a"), INTERPRETER("handler"), .bpf = true,
		      .flags = RULE_DISABLED },
		    ":a:B::::handler:D" },
		{ { NAMED("a"), INTERPRETER("/i"), FOR_EXTENSION("b"),
		      .flags = RULE_TRANSPARENT | RULE_LOADER | RULE_OPEN },
		    ":a:E:0:b::/i:OTL" },
	};

	(void)state;
	check_printed(cases, ARRAY_LEN(cases));
}

/* The colon as long as it can be; what is in a magic is escaped instead. */
static void
test_print_delimiter(void **state)
{
	const struct printed cases[] = {
		{ { NAMED("a:"), INTERPRETER("/i"),
		      FOR_MAGIC(.magic = BYTES(":|")) },
		    "|a:|M|0|:\\x7c||/i|" },
		{ { NAMED("a"), INTERPRETER("/:i"), FOR_EXTENSION("b") },
		    "|a|E|0|b||/:i|" },
		{ { NAMED("a"), INTERPRETER("/i"), FOR_EXTENSION("b:") },
		    "|a|E|0|b:||/i|" },
		{ { NAMED("a:"), INTERPRETER("/i|"), FOR_EXTENSION("b,") },
		    "!a:!E!0!b,!!/i|!" },
		{ { NAMED("a:|,!@%^&~=+*?$<>()[]{}`'\"_-."), INTERPRETER("/i"),
		      FOR_MAGIC(.magic = BYTES("x y")) },
		    " a:|,!@%^&~=+*?$<>()[]{}`'\"_-. M 0 x\\x20y  /i " },
		{ { NAMED("a:|,!@%^&~=+*?$<>()[]{}`'\"_-."),
		      INTERPRETER("/i j"), FOR_EXTENSION("b") },
		    "interpreter: name, interpreter and extension together "
		    "use every byte that could separate the fields of a "
		    "rule" },
	};

	(void)state;
	check_printed(cases, ARRAY_LEN(cases));
}

/* As long as the kernel takes, and one byte more. */
static void
test_print_length(void **state)
{
	static const char frame[] = ":a:E:0:b:::";
	size_t len = RULE_STRING_MAX - strlen(frame);
	CLEANUP(cleanup_free) char *interpreter = xcalloc(len + 2, 1);
	const struct rule rule = { NAMED("a"), FOR_EXTENSION("b"),
		.interpreter = interpreter };
	char *got;

	(void)state;
	memset(interpreter, '/', len);
	got = print(&rule);
	assert_int_equal(strlen(got), 1920);
	free(got);
	interpreter[len] = '/';
	got = print(&rule);
	assert_string_equal(got,
	    "the rule takes 1921 bytes as a register string, and the kernel "
	    "accepts 1920");
	free(got);
}

static void
generate_rule(struct random *r, struct rule *rule)
{
	bool wild = random_below(r, 4) == 0;

	memset(rule, 0, sizeof(*rule));
	rule->name = wild ? generate_any_text(r, "/", 200) :
			    generate_text(r, "a:|, .-_", 9);
	rule->flags = random_below(r, 128);
	rule->bpf = random_below(r, 16) == 0;
	if (!rule->bpf && random_below(r, 3) == 0)
		generate_extension(r, &rule->spec, "ab:|,. ");
	else if (!rule->bpf)
		generate_magic(r, &rule->spec, random_bool(r) ? 256 : 24);
	rule->interpreter = wild ? generate_any_text(r, "", 200) :
	    rule->bpf		 ? xstrdup("handler") :
				   generate_text(r, "/i:|!", 9);
}

static bool
is_reserved(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void
check_again(const struct rule *rule, const char *text)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *before = show(rule);
	CLEANUP(cleanup_free) char *after = NULL;
	struct rule again;

	assert_in_range(strlen(text), 11, RULE_STRING_MAX);
	if (rule_parse(text, strlen(text), NOWHERE, &again, &problems) < 0)
		fail_msg("%s: %s", text, problems.items[0].reason);
	after = show(&again);
	assert_string_equal(before, after);
	assert_true(rule_same_effect(rule, &again));
	assert_true(rule_same_effect(&again, rule));
	rule_fini(&again);
}

/* Any rule, printed, is read as itself. */
static void
test_print_and_parse(void **state)
{
	struct random random = { 3 };
	unsigned round, printed = 0, rounds = 20000;

	(void)state;
	for (round = 0; round < rounds; round++) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		CLEANUP(cleanup_free) char *text = NULL;
		struct rule rule;

		generate_rule(&random, &rule);
		text = rule_print(&rule, &problems);
		assert_true((text == NULL) == (problems.errors == 1));
		if (text != NULL && !is_reserved(rule.name)) {
			check_again(&rule, text);
			printed++;
		}
		rule_fini(&rule);
	}
	assert_true(printed > rounds / 2);
}

/* What makes a difference in what two rules do. */
static void
test_same_effect(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ ":a:M::MZ::/i:", "|b|M|0|\\x4dZ|\\xff\\xff|/i|", true },
		{ ":a:M::MZ::/i:", ":a:M::MZ::/j:", false },
		{ ":a:M::MZ::/i:", ":a:M:1:MZ::/i:", false },
		{ ":a:M::MZ::/i:", ":a:M::MZ::/i:P", false },
		{ ":a:M::MZ::/i:O", ":a:M::MZ::/i:C", false },
		/* C implies O, and D only counts at registration. */
		{ ":a:M::MZ::/i:OC", ":a:M::MZ::/i:C", true },
		{ ":a:M::MZ::/i:D", ":a:M::MZ::/i:", true },
		{ ":a:M::MZ::/i:T", ":a:M::MZ::/i:", false },
		{ ":a:M::MZ::/i:L", ":a:M::MZ::/i:", false },
		{ ":a:M::MZ::/i:F", ":a:M::MZ::/i:", false },
		{ ":a:E::MZ::/i:", ":a:M::MZ::/i:", false },
		{ ":a:E::b::/i:", ":a:E:7:b:x:/i:", true },
		{ ":a:E::b::/i:", ":a:E::B::/i:", false },
		{ ":a:B::::hand:", ":a:B::::hand:D", true },
		{ ":a:B::::hand:", ":a:B::::foot:", false },
		{ ":a:B::::hand:", ":a:E::b::hand:", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
		struct rule a, b;

		assert_int_equal(rule_parse(cases[i].a, strlen(cases[i].a),
				     NOWHERE, &a, &problems),
		    0);
		assert_int_equal(rule_parse(cases[i].b, strlen(cases[i].b),
				     NOWHERE, &b, &problems),
		    0);
		if (rule_same_effect(&a, &b) != cases[i].same ||
		    rule_same_effect(&b, &a) != cases[i].same)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
		rule_fini(&a);
		rule_fini(&b);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_delimiter),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_end_of_magic),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_extension),
		cmocka_unit_test(test_interpreter),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_delimiter),
		cmocka_unit_test(test_print_length),
		cmocka_unit_test(test_print_and_parse),
		cmocka_unit_test(test_same_effect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
