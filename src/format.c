#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "number.h"
#include "xalloc.h"

static const char *const key_names[KEY_COUNT] = {
	[KEY_PACKAGE] = "package",
	[KEY_OFFSET] = "offset",
	[KEY_MAGIC] = "magic",
	[KEY_MASK] = "mask",
	[KEY_EXTENSION] = "extension",
	[KEY_INTERPRETER] = "interpreter",
	[KEY_DETECTOR] = "detector",
	[KEY_CREDENTIALS] = "credentials",
	[KEY_PRESERVE] = "preserve",
	[KEY_FIX_BINARY] = "fix_binary",
	[KEY_OPEN_BINARY] = "open_binary",
	[KEY_PRIORITY] = "priority",
};

/* What the checks need to know; format is filled as they go. */
struct build {
	struct format *format;
	const struct value *values;
	enum origin origin;
	struct problems *problems;
};

const char *
format_key_name(enum format_key key)
{
	return key_names[key];
}

enum format_key
format_key_find(const char *name, size_t len)
{
	int key;

	for (key = 0; key < KEY_COUNT; key++) {
		if (strlen(key_names[key]) == len &&
		    strncasecmp(key_names[key], name, len) == 0)
			break;
	}
	return (enum format_key)key;
}

void
format_fini(struct format *format)
{
	free(format->name);
	free(format->package);
	spec_fini(&format->spec);
	free(format->magic_text);
	free(format->mask_text);
	free(format->interpreter);
	free(format->detector);
	free(format->source);
	free(format->override);
	memset(format, 0, sizeof(*format));
}

int
format_check_name(const char *name, struct problems *problems)
{
	const unsigned char *p;

	if (name[0] == '\0')
		return problem_error(problems, NOWHERE, "name", "is empty");
	if (strlen(name) > RULE_NAME_MAX)
		return problem_error(problems, NOWHERE, "name",
		    "has %zu bytes, and the kernel accepts %d", strlen(name),
		    RULE_NAME_MAX);
	if (name[0] == '.' || name[0] == '-')
		return problem_error(problems, NOWHERE, "name",
		    "'%s' starts with a %s", name,
		    name[0] == '.' ? "dot" : "dash");
	for (p = (const unsigned char *)name; *p != '\0'; p++) {
		if (*p == '/')
			return problem_error(problems, NOWHERE, "name",
			    "'%s' contains a slash", name);
		if (*p < ' ' || *p == 0x7f)
			return problem_error(problems, NOWHERE, "name",
			    "'%s' contains a control character", name);
	}
	if (strcmp(name, "register") == 0 || strcmp(name, "status") == 0)
		return problem_error(problems, NOWHERE, "name",
		    "'%s' is reserved by the kernel", name);
	return 0;
}

static bool
given(const struct build *b, enum format_key key)
{
	return b->values[key].text != NULL && b->values[key].len != 0;
}

static int
error(const struct build *b, enum format_key key, const char *reason)
{
	return problem_error(b->problems, b->values[key].place, key_names[key],
	    "%s", reason);
}

/* Something that a user can mend and that harms nobody. */
static void
complain(const struct build *b, enum format_key key, const char *reason)
{
	if (b->origin == ORIGIN_COMMAND)
		(void)error(b, key, reason);
	else if (b->origin == ORIGIN_FILE)
		problem_warning(b->problems, b->values[key].place,
		    key_names[key], "%s", reason);
}

static void
warn(const struct build *b, enum format_key key, const char *reason)
{
	if (b->origin != ORIGIN_DATABASE)
		problem_warning(b->problems, b->values[key].place,
		    key_names[key], "%s", reason);
}

/* A value without bytes that would end a line or a string, or NULL. */
static char *
take_text(const struct build *b, enum format_key key)
{
	const struct value *value = &b->values[key];

	if (!given(b, key))
		return NULL;
	if (memchr(value->text, '\0', value->len) != NULL) {
		(void)error(b, key, "contains a NUL byte");
		return NULL;
	}
	if (memchr(value->text, '\n', value->len) != NULL) {
		(void)error(b, key,
		    "contains a newline, which the database "
		    "cannot hold");
		return NULL;
	}
	return xstrndup(value->text, value->len);
}

static char *
take_required(const struct build *b, enum format_key key)
{
	if (!given(b, key)) {
		(void)error(b, key,
		    b->values[key].text == NULL ? "is missing" : "is empty");
		return NULL;
	}
	return take_text(b, key);
}

