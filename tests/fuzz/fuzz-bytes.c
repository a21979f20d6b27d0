/*
 * Any text is decoded as the kernel decodes it, or refused where it refuses
 * it; any bytes, written in the canonical form, are decoded as themselves.
 */
#include "fuzz.h"

/* The kernel's scanarg(): two digits behind each backslash with an x. */
static bool
reference_scan(const unsigned char *s, size_t len, size_t *bad)
{
	size_t i;

	for (i = 0; i + 1 < len; i++) {
		if (s[i] != '\\' || s[i + 1] != 'x')
			continue;
		if (len - i < 4 || hex_value(s[i + 2]) < 0 ||
		    hex_value(s[i + 3]) < 0) {
			*bad = i;
			return false;
		}
		i += 3;
	}
	return true;
}

/* The kernel's string_unescape(), for what has passed the scan. */
static size_t
reference_unescape(const unsigned char *s, size_t len, unsigned char *out)
{
	size_t i = 0, n = 0;

	while (i < len) {
		if (s[i] == '\\' && i + 1 < len) {
			if (s[i + 1] == 'x') {
				out[n++] = (unsigned char)(hex_value(s[i + 2])
					<< 4 |
				    hex_value(s[i + 3]));
				i += 4;
				continue;
			}
			out[n++] = s[i++];
		}
		out[n++] = s[i++];
	}
	return n;
}

static void
check_decode(const unsigned char *s, size_t size)
{
	CLEANUP(bytes_fini) struct bytes got = { NULL, 0 };
	CLEANUP(cleanup_free) unsigned char *expected = xmalloc(size);
	size_t bad = SIZE_MAX, reference_bad = SIZE_MAX;
	bool valid = reference_scan(s, size, &reference_bad);

	REQUIRE((bytes_decode(fuzz_text(s), size, &got, &bad) == 0) == valid);
	REQUIRE(bad == reference_bad);
	if (!valid)
		return;
	REQUIRE(got.len == reference_unescape(s, size, expected));
	REQUIRE(got.len == 0 || memcmp(got.data, expected, got.len) == 0);
}

/* Bytes that are in escapes anyway, and so cannot delimit anything. */
static bool
is_in_escapes(char c)
{
	return strchr("\\x0123456789abcdef", c) != NULL;
}

static void
check_encode(const struct bytes *bytes, char delimiter)
{
	CLEANUP(cleanup_free) char *text = bytes_encode(bytes, delimiter);
	CLEANUP(bytes_fini) struct bytes again = { NULL, 0 };
	const char *p;
	size_t bad;

	REQUIRE(strlen(text) == bytes_encoded_len(bytes, delimiter));
	for (p = text; *p != '\0'; p++)
		REQUIRE(*p >= ' ' && *p <= '~' &&
		    (*p != delimiter || is_in_escapes(delimiter)));
	REQUIRE(bytes_decode(text, strlen(text), &again, &bad) == 0);
	REQUIRE(fuzz_same_bytes(bytes, &again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) unsigned char *copy = xmalloc(size);
	struct bytes bytes = { copy, size };

	if (size > 0)
		memcpy(copy, data, size);
	check_decode(data, size);
	check_encode(&bytes, ':');
	if (size > 0)
		check_encode(&bytes, (char)data[0]);
	return 0;
}
