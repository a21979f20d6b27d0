/*
 * Base: whole numbers, range-checked.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stddef.h>

#include "compiler.h"

enum number_result { NUMBER_OK, NUMBER_SYNTAX, NUMBER_RANGE };

/*
 * Reads len bytes of text as the kernel's kstrtoint() of base 10 does, and no
 * more: an optional sign, then decimal digits; leading zeros do not matter.
 * The value is stored only with NUMBER_OK.
 */
ATTR_USE_RESULT ATTR_NONNULL enum number_result number_parse(const char *text,
    size_t len, long min, long max, long *value);

#endif