static enum choice
take_choice(const struct build *b, enum format_key key)
{
	const struct value *value = &b->values[key];

	if (!given(b, key))
		return CHOICE_UNSET;
	if (value->len == 3 && strncasecmp(value->text, "yes", 3) == 0)
		return CHOICE_YES;
	if (value->len != 2 || strncasecmp(value->text, "no", 2) != 0)
		complain(b, key,
		    b->origin == ORIGIN_COMMAND ?
			"is neither yes nor no" :
			"is neither yes nor no; taken as no");
	return CHOICE_NO;
}

/* A backslash that starts no escape stands for itself, mostly by mistake. */
static void
warn_about_backslashes(const struct build *b, enum format_key key)
{
	const struct value *value = &b->values[key];
	size_t i;

	for (i = 0; i < value->len; i++) {
		if (value->text[i] != '\\')
			continue;
		if (i + 1 == value->len || value->text[i + 1] != 'x') {
			warn(b, key,
			    "has a backslash that starts no \\xHH and stands "
			    "for itself; write \\x5c if that is meant");
			return;
		}
		i += 3;
	}
}

/*
 * Decodes a magic or mask.  What was written is kept, but for a newline,
 * which a database file cannot hold.
 */
static char *
take_bytes(const struct build *b, enum format_key key, struct bytes *out)
{
	const struct value *value = &b->values[key];

	if (rule_decode(key_names[key], value->text, value->len, value->place,
		out, b->problems) < 0)
		return NULL;
	warn_about_backslashes(b, key);
	if (memchr(value->text, '\n', value->len) != NULL)
		return bytes_encode(out, ':');
	return xstrndup(value->text, value->len);
}

static void
build_magic(struct build *b)
{
	const struct value *offset = &b->values[KEY_OFFSET];
	struct format *f = b->format;
	size_t before = b->problems->errors;

	f->spec.type = SPEC_MAGIC;
	f->magic_text = take_bytes(b, KEY_MAGIC, &f->spec.magic);
	if (given(b, KEY_MASK))
		f->mask_text = take_bytes(b, KEY_MASK, &f->spec.mask);
	if (given(b, KEY_OFFSET))
		(void)rule_parse_offset(offset->text, offset->len,
		    offset->place, &f->spec.offset, b->problems);
	if (b->problems->errors == before)
		(void)rule_check_lengths(&f->spec, offset->place,
		    b->values[KEY_MAGIC].place, b->values[KEY_MASK].place,
		    b->problems);
}

static void
build_extension(struct build *b)
{
	struct format *f = b->format;
	const char *dot;

	f->spec.type = SPEC_EXTENSION;
	f->spec.extension = take_text(b, KEY_EXTENSION);
	if (given(b, KEY_MASK))
		complain(b, KEY_MASK,
		    b->origin == ORIGIN_COMMAND ?
			"goes with a magic, not with an extension" :
			"goes with a magic, not with an extension; ignored");
	if (given(b, KEY_OFFSET))
		complain(b, KEY_OFFSET,
		    b->origin == ORIGIN_COMMAND ?
			"goes with a magic, not with an extension" :
			"goes with a magic, not with an extension; ignored");
	if (f->spec.extension == NULL)
		return;
	if (strchr(f->spec.extension, '/') != NULL) {
		(void)error(b, KEY_EXTENSION, "contains a slash");
		return;
	}
	dot = strrchr(f->spec.extension, '.');
	if (dot != NULL) {
		char *reason = xasprintf(
		    "'%s' has a dot in it and can never "
		    "match: the kernel compares what follows the last dot; "
		    "write '%s'",
		    f->spec.extension,
		    dot[1] == '\0' ? "what follows it" : dot + 1);

		complain(b, KEY_EXTENSION, reason);
		free(reason);
	}
}

static void
build_spec(struct build *b)
{
	bool magic = b->values[KEY_MAGIC].text != NULL;
	bool extension = b->values[KEY_EXTENSION].text != NULL;

	if (magic && extension)
		(void)error(b, KEY_EXTENSION,
		    "is given and so is magic; a format has exactly one of "
		    "them");
	else if (!magic && !extension)
		(void)error(b, KEY_MAGIC,
		    "is missing and so is extension; a format has exactly one "
		    "of them");
	if (magic)
		build_magic(b);
	else if (extension && given(b, KEY_EXTENSION))
		build_extension(b);
	else if (extension)
		(void)error(b, KEY_EXTENSION, "is empty");
}

