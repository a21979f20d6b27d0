/*
 * Base: counted bytes, and their written form in a register string.
 *
 * The kernel knows one escape, \xHH with exactly two hexadecimal digits of
 * either case.  A backslash in front of anything else stands for itself, and
 * so does the byte behind it, be that a backslash: \\x41 is five bytes.  Yet
 * digits must follow that x too (fs/binfmt_misc.c, scanarg(), and
 * lib/string_helpers.c, string_unescape() with UNESCAPE_HEX).
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

struct bytes {
	unsigned char *data; /* owned; NULL when there is none */
	size_t len;
};

ATTR_NONNULL void bytes_fini(struct bytes *bytes);

/*
 * Decodes len bytes of text.  Returns 0 and fills out, which the caller owns;
 * or -1, and *bad is the index in text of the backslash of a broken escape.
 */
ATTR_USE_RESULT ATTR_NONNULL int bytes_decode(const char *text, size_t len,
    struct bytes *out, size_t *bad);

/*
 * The canonical written form: printable ASCII as it is, all else as \xHH, and
 * so are the backslash and the delimiter.  Owned by the caller.
 */
ATTR_MALLOC ATTR_NONNULL char *bytes_encode(const struct bytes *bytes,
    char delimiter);

/* The length of what bytes_encode() returns, without making it. */
ATTR_NONNULL
size_t bytes_encoded_len(const struct bytes *bytes, char delimiter);

/* The value of a hexadecimal digit, or -1. */
int hex_value(unsigned char c);

#endif
