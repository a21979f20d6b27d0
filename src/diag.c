#include "diag.h"

#include <stdlib.h>

#include "xalloc.h"

void
problems_fini(struct problems *problems)
{
	size_t i;

	for (i = 0; i < problems->count; i++)
		free(problems->items[i].reason);
	free(problems->items);
	*problems = (struct problems)PROBLEMS_INIT;
}

static ATTR_PRINTF(5, 0) void add(struct problems *problems, bool warning,
    struct place place, const char *field, const char *format, va_list ap)
{
	GROW(problems->items, problems->count, problems->room);
	problems->items[problems->count++] = (struct problem){
		.warning = warning,
		.place = place,
		.field = field,
		.reason = xvasprintf(format, ap),
	};
	if (!warning)
		problems->errors++;
}

int(problem_error)(struct problems *problems, struct place place,
    const char *field, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(problems, false, place, field, format, ap);
	va_end(ap);
	return -1;
}

void
problem_warning(struct problems *problems, struct place place,
    const char *field, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(problems, true, place, field, format, ap);
	va_end(ap);
}
