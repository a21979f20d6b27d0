#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Follows fs/binfmt_script.c: the line ends at a newline, or where the head
 * does; then the interpreter must be seen to end before that.
 */
bool
script_parse(const unsigned char head[SPEC_HEAD], struct script *script)
{
	const char *text = (const char *)head;
	const char *end, *p, *name;

	script->interpreter = script->argument = NULL;
	if (text[0] != '#' || text[1] != '!')
		return false;
	end = memchr(text, '\n', SPEC_HEAD);
	if (end == NULL) {
		for (p = text + 2; p < text + SPEC_HEAD && is_space(*p);)
			p++;
		if (p == text + SPEC_HEAD)
			return false;
		while (p < text + SPEC_HEAD && !is_space(*p) && *p != '\0')
			p++;
		if (p == text + SPEC_HEAD)
			return false;
		end = text + SPEC_HEAD - 1;
	}
	while (end > text + 2 && is_space(end[-1]))
		end--;
	for (p = text + 2; p < end && is_space(*p);)
		p++;
	name = p;
	while (p < end && !is_space(*p) && *p != '\0')
		p++;
	if (p == name)
		return false;
	script->interpreter = xstrndup(name, (size_t)(p - name));
	while (p < end && is_space(*p))
		p++;
	if (p < end && *p != '\0')
		script->argument = xstrndup(p, strnlen(p, (size_t)(end - p)));
	return true;
}

void
script_fini(struct script *script)
{
	free(script->interpreter);
	free(script->argument);
	script->interpreter = script->argument = NULL;
}
