/*
 * Model: as much of an ELF program as decides whether this kernel runs it.
 */
#ifndef ELFFILE_H
#define ELFFILE_H

#include <stdbool.h>

#include "compiler.h"
#include "spec.h"

enum elffile_class {
	ELFFILE_NATIVE,
	ELFFILE_COMPATIBLE, /* another mode of the same processor family */
	ELFFILE_FOREIGN,
	ELFFILE_SHORT, /* ends before its loader's name */
	ELFFILE_BROKEN,
};

/* Whether a file starts like an ELF file. */
ATTR_NONNULL bool elffile_is_elf(const unsigned char head[SPEC_HEAD]);

/*
 * Looks at the ELF file open as fd, whose offset does not matter.  *loader is
 * the program loader that it names, owned by the caller, or NULL.
 */
ATTR_NONNULL enum elffile_class elffile_classify(int fd, char **loader);

/*
 * Whether the kernel takes the file open as fd, which may be -1, for a program
 * loader: 0, or the errno of an execve(2) that needs it.
 */
int elffile_check_loader(int fd);

#endif
