/*
 * Holds the matcher and the order of formats against the kernel:
 *
 *	match-oracle DIRECTORY INTERPRETER SEED
 *
 * Makes formats and files, always the same from a seed, registers the formats
 * in binfmt_misc, from the one to be tried last to the one to be tried first,
 * and executes the files.  INTERPRETER is exit-number: each format has a link
 * to it in DIRECTORY, whose name says which one it was.  What the kernel shows
 * about an entry must be what we expect, too.
 *
 * Prints each disagreement, and at the end how much was compared; the status
 * is 1 after a disagreement.  To be called where nothing is registered.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../random.h"
#include "entry.h"
#include "file.h"
#include "format.h"
#include "rule.h"
#include "xalloc.h"

#define REGISTRY "/proc/sys/fs/binfmt_misc"

#define ROUNDS	      160
#define FORMATS_MAX   6
#define FILES	      6
#define FIRST_STATUS  10 /* of the interpreter of the first format */
#define FILE_SIZE_MAX 300

struct target {
	char *path;
	unsigned char data[FILE_SIZE_MAX];
	size_t len;
};

struct counts {
	unsigned files, pairs, matches, loops, wrong;
};

/* The kernel's answers that are not the index of a format. */
enum { NO_FORMAT = -1, LOOPS = -2, STRANGE = -3 };

static unsigned char interpreter_head[SPEC_HEAD];

/*
 * Numbers.
 */

static struct random numbers;

static unsigned
below(unsigned limit)
{
	return random_below(&numbers, limit);
}

static bool
one_in(unsigned n)
{
	return below(n) == 0;
}

/* Of few values, so that much is equal or nearly so. */
static unsigned char
some_byte(void)
{
	static const unsigned char common[] = { 0, 0, 1, 'A', 'A', 'B', 0x7f,
		0x80, 0xff, ':', '\\', '\n' };

	return one_in(8) ? (unsigned char)below(256) :
			   common[below(sizeof(common))];
}

/*
 * Formats.
 */

static struct bytes
some_bytes(size_t len)
{
	struct bytes bytes = { xmalloc(len), len };
	size_t i;

	for (i = 0; i < len; i++)
		bytes.data[i] = some_byte();
	return bytes;
}

static struct bytes
some_mask(size_t len)
{
	static const unsigned char common[] = { 0xff, 0xff, 0xff, 0, 0xf0, 0x7f,
		0xfe, 0x01 };
	struct bytes bytes = { xmalloc(len), len };
	size_t i;

	for (i = 0; i < len; i++)
		bytes.data[i] = one_in(8) ? (unsigned char)below(256) :
					    common[below(sizeof(common))];
	/* A mask of zeros matches everything, the interpreter, too. */
	if (!one_in(50))
		bytes.data[below((unsigned)len)] |= 0xff;
	return bytes;
}

static void
some_spec(struct spec *spec)
{
	static const char *const extensions[] = { "a", "b", "ext", "EXT",
		"a b" };
	unsigned len;

	memset(spec, 0, sizeof(*spec));
	if (one_in(5)) {
		spec->type = SPEC_EXTENSION;
		spec->extension = xstrdup(extensions[below(5)]);
		return;
	}
	spec->type = SPEC_MAGIC;
	len = one_in(20) ? 1 + below(SPEC_HEAD) : 1 + below(5);
	spec->magic = some_bytes(len);
	if (one_in(2))
		spec->mask = some_mask(len);
	if (one_in(8))
		spec->offset = SPEC_HEAD - len;
	else if (one_in(2))
		spec->offset = below(one_in(4) ? SPEC_HEAD - len + 1 : 4);
	if (spec->offset > SPEC_HEAD - len)
		spec->offset = SPEC_HEAD - len;
}

/* What two have in common is what makes an order necessary. */
static void
vary_spec(struct spec *spec, const struct spec *model)
{
	size_t i;

	spec_copy(spec, model);
	if (spec->type == SPEC_EXTENSION)
		return;
	i = below((unsigned)spec->magic.len);
	if (one_in(2)) {
		if (spec->mask.len == 0) {
			spec->mask = some_bytes(spec->magic.len);
			memset(spec->mask.data, 0xff, spec->mask.len);
		}
		spec->mask.data[i] ^= (unsigned char)(1 << below(8));
	} else
		spec->magic.data[i] ^= (unsigned char)(1 << below(8));
}

