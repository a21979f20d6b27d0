/*
 * Model: what a rule matches, decided exactly as the kernel decides it.
 *
 * The kernel reads the first 256 bytes of the file, pads a shorter one with
 * NUL, and compares ((file ^ magic) & mask) == 0 from the offset on.  An
 * extension is what follows the last dot of the path as it was executed.
 */
#ifndef SPEC_H
#define SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"
#include "compiler.h"

/* BINPRM_BUF_SIZE: how much of a file the kernel looks at (since Linux 5.1). */
#define SPEC_HEAD 256

enum spec_type { SPEC_MAGIC, SPEC_EXTENSION };

struct spec {
	enum spec_type type;
	unsigned offset;    /* magic only; bytes from the start */
	struct bytes magic; /* magic only; at least one byte */
	struct bytes mask;  /* as long as magic, or empty: all bits */
	char *extension;    /* extension only; without the dot */
};

ATTR_NONNULL void spec_fini(struct spec *spec);
ATTR_NONNULL void spec_copy(struct spec *to, const struct spec *from);

/*
 * Whether a file is matched.  head holds the first SPEC_HEAD bytes of the
 * file, NUL-padded; path is the path as given to execve(2).
 */
ATTR_NONNULL
bool spec_matches(const struct spec *spec, const unsigned char head[SPEC_HEAD],
    const char *path);

/*
 * Orders specs so that those that match exactly the same files compare equal,
 * however they are written: bits outside the mask do not count, nor does a
 * mask of all ones.  Returns < 0, 0 or > 0.
 */
ATTR_NONNULL
int spec_compare(const struct spec *a, const struct spec *b);

/* Whether every file that b matches is matched by a as well. */
ATTR_NONNULL
bool spec_covers(const struct spec *a, const struct spec *b);

/* Whether there can be a file that both match. */
ATTR_NONNULL
bool spec_overlaps(const struct spec *a, const struct spec *b);

/* How many bits of a file the spec looks at: 8 for each byte of an extension.
 */
ATTR_NONNULL unsigned spec_bits(const struct spec *spec);

/* The first byte of head that a magic does not accept, or -1. */
ATTR_NONNULL
int spec_first_difference(const struct spec *spec,
    const unsigned char head[SPEC_HEAD]);

/* How many bytes of head a magic does not accept. */
ATTR_NONNULL
unsigned spec_differences(const struct spec *spec,
    const unsigned char head[SPEC_HEAD]);

#endif
