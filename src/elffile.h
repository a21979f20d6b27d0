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
	ELFFILE_BROKEN,
};

/* Whether a file starts like an ELF file. */
ATTR_NONNULL bool elffile_is_elf(const unsigned char head[SPEC_HEAD]);

/*
 * Looks at the ELF file open as fd, whose offset does not matter.  *loader is
 * the program loader that it names, owned by the caller, or NULL.
 */
ATTR_NONNULL enum elffile_class elffile_classify(int fd, char **loader);

#endif