/* Its interpreter's number is its place in formats. */
static void
some_format(struct format *formats, unsigned i, const char *directory)
{
	struct format *format = &formats[i];

	memset(format, 0, sizeof(*format));
	if (i > 0 && one_in(2))
		vary_spec(&format->spec, &formats[below(i)].spec);
	else
		some_spec(&format->spec);
	format->name = xasprintf("%c%u", 'a' + (int)below(26), i);
	format->interpreter = xasprintf("%s/%u", directory, FIRST_STATUS + i);
	if (one_in(4))
		format->priority = (int)below(3) - 1;
}

static void
show_format(const struct format *format)
{
	struct problems problems = PROBLEMS_INIT;
	struct rule rule = { .name = format->name,
		.spec = format->spec,
		.interpreter = format->interpreter };
	CLEANUP(cleanup_free) char *text = rule_print(&rule, &problems);

	printf("\tpriority %d, %u bits: %s\n", format->priority,
	    spec_bits(&format->spec), text == NULL ? "?" : text);
	problems_fini(&problems);
}

/*
 * Files.
 */

static void
satisfy(struct target *file, const struct spec *spec)
{
	size_t i, end = spec->offset + spec->magic.len;

	while (file->len < end)
		file->data[file->len++] = some_byte();
	for (i = 0; i < spec->magic.len; i++) {
		unsigned char mask = spec->mask.len == 0 ? 0xff :
							   spec->mask.data[i];
		unsigned char *byte = &file->data[spec->offset + i];

		*byte = (unsigned char)((*byte & ~mask) |
		    (spec->magic.data[i] & mask));
	}
	/* What is cut off is as good as NUL. */
	if (one_in(4))
		file->len = spec->offset + below((unsigned)spec->magic.len + 1);
	if (one_in(4) && file->len > 0)
		file->data[below((unsigned)file->len)] ^= (unsigned char)(1
		    << below(8));
}

static void
some_file(struct target *file, const char *directory,
    const struct format *formats, unsigned count)
{
	static const char *const names[] = { "file", "f.a", "f.b", "f.ext",
		"f.EXT", ".a", "f.a.b", "f.b.a", "f.", "f.a b", "d.a/f",
		"f.ext.", "a" };
	const struct spec *spec = &formats[below(count)].spec;
	size_t i;

	file->path = xasprintf("%s/files/%s", directory,
	    names[below(sizeof(names) / sizeof(names[0]))]);
	file->len = one_in(3) ? below(FILE_SIZE_MAX + 1) : below(8);
	for (i = 0; i < file->len; i++)
		file->data[i] = some_byte();
	if (spec->type == SPEC_MAGIC && !one_in(4))
		satisfy(file, spec);
}

static void
write_file(const struct target *file)
{
	int fd;

	(void)unlink(file->path);
	fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0 ||
	    file_write_all(fd, (const char *)file->data, file->len) < 0)
		err(2, "%s", file->path);
	(void)close(fd);
}

static void
show_file(const struct target *file)
{
	size_t i;

	printf("\t%s, %zu bytes:", file->path, file->len);
	for (i = 0; i < file->len; i++)
		printf(" %02x", file->data[i]);
	printf("\n");
}

/*
 * The kernel.
 */

