/*
 * Base: allocation that cannot fail, and the cleanup of what it returned.
 * When memory runs out the program says so on standard error and ends with
 * status 2.  All results are owned by the caller and end with free(3).
 */
#ifndef XALLOC_H
#define XALLOC_H

#include <stdarg.h>
#include <stddef.h>

#include "compiler.h"

ATTR_MALLOC void *xmalloc(size_t size);
ATTR_MALLOC void *xcalloc(size_t count, size_t size);
/* Like realloc(3); count * size is checked for overflow. */
ATTR_USE_RESULT void *xreallocarray(void *old, size_t count, size_t size);
ATTR_MALLOC ATTR_NONNULL char *xstrdup(const char *text);
/* A copy of exactly len bytes of text, with a NUL behind them. */
ATTR_MALLOC ATTR_NONNULL char *xstrndup(const char *text, size_t len);
ATTR_MALLOC ATTR_PRINTF(1, 2) char *xasprintf(const char *format, ...);
ATTR_MALLOC ATTR_PRINTF(1, 0) char *xvasprintf(const char *format, va_list ap);

/*
 * Makes room for one more element in the array *items of *room elements, of
 * which count are in use.
 */
#define GROW(items, count, room)                                               \
	do {                                                                   \
		if ((count) == (room)) {                                       \
			(room) = (room) == 0 ? 8 : 2 * (room);                 \
			(items) = xreallocarray((items), (room),               \
			    sizeof(*(items)));                                 \
		}                                                              \
	} while (0)

/* For CLEANUP(): frees what the pointer variable points to. */
void cleanup_free(void *pointer_variable);
/* For CLEANUP(): closes the descriptor in the int variable, unless < 0. */
void cleanup_close(int *fd);

/* Takes a pointer out of a variable that has a cleanup: returns it, sets NULL.
 */
#define STEAL(variable)                                                        \
	__extension__({                                                        \
		__typeof__(variable) stolen_ = (variable);                     \
		(variable) = NULL;                                             \
		stolen_;                                                       \
	})

#endif
