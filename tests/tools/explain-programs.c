/*
 * Holds what --explain predicts against what execve(2) does: interpreters that
 * change after they were registered, strange and broken programs, and users
 * without root's rights.
 */
#include "explain-cases.h"

#include <elf.h>

/*
 * Interpreters that change after they were registered: with F the kernel goes
 * on with what it has opened.
 */

static const char *const changes[] = { "removed", "not executable",
	"not executable any more", "another one", "a script" };

static void
change(size_t how)
{
	if (how == 2) {
		if (chmod("i/changing", 0644) < 0)
			die("chmod");
		return;
	}
	/* What is kept open cannot be written to. */
	if (unlink("i/changing") < 0)
		die("unlink");
	if (how == 1)
		put_program("i/changing", 0644);
	else if (how == 3)
		put_program("i/changing", 0755);
	else if (how == 4)
		put_text("i/changing", 0755, "#!@/i/elf arg\n");
}

static void
test_change(size_t how, const char *flags, const char *what)
{
	char rule[TEXT_MAX];

	if (strcmp(what, "script") == 0)
		put_text("i/changing", 0755, "#!@/i/elf -x\n");
	else
		put_program("i/changing", 0755);
	(void)snprintf(rule, sizeof(rule), ":e:M::MAGIC::%s/i/changing:%s",
	    work, flags);
	(void)tell("register", rule);
	/* More than a tick of the clock that stamps files. */
	(void)usleep(20 * 1000);
	change(how);
	compare("f/magic", RESULT, "a %s with '%s', now %s", what, flags,
	    changes[how]);
	clear_registry();
	(void)unlink("i/changing");
}

/* What a fixed script looked like nobody can see afterwards. */
static void
test_changing(void)
{
	static const char *const flags[] = { "", "F", "PF", "OF", "CF" };
	size_t i, j;

	for (i = 0; i < COUNT(changes); i++) {
		for (j = 0; j < COUNT(flags); j++)
			test_change(i, flags[j], "program");
		test_change(i, "", "script");
	}
}

/*
 * Broken and strange programs.
 */

static const struct {
	size_t offset;
	unsigned char byte;
} mutations[] = { { 4, 1 }, { 4, 0 }, { 4, 3 }, { 5, 2 }, { 5, 0 }, { 6, 0 },
	{ 6, 2 }, { 7, 9 }, { 8, 1 }, { 9, 1 }, { 15, 255 }, { 16, 0 },
	{ 16, 1 }, { 16, 2 }, { 16, 4 }, { 17, 1 }, { 18, 3 }, { 18, 183 },
	{ 19, 1 }, { 20, 0 }, { 33, 255 }, { 39, 127 }, { 54, 0 }, { 54, 32 },
	{ 56, 0 }, { 57, 255 }, { 3, 'G' }, { 0, 0 } };

static const size_t lengths[] = { 4, 5, 16, 20, 24, 51, 52, 63, 64, 65, 119,
	120, 200, 735, 736, 4096 };

static void
test_programs(void)
{
	static char data[4 * 1024 * 1024];
	size_t i, len = get("i/elf", data, sizeof(data));

	for (i = 0; i < COUNT(mutations); i++) {
		char *at = data + mutations[i].offset, before = *at;

		*at = (char)mutations[i].byte;
		put("f/mutant", 0755, data, len);
		*at = before;
		compare("f/mutant", START, "a program, byte %zu is %02x",
		    mutations[i].offset, mutations[i].byte);
	}
	for (i = 0; i < COUNT(lengths); i++) {
		put("f/mutant", 0755, data, lengths[i]);
		compare("f/mutant", START, "a program of %zu bytes",
		    lengths[i]);
	}
}

#ifdef __x86_64__
/* exit(0) for the other mode of this processor, which the kernel may not have.
 */
static void
test_narrow_program(void)
{
	static const unsigned char code[] = { 0xb8, 1, 0, 0, 0, 0x31, 0xdb,
		0xcd, 0x80 };
	unsigned char
	    file[sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr) + sizeof(code)];
	Elf32_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
				  ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_entry = 0x8048000 + sizeof(file) - sizeof(code),
		.e_phoff = sizeof(Elf32_Ehdr),
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 1 };
	Elf32_Phdr segment = { .p_type = PT_LOAD,
		.p_vaddr = 0x8048000,
		.p_filesz = sizeof(file),
		.p_memsz = sizeof(file),
		.p_flags = PF_R | PF_X,
		.p_align = 4096 };

	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), &segment, sizeof(segment));
	memcpy(file + sizeof(file) - sizeof(code), code, sizeof(code));
	put("f/narrow", 0755, file, sizeof(file));
	compare("f/narrow", START, "a program of 32 bits");
}
#else
static void
test_narrow_program(void)
{
}
#endif

