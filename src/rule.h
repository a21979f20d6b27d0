/*
 * Model: what an entry of binfmt_misc does, and the register string that makes
 * it: the first byte is the delimiter, then name, type, offset, magic, mask,
 * interpreter and flags, a delimiter behind each but the last.
 */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "spec.h"

/* MAX_REGISTER_LENGTH of the kernel, counted over the whole write(2). */
#define RULE_STRING_MAX 1920
#define RULE_NAME_MAX	255

enum rule_flag {
	RULE_PRESERVE = 1 << 0,	   /* P: argv[0] is kept */
	RULE_OPEN = 1 << 1,	   /* O: the file is handed over open */
	RULE_CREDENTIALS = 1 << 2, /* C: the file's credentials; implies O */
	RULE_FIX = 1 << 3,	   /* F: the interpreter is opened now */
	RULE_TRANSPARENT = 1 << 4, /* T, from Linux 7.3 */
	RULE_LOADER = 1 << 5,	   /* L, from Linux 7.3 */
	RULE_DISABLED = 1 << 6,	   /* D, from Linux 7.3; never read back */
};

struct rule {
	char *name;
	bool bpf; /* type B, from Linux 7.3: spec is unused */
	struct spec spec;
	char *interpreter; /* with bpf the handler and its bindings */
	unsigned flags;	   /* of enum rule_flag */
};

ATTR_NONNULL void rule_fini(struct rule *rule);

/* Whether both do the same: what they match, interpreter and flags. */
ATTR_NONNULL
bool rule_same_effect(const struct rule *a, const struct rule *b);

/*
 * The register string, without a newline, owned by the caller.  The delimiter
 * is a colon unless name, extension or interpreter have one.  NULL, and
 * problems says why, when the kernel would refuse it; every field but the
 * length and the delimiter is taken to be valid.
 */
ATTR_USE_RESULT ATTR_NONNULL char *rule_print(const struct rule *rule,
    struct problems *problems);

/*
 * Reads a register string of len bytes, without its newline, as the kernel
 * does.  Returns 0, and the caller ends the rule with rule_fini(); or -1 and
 * everything wrong is in problems, the columns counted from start.column.
 */
ATTR_USE_RESULT ATTR_NONNULL int rule_parse(const char *text, size_t len,
    struct place start, struct rule *rule, struct problems *problems);

/* The letters of flags in the kernel's order; buffer holds at least 8. */
ATTR_NONNULL void rule_flag_letters(unsigned flags, char buffer[8]);

/*
 * Adds an error when the escapes of a magic or mask are broken, when it is
 * empty or holds a NUL byte; otherwise decodes it.  start is the place of the
 * first byte of text.  Returns 0 or -1.
 */
ATTR_USE_RESULT ATTR_NONNULL int rule_decode(const char *field,
    const char *text, size_t len, struct place start, struct bytes *out,
    struct problems *problems);

/*
 * Adds the errors of a spec whose parts are each well-formed: the lengths of
 * mask and magic, and the end of the magic beyond SPEC_HEAD.  Returns 0 or -1.
 */
ATTR_NONNULL
int rule_check_lengths(const struct spec *spec, struct place offset,
    struct place magic, struct place mask, struct problems *problems);

/* Adds an error unless text is an offset that the kernel takes; 0 or -1. */
ATTR_NONNULL
int rule_parse_offset(const char *text, size_t len, struct place start,
    unsigned *offset, struct problems *problems);

#endif
