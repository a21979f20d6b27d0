#include "index.h"

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

/* The longest extension that a rule can have, or magic. */
#define INDEX_KEY_MAX RULE_STRING_MAX

/* Read where it is needed, since it can be large. */
struct index {
	int fd;
	size_t size;
	struct index_header header;
	struct index_group *groups;
	/* The one that was read last, with its key and its name. */
	char record[sizeof(struct index_record) + INDEX_KEY_MAX + 256 + 8];
};

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
index_is_settled(const struct index_directory *directory,
    const struct timespec *moment)
{
	int64_t wait = directory->nanoseconds == 0 ? SECONDS : TICKS;
	uint64_t passed;

	if (directory->inode == 0)
		return true;
	if (moment->tv_sec < directory->seconds)
		return false;
	passed = (uint64_t)moment->tv_sec - (uint64_t)directory->seconds;
	return passed > SECONDS / 1000000000 + 1 ||
	    (int64_t)passed * 1000000000 + moment->tv_nsec -
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
		if (!index_is_settled(&state->directories[i], &st->st_mtim))
			return false;
	}
	return true;
}

static bool
read_at(const struct index *index, uint64_t place, void *buffer, size_t len)
{
	return place <= index->size && len <= index->size - place &&
	    pread(index->fd, buffer, len, (off_t)place) == (ssize_t)len;
}

/* Reads the groups, which have to be as they were written. */
static bool
read_groups(struct index *index)
{
	size_t summed = offsetof(struct index_header, sum) + sizeof(uint32_t);
	size_t len = index->header.group_count * sizeof(struct index_group);
	CLEANUP(cleanup_free) char *head = NULL;

	head = xmalloc(sizeof(index->header) + len);
	if (!read_at(index, 0, head, sizeof(index->header) + len) ||
	    index->header.sum !=
		index_sum(0, head + summed,
		    sizeof(index->header) + len - summed))
		return false;
	index->groups = xmalloc(len);
	memcpy(index->groups, head + sizeof(index->header), len);
	return true;
}

/* Whether it is one, and of that state. */
static bool
is_index(struct index *index, const struct index_state *state)
{
	const struct index_header *header = &index->header;

	return read_at(index, 0, &index->header, sizeof(index->header)) &&
	    memcmp(header->magic, INDEX_MAGIC, sizeof(header->magic)) == 0 &&
	    header->size == index->size && header->slot_count != 0 &&
	    memcmp(&header->state, state, sizeof(*state)) == 0 &&
	    header->group_count <= index->size / sizeof(struct index_group) &&
	    read_groups(index);
}

struct index *
index_open(const char *path, const struct index_state *state)
{
	struct index *index = xcalloc(1, sizeof(*index));
	struct stat st;

	index->fd = open(path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (index->fd >= 0 && fstat(index->fd, &st) == 0 &&
	    is_believed(&st, state) && st.st_size <= INDEX_MAX) {
		index->size = (size_t)st.st_size;
		if (is_index(index, state))
			return index;
	}
	index_close(index);
	return NULL;
}

bool
index_has(const struct index *index, const char *text, size_t len)
{
	CLEANUP(cleanup_free) char *all = NULL;

	if (index->size != len)
		return false;
	all = xmalloc(len);
	return read_at(index, 0, all, len) && memcmp(all, text, len) == 0;
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	cleanup_close(&index->fd);
	free(index->groups);
	free(index);
}

/*
 * Reads the record in slot i, and with all that follows it into index->record.
 * INDEX_FOUND; INDEX_END: the slot is free; or INDEX_DAMAGED.
 */
static enum index_result
read_slot(struct index *index, uint32_t i, struct index_record *record)
{
	uint64_t at = sizeof(index->header) +
	    (uint64_t)index->header.group_count * sizeof(struct index_group) +
	    (uint64_t)i * sizeof(struct index_slot);
	struct index_slot slot;
	size_t size;
	char *copy;

	if (!read_at(index, at, &slot, sizeof(slot)) ||
	    slot.sum != index_sum(i, &slot.record, sizeof(slot.record)))
		return INDEX_DAMAGED;
	if (slot.record == 0)
		return INDEX_END;
	copy = index->record;
	if (!read_at(index, slot.record, record, sizeof(*record)) ||
	    record->len > INDEX_KEY_MAX)
		return INDEX_DAMAGED;
	size = index_record_size(record->len, record->name_len);
	if (!read_at(index, slot.record, copy, size) ||
	    record->sum !=
		index_sum(slot.record, copy + sizeof(record->sum),
		    size - sizeof(record->sum)) ||
	    copy[sizeof(*record) + record->len + record->name_len] != '\0')
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
next_in_group(struct index *index, const struct index_group *group,
    const char *key, struct index_match *match)
{
	uint32_t slots = index->header.slot_count;
	uint32_t start = index_sum(match->group, key, group->len) % slots;

	for (; match->probes < slots; match->probes++) {
		const char *found = index->record + sizeof(struct index_record);
		struct index_record record;
		enum index_result result;

		result = read_slot(index,
		    (uint32_t)(((uint64_t)start + match->probes) % slots),
		    &record);
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
index_next(struct index *index, const unsigned char head[SPEC_HEAD],
    const char *path, struct index_match *match)
{
	enum index_result result = INDEX_END;
	char key[INDEX_KEY_MAX];

	for (; match->group < index->header.group_count; match->group++) {
		const struct index_group *group = &index->groups[match->group];

		if (make_key(group, head, path, key))
			result = next_in_group(index, group, key, match);
		if (result != INDEX_END)
			return result;
		match->probes = 0;
	}
	return INDEX_END;
}
