/*
 * Any command line: words between NUL bytes.  It is taken or refused with a
 * message, and what is taken is one action whose parts are words of the line.
 */
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "fuzz.h"
#include "options.h"

#define WORDS_MAX 40

/* Messages are not what this is about. */
static void
silence(void)
{
	static bool silent;
	int fd;

	if (silent)
		return;
	silent = true;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	stderr = fdopen(fd, "w");
	REQUIRE(stderr != NULL);
}

/* Whether text is a part of one of the words. */
static bool
is_of(const char *text, char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (text >= words[i] && text <= words[i] + strlen(words[i]))
			return true;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *line = xstrndup(fuzz_text(data), size);
	struct report report = { "fuzz", REPORT_NORMAL, 0, false };
	char *words[WORDS_MAX + 2], name[] = "update-binfmts";
	char *mine[WORDS_MAX + 2];
	struct options options;
	struct paths paths;
	size_t count = 0, at, i;
	int result;

	silence();
	words[count++] = name;
	for (at = 0; at < size && count <= WORDS_MAX;
	     at += strlen(line + at) + 1)
		words[count++] = line + at;
	words[count] = NULL;
	memcpy(mine, words, sizeof(mine));
	paths_default(&paths);
	optind = 0;
	result = options_parse(&options, &paths, &report, (int)count, words);
	REQUIRE((result == 0) == (report.errors == 0));
	if (result == 0) {
		REQUIRE(options.action != ACTION_NONE);
		REQUIRE(
		    options.name == NULL || is_of(options.name, mine, count));
		for (i = 0; i < options.file_count; i++)
			REQUIRE(is_of(options.files[i], mine, count));
		for (i = 0; i < KEY_COUNT; i++)
			REQUIRE(options.values[i].text == NULL ||
			    options.values[i].len <=
				strlen(options.values[i].text));
		REQUIRE(
		    options.root == NULL || is_of(options.root, mine, count));
	}
	options_fini(&options);
	return 0;
}
