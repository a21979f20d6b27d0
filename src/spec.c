#include "spec.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

void
spec_fini(struct spec *spec)
{
	bytes_fini(&spec->magic);
	bytes_fini(&spec->mask);
	free(spec->extension);
	spec->extension = NULL;
}

static void
copy_bytes(struct bytes *to, const struct bytes *from)
{
	to->len = from->len;
	to->data = NULL;
	if (from->len == 0)
		return;
	to->data = xmalloc(from->len);
	memcpy(to->data, from->data, from->len);
}

void
spec_copy(struct spec *to, const struct spec *from)
{
	to->type = from->type;
	to->offset = from->offset;
	copy_bytes(&to->magic, &from->magic);
	copy_bytes(&to->mask, &from->mask);
	to->extension = from->extension == NULL ? NULL :
						  xstrdup(from->extension);
}

/* The mask at a byte of the file, counted from its start. */
static unsigned char
mask_at(const struct spec *spec, size_t position)
{
	if (position < spec->offset ||
	    position - spec->offset >= spec->magic.len)
		return 0;
	if (spec->mask.len == 0)
		return 0xff;
	return spec->mask.data[position - spec->offset];
}

static unsigned char
magic_at(const struct spec *spec, size_t position)
{
	return spec->magic.data[position - spec->offset];
}

int
spec_first_difference(const struct spec *spec,
    const unsigned char head[SPEC_HEAD])
{
	size_t i;

	for (i = 0; i < spec->magic.len; i++) {
		size_t position = spec->offset + i;

		if (((head[position] ^ spec->magic.data[i]) &
			mask_at(spec, position)) != 0)
			return (int)position;
	}
	return -1;
}

unsigned
spec_differences(const struct spec *spec, const unsigned char head[SPEC_HEAD])
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < spec->magic.len; i++) {
		size_t position = spec->offset + i;

		if (((head[position] ^ spec->magic.data[i]) &
			mask_at(spec, position)) != 0)
			count++;
	}
	return count;
}

bool
spec_matches(const struct spec *spec, const unsigned char head[SPEC_HEAD],
    const char *path)
{
	const char *dot;

	if (spec->type == SPEC_MAGIC)
		return spec_first_difference(spec, head) < 0;
	/*
	 * The kernel takes the last dot of the whole path, so a dot in a
	 * directory's name leaves an "extension" with a slash in it, which no
	 * rule can have.
	 */
	dot = strrchr(path, '.');
	return dot != NULL && strcmp(dot + 1, spec->extension) == 0;
}

/* The first byte, from position on, that the spec looks at, or SPEC_HEAD. */
static size_t
next_significant(const struct spec *spec, size_t position)
{
	if (position < spec->offset)
		position = spec->offset;
	while (position < spec->offset + spec->magic.len) {
		if (mask_at(spec, position) != 0)
			return position;
		position++;
	}
	return SPEC_HEAD;
}

static int
compare_magic(const struct spec *a, const struct spec *b)
{
	size_t pa, pb;

	/* The usual case. */
	if (a->offset == b->offset && a->magic.len == b->magic.len &&
	    a->magic.len != 0 && a->mask.len == 0 && b->mask.len == 0)
		return memcmp(a->magic.data, b->magic.data, a->magic.len);
	for (pa = pb = 0;; pa++, pb++) {
		unsigned char ma, mb, va, vb;

		pa = next_significant(a, pa);
		pb = next_significant(b, pb);
		if (pa != pb)
			return pa < pb ? -1 : 1;
		if (pa == SPEC_HEAD)
			return 0;
		ma = mask_at(a, pa);
		mb = mask_at(b, pb);
		va = magic_at(a, pa) & ma;
		vb = magic_at(b, pb) & mb;
		if (ma != mb)
			return ma - mb;
		if (va != vb)
			return va - vb;
	}
}

int
spec_compare(const struct spec *a, const struct spec *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->type == SPEC_EXTENSION)
		return strcmp(a->extension, b->extension);
	return compare_magic(a, b);
}

bool
spec_covers(const struct spec *a, const struct spec *b)
{
	size_t i;

	if (a->type != b->type)
		return a->type == SPEC_MAGIC && spec_bits(a) == 0;
	if (a->type == SPEC_EXTENSION)
		return strcmp(a->extension, b->extension) == 0;
	for (i = a->offset; i < a->offset + a->magic.len; i++) {
		unsigned char ma = mask_at(a, i), mb = mask_at(b, i);

		/* Every bit that a looks at, b looks at, and wants the same. */
		if (ma == 0)
			continue;
		if ((ma & mb) != ma ||
		    ((magic_at(a, i) ^ magic_at(b, i)) & ma) != 0)
			return false;
	}
	return true;
}

bool
spec_overlaps(const struct spec *a, const struct spec *b)
{
	size_t i, end;

	if (a->type == SPEC_EXTENSION && b->type == SPEC_EXTENSION)
		return strcmp(a->extension, b->extension) == 0;
	if (a->type != b->type)
		return true;
	i = a->offset > b->offset ? a->offset : b->offset;
	end = a->offset + a->magic.len;
	if (end > b->offset + b->magic.len)
		end = b->offset + b->magic.len;
	for (; i < end; i++) {
		if (((magic_at(a, i) ^ magic_at(b, i)) & mask_at(a, i) &
			mask_at(b, i)) != 0)
			return false;
	}
	return true;
}

unsigned
spec_bits(const struct spec *spec)
{
	unsigned bits;
	size_t i;

	if (spec->type == SPEC_EXTENSION)
		return 8 * (unsigned)strlen(spec->extension);
	if (spec->mask.len == 0)
		return 8 * (unsigned)spec->magic.len;
	for (i = 0, bits = 0; i < spec->mask.len; i++)
		bits += (unsigned)__builtin_popcount(spec->mask.data[i]);
	return bits;
}
