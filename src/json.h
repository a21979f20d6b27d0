/*
 * Base: writes one JSON document (RFC 8259) into memory.
 *
 * Strings can hold any bytes: what is not UTF-8 is replaced by U+FFFD, and a
 * further member, its name with "_hex" behind, has all the bytes.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"
#include "compiler.h"

struct json {
	char *text; /* owned; NUL-terminated */
	size_t len, room;
	bool comma; /* a value stands before the next one */
};

/* Starts with nothing; ends with json_fini(). */
ATTR_NONNULL void json_init(struct json *json);
ATTR_NONNULL void json_fini(struct json *json);

/* In an object key is the member's name; in an array it is NULL. */
void json_begin_object(struct json *json, const char *key);
ATTR_NONNULL void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
ATTR_NONNULL void json_end_array(struct json *json);

/* text of NULL is written as null. */
void json_string(struct json *json, const char *key, const char *text);
/* An array of strings; the further member is an array of all of them. */
ATTR_NONNULL
void json_strings(struct json *json, const char *key, char *const *items,
    size_t count);
void json_number(struct json *json, const char *key, long number);
void json_bool(struct json *json, const char *key, bool value);
/* Bytes as a string of lower-case hexadecimal digits. */
void json_hex(struct json *json, const char *key, const struct bytes *bytes);

#endif
