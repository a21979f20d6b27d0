/*
 * An index of formats that are made of the input, with some of its bytes
 * changed: what it finds for a file is what spec_matches() says, or it is known
 * to be damaged.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "index.h"

#define FORMATS_MAX 8

struct world {
	struct format formats[FORMATS_MAX];
	struct format *list[FORMATS_MAX];
	size_t count;
	char names[FORMATS_MAX][2];
	unsigned char head[SPEC_HEAD];
	char path[16];
};

static void
make_world(struct fuzz_input *in, struct world *w)
{
	static const char *const paths[] = { "/a", "/x.a", "/a.b/c", "/b.ac" };
	size_t i;

	memset(w, 0, sizeof(*w));
	w->count = fuzz_take(in) % (FORMATS_MAX + 1);
	for (i = 0; i < w->count; i++) {
		w->names[i][0] = (char)('a' + i);
		w->formats[i].name = w->names[i];
		w->formats[i].binfmtd = i % 3 == 1;
		fuzz_take_spec(in, &w->formats[i].spec);
		w->list[i] = &w->formats[i];
	}
	(void)strcpy(w->path, paths[fuzz_take(in) % 4]);
	for (i = 0; i < SPEC_HEAD; i++)
		w->head[i] = i < 8 ? fuzz_take(in) : 0;
	/* Often one that is matched. */
	if (w->count > 0 && w->formats[0].spec.type == SPEC_MAGIC &&
	    fuzz_take(in) % 2 == 0)
		memcpy(w->head + w->formats[0].spec.offset,
		    w->formats[0].spec.magic.data,
		    w->formats[0].spec.magic.len);
}

static void
check_matches(const struct world *w, struct index *index, bool damaged)
{
	struct index_match match = { 0 };
	enum index_result result;
	unsigned found = 0, expected = 0;
	size_t i;

	while ((result = index_next(index, w->head, w->path, &match)) ==
	    INDEX_FOUND) {
		REQUIRE(match.name[0] >= 'a' && match.name[1] == '\0');
		i = (size_t)(match.name[0] - 'a');
		REQUIRE(i < w->count);
		REQUIRE(match.binfmtd == w->formats[i].binfmtd);
		REQUIRE((found & 1U << i) == 0);
		found |= 1U << i;
	}
	REQUIRE(result == INDEX_END || damaged);
	for (i = 0; i < w->count; i++) {
		if (spec_matches(&w->formats[i].spec, w->head, w->path))
			expected |= 1U << i;
	}
	if (result == INDEX_END)
		REQUIRE(found == expected);
	REQUIRE((found & ~expected) == 0);
}

/* A file in memory, by a name of this process, under which it can be opened. */
static int
write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, len) == (ssize_t)len);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct index_state state;
	struct index *index;
	struct world w;
	bool damaged = false;
	size_t i, len;
	char *text, path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/dev/shm/fuzz-index.%ld",
	    (long)getpid());
	make_world(&in, &w);
	memset(&state, 0, sizeof(state));
	state.directories[0].inode = 1;
	state.directories[0].seconds = 1;
	text = index_print(&state, w.list, w.count, &len);
	while (in.size >= 3) {
		size_t at = (fuzz_take(&in) | (size_t)fuzz_take(&in) << 8) %
		    len;
		unsigned char change = fuzz_take(&in);

		text[at] = (char)(text[at] ^ change);
		damaged = damaged || change != 0;
	}
	fd = write_file(path, text, len);
	index = index_open(path, &state);
	REQUIRE(index != NULL || damaged);
	if (index != NULL)
		check_matches(&w, index, damaged);
	index_close(index);
	(void)close(fd);
	(void)unlink(path);
	free(text);
	for (i = 0; i < w.count; i++)
		spec_fini(&w.formats[i].spec);
	return 0;
}
