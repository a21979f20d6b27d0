/*
 * Store: the layout of the index, for index.c and index-print.c alone, in the
 * byte order of the machine.
 *
 * A header; the groups of formats that look at the same bits; a hash table,
 * with linear probing, of the bits that they want there; and a record for each
 * format.  Everything that is looked at is checked by a sum, and nothing else
 * is read, so that finding a format costs the same however many there are.
 */
#ifndef INDEX_FILE_H
#define INDEX_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "index.h"

#define INDEX_MAGIC "binfmts1"
#define INDEX_MAX   (256 * 1024 * 1024)

enum index_kind { INDEX_OF_MAGIC, INDEX_OF_EXTENSION };

/* Formats whose magics, or extensions, are as long and stand as far behind. */
struct index_group {
	uint16_t kind, offset, len, unused;
	unsigned char mask[SPEC_HEAD]; /* len bytes; 0xff where there is none */
};

/* One of the hash table: the place of a record in the file; 0: none. */
struct index_slot {
	uint32_t record;
	uint32_t sum; /* of that, with the number of the slot */
};

struct index_record {
	uint32_t sum; /* of all that follows, with its place in the file */
	uint32_t group;
	uint16_t len; /* of the key, as in its group */
	uint8_t name_len;
	uint8_t binfmtd;
	/* Then the key, which is the magic below the mask, the name, a NUL
	 * byte; up to a multiple of 8 bytes. */
};

/* The groups follow it, then the slots; all below sum is in the sum. */
struct index_header {
	char magic[8];
	uint32_t sum; /* with the groups */
	uint32_t size, group_count, slot_count;
	struct index_state state;
};

/* A record with a key and a name of these lengths, in whole words. */
size_t index_record_size(size_t key_len, size_t name_len);

/* A sum of len bytes, different for each seed. */
uint32_t index_sum(uint32_t seed, const void *data, size_t len);

#endif
