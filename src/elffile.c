#include "elffile.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

/* Program headers beyond that are no program's. */
#define HEADERS_MAX 512

/* The machine that this program was compiled for, and its other mode. */
#if defined(__x86_64__)
#	define MACHINE	       EM_X86_64
#	define MACHINE_COMPAT EM_386
#elif defined(__i386__)
#	define MACHINE	       EM_386
#	define MACHINE_COMPAT EM_386
#elif defined(__aarch64__)
#	define MACHINE	       EM_AARCH64
#	define MACHINE_COMPAT EM_ARM
#elif defined(__arm__)
#	define MACHINE	       EM_ARM
#	define MACHINE_COMPAT EM_ARM
#elif defined(__powerpc64__)
#	define MACHINE	       EM_PPC64
#	define MACHINE_COMPAT EM_PPC
#elif defined(__powerpc__)
#	define MACHINE	       EM_PPC
#	define MACHINE_COMPAT EM_PPC
#elif defined(__s390__)
#	define MACHINE	       EM_S390
#	define MACHINE_COMPAT EM_S390
#elif defined(__riscv)
#	define MACHINE	       EM_RISCV
#	define MACHINE_COMPAT EM_RISCV
#elif defined(__mips__)
#	define MACHINE	       EM_MIPS
#	define MACHINE_COMPAT EM_MIPS
#elif defined(__loongarch__)
#	define MACHINE	       258
#	define MACHINE_COMPAT 258
#elif defined(__sparc__)
#	define MACHINE	       EM_SPARCV9
#	define MACHINE_COMPAT EM_SPARC
#elif defined(__alpha__)
#	define MACHINE	       0x9026
#	define MACHINE_COMPAT 0x9026
#elif defined(__hppa__)
#	define MACHINE	       EM_PARISC
#	define MACHINE_COMPAT EM_PARISC
#elif defined(__m68k__)
#	define MACHINE	       EM_68K
#	define MACHINE_COMPAT EM_68K
#elif defined(__sh__)
#	define MACHINE	       EM_SH
#	define MACHINE_COMPAT EM_SH
#else
#	define MACHINE	       EM_NONE
#	define MACHINE_COMPAT EM_NONE
#endif

/* What is the same for both classes. */
struct layout {
	bool wide;
	uint64_t offset; /* of the program headers */
	unsigned size, count;
};

bool
elffile_is_elf(const unsigned char head[SPEC_HEAD])
{
	return memcmp(head, ELFMAG, SELFMAG) == 0;
}

static bool
read_at(int fd, void *buffer, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX &&
	    pread(fd, buffer, len, (off_t)offset) == (ssize_t)len;
}

/* Reads the path of the loader, NUL-terminated as the kernel wants it. */
static enum elffile_class
read_loader(int fd, uint64_t offset, uint64_t len, char **loader)
{
	char path[PATH_MAX];

	if (len < 2 || len > sizeof(path))
		return ELFFILE_BROKEN;
	if (!read_at(fd, path, (size_t)len, offset))
		return ELFFILE_SHORT;
	if (path[len - 1] != '\0')
		return ELFFILE_BROKEN;
	*loader = xstrdup(path);
	return ELFFILE_NATIVE;
}

static enum elffile_class
find_loader(int fd, const struct layout *layout, char **loader)
{
	unsigned i;

	if (layout->count == 0 || layout->count > HEADERS_MAX ||
	    layout->size !=
		(layout->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		return ELFFILE_BROKEN;
	for (i = 0; i < layout->count; i++) {
		uint64_t at = layout->offset + (uint64_t)i * layout->size;
		Elf64_Phdr wide;
		Elf32_Phdr narrow;

		if (layout->wide ? !read_at(fd, &wide, sizeof(wide), at) :
				   !read_at(fd, &narrow, sizeof(narrow), at))
			return ELFFILE_BROKEN;
		if (layout->wide && wide.p_type == PT_INTERP)
			return read_loader(fd, wide.p_offset, wide.p_filesz,
			    loader);
		if (!layout->wide && narrow.p_type == PT_INTERP)
			return read_loader(fd, narrow.p_offset, narrow.p_filesz,
			    loader);
	}
	return ELFFILE_NATIVE;
}

/*
 * Reads a header.  The kernel believes the machine, and takes the class to be
 * the one that goes with it.
 */
static bool
read_layout(int fd, bool wide, unsigned *machine, unsigned *type,
    struct layout *layout)
{
	Elf64_Ehdr w;
	Elf32_Ehdr n;

	if (wide ? !read_at(fd, &w, sizeof(w), 0) :
		   !read_at(fd, &n, sizeof(n), 0))
		return false;
	layout->wide = wide;
	*machine = wide ? w.e_machine : n.e_machine;
	*type = wide ? w.e_type : n.e_type;
	layout->offset = wide ? w.e_phoff : n.e_phoff;
	layout->size = wide ? w.e_phentsize : n.e_phentsize;
	layout->count = wide ? w.e_phnum : n.e_phnum;
	return true;
}

enum elffile_class
elffile_classify(int fd, char **loader)
{
	const bool native_wide = sizeof(void *) == 8;
	enum elffile_class result;
	struct layout layout;
	unsigned machine, type;
	bool wide = native_wide;

	*loader = NULL;
	if (!read_layout(fd, false, &machine, &type, &layout))
		return ELFFILE_BROKEN;
	if (machine != MACHINE && machine != MACHINE_COMPAT)
		return ELFFILE_FOREIGN;
	if (machine != MACHINE)
		wide = false;
	if (!read_layout(fd, wide, &machine, &type, &layout) ||
	    (type != ET_EXEC && type != ET_DYN))
		return ELFFILE_BROKEN;
	result = find_loader(fd, &layout, loader);
	if (result == ELFFILE_NATIVE && machine != MACHINE)
		return ELFFILE_COMPATIBLE;
	return result;
}

int
elffile_check_loader(int fd)
{
	unsigned char head[SPEC_HEAD];
	struct layout layout;
	unsigned machine, type;

	if (fd < 0) /* not readable for this user, but perhaps the kernel */
		return 0;
	if (!read_layout(fd, sizeof(void *) == 8, &machine, &type, &layout))
		return EIO;
	if (!read_at(fd, head, SELFMAG, 0) || !elffile_is_elf(head) ||
	    (machine != MACHINE && machine != MACHINE_COMPAT))
		return ELIBBAD;
	return 0;
}
