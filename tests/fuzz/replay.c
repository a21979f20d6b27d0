/*
 * Runs the inputs that are kept for a fuzz target through it, without
 * libFuzzer: replay-NAME FILE|DIRECTORY...  Each input is in a buffer of its
 * exact size, so that a sanitizer sees a read beyond it.  A crash names the
 * input that was announced last.
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((__weak__));

static size_t inputs;

static void
fail(const char *path)
{
	printf("not ok - %s: %s\n", path, strerror(errno));
	exit(1);
}

static void
replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size);

	if (file == NULL || data == NULL)
		fail(path);
	if (fread(data, 1, size, file) != size)
		fail(path);
	fclose(file);
	printf("# %s\n", path);
	fflush(stdout);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	inputs++;
}

static void
replay(const char *path)
{
	struct dirent **entries;
	char name[4096];
	struct stat st;
	int count, i;

	if (stat(path, &st) < 0)
		fail(path);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return;
	}
	count = scandir(path, &entries, NULL, alphasort);
	if (count < 0)
		fail(path);
	for (i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			(void)snprintf(name, sizeof(name), "%s/%s", path,
			    entries[i]->d_name);
			replay(name);
		}
		free(entries[i]);
	}
	free(entries);
}

int
main(int argc, char **argv)
{
	int i;

	if (LLVMFuzzerInitialize != NULL)
		(void)LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%s - %zu inputs\n", inputs > 0 ? "ok" : "not ok", inputs);
	return inputs > 0 ? 0 : 1;
}
