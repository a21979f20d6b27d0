#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

#define REPLACEMENT "\xef\xbf\xbd"

void
json_init(struct json *json)
{
	memset(json, 0, sizeof(*json));
	json->text = xstrdup("");
	json->room = 1;
}

void
json_fini(struct json *json)
{
	free(json->text);
	memset(json, 0, sizeof(*json));
}

static void
append(struct json *json, const char *text, size_t len)
{
	while (json->room - json->len < len + 1) {
		json->room = 2 * json->room + 256;
		json->text = xreallocarray(json->text, json->room, 1);
	}
	memcpy(json->text + json->len, text, len);
	json->len += len;
	json->text[json->len] = '\0';
}

static void
append_text(struct json *json, const char *text)
{
	append(json, text, strlen(text));
}

/* The length of the UTF-8 sequence at p, or 0: it is none (RFC 3629). */
static size_t
sequence_length(const unsigned char *p)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t i, len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (p[0] == 0xed)
		high = 0x9f; /* a surrogate */
	else if (p[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (p[0] == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

/* Writes a string; false: it was not UTF-8. */
static bool
append_string(struct json *json, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	bool valid = true;

	append_text(json, "\"");
	while (*p != '\0') {
		size_t len = sequence_length(p);
		char escape[8];

		if (len == 0) {
			append_text(json, REPLACEMENT);
			valid = false;
			p++;
			continue;
		}
		if (*p < ' ' || *p == '"' || *p == '\\' || *p == 0x7f) {
			(void)snprintf(escape, sizeof(escape), "\\u%04x", *p);
			append_text(json, escape);
		} else
			append(json, (const char *)p, len);
		p += len;
	}
	append_text(json, "\"");
	return valid;
}

static void
start(struct json *json, const char *key)
{
	if (json->comma)
		append_text(json, ",");
	json->comma = true;
	if (key == NULL)
		return;
	(void)append_string(json, key);
	append_text(json, ":");
}

void
json_begin_object(struct json *json, const char *key)
{
	start(json, key);
	append_text(json, "{");
	json->comma = false;
}

void
json_end_object(struct json *json)
{
	append_text(json, "}");
	json->comma = true;
}

void
json_begin_array(struct json *json, const char *key)
{
	start(json, key);
	append_text(json, "[");
	json->comma = false;
}

void
json_end_array(struct json *json)
{
	append_text(json, "]");
	json->comma = true;
}

static void
append_hex(struct json *json, const unsigned char *bytes, size_t len)
{
	size_t i;

	append_text(json, "\"");
	for (i = 0; i < len; i++) {
		char hex[3];

		(void)snprintf(hex, sizeof(hex), "%02x", bytes[i]);
		append(json, hex, 2);
	}
	append_text(json, "\"");
}

void
json_string(struct json *json, const char *key, const char *text)
{
	CLEANUP(cleanup_free) char *hex_key = NULL;

	start(json, key);
	if (text == NULL) {
		append_text(json, "null");
		return;
	}
	if (append_string(json, text) || key == NULL)
		return;
	hex_key = xasprintf("%s_hex", key);
	start(json, hex_key);
	append_hex(json, (const unsigned char *)text, strlen(text));
}

void
json_strings(struct json *json, const char *key, char *const *items,
    size_t count)
{
	CLEANUP(cleanup_free) char *hex_key = xasprintf("%s_hex", key);
	bool valid = true;
	size_t i;

	json_begin_array(json, key);
	for (i = 0; i < count; i++) {
		start(json, NULL);
		valid = append_string(json, items[i]) && valid;
	}
	json_end_array(json);
	if (valid)
		return;
	json_begin_array(json, hex_key);
	for (i = 0; i < count; i++) {
		start(json, NULL);
		append_hex(json, (const unsigned char *)items[i],
		    strlen(items[i]));
	}
	json_end_array(json);
}

void
json_number(struct json *json, const char *key, long number)
{
	char text[24];

	start(json, key);
	(void)snprintf(text, sizeof(text), "%ld", number);
	append_text(json, text);
}

void
json_bool(struct json *json, const char *key, bool value)
{
	start(json, key);
	append_text(json, value ? "true" : "false");
}

void
json_hex(struct json *json, const char *key, const struct bytes *bytes)
{
	start(json, key);
	append_hex(json, bytes->data, bytes->len);
}
