/*
 * Random specs and rules, for tests that hold for all of them.
 */
#ifndef GENERATE_H
#define GENERATE_H

#include "rule.h"
#include "spec.h"
#include "unit.h"

/* Up to max bytes, at least one, of an alphabet; owned. */
static inline char *
generate_text(struct random *r, const char *alphabet, unsigned max)
{
	unsigned i, len = 1 + random_below(r, max);
	char *text = xmalloc(len + 1);

	for (i = 0; i < len; i++)
		text[i] = random_of(r, alphabet);
	text[len] = '\0';
	return text;
}

/* Up to max bytes, at least one, of any value but 0 and those in without. */
static inline char *
generate_any_text(struct random *r, const char *without, unsigned max)
{
	unsigned i, len = 1 + random_below(r, max);
	char *text = xmalloc(len + 1);

	for (i = 0; i < len; i++) {
		do
			text[i] = (char)random_below(r, 256);
		while (text[i] == '\0' || strchr(without, text[i]) != NULL);
	}
	text[len] = '\0';
	return text;
}

static inline struct bytes
generate_bytes(struct random *r, unsigned len)
{
	struct bytes bytes = { xmalloc(len), len };
	unsigned i;

	for (i = 0; i < len; i++)
		bytes.data[i] = (unsigned char)random_below(r, 256);
	return bytes;
}

/* A magic that ends within the first max bytes; often with a mask. */
static inline void
generate_magic(struct random *r, struct spec *spec, unsigned max)
{
	static const unsigned char masks[] = { 0x00, 0xff, 0xff, 0xfe, 0x20 };
	unsigned i, len = 1 + random_below(r, max);

	memset(spec, 0, sizeof(*spec));
	spec->type = SPEC_MAGIC;
	spec->offset = random_below(r, max - len + 1);
	spec->magic = generate_bytes(r, len);
	if (random_bool(r))
		return;
	spec->mask = generate_bytes(r, len);
	for (i = 0; i < len; i++) {
		if (random_below(r, 4) != 0)
			spec->mask.data[i] =
			    masks[random_below(r, ARRAY_LEN(masks))];
	}
}

static inline void
generate_extension(struct random *r, struct spec *spec, const char *alphabet)
{
	memset(spec, 0, sizeof(*spec));
	spec->type = SPEC_EXTENSION;
	spec->extension = generate_text(r, alphabet, 3);
}

/* A spec of few bits, so that many of them overlap. */
static inline void
generate_small_spec(struct random *r, struct spec *spec)
{
	size_t i;

	if (random_below(r, 4) == 0) {
		generate_extension(r, spec, "ab");
		return;
	}
	generate_magic(r, spec, 3);
	for (i = 0; i < spec->magic.len; i++)
		spec->magic.data[i] &= 1;
	for (i = 0; i < spec->mask.len; i++)
		spec->mask.data[i] = spec->mask.data[i] & 1 ? 0xff : 0;
}

#endif
