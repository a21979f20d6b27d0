/*
 * Model: a format as the registry knows it, whatever it was read from, and
 * the one place where its values are checked.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "diag.h"
#include "rule.h"
#include "spec.h"

/* What a format that belongs to no package has as its package. */
#define FORMAT_LOCAL ":"

#define FORMAT_PRIORITY_MIN (-100)
#define FORMAT_PRIORITY_MAX 100

enum choice { CHOICE_UNSET, CHOICE_NO, CHOICE_YES };

struct format {
	char *name;
	char *package;
	struct spec spec;
	char *magic_text; /* as written; NULL with an extension */
	char *mask_text;  /* as written; NULL when there is none */
	char *interpreter;
	char *detector; /* NULL when there is none */
	enum choice credentials;
	enum choice preserve;
	enum choice fix_binary;
	enum choice open_binary;
	int priority;
	/* The file that it came from, or FILE:LINE of binfmt.d; NULL: none. */
	char *source;

	/* A rule of binfmt.d is a format, too, and can do a little more. */
	bool binfmtd;
	unsigned sequence;   /* its place in binfmt.d, from 1; 0: recorded */
	unsigned more_flags; /* of enum rule_flag, those without a choice */
	bool bpf;	     /* a BPF program decides; there is no spec */

	/* What the administrator has said in /etc/binfmts. */
	char *override; /* the path of the file, or NULL */
	bool masked;	/* not to be registered at all */
	bool invalid;	/* the override cannot be applied */
};

ATTR_NONNULL void format_fini(struct format *format);

/* The values that a format is made of. */
enum format_key {
	KEY_PACKAGE,
	KEY_OFFSET,
	KEY_MAGIC,
	KEY_MASK,
	KEY_EXTENSION,
	KEY_INTERPRETER,
	KEY_DETECTOR,
	KEY_CREDENTIALS,
	KEY_PRESERVE,
	KEY_FIX_BINARY,
	KEY_OPEN_BINARY,
	KEY_PRIORITY,
	KEY_COUNT
};

/* The name of a key, in lower case, as in a format file. */
const char *format_key_name(enum format_key key);

/* The key of that name in any case, or KEY_COUNT. */
ATTR_NONNULL
enum format_key format_key_find(const char *name, size_t len);

/* A value as it was written; an absent one has the text NULL. */
struct value {
	const char *text; /* borrowed */
	size_t len;
	struct place place;
};

/*
 * Where values come from, which decides how strict their reading is: on the
 * command line the user is there to mend a mistake; a file of a package must
 * not fail an installation; of the database all has been said before.
 */
enum origin { ORIGIN_COMMAND, ORIGIN_FILE, ORIGIN_DATABASE };

/*
 * Makes a format of values.  Returns 0, and the caller ends the format with
 * format_fini(); or -1, and problems has all the errors.  Warnings are added
 * in both cases.
 */
ATTR_USE_RESULT ATTR_NONNULL int format_build(struct format *format,
    const char *name, const struct value values[KEY_COUNT], enum origin origin,
    struct problems *problems);

/* The package that rules of binfmt.d are shown with. */
#define FORMAT_BINFMTD "<binfmt.d>"

/* The format that a rule of binfmt.d is; sequence as above. */
ATTR_NONNULL
void format_from_rule(struct format *format, const struct rule *rule,
    const char *source, unsigned sequence);

ATTR_NONNULL
void format_copy(struct format *to, const struct format *from);

/*
 * Applies an override: the given values win over those of the format.  Places
 * are those of the override.  Returns 0, or -1 and all errors, and the format
 * is as it was.
 */
ATTR_USE_RESULT ATTR_NONNULL int format_override(struct format *format,
    const struct value values[KEY_COUNT], struct problems *problems);

/*
 * Adds an error unless name can be the name of a format: 1 to 255 bytes, no
 * slash, no control character, no dot or dash in front, not a name that the
 * kernel reserves.  Returns 0 or -1.
 */
ATTR_NONNULL
int format_check_name(const char *name, struct problems *problems);

/* The flags that the format asks for, of enum rule_flag. */
ATTR_NONNULL unsigned format_flags(const struct format *format);

/*
 * The order in which formats are tried: the higher priority first, then the
 * more significant bits, then the bytewise earlier name.  Returns < 0 when a
 * comes first.
 */
ATTR_NONNULL
int format_precedes(const struct format *a, const struct format *b);

#endif