static void
build_programs(struct build *b)
{
	struct format *f = b->format;

	f->interpreter = take_required(b, KEY_INTERPRETER);
	f->detector = take_text(b, KEY_DETECTOR);
	if (f->detector != NULL && f->detector[0] != '/')
		warn(b, KEY_DETECTOR,
		    "is a relative path, which means "
		    "another program in every directory");
	if (f->interpreter == NULL || f->interpreter[0] == '/')
		return;
	if (f->credentials == CHOICE_YES)
		(void)error(b, KEY_INTERPRETER,
		    "is a relative path, which "
		    "with credentials lets anybody choose the program");
	else
		warn(b, KEY_INTERPRETER,
		    "is a relative path, which means "
		    "another program in every directory");
}

static void
build_options(struct build *b)
{
	const struct value *value = &b->values[KEY_PRIORITY];
	struct format *f = b->format;
	long priority;

	f->credentials = take_choice(b, KEY_CREDENTIALS);
	f->preserve = take_choice(b, KEY_PRESERVE);
	f->fix_binary = take_choice(b, KEY_FIX_BINARY);
	f->open_binary = take_choice(b, KEY_OPEN_BINARY);
	if (!given(b, KEY_PRIORITY))
		return;
	if (number_parse(value->text, value->len, FORMAT_PRIORITY_MIN,
		FORMAT_PRIORITY_MAX, &priority) == NUMBER_OK)
		f->priority = (int)priority;
	else
		(void)error(b, KEY_PRIORITY,
		    "is not a number from -100 to "
		    "100");
}

static void
check_combinations(struct build *b)
{
	const struct format *f = b->format;

	if (b->origin != ORIGIN_COMMAND || f->detector == NULL)
		return;
	if (f->fix_binary == CHOICE_YES)
		(void)error(b, KEY_FIX_BINARY,
		    "cannot go with a detector: "
		    "the kernel would fix run-detectors, not the interpreter");
	if (f->credentials == CHOICE_YES)
		(void)error(b, KEY_CREDENTIALS,
		    "cannot go with a detector: "
		    "the file could be exchanged between detector and "
		    "interpreter");
}

/* The length of the register string can only be known at the end. */
static void
check_length(struct build *b)
{
	const struct format *f = b->format;
	struct rule rule = {
		.name = f->name,
		.spec = f->spec,
		.interpreter = f->interpreter,
		.flags = format_flags(f),
	};

	free(rule_print(&rule, b->problems));
}

int
format_build(struct format *format, const char *name,
    const struct value values[KEY_COUNT], enum origin origin,
    struct problems *problems)
{
	struct build b = { format, values, origin, problems };
	size_t before = problems->errors;

	memset(format, 0, sizeof(*format));
	(void)format_check_name(name, problems);
	format->name = xstrdup(name);
	format->package = take_required(&b, KEY_PACKAGE);
	if (origin == ORIGIN_FILE && format->package != NULL &&
	    strcmp(format->package, FORMAT_LOCAL) == 0)
		(void)error(&b, KEY_PACKAGE,
		    "':' stands for formats that the "
		    "administrator installed");
	build_spec(&b);
	build_options(&b);
	build_programs(&b);
	check_combinations(&b);
	if (problems->errors == before)
		check_length(&b);
	/* cppcheck-suppress duplicateCondition; check_length() adds one */
	if (problems->errors == before)
		return 0;
	format_fini(format);
	return -1;
}

unsigned
format_flags(const struct format *format)
{
	unsigned flags = 0;

	if (format->preserve == CHOICE_YES)
		flags |= RULE_PRESERVE;
	if (format->open_binary == CHOICE_YES)
		flags |= RULE_OPEN;
	if (format->credentials == CHOICE_YES)
		flags |= RULE_CREDENTIALS;
	if (format->fix_binary == CHOICE_YES)
		flags |= RULE_FIX;
	return flags | format->more_flags;
}

static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

void
format_copy(struct format *to, const struct format *from)
{
	*to = *from;
	to->name = xstrdup(from->name);
	to->package = xstrdup(from->package);
	spec_copy(&to->spec, &from->spec);
	to->magic_text = copy_text(from->magic_text);
	to->mask_text = copy_text(from->mask_text);
	to->interpreter = xstrdup(from->interpreter);
	to->detector = copy_text(from->detector);
	to->source = copy_text(from->source);
	to->override = copy_text(from->override);
}

