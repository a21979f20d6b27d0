/*
 * Policy: which of the formats that match a file really are for it.  Shared
 * by run-detectors, which goes on to execute the interpreter, and --find.
 */
#ifndef DETECT_H
#define DETECT_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "format.h"

/* How long a detector may take. */
#define DETECT_SECONDS 10

/* Whether a format, if it is enabled, is one for a file with this head. */
ATTR_NONNULL
bool detect_is_candidate(const struct format *format,
    const unsigned char head[SPEC_HEAD], const char *path);

/*
 * Sorts formats in the order in which they are tried: by priority, then by
 * significant bits; of those that are equal in both, those with a detector
 * first; then by name, and rules of binfmt.d last, the later one first.
 */
ATTR_NONNULL void detect_sort(const struct format **formats, size_t count);

enum detect_verdict {
	DETECT_ACCEPTS,
	DETECT_DECLINES,
	DETECT_FAILS, /* it could not be asked */
};

/*
 * Runs a detector on a file: /dev/null as its input, our standard error as
 * its output, no other descriptors, DETECT_SECONDS of time, and nothing of
 * its process group left behind.  With a verdict other than DETECT_ACCEPTS
 * *reason is owned by the caller and completes "detector PATH ...".
 */
ATTR_USE_RESULT ATTR_NONNULL enum detect_verdict detect_run(
    const char *detector, const char *file, char **reason);

#endif
