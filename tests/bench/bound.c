/*
 * What is done here with the least that it takes: the lower bounds that bench
 * measures update-binfmts against.
 *
 *	bound formats DIR COUNT		writes that many format files
 *	bound register RULES PROC	registers each line of RULES
 *	bound enable ADMIN RULES PROC	reads all files of ADMIN first
 *	bound import DIR ADMIN RULES PROC	reads all files of DIR, writes
 *					as many in ADMIN, by rename, registers
 *	bound read DIR...		reads all files
 *	bound disable PROC		removes all entries
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 65536

static char buffer[FILE_MAX];

/* Calls each for every file of a directory but those of binfmt_misc itself. */
static void
for_each(const char *directory, void (*each)(int dirfd, const char *name))
{
	struct dirent *entry;
	DIR *dir = opendir(directory);

	if (dir == NULL)
		err(2, "%s", directory);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' &&
		    strcmp(entry->d_name, "register") != 0 &&
		    strcmp(entry->d_name, "status") != 0)
			each(dirfd(dir), entry->d_name);
	}
	(void)closedir(dir);
}

static void
write_to(int dirfd, const char *name, int flags, const char *text, size_t len)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC | flags, 0644);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		err(2, "%s", name);
	(void)close(fd);
}

static size_t
read_one(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer));

	if (len < 0)
		err(2, "%s", name);
	(void)close(fd);
	return (size_t)len;
}

static void
only_read(int dirfd, const char *name)
{
	(void)read_one(dirfd, name);
}

static int admin = -1;

static void
record(int dirfd, const char *name)
{
	size_t len = read_one(dirfd, name);
	char temporary[512];

	(void)snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
	write_to(admin, temporary, O_CREAT | O_TRUNC, buffer, len);
	if (renameat(admin, temporary, admin, name) < 0)
		err(2, "%s", name);
}

static void
remove_entry(int dirfd, const char *name)
{
	write_to(dirfd, name, 0, "-1", 2);
}

/* Comments are passed over. */
static void
register_all(const char *rules, const char *proc)
{
	FILE *file = fopen(rules, "re");
	char path[512];
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "%s/register", proc);
	if (file == NULL)
		err(2, "%s", rules);
	while ((len = getline(&line, &room, file)) > 0) {
		if (line[0] != '#' && line[0] != '\n')
			write_to(AT_FDCWD, path, 0, line, (size_t)len - 1);
	}
	free(line);
	(void)fclose(file);
}

static void
write_formats(const char *directory, long count)
{
	long i;

	for (i = 0; i < count; i++) {
		char path[512], text[512];
		int len;

		(void)snprintf(path, sizeof(path), "%s/format%05ld", directory,
		    i);
		len = snprintf(text, sizeof(text),
		    "package bench\ninterpreter /bin/true\n"
		    "magic \\x7fBENCH%05ld\n",
		    i);
		write_to(AT_FDCWD, path, O_CREAT, text, (size_t)len);
	}
}

int
main(int argc, char *argv[])
{
	const char *action = argc < 3 ? "" : argv[1];
	int i;

	if (strcmp(action, "read") == 0) {
		for (i = 2; i < argc; i++)
			for_each(argv[i], only_read);
	} else if (strcmp(action, "disable") == 0 && argc == 3) {
		for_each(argv[2], remove_entry);
	} else if (strcmp(action, "formats") == 0 && argc == 4) {
		write_formats(argv[2], strtol(argv[3], NULL, 10));
	} else if (strcmp(action, "register") == 0 && argc == 4) {
		register_all(argv[2], argv[3]);
	} else if (strcmp(action, "enable") == 0 && argc == 5) {
		for_each(argv[2], only_read);
		register_all(argv[3], argv[4]);
	} else if (strcmp(action, "import") == 0 && argc == 6) {
		admin = open(argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (admin < 0)
			err(2, "%s", argv[3]);
		for_each(argv[2], record);
		register_all(argv[4], argv[5]);
	} else
		errx(2, "see the comment in bound.c");
	return 0;
}
