#include "unit.h"

/* What text decodes to, in hexadecimal, or "at N", the broken escape. */
static char *
decoded(const char *text, size_t len)
{
	CLEANUP(cleanup_free) char *exact = unit_exact(text, len);
	struct bytes bytes = { NULL, 0 };
	size_t bad = SIZE_MAX;
	char *hex;

	if (bytes_decode(exact, len, &bytes, &bad) < 0)
		return xasprintf("at %zu", bad);
	assert_int_equal(bad, SIZE_MAX);
	hex = unit_hex(&bytes);
	bytes_fini(&bytes);
	assert_null(bytes.data);
	assert_int_equal(bytes.len, 0);
	return hex;
}

static void
test_decode(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *outcome;
	} cases[] = {
		{ TEXT(""), "" },
		{ TEXT("MZ"), "4d5a" },
		{ TEXT("\\x7fELF"), "7f454c46" },
		{ TEXT("\\xaB\\xCd\\xEF\\x09"), "abcdef09" },
		{ TEXT("PK\\x03\\x04"), "504b0304" },
		{ TEXT("\\x413"), "4133" },
		{ TEXT("a\0b\xff\n:"), "610062ff0a3a" },
		/* What is no \xHH stands for itself, backslash and all. */
		{ TEXT("\\"), "5c" },
		{ TEXT("A\\"), "415c" },
		{ TEXT("\\n\\t\\0\\101"), "5c6e5c745c305c313031" },
		{ TEXT("\\X41"), "5c583431" },
		{ TEXT("\\\\"), "5c5c" },
		{ TEXT("\\\\n"), "5c5c6e" },
		/* A backslash takes the next one along. */
		{ TEXT("\\\\x41"), "5c5c783431" },
		{ TEXT("\\\\\\x41"), "5c5c41" },
		{ TEXT("\\x5c\\x41"), "5c41" },
		{ TEXT("\\x5cx41"), "5c783431" },
		{ TEXT("\\n\\x41"), "5c6e41" },
		{ TEXT("\\x"), "at 0" },
		{ TEXT("\\x4"), "at 0" },
		{ TEXT("AB\\x4"), "at 2" },
		{ TEXT("\\xg1"), "at 0" },
		{ TEXT("\\x1g"), "at 0" },
		{ TEXT("\\x41\\x 1"), "at 4" },
		{ TEXT("\\x4\\x41"), "at 0" },
		{ TEXT("\\x+1"), "at 0" },
		{ TEXT("\\x\xff\xff"), "at 0" },
		{ TEXT("\\x4\0"), "at 0" },
		{ TEXT("\\\\xg1"), "at 1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *got = decoded(cases[i].text, cases[i].len);

		if (strcmp(got, cases[i].outcome) != 0)
			print_message("# of: %s\n", cases[i].text);
		assert_string_equal(got, cases[i].outcome);
	}
}

/*
 * The kernel's two passes.  scanarg() looks at each backslash with an x behind
 * it and wants two digits there, which it jumps over.
 */
static const char *
reference_scan(const char *text)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	for (; *text != '\0'; text++) {
		if (text[0] != '\\' || text[1] != 'x')
			continue;
		if (text[2] == '\0' || strchr(hex, text[2]) == NULL ||
		    text[3] == '\0' || strchr(hex, text[3]) == NULL)
			return text;
		text += 3;
	}
	return NULL;
}

/* string_unescape() copies a backslash and what is behind it at once. */
static char *
reference_decode(const char *text)
{
	const char *bad = reference_scan(text), *p = text;
	char *hex, *out;

	if (bad != NULL)
		return xasprintf("at %zu", (size_t)(bad - text));
	out = hex = xcalloc(2 * strlen(text) + 1, 1);
	while (*p != '\0') {
		if (p[0] == '\\' && p[1] == 'x') {
			out += sprintf(out, "%c%c", p[2], p[3]);
			p += 4;
			continue;
		}
		if (p[0] == '\\' && p[1] != '\0')
			out += sprintf(out, "%02x", *p++);
		out += sprintf(out, "%02x", *p++);
	}
	return hex;
}

