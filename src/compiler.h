/*
 * Base: what the compiler can be told about a function, and how an object is
 * cleaned up when its scope ends.  Any file may include this header.
 */
#ifndef COMPILER_H
#define COMPILER_H

#define ATTR_PRINTF(format, first)                                             \
	__attribute__((__format__(__printf__, format, first)))
#define ATTR_USE_RESULT __attribute__((__warn_unused_result__))
#define ATTR_NONNULL	__attribute__((__nonnull__))
#define ATTR_NORETURN	__attribute__((__noreturn__))
#define ATTR_MALLOC	__attribute__((__malloc__, __returns_nonnull__))

/* Calls fn(&variable) when the variable goes out of scope. */
#define CLEANUP(fn) __attribute__((__cleanup__(fn)))

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
