/*
 * Whether two formats are the same in all that is kept of them.
 */
#ifndef SAME_FORMAT_H
#define SAME_FORMAT_H

#include "format.h"
#include "fuzz.h"

static inline void
require_same_format(const struct format *a, const struct format *b)
{
	REQUIRE(fuzz_same_text(a->name, b->name));
	REQUIRE(fuzz_same_text(a->package, b->package));
	REQUIRE(fuzz_same_text(a->magic_text, b->magic_text));
	REQUIRE(fuzz_same_text(a->mask_text, b->mask_text));
	REQUIRE(fuzz_same_text(a->interpreter, b->interpreter));
	REQUIRE(fuzz_same_text(a->detector, b->detector));
	REQUIRE(fuzz_same_spec(&a->spec, &b->spec));
	REQUIRE(a->credentials == b->credentials);
	REQUIRE(a->preserve == b->preserve);
	REQUIRE(a->fix_binary == b->fix_binary);
	REQUIRE(a->open_binary == b->open_binary);
	REQUIRE(a->priority == b->priority);
}

/* What every format can rely on, whatever it was read from. */
static inline void
require_valid_format(const struct format *f)
{
	REQUIRE(f->package != NULL && f->package[0] != '\0');
	REQUIRE(f->interpreter != NULL && f->interpreter[0] != '\0');
	REQUIRE(f->detector == NULL || f->detector[0] != '\0');
	REQUIRE(f->priority >= FORMAT_PRIORITY_MIN &&
	    f->priority <= FORMAT_PRIORITY_MAX);
	if (f->spec.type == SPEC_EXTENSION) {
		REQUIRE(f->spec.extension[0] != '\0');
		REQUIRE(strchr(f->spec.extension, '/') == NULL);
		REQUIRE(f->magic_text == NULL && f->mask_text == NULL);
		REQUIRE(f->spec.offset == 0);
		return;
	}
	REQUIRE(f->spec.magic.len > 0);
	REQUIRE(f->spec.offset + f->spec.magic.len <= SPEC_HEAD);
	REQUIRE(f->spec.mask.len == 0 || f->spec.mask.len == f->spec.magic.len);
	REQUIRE((f->spec.mask.len == 0) == (f->mask_text == NULL));
}

/* Its rule can be registered. */
static inline void
require_printable_rule(const struct format *f)
{
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	const struct rule rule = { .name = f->name,
		.spec = f->spec,
		.interpreter = f->interpreter,
		.flags = format_flags(f) };
	CLEANUP(cleanup_free) char *text = rule_print(&rule, &problems);

	REQUIRE(text != NULL && problems.count == 0);
}

#endif
