/*
 * Random values for tests, the same in each run.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct random {
	uint64_t state; /* not 0 */
};

/* Any number below limit, which is not 0 (xorshift64*, by Vigna). */
static inline unsigned
random_below(struct random *r, unsigned limit)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (unsigned)(((r->state * 0x2545f4914f6cdd1dU) >> 32) % limit);
}

static inline bool
random_bool(struct random *r)
{
	return random_below(r, 2) == 1;
}

/* One byte of an alphabet, a string. */
static inline char
random_of(struct random *r, const char *alphabet)
{
	return alphabet[random_below(r, (unsigned)strlen(alphabet))];
}

#endif