/* Programs that want a loader, which is all that there is in them. */

#define AT_LOADER (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

static void
put_wanting(const char *path, const char *loader, size_t filesz)
{
	unsigned char file[AT_LOADER + PATH_MAX];
	const char *expanded = expand(loader);
	size_t len = strlen(expanded) + 1;
	Elf64_Ehdr header;
	Elf64_Phdr segment = { .p_type = PT_INTERP, .p_offset = AT_LOADER };

	(void)get("i/head", (char *)&header, sizeof(header) + 1);
	header.e_phoff = sizeof(header);
	header.e_phnum = 1;
	segment.p_filesz = filesz == 0 ? len : filesz;
	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), &segment, sizeof(segment));
	memcpy(file + AT_LOADER, expanded, len);
	put(path, 0755, file, AT_LOADER + len);
}

static void
make_loaders(void)
{
	char data[4096];

	(void)mkdir("i/directory", 0755);
	put_text("i/text", 0755, "echo no first line\n");
	put_text("i/empty", 0755, "");
	put_text("i/script", 0755, "#!@/i/elf\n");
	memset(data, '\n', sizeof(data));
	put("i/long-text", 0755, data, sizeof(data));
	memset(data, '\0', sizeof(data));
	memcpy(data, ELFMAG, SELFMAG);
	put("i/foreign", 0755, data, sizeof(data));
	if (symlink("loop", "i/loop") < 0)
		die("symlink");
}

static void
test_loaders(void)
{
	static const char *const loaders[] = { "@/i/missing", "@/i/plain",
		"@/i/directory", "@/noexec/elf", "@/i/loop", "@/i/elf/below",
		"@/i/text", "@/i/long-text", "@/i/empty", "@/i/foreign",
		"@/i/script", "", "i/missing", "i/plain", "@/f/magic" };
	static const size_t sizes[] = { 1, 2, 8, 500, 4096, 4097, 70000 };
	static char data[4 * 1024 * 1024];
	size_t i;

	if (sizeof(void *) != sizeof(Elf64_Addr))
		return;
	(void)get("i/elf", data, sizeof(data));
	put("i/head", 0755, data, sizeof(Elf64_Ehdr));
	for (i = 0; i < COUNT(loaders); i++) {
		put_wanting("f/wanting", loaders[i], 0);
		compare("f/wanting", START, "its loader is %s", loaders[i]);
	}
	for (i = 0; i < COUNT(sizes); i++) {
		put_wanting("f/wanting", "@/i/missing", sizes[i]);
		compare("f/wanting", START, "its loader's name has %zu bytes",
		    sizes[i]);
	}
}

/*
 * Without root's rights.
 */

static const struct {
	const char *path;
	mode_t mode;
} modes[] = { { "u/magic", 0755 }, { "u/magic", 0744 }, { "u/magic", 0754 },
	{ "u/magic", 0000 }, { "u/closed/magic", 0755 }, { "u/i", 0744 },
	{ "u/i", 0755 }, { "u/link", 0755 } };

static void
test_as_user(void)
{
	char rule[TEXT_MAX];
	size_t i;

	(void)mkdir("u", 0755);
	(void)mkdir("u/closed", 0700);
	put_program("u/i", 0755);
	put_text("u/magic", 0755, "MAGIC\n");
	put_text("u/closed/magic", 0755, "MAGIC\n");
	if (symlink("closed/magic", "u/link") < 0)
		die("symlink");
	(void)snprintf(rule, sizeof(rule), ":a:M::MAGIC::%s/u/i:", work);
	(void)tell("register", rule);
	for (i = 0; i < COUNT(modes); i++) {
		user = 0;
		if (chmod(modes[i].path, modes[i].mode) < 0)
			die(modes[i].path);
		user = 1000;
		compare(strcmp(modes[i].path, "u/i") == 0 ? "u/magic" :
							    modes[i].path,
		    RESULT, "as a user, %s has mode %04o", modes[i].path,
		    (unsigned)modes[i].mode);
		if (modes[i].mode == 0 && chmod(modes[i].path, 0755) < 0)
			die(modes[i].path);
	}
	user = 0;
	clear_registry();
}

/* Whether the namespace has more users than its root. */
static bool
has_users(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned long inside, outside, count, last = 0;

	while (map != NULL &&
	    fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3)
		last = inside + count;
	if (map != NULL)
		(void)fclose(map);
	return last > 1000;
}

int
main(int argc, char *argv[])
{
	start_cases(argc, argv);
	put_program("i/elf", 0755);
	put_program("i/plain", 0644);
	put_program("noexec/elf", 0755);
	make_loaders();
	put_text("f/magic", 0755, "MAGIC\n");
	test_changing();
	test_programs();
	test_narrow_program();
	test_loaders();
	if (has_users())
		test_as_user();
	return end_cases();
}
