#include "elffile.h"

#include <sys/mman.h>

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include "unit.h"

/* A program of this machine that names a loader, and nothing more. */
struct image {
	ElfW(Ehdr) header;
	ElfW(Phdr) segments[2];
	char loader[32];
};

#define LOADER "/lib/loader"

/* The start of this program is right, but for where its segments are. */
static struct image
make(void)
{
	struct image image = { .loader = LOADER };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, &image.header, sizeof(image.header)),
	    sizeof(image.header));
	assert_int_equal(close(fd), 0);
	image.header.e_phoff = offsetof(struct image, segments);
	image.header.e_phnum = ARRAY_LEN(image.segments);
	image.segments[0].p_type = PT_NOTE;
	image.segments[1].p_type = PT_INTERP;
	image.segments[1].p_offset = offsetof(struct image, loader);
	image.segments[1].p_filesz = sizeof(LOADER);
	return image;
}

/* Returns what it is, and the loader that it names, owned, or NULL. */
static enum elffile_class
classify(const void *image, size_t len, char **loader)
{
	enum elffile_class class;
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	/* Where the descriptor is afterwards does not matter. */
	assert_int_equal(write(fd, image, len), len);
	class = elffile_classify(fd, loader);
	assert_int_equal(close(fd), 0);
	return class;
}

static void
expect(const struct image *image, enum elffile_class class, const char *loader)
{
	CLEANUP(cleanup_free) char *named = NULL;

	assert_int_equal(classify(image, sizeof(*image), &named), class);
	if (loader == NULL)
		assert_null(named);
	else {
		assert_non_null(named);
		assert_string_equal(named, loader);
	}
}

static void
test_this_program(void **state)
{
	CLEANUP(cleanup_free) char *loader = NULL;
	unsigned char head[SPEC_HEAD] = { 0 };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(elffile_classify(fd, &loader), ELFFILE_NATIVE);
	if (loader != NULL)
		assert_int_equal(access(loader, X_OK), 0);
	assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
	assert_true(elffile_is_elf(head));
	assert_int_equal(close(fd), 0);
	head[3] = 'G';
	assert_false(elffile_is_elf(head));
}

static void
test_native(void **state)
{
	struct image image = make();

	(void)state;
	expect(&image, ELFFILE_NATIVE, LOADER);
	image.header.e_type = ET_EXEC;
	expect(&image, ELFFILE_NATIVE, LOADER);
	image.header.e_type = ET_DYN;
	image.header.e_ident[EI_OSABI] = ELFOSABI_LINUX;
	expect(&image, ELFFILE_NATIVE, LOADER);
	image.segments[1].p_type = PT_NULL;
	expect(&image, ELFFILE_NATIVE, NULL);
}

static void
test_foreign(void **state)
{
	static const unsigned machines[] = { EM_X86_64, EM_AARCH64, EM_S390,
		EM_RISCV, EM_68K, 258, 0x9026, 0xfefe };
	struct image image = make();
	unsigned own = image.header.e_machine;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(machines); i++) {
		if (machines[i] == own)
			continue;
		image.header.e_machine = (ElfW(Half))machines[i];
		expect(&image, ELFFILE_FOREIGN, NULL);
	}
}

static void
test_broken(void **state)
{
	static const unsigned types[] = { ET_NONE, ET_REL, ET_CORE, 5,
		ET_LOPROC };
	struct image image = make();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(types); i++) {
		image.header.e_type = (ElfW(Half))types[i];
		expect(&image, ELFFILE_BROKEN, NULL);
	}
	image = make();
	image.header.e_phnum = 0;
	expect(&image, ELFFILE_BROKEN, NULL);
	image.header.e_phnum = 0xffff;
	expect(&image, ELFFILE_BROKEN, NULL);
	image = make();
	image.header.e_phentsize++;
	expect(&image, ELFFILE_BROKEN, NULL);
	image = make();
	image.header.e_phoff = sizeof(image) - sizeof(image.segments[0]) + 1;
	expect(&image, ELFFILE_BROKEN, NULL);
	image.header.e_phoff = (ElfW(Off)) - 1;
	expect(&image, ELFFILE_BROKEN, NULL);
}

static void
test_loader_names(void **state)
{
	struct image image = make();

	(void)state;
	image.segments[1].p_filesz = 1;
	expect(&image, ELFFILE_BROKEN, NULL);
	image.segments[1].p_filesz = sizeof(LOADER) - 1; /* without its end */
	expect(&image, ELFFILE_BROKEN, NULL);
	image.segments[1].p_filesz = 4097;
	expect(&image, ELFFILE_BROKEN, NULL);
	image.segments[1].p_filesz = (ElfW(Xword)) - 1;
	expect(&image, ELFFILE_BROKEN, NULL);
	image.segments[1].p_filesz = sizeof(image.loader);
	expect(&image, ELFFILE_NATIVE, LOADER);
	image.segments[1].p_filesz = sizeof(LOADER);
	/* Behind the end of the file. */
	image.segments[1].p_offset = sizeof(image);
	expect(&image, ELFFILE_SHORT, NULL);
	image.segments[1].p_offset = (ElfW(Off)) - 1;
	expect(&image, ELFFILE_SHORT, NULL);
}

/* Wherever the file ends, nothing behind that is believed. */
static void
test_truncated(void **state)
{
	const struct image image = make();
	size_t len, whole = offsetof(struct image, loader) + sizeof(LOADER);

	(void)state;
	for (len = 0; len < sizeof(image); len++) {
		CLEANUP(cleanup_free) char *loader = NULL;
		enum elffile_class class = classify(&image, len, &loader);

		if (len >= whole)
			assert_int_equal(class, ELFFILE_NATIVE);
		else
			assert_true(class != ELFFILE_NATIVE && loader == NULL);
	}
}

/* Any header is classified, without reading what is not there. */
static void
test_random(void **state)
{
	struct random r = { 1 };
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct image image = make();
		unsigned char *bytes = (unsigned char *)&image;
		CLEANUP(cleanup_free) char *loader = NULL;
		int n;

		for (n = 0; n < 3; n++)
			bytes[random_below(&r, sizeof(image))] = (unsigned char)
			    random_below(&r, 256);
		if (classify(&image, sizeof(image), &loader) >
		    ELFFILE_COMPATIBLE)
			assert_null(loader);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_program),
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_loader_names),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
