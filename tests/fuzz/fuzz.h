/*
 * What the fuzz targets share: the entry point, a check that ends the program,
 * and bytes that are taken from the input piece by piece.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "compiler.h"
#include "diag.h"
#include "spec.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                     \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
			    __LINE__, #condition);                             \
			abort();                                               \
		}                                                              \
	} while (0)

static inline const char *
fuzz_text(const uint8_t *data)
{
	return (const char *)(const void *)data;
}

struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

/* The next byte of the input; behind its end 0. */
static inline unsigned char
fuzz_take(struct fuzz_input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* The letters are few, so that two texts are often the same. */
static inline char *
fuzz_take_text(struct fuzz_input *in)
{
	static const char letters[] = "ab.c";
	size_t i, len = fuzz_take(in) % 8;
	char *text = xmalloc(len + 2);

	for (i = 0; i <= len; i++)
		text[i] = letters[fuzz_take(in) % 4];
	text[len + 1] = '\0';
	return text;
}

/* A spec that a rule can have; owned. */
static inline void
fuzz_take_spec(struct fuzz_input *in, struct spec *spec)
{
	unsigned kind = fuzz_take(in);
	size_t i;

	memset(spec, 0, sizeof(*spec));
	if (kind % 4 == 0) {
		spec->type = SPEC_EXTENSION;
		spec->extension = fuzz_take_text(in);
		return;
	}
	spec->type = SPEC_MAGIC;
	spec->magic.len = kind % 4 == 1 ? 1 + fuzz_take(in) :
					  1 + fuzz_take(in) % 4;
	spec->offset = fuzz_take(in) %
	    (SPEC_HEAD - (unsigned)spec->magic.len + 1);
	spec->magic.data = xmalloc(spec->magic.len);
	for (i = 0; i < spec->magic.len; i++)
		spec->magic.data[i] = fuzz_take(in);
	if ((kind & 16) != 0)
		return;
	spec->mask.len = spec->magic.len;
	spec->mask.data = xmalloc(spec->mask.len);
	for (i = 0; i < spec->mask.len; i++)
		spec->mask.data[i] = fuzz_take(in);
}

static inline bool
fuzz_same_bytes(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Either may be NULL. */
static inline bool
fuzz_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static inline bool
fuzz_same_spec(const struct spec *a, const struct spec *b)
{
	return a->type == b->type && a->offset == b->offset &&
	    fuzz_same_bytes(&a->magic, &b->magic) &&
	    fuzz_same_bytes(&a->mask, &b->mask) &&
	    fuzz_same_text(a->extension, b->extension);
}

/*
 * Whether each problem has its place in the text, or none; a column may be
 * one behind the last byte of its line, which is line 1 of all the text where
 * lines do not count.
 */
static inline void
fuzz_check_places(const struct problems *problems, const char *text, size_t len,
    bool lines)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		struct place place = problems->items[i].place;
		const char *line = text, *end = text + len, *newline;
		unsigned n;

		REQUIRE(problems->items[i].reason[0] != '\0');
		for (n = 1; lines && n < place.line; n++) {
			newline = memchr(line, '\n', (size_t)(end - line));
			REQUIRE(newline != NULL);
			line = newline + 1;
		}
		newline = lines ? memchr(line, '\n', (size_t)(end - line)) :
				  NULL;
		if (newline != NULL)
			end = newline;
		REQUIRE(place.column <= (size_t)(end - line) + 1);
	}
}

#endif