/* All texts of up to seven of the bytes that matter. */
static void
test_decode_like_kernel(void **state)
{
	static const char alphabet[] = { '\\', 'x', '4', 'g' };
	unsigned code, rest, count = 0;

	(void)state;
	for (code = 1; code < 1U << 15; code++) {
		CLEANUP(cleanup_free) char *expected = NULL;
		CLEANUP(cleanup_free) char *got = NULL;
		char text[8];
		size_t len = 0;

		/* The highest bit, an even one, ends the text. */
		for (rest = code; rest > 1; rest >>= 2)
			text[len++] = alphabet[rest & 3];
		if (rest == 0)
			continue;
		text[len] = '\0';
		expected = reference_decode(text);
		got = decoded(text, len);
		if (strcmp(got, expected) != 0)
			print_message("# of: %s\n", text);
		assert_string_equal(got, expected);
		count++;
	}
	assert_int_equal(count,
	    (1 << 14 | 1 << 12 | 1 << 10 | 1 << 8 | 1 << 6 | 1 << 4 | 1 << 2 |
		1));
}

static void
test_encode(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		char delimiter;
		const char *text;
	} cases[] = {
		{ TEXT(""), ':', "" },
		{ TEXT("MZ"), ':', "MZ" },
		{ TEXT("\177ELF"), ':', "\\x7fELF" },
		{ TEXT("# FASL\n"), ':', "# FASL\\x0a" },
		{ TEXT("/*BINFMTC:"), ':', "/*BINFMTC\\x3a" },
		{ TEXT("/*BINFMTC:"), '*', "/\\x2aBINFMTC:" },
		{ TEXT("\\x41"), ':', "\\x5cx41" },
		{ TEXT("\0\xff ~\x1f"), ':', "\\x00\\xff ~\\x1f" },
		{ TEXT(" "), ' ', "\\x20" },
		{ TEXT(":|"), '|', ":\\x7c" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free)
		char *data = unit_exact(cases[i].data, cases[i].len);
		struct bytes bytes = { (unsigned char *)data, cases[i].len };
		CLEANUP(cleanup_free)
		char *text = bytes_encode(&bytes, cases[i].delimiter);

		assert_string_equal(text, cases[i].text);
		assert_int_equal(strlen(text),
		    bytes_encoded_len(&bytes, cases[i].delimiter));
	}
}

/* Every byte, with every delimiter that can be one beside an escape. */
static void
test_encode_and_decode(void **state)
{
	unsigned char data[256];
	const struct bytes bytes = { data, sizeof(data) };
	unsigned d, i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)i;
	for (d = 1; d < 256; d++) {
		CLEANUP(cleanup_free)
		char *text = bytes_encode(&bytes, (char)d);
		struct bytes again = { NULL, 0 };
		size_t bad;

		if (strchr("\\x0123456789abcdef", (int)d) == NULL)
			assert_null(strchr(text, (int)d));
		assert_int_equal(bytes_decode(text, strlen(text), &again, &bad),
		    0);
		assert_int_equal(again.len, sizeof(data));
		assert_memory_equal(again.data, data, sizeof(data));
		bytes_fini(&again);
	}
}

static void
test_hex_value(void **state)
{
	static const char lower[] = "0123456789abcdef";
	static const char upper[] = "0123456789ABCDEF";
	unsigned c;

	(void)state;
	for (c = 0; c < 256; c++) {
		const char *l = memchr(lower, (int)c, 16);
		const char *u = memchr(upper, (int)c, 16);

		assert_int_equal(hex_value((unsigned char)c),
		    l != NULL	  ? l - lower :
			u != NULL ? u - upper :
				    -1);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_decode_like_kernel),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_encode_and_decode),
		cmocka_unit_test(test_hex_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
