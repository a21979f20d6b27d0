#include "xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ATTR_NORETURN void
out_of_memory(void)
{
	static const char text[] = "binfmts: out of memory\n";
	ssize_t ignored;

	ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	_exit(2);
}

void *
xmalloc(size_t size)
{
	void *p;

	p = malloc(size == 0 ? 1 : size);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xcalloc(size_t count, size_t size)
{
	void *p;

	p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xreallocarray(void *old, size_t count, size_t size)
{
	void *p;

	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory();
	p = realloc(old, count * size == 0 ? 1 : count * size);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

char *
xstrndup(const char *text, size_t len)
{
	char *copy;

	copy = xmalloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
xvasprintf(const char *format, va_list ap)
{
	char buffer[256], *text;
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(buffer, sizeof(buffer), format, again);
	va_end(again);
	if (len < 0)
		out_of_memory();
	text = xmalloc((size_t)len + 1);
	if ((size_t)len < sizeof(buffer))
		return memcpy(text, buffer, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, format, ap);
	return text;
}

char *
xasprintf(const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	return text;
}

void
cleanup_free(void *pointer_variable)
{
	void *p;

	memcpy(&p, pointer_variable, sizeof(p));
	free(p);
}

void
cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
