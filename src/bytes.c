#include "bytes.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static const char digits[] = "0123456789abcdef";

void
bytes_fini(struct bytes *bytes)
{
	free(bytes->data);
	bytes->data = NULL;
	bytes->len = 0;
}

int
hex_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Whether two hexadecimal digits stand behind every \x. */
static bool
escapes_are_complete(const unsigned char *s, size_t len, size_t *bad)
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

int
bytes_decode(const char *text, size_t len, struct bytes *out, size_t *bad)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char *data;
	size_t i, n;

	if (!escapes_are_complete(s, len, bad))
		return -1;
	data = xmalloc(len);
	for (i = n = 0; i < len; i++) {
		if (s[i] != '\\' || i + 1 == len) {
			data[n++] = s[i];
		} else if (s[i + 1] != 'x') {
			data[n++] = s[i++];
			data[n++] = s[i];
		} else {
			data[n++] = (unsigned char)(16 * hex_value(s[i + 2]) +
			    hex_value(s[i + 3]));
			i += 3;
		}
	}
	out->data = data;
	out->len = n;
	return 0;
}

static bool
stands_for_itself(unsigned char c, char delimiter)
{
	return c >= ' ' && c <= '~' && c != '\\' &&
	    c != (unsigned char)delimiter;
}

size_t
bytes_encoded_len(const struct bytes *bytes, char delimiter)
{
	size_t i, len;

	for (i = len = 0; i < bytes->len; i++)
		len += stands_for_itself(bytes->data[i], delimiter) ? 1 : 4;
	return len;
}

char *
bytes_encode(const struct bytes *bytes, char delimiter)
{
	char *text, *p;
	size_t i;

	p = text = xmalloc(bytes_encoded_len(bytes, delimiter) + 1);
	for (i = 0; i < bytes->len; i++) {
		unsigned char c = bytes->data[i];

		if (stands_for_itself(c, delimiter)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '\\';
		*p++ = 'x';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 15];
	}
	*p = '\0';
	return text;
}
