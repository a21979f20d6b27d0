#include "machine.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

/* In e_flags: the ABI n32, of 64-bit registers and 32-bit addresses. */
#define MIPS_N32 0x20

/* Before it got 189; compilers of that time may still be in use. */
#define MICROBLAZE_OLD 0xbaab

#define LE ELFDATA2LSB
#define BE ELFDATA2MSB

static const struct machine {
	const char *name;
	unsigned char class;
	unsigned char data;
	unsigned short machine;
	unsigned char flags; /* of the last byte of e_flags, */
	unsigned char flags_mask;
} machines[] = {
	{ "aarch64", ELFCLASS64, LE, 183, 0, 0 },
	{ "aarch64_be", ELFCLASS64, BE, 183, 0, 0 },
	{ "alpha", ELFCLASS64, LE, 0x9026, 0, 0 },
	{ "arm", ELFCLASS32, LE, 40, 0, 0 },
	{ "armeb", ELFCLASS32, BE, 40, 0, 0 },
	{ "hexagon", ELFCLASS32, LE, 164, 0, 0 },
	{ "hppa", ELFCLASS32, BE, 15, 0, 0 },
	{ "i386", ELFCLASS32, LE, 3, 0, 0 },
	{ "loongarch64", ELFCLASS64, LE, 258, 0, 0 },
	{ "m68k", ELFCLASS32, BE, 4, 0, 0 },
	{ "microblaze", ELFCLASS32, BE, 189, 0, 0 },
	{ "microblaze", ELFCLASS32, BE, MICROBLAZE_OLD, 0, 0 },
	{ "microblazeel", ELFCLASS32, LE, 189, 0, 0 },
	{ "microblazeel", ELFCLASS32, LE, MICROBLAZE_OLD, 0, 0 },
	{ "mips", ELFCLASS32, BE, 8, 0, MIPS_N32 },
	{ "mips64", ELFCLASS64, BE, 8, 0, 0 },
	{ "mips64el", ELFCLASS64, LE, 8, 0, 0 },
	{ "mipsel", ELFCLASS32, LE, 8, 0, MIPS_N32 },
	{ "mipsn32", ELFCLASS32, BE, 8, MIPS_N32, MIPS_N32 },
	{ "mipsn32el", ELFCLASS32, LE, 8, MIPS_N32, MIPS_N32 },
	{ "or1k", ELFCLASS32, BE, 92, 0, 0 },
	{ "ppc", ELFCLASS32, BE, 20, 0, 0 },
	{ "ppc64", ELFCLASS64, BE, 21, 0, 0 },
	{ "ppc64le", ELFCLASS64, LE, 21, 0, 0 },
	{ "riscv32", ELFCLASS32, LE, 243, 0, 0 },
	{ "riscv64", ELFCLASS64, LE, 243, 0, 0 },
	{ "s390x", ELFCLASS64, BE, 22, 0, 0 },
	{ "sh4", ELFCLASS32, LE, 42, 0, 0 },
	{ "sh4eb", ELFCLASS32, BE, 42, 0, 0 },
	{ "sparc", ELFCLASS32, BE, 2, 0, 0 },
	{ "sparc32plus", ELFCLASS32, BE, 18, 0, 0 },
	{ "sparc64", ELFCLASS64, BE, 43, 0, 0 },
	{ "x86_64", ELFCLASS64, LE, 62, 0, 0 },
	{ "xtensa", ELFCLASS32, LE, 94, 0, 0 },
	{ "xtensaeb", ELFCLASS32, BE, 94, 0, 0 },
};

/* What the machines are called elsewhere: by Debian, by uname(1). */
static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "amd64", "x86_64" },
	{ "arm64", "aarch64" },
	{ "armel", "arm" },
	{ "armhf", "arm" },
	{ "i686", "i386" },
	{ "loong64", "loongarch64" },
	{ "parisc", "hppa" },
	{ "powerpc", "ppc" },
	{ "ppc64el", "ppc64le" },
	{ "x86", "i386" },
	{ "x86-64", "x86_64" },
};

static bool
has_flags(const struct machine *machine, const unsigned char *head)
{
	/* e_flags of a 32-bit file: four bytes from 36 on. */
	unsigned last = machine->data == BE ? 39 : 36;

	return (head[last] & machine->flags_mask) == machine->flags;
}

const char *
machine_find(const unsigned char head[MACHINE_HEAD])
{
	unsigned number, type;
	size_t i;

	if (memcmp(head, ELFMAG, SELFMAG) != 0)
		return NULL;
	if (head[EI_DATA] == LE) {
		type = head[16] | (unsigned)head[17] << 8;
		number = head[18] | (unsigned)head[19] << 8;
	} else {
		type = head[17] | (unsigned)head[16] << 8;
		number = head[19] | (unsigned)head[18] << 8;
	}
	if (type != ET_EXEC && type != ET_DYN)
		return NULL;
	for (i = 0; i < ARRAY_LEN(machines); i++) {
		const struct machine *machine = &machines[i];

		if (machine->class == head[EI_CLASS] &&
		    machine->data == head[EI_DATA] &&
		    machine->machine == number && has_flags(machine, head))
			return machine->name;
	}
	return NULL;
}

const char *
machine_canonical(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(aliases); i++) {
		if (strcmp(aliases[i].alias, name) == 0)
			return aliases[i].name;
	}
	for (i = 0; i < ARRAY_LEN(machines); i++) {
		if (strcmp(machines[i].name, name) == 0)
			return machines[i].name;
	}
	return NULL;
}
