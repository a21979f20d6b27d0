#include "elffile.h"

#include <elf.h>
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

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#	define DATA ELFDATA2LSB
#else
#	define DATA ELFDATA2MSB
#endif

#define CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

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
static bool
read_loader(int fd, uint64_t offset, uint64_t len, char **loader)
{
	char path[PATH_MAX];

	if (len < 2 || len > sizeof(path) ||
	    !read_at(fd, path, (size_t)len, offset) || path[len - 1] != '\0')
		return false;
	*loader = xstrdup(path);
	return true;
}

static bool
find_loader(int fd, const struct layout *layout, char **loader)
{
	unsigned i;

	if (layout->count == 0 || layout->count > HEADERS_MAX ||
	    layout->size !=
		(layout->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		return false;
	for (i = 0; i < layout->count; i++) {
		uint64_t at = layout->offset + (uint64_t)i * layout->size;
		Elf64_Phdr wide;
		Elf32_Phdr narrow;

		if (layout->wide && !read_at(fd, &wide, sizeof(wide), at))
			return false;
		if (!layout->wide && !read_at(fd, &narrow, sizeof(narrow), at))
			return false;
		if (layout->wide && wide.p_type == PT_INTERP)
			return read_loader(fd, wide.p_offset, wide.p_filesz,
			    loader);
		if (!layout->wide && narrow.p_type == PT_INTERP)
			return read_loader(fd, narrow.p_offset, narrow.p_filesz,
			    loader);
	}
	return true;
}

static bool
is_program(unsigned type)
{
	return type == ET_EXEC || type == ET_DYN;
}

enum elffile_class
elffile_classify(int fd, char **loader)
{
	unsigned char ident[EI_NIDENT];
	unsigned machine, type;
	struct layout layout;
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	*loader = NULL;
	if (!read_at(fd, ident, sizeof(ident), 0))
		return ELFFILE_BROKEN;
	if (ident[EI_DATA] != DATA)
		return ELFFILE_FOREIGN;
	layout.wide = ident[EI_CLASS] == ELFCLASS64;
	if (layout.wide) {
		if (!read_at(fd, &wide, sizeof(wide), 0))
			return ELFFILE_BROKEN;
		machine = wide.e_machine;
		type = wide.e_type;
		layout.offset = wide.e_phoff;
		layout.size = wide.e_phentsize;
		layout.count = wide.e_phnum;
	} else {
		if (!read_at(fd, &narrow, sizeof(narrow), 0))
			return ELFFILE_BROKEN;
		machine = narrow.e_machine;
		type = narrow.e_type;
		layout.offset = narrow.e_phoff;
		layout.size = narrow.e_phentsize;
		layout.count = narrow.e_phnum;
	}
	if (machine != MACHINE && machine != MACHINE_COMPAT)
		return ELFFILE_FOREIGN;
	if (!is_program(type) || !find_loader(fd, &layout, loader))
		return ELFFILE_BROKEN;
	return machine == MACHINE && ident[EI_CLASS] == CLASS ?
	    ELFFILE_NATIVE :
	    ELFFILE_COMPATIBLE;
}
