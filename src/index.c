#include "index.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index-file.h"
#include "owner.h"
#include "xalloc.h"

/*
 * How long after a modification another one gets another time, in nanoseconds:
 * some ticks of the kernel's clock; or more than the two seconds of the
 * coarsest filesystem where the time looks as if it were counted in seconds.
 */
#define TICKS	50000000
#define SECONDS 2500000000

/*
 * Mapped, since memory to read it into would cost more than all the rest.  It
 * is replaced by rename(2) alone, never changed.
 */
struct index {
	void *mapping;
	const char *file; /* the same */
	size_t size;
	struct index_header header;
};

/* The longest extension that a rule can have, or magic. */
#define INDEX_KEY_MAX RULE_STRING_MAX

static int
look_at(int dirfd, const char *path, struct index_directory *directory)
{
	struct stat st;

	memset(directory, 0, sizeof(*directory));
	if (fstatat(dirfd, path, &st, path[0] == '\0' ? AT_EMPTY_PATH : 0) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	directory->device = st.st_dev;
	directory->inode = st.st_ino;
	directory->seconds = st.st_mtim.tv_sec;
	directory->nanoseconds = st.st_mtim.tv_nsec;
	return 0;
}

int
index_look(const struct paths *paths, int admindir, struct index_state *state)
{
	size_t i;

	memset(state, 0, sizeof(*state));
	if ((admindir >= 0 &&
		look_at(admindir, "", &state->directories[0]) < 0) ||
	    look_at(AT_FDCWD, paths->overridedir, &state->directories[1]) < 0)
		return -1;
	for (i = 0; i < PATHS_BINFMTD; i++) {
		if (look_at(AT_FDCWD, paths->binfmtd[i],
			&state->directories[2 + i]) < 0)
			return -1;
	}
	return 0;
}

bool
index_is_settled(const struct index_directory *directory, int64_t seconds,
    int64_t nanoseconds)
{
	int64_t wait = directory->nanoseconds == 0 ? SECONDS : TICKS;
	uint64_t passed;

	if (directory->inode == 0)
		return true;
	if (seconds < directory->seconds)
		return false;
	passed = (uint64_t)seconds - (uint64_t)directory->seconds;
	return passed > SECONDS / 1000000000 + 1 ||
	    (int64_t)passed * 1000000000 + nanoseconds -
		directory->nanoseconds >
	    wait;
}

/* Whether the file is root's alone to write, and as old as it has to be. */
static bool
is_believed(const struct stat *st, const struct index_state *state)
{
	size_t i;

	if (!S_ISREG(st->st_mode) || !owner_is_root(st->st_uid) ||
	    (st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return false;
	for (i = 0; i < INDEX_DIRECTORIES; i++) {
		if (!index_is_settled(&state->directories[i],
			st->st_mtim.tv_sec, st->st_mtim.tv_nsec))
			return false;
	}
	return true;
}

/* Whether it is one, of that state, whose groups are as they were written. */
static bool
is_index(const struct index *index, const struct index_state *state)
{
	size_t summed = offsetof(struct index_header, sum) + sizeof(uint32_t);
	const struct index_header *header = &index->header;
	uint64_t groups = (uint64_t)header->group_count *
	    sizeof(struct index_group);
	uint64_t slots = (uint64_t)header->slot_count *
	    sizeof(struct index_slot);

	return memcmp(header->magic, INDEX_MAGIC, sizeof(header->magic)) == 0 &&
	    header->size == index->size &&
	    memcmp(&header->state, state, sizeof(*state)) == 0 && slots != 0 &&
	    sizeof(*header) + groups + slots <= index->size &&
	    header->sum ==
	    index_sum(0, index->file + summed,
		sizeof(*header) - summed + (size_t)groups);
}

struct index *
index_open(const char *path, const struct index_state *state)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct index *index;
	struct stat st;
	void *file;

	fd = open(path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || !is_believed(&st, state) ||
	    st.st_size < (off_t)sizeof(struct index_header) ||
	    st.st_size > INDEX_MAX)
		return NULL;
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED)
		return NULL;
	index = xcalloc(1, sizeof(*index));
	index->size = (size_t)st.st_size;
	index->file = index->mapping = file;
	memcpy(&index->header, index->file, sizeof(index->header));
	if (is_index(index, state))
		return index;
	index_close(index);
	return NULL;
}

bool
index_has(const struct index *index, const char *text, size_t len)
{
	return index->size == len && memcmp(index->file, text, len) == 0;
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	(void)munmap(index->mapping, index->size);
	free(index);
}

/*
 * The record in slot i.  INDEX_FOUND; INDEX_END: the slot is free; or
 * INDEX_DAMAGED.
 */
static enum index_result
read_slot(const struct index *index, uint32_t i, struct index_record *record,
    const char **key)
{
	const char *at = index->file + sizeof(index->header) +
	    index->header.group_count * sizeof(struct index_group) +
	    i * sizeof(struct index_slot);
	struct index_slot slot;
	size_t size;

	memcpy(&slot, at, sizeof(slot));
	if (slot.sum != index_sum(i, &slot.record, sizeof(slot.record)))
		return INDEX_DAMAGED;
	if (slot.record == 0)
		return INDEX_END;
	if (slot.record > index->size ||
	    index->size - slot.record < sizeof(*record))
		return INDEX_DAMAGED;
	memcpy(record, index->file + slot.record, sizeof(*record));
	*key = index->file + slot.record + sizeof(*record);
	size = (sizeof(*record) + record->len + record->name_len + 8) / 8 * 8;
	if (index->size - slot.record < size ||
	    record->sum !=
		index_sum(slot.record,
		    index->file + slot.record + sizeof(record->sum),
		    size - sizeof(record->sum)) ||
	    (*key)[record->len + record->name_len] != '\0')
		return INDEX_DAMAGED;
	return INDEX_FOUND;
}

/* The key that a file has for a group: SPEC_HEAD bytes; or false: none. */
static bool
make_key(const struct index_group *group, const unsigned char head[SPEC_HEAD],
    const char *path, char *key)
{
	const char *dot;
	size_t i;

	if (group->kind == INDEX_OF_MAGIC) {
		if (group->offset + group->len > SPEC_HEAD)
			return false;
		for (i = 0; i < group->len; i++)
			key[i] = (char)(head[group->offset + i] &
			    group->mask[i]);
		return true;
	}
	dot = strrchr(path, '.');
	if (dot == NULL || strlen(dot + 1) != group->len ||
	    group->len > INDEX_KEY_MAX)
		return false;
	memcpy(key, dot + 1, group->len);
	return true;
}

/* Goes on in the group match->group, in which it has made match->probes. */
static enum index_result
next_in_group(const struct index *index, const struct index_group *group,
    const char *key, struct index_match *match)
{
	uint32_t slots = index->header.slot_count;
	uint32_t start = index_sum(match->group, key, group->len) % slots;

	for (; match->probes < slots; match->probes++) {
		struct index_record record;
		const char *found;
		enum index_result result;

		result = read_slot(index,
		    (uint32_t)(((uint64_t)start + match->probes) % slots),
		    &record, &found);
		if (result != INDEX_FOUND)
			return result;
		if (record.group != match->group || record.len != group->len ||
		    memcmp(found, key, record.len) != 0)
			continue;
		match->name = found + record.len;
		match->binfmtd = record.binfmtd != 0;
		match->probes++;
		return INDEX_FOUND;
	}
	return INDEX_END;
}

enum index_result
index_next(const struct index *index, const unsigned char head[SPEC_HEAD],
    const char *path, struct index_match *match)
{
	enum index_result result = INDEX_END;
	char key[INDEX_KEY_MAX];

	for (; match->group < index->header.group_count; match->group++) {
		struct index_group group;

		memcpy(&group,
		    index->file + sizeof(index->header) +
			match->group * sizeof(group),
		    sizeof(group));
		if (make_key(&group, head, path, key))
			result = next_in_group(index, &group, key, match);
		if (result != INDEX_END)
			return result;
		match->probes = 0;
	}
	return INDEX_END;
}