void
format_from_rule(struct format *format, const struct rule *rule,
    const char *source, unsigned sequence)
{
	memset(format, 0, sizeof(*format));
	format->name = xstrdup(rule->name);
	format->package = xstrdup(FORMAT_BINFMTD);
	spec_copy(&format->spec, &rule->spec);
	if (!rule->bpf && rule->spec.type == SPEC_MAGIC)
		format->magic_text = bytes_encode(&rule->spec.magic, ':');
	if (rule->spec.mask.len != 0)
		format->mask_text = bytes_encode(&rule->spec.mask, ':');
	format->interpreter = xstrdup(rule->interpreter);
	if ((rule->flags & RULE_PRESERVE) != 0)
		format->preserve = CHOICE_YES;
	if ((rule->flags & RULE_OPEN) != 0)
		format->open_binary = CHOICE_YES;
	if ((rule->flags & RULE_CREDENTIALS) != 0)
		format->credentials = CHOICE_YES;
	if ((rule->flags & RULE_FIX) != 0)
		format->fix_binary = CHOICE_YES;
	format->more_flags = rule->flags &
	    (RULE_TRANSPARENT | RULE_LOADER | RULE_DISABLED);
	format->bpf = rule->bpf;
	format->source = xstrdup(source);
	format->binfmtd = true;
	format->sequence = sequence;
}

/* The values of a format, as if they had been written; offset holds a number.
 */
static void
to_values(const struct format *f, struct value values[KEY_COUNT],
    char offset[16])
{
	static const char *const words[] = { NULL, "no", "yes" };
	const char *texts[KEY_COUNT] = {
		[KEY_PACKAGE] = f->package,
		[KEY_MAGIC] = f->magic_text,
		[KEY_MASK] = f->mask_text,
		[KEY_EXTENSION] = f->spec.extension,
		[KEY_INTERPRETER] = f->interpreter,
		[KEY_DETECTOR] = f->detector,
		[KEY_CREDENTIALS] = words[f->credentials],
		[KEY_PRESERVE] = words[f->preserve],
		[KEY_FIX_BINARY] = words[f->fix_binary],
		[KEY_OPEN_BINARY] = words[f->open_binary],
	};
	int key;

	if (f->spec.type == SPEC_MAGIC) {
		(void)snprintf(offset, 16, "%u", f->spec.offset);
		texts[KEY_OFFSET] = offset;
	}
	for (key = 0; key < KEY_COUNT; key++)
		values[key] = (struct value){ texts[key],
			texts[key] == NULL ? 0 : strlen(texts[key]), NOWHERE };
}

/* An override that says what files look like replaces all that says so. */
static void
drop_other_spec(struct value base[KEY_COUNT],
    const struct value values[KEY_COUNT])
{
	static const enum format_key magic_keys[] = { KEY_MAGIC, KEY_MASK,
		KEY_OFFSET };
	size_t i;

	if (values[KEY_MAGIC].text == NULL &&
	    values[KEY_EXTENSION].text == NULL)
		return;
	for (i = 0; i < ARRAY_LEN(magic_keys); i++)
		base[magic_keys[i]] = (struct value){ 0 };
	base[KEY_EXTENSION] = (struct value){ 0 };
}

int
format_override(struct format *format, const struct value values[KEY_COUNT],
    struct problems *problems)
{
	struct value merged[KEY_COUNT];
	struct format built;
	char offset[16];
	int key;

	to_values(format, merged, offset);
	drop_other_spec(merged, values);
	for (key = 0; key < KEY_COUNT; key++) {
		if (values[key].text != NULL)
			merged[key] = values[key];
	}
	if (format->bpf)
		return problem_error(problems, NOWHERE, NULL,
		    "a rule of type B can be masked, but not changed");
	if (format_build(&built, format->name, merged, ORIGIN_DATABASE,
		problems) < 0)
		return -1;
	if (values[KEY_PRIORITY].text == NULL)
		built.priority = format->priority;
	built.source = copy_text(format->source);
	built.override = copy_text(format->override);
	built.more_flags = format->more_flags;
	built.binfmtd = format->binfmtd;
	/* A rule that has been given a priority leaves the file order. */
	if (built.priority == 0)
		built.sequence = format->sequence;
	format_fini(format);
	*format = built;
	return 0;
}

int
format_precedes(const struct format *a, const struct format *b)
{
	unsigned bits_a, bits_b;

	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	bits_a = spec_bits(&a->spec);
	bits_b = spec_bits(&b->spec);
	if (bits_a != bits_b)
		return bits_a > bits_b ? -1 : 1;
	return strcmp(a->name, b->name);
}