static void
write_registry(const char *name, const char *text)
{
	CLEANUP(cleanup_free) char *path = file_join(REGISTRY, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(2, "%s: %s", path, text);
	(void)close(fd);
}

/* Registers a format, and compares what the kernel makes of it. */
static void
enter_format(const struct format *format, struct counts *counts)
{
	struct problems problems = PROBLEMS_INIT;
	struct entry entry = { { .name = format->name,
				   .spec = format->spec,
				   .interpreter = format->interpreter },
		true };
	CLEANUP(cleanup_free) char *text = rule_print(&entry.rule, &problems);
	CLEANUP(cleanup_free) char *expected = entry_print(&entry);
	CLEANUP(cleanup_free) char *path = file_join(REGISTRY, format->name);
	char shown[4096];
	int fd;
	ssize_t n;

	if (text == NULL)
		errx(2, "%s: %s", format->name, problems.items[0].reason);
	write_registry("register", text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, shown, sizeof(shown) - 1);
	(void)close(fd);
	shown[n < 0 ? 0 : n] = '\0';
	if (strcmp(shown, expected) == 0)
		return;
	counts->wrong++;
	printf("the kernel shows:\n%sand we expect:\n%sfor\n", shown, expected);
	show_format(format);
}

/* Which format ran it. */
static int
execute(const char *path)
{
	CLEANUP(cleanup_free) char *name = xstrdup(path);
	char *argv[] = { name, NULL };
	volatile int error = 0;
	int status;
	pid_t pid;

	pid = vfork();
	if (pid == 0) {
		(void)execve(path, argv, environ);
		error = errno;
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(2, "%s", path);
	if (error != 0)
		return error == ENOEXEC ? NO_FORMAT :
		    error == ELOOP	? LOOPS :
					  STRANGE;
	if (!WIFEXITED(status) || WEXITSTATUS(status) < FIRST_STATUS)
		return STRANGE;
	return WEXITSTATUS(status) - FIRST_STATUS;
}

/*
 * The comparison.
 */

/* Which format we say would; formats are sorted. */
static int
predict(const struct format *formats, unsigned count, const struct target *file,
    struct counts *counts)
{
	unsigned char head[SPEC_HEAD] = { 0 };
	int winner = NO_FORMAT;
	unsigned i;

	memcpy(head, file->data,
	    file->len < sizeof(head) ? file->len : sizeof(head));
	for (i = 0; i < count; i++) {
		counts->pairs++;
		if (!spec_matches(&formats[i].spec, head, file->path))
			continue;
		counts->matches++;
		if (winner == NO_FORMAT)
			winner = (int)i;
		else if (!spec_overlaps(&formats[i].spec,
			     &formats[winner].spec)) {
			counts->wrong++;
			printf("both match a file but do not overlap:\n");
			show_format(&formats[i]);
			show_format(&formats[winner]);
			show_file(file);
		}
	}
	if (winner == NO_FORMAT)
		return NO_FORMAT;
	/* The interpreter is executed next, and is the same for all. */
	for (i = 0; i < count; i++) {
		if (spec_matches(&formats[i].spec, interpreter_head,
			formats[winner].interpreter)) {
			counts->loops++;
			return LOOPS;
		}
	}
	return atoi(strrchr(formats[winner].interpreter, '/') + 1) -
	    FIRST_STATUS;
}

static int
by_order(const void *a, const void *b)
{
	return format_precedes(a, b);
}

static void
compare(const struct format *formats, unsigned count, const struct target *file,
    struct counts *counts)
{
	int ours = predict(formats, count, file, counts);
	int kernels = execute(file->path);
	unsigned i;

	counts->files++;
	if (ours == kernels)
		return;
	counts->wrong++;
	printf("we say %d and the kernel says %d (%d: none, %d: loop)\n", ours,
	    kernels, NO_FORMAT, LOOPS);
	for (i = 0; i < count; i++)
		show_format(&formats[i]);
	show_file(file);
}

/* Half of the rounds have one format, so that no other hides an error. */
static void
play_round(const char *directory, struct counts *counts)
{
	struct format formats[FORMATS_MAX];
	unsigned i, count = one_in(2) ? 1 : 2 + below(FORMATS_MAX - 1);

	for (i = 0; i < count; i++)
		some_format(formats, i, directory);
	qsort(formats, count, sizeof(formats[0]), by_order);
	for (i = count; i > 0; i--)
		enter_format(&formats[i - 1], counts);
	for (i = 0; i < FILES; i++) {
		struct target file;

		some_file(&file, directory, formats, count);
		write_file(&file);
		compare(formats, count, &file, counts);
		free(file.path);
	}
	for (i = 0; i < count; i++) {
		write_registry(formats[i].name, "-1");
		format_fini(&formats[i]);
	}
}

static void
prepare(const char *directory, const char *interpreter)
{
	int fd = open(interpreter, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_free) char *files = file_join(directory, "files");
	CLEANUP(cleanup_free) char *dotted = file_join(files, "d.a");
	unsigned i;

	if (fd < 0 ||
	    file_read_head(fd, interpreter_head, sizeof(interpreter_head)) < 0)
		err(2, "%s", interpreter);
	(void)close(fd);
	if (mkdir(files, 0755) < 0 || mkdir(dotted, 0755) < 0)
		err(2, "%s", files);
	for (i = 0; i < FORMATS_MAX; i++) {
		CLEANUP(cleanup_free)
		char *path = xasprintf("%s/%u", directory, FIRST_STATUS + i);

		if (symlink(interpreter, path) < 0)
			err(2, "%s", path);
	}
}

int
main(int argc, char *argv[])
{
	struct counts counts = { 0 };
	unsigned round;

	if (argc != 4)
		errx(2, "usage: match-oracle DIRECTORY INTERPRETER SEED");
	numbers.state = strtoull(argv[3], NULL, 10) + 1;
	prepare(argv[1], argv[2]);
	for (round = 0; round < ROUNDS; round++)
		play_round(argv[1], &counts);
	printf(
	    "%u files executed, %u times a format and a file, "
	    "%u matches, %u loops, %u disagreements\n",
	    counts.files, counts.pairs, counts.matches, counts.loops,
	    counts.wrong);
	return counts.wrong > 0 || counts.matches == 0;
}
