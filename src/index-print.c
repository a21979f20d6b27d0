#include <stdlib.h>
#include <string.h>

#include "index-file.h"
#include "sort.h"
#include "xalloc.h"

uint32_t
index_sum(uint32_t seed, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	uint64_t sum = 0xcbf29ce484222325 ^ seed;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	sum *= 0x9e3779b97f4a7c15;
	return (uint32_t)(sum >> 32);
}

static size_t
key_len(const struct format *format)
{
	return format->spec.type == SPEC_EXTENSION ?
	    strlen(format->spec.extension) :
	    format->spec.magic.len;
}

static struct index_group
group_of(const struct format *format)
{
	const struct spec *spec = &format->spec;
	struct index_group group = { .len = (uint16_t)key_len(format) };

	if (spec->type == SPEC_EXTENSION) {
		group.kind = INDEX_OF_EXTENSION;
		return group;
	}
	group.kind = INDEX_OF_MAGIC;
	group.offset = (uint16_t)spec->offset;
	if (spec->mask.len == 0)
		memset(group.mask, 0xff, group.len);
	else
		memcpy(group.mask, spec->mask.data, group.len);
	return group;
}

/* Those of one group side by side. */
static int
by_group(const void *a, const void *b)
{
	const struct format *const *x = a, *const *y = b;
	struct index_group gx = group_of(*x), gy = group_of(*y);
	int order = memcmp(&gx, &gy, sizeof(gx));

	return order != 0 ? order : strcmp((*x)->name, (*y)->name);
}

size_t
index_record_size(size_t key, size_t name)
{
	return (sizeof(struct index_record) + key + name + 1 + 7) / 8 * 8;
}

static size_t
record_size(const struct format *format)
{
	return index_record_size(key_len(format), strlen(format->name));
}

/* A file that is being made; all of it is NUL bytes first. */
struct draft {
	const struct format *
	    *formats; /* those that are found by what they are */
	size_t count;
	uint32_t *groups; /* the group of each */
	struct index_header header;
	char *file;
};

/* A BPF program decides alone. */
static void
choose(struct draft *d, struct format *const *formats, size_t count)
{
	size_t i;

	d->formats = xcalloc(count, sizeof(*d->formats));
	d->groups = xcalloc(count, sizeof(*d->groups));
	for (i = 0; i < count; i++) {
		if (!formats[i]->bpf)
			d->formats[d->count++] = formats[i];
	}
	sort_items(d->formats, d->count, sizeof(*d->formats), by_group);
}

/* Counts the groups, and adds up what the file will have. */
static void
measure(struct draft *d)
{
	struct index_header *header = &d->header;
	struct index_group last, group;
	size_t i, size;

	header->slot_count = 2 * (uint32_t)d->count + 1;
	size = sizeof(*header) + header->slot_count * sizeof(struct index_slot);
	for (i = 0; i < d->count; i++) {
		group = group_of(d->formats[i]);
		if (i == 0 || memcmp(&group, &last, sizeof(group)) != 0)
			header->group_count++;
		d->groups[i] = header->group_count - 1;
		last = group;
		size += record_size(d->formats[i]);
	}
	size += header->group_count * sizeof(group);
	header->size = (uint32_t)size;
}

/* Puts the place of a record into the first slot that is free. */
static void
put_slot(const struct draft *d, uint32_t hash, uint32_t place)
{
	struct index_slot *slots = (struct index_slot *)(void *)(d->file +
	    sizeof(d->header) +
	    d->header.group_count * sizeof(struct index_group));
	uint32_t i = hash % d->header.slot_count;

	while (slots[i].record != 0)
		i = (i + 1) % d->header.slot_count;
	slots[i].record = place;
}

static void
put_record(const struct draft *d, size_t i, uint32_t place)
{
	const struct format *format = d->formats[i];
	const struct spec *spec = &format->spec;
	struct index_group group = group_of(format);
	struct index_record record = {
		.group = d->groups[i],
		.len = group.len,
		.name_len = (uint8_t)strlen(format->name),
		.binfmtd = format->binfmtd,
	};
	char *start = d->file + place, *key = start + sizeof(record);
	size_t j;

	memcpy(d->file + sizeof(d->header) + record.group * sizeof(group),
	    &group, sizeof(group));
	if (group.kind == INDEX_OF_EXTENSION)
		memcpy(key, spec->extension, group.len);
	for (j = 0; group.kind == INDEX_OF_MAGIC && j < group.len; j++)
		key[j] = (char)(spec->magic.data[j] & group.mask[j]);
	memcpy(key + group.len, format->name, record.name_len);
	memcpy(start, &record, sizeof(record));
	record.sum = index_sum(place, start + sizeof(record.sum),
	    record_size(format) - sizeof(record.sum));
	memcpy(start, &record.sum, sizeof(record.sum));
	put_slot(d, index_sum(record.group, key, group.len), place);
}

/* The sums of what is only complete now. */
static void
put_sums(struct draft *d)
{
	size_t head = sizeof(d->header) +
	    d->header.group_count * sizeof(struct index_group);
	struct index_slot *slots = (struct index_slot *)(void *)(d->file +
	    head);
	size_t summed = offsetof(struct index_header, sum) + sizeof(uint32_t);
	uint32_t i;

	for (i = 0; i < d->header.slot_count; i++)
		slots[i].sum = index_sum(i, &slots[i].record,
		    sizeof(slots[i].record));
	memcpy(d->file, &d->header, sizeof(d->header));
	d->header.sum = index_sum(0, d->file + summed, head - summed);
	memcpy(d->file, &d->header, sizeof(d->header));
}

char *
index_print(const struct index_state *state, struct format *const *formats,
    size_t count, size_t *len)
{
	struct draft d = { .header = { .state = *state } };
	uint32_t place;
	size_t i;

	memcpy(d.header.magic, INDEX_MAGIC, sizeof(d.header.magic));
	choose(&d, formats, count);
	measure(&d);
	d.file = xcalloc(d.header.size, 1);
	place = (uint32_t)(sizeof(d.header) +
	    d.header.group_count * sizeof(struct index_group) +
	    d.header.slot_count * sizeof(struct index_slot));
	for (i = 0; i < d.count; i++) {
		put_record(&d, i, place);
		place += (uint32_t)record_size(d.formats[i]);
	}
	put_sums(&d);
	free(d.formats);
	free(d.groups);
	*len = d.header.size;
	return d.file;
}
