/*
 * Store: the format files of packages, /usr/share/binfmts/NAME.
 *
 * A line has a key and a value, with blanks between them; lines that are
 * empty or start with # do not count.
 */
#ifndef FORMATFILE_H
#define FORMATFILE_H

#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "format.h"

/* Limits of what is read. */
#define FORMATFILE_LINE_MAX 4096
#define FORMATFILE_MAX	    (64 * 1024)

/*
 * Reads the text of a format file.  Returns 0, and the caller ends the format
 * with format_fini(); or -1 and all its errors.  Warnings come in both cases.
 */
ATTR_USE_RESULT ATTR_NONNULL int formatfile_parse(const char *name,
    const char *text, size_t len, struct format *format,
    struct problems *problems);

/*
 * The same without making a format: the values that are given, borrowed from
 * text.  For overrides, which need not be complete.  Returns 0 or -1.
 */
ATTR_USE_RESULT ATTR_NONNULL int formatfile_values(const char *text, size_t len,
    struct value values[KEY_COUNT], struct problems *problems);

#endif
