#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

void
report_text(FILE *stream, const char *text)
{
	const char *p, *start;

	for (p = start = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= ' ' && c != 0x7f)
			continue;
		(void)fwrite(start, 1, (size_t)(p - start), stream);
		(void)fprintf(stream, "\\x%02x", c);
		start = p + 1;
	}
	(void)fwrite(start, 1, (size_t)(p - start), stream);
}

static ATTR_PRINTF(4, 0) void say(const struct report *report, FILE *stream,
    const char *kind, const char *format, va_list ap)
{
	CLEANUP(cleanup_free) char *text = xvasprintf(format, ap);

	(void)fprintf(stream, "%s: %s", report->program, kind);
	report_text(stream, text);
	(void)putc('\n', stream);
	(void)fflush(stream);
}

void
report_error(struct report *report, const char *format, ...)
{
	va_list ap;

	report->errors++;
	va_start(ap, format);
	say(report, stderr, "", format, ap);
	va_end(ap);
}

void
report_warning(struct report *report, const char *format, ...)
{
	va_list ap;

	if (report->level == REPORT_QUIET)
		return;
	va_start(ap, format);
	say(report, stderr, "warning: ", format, ap);
	va_end(ap);
}

void
report_done(struct report *report, const char *format, ...)
{
	va_list ap;

	if (report->level == REPORT_QUIET || report->document)
		return;
	va_start(ap, format);
	say(report, stdout, "", format, ap);
	va_end(ap);
}

void
report_detail(struct report *report, const char *format, ...)
{
	va_list ap;

	if (report->level != REPORT_VERBOSE || report->document)
		return;
	va_start(ap, format);
	say(report, stdout, "", format, ap);
	va_end(ap);
}

void
report_problems(struct report *report, const char *subject,
    struct problems *problems, enum report_as as)
{
	size_t i;

	for (i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];
		const char *colon = p->field == NULL ? "" : ": ";
		const char *field = p->field == NULL ? "" : p->field;
		char where[32] = "";

		if (p->place.line != 0 && p->place.column != 0)
			(void)snprintf(where, sizeof(where), ":%u:%u",
			    p->place.line, p->place.column);
		else if (p->place.line != 0)
			(void)snprintf(where, sizeof(where), ":%u",
			    p->place.line);
		if (p->warning || as == REPORT_AS_WARNINGS)
			report_warning(report, "%s%s%s%s: %s", subject, where,
			    colon, field, p->reason);
		else
			report_error(report, "%s%s%s%s: %s", subject, where,
			    colon, field, p->reason);
	}
	problems_fini(problems);
}

char *
report_quote(const char *text)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789/._-+=:,@%";
	size_t i, n = 0;
	char *quoted;

	if (text[0] != '\0' && strspn(text, plain) == strlen(text))
		return xstrdup(text);
	quoted = xmalloc(4 * strlen(text) + 3);
	quoted[n++] = '\'';
	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] == '\'') {
			memcpy(quoted + n, "'\\''", 4);
			n += 4;
		} else
			quoted[n++] = text[i];
	}
	quoted[n++] = '\'';
	quoted[n] = '\0';
	return quoted;
}
