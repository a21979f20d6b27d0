#include "detect.h"

#include <string.h>

#include "process.h"
#include "sort.h"
#include "xalloc.h"

static int
compare_candidates(const void *a, const void *b)
{
	const struct format *const *x = a, *const *y = b;
	unsigned bits_x, bits_y;

	if ((*x)->priority != (*y)->priority)
		return (*x)->priority > (*y)->priority ? -1 : 1;
	bits_x = spec_bits(&(*x)->spec);
	bits_y = spec_bits(&(*y)->spec);
	if (bits_x != bits_y)
		return bits_x > bits_y ? -1 : 1;
	if (((*x)->detector == NULL) != ((*y)->detector == NULL))
		return (*x)->detector != NULL ? -1 : 1;
	if ((*x)->sequence != (*y)->sequence) {
		if ((*x)->sequence == 0 || (*y)->sequence == 0)
			return (*x)->sequence == 0 ? -1 : 1;
		return (*x)->sequence > (*y)->sequence ? -1 : 1;
	}
	return strcmp((*x)->name, (*y)->name);
}

bool
detect_is_candidate(const struct format *format,
    const unsigned char head[SPEC_HEAD], const char *path)
{
	return !format->masked && !format->invalid && !format->bpf &&
	    spec_matches(&format->spec, head, path);
}

void
detect_sort(const struct format **formats, size_t count)
{
	sort_items(formats, count, sizeof(*formats), compare_candidates);
}

enum detect_verdict
detect_run(const char *detector, const char *file, char **reason)
{
	CLEANUP(cleanup_free) char *name = xstrdup(detector);
	CLEANUP(cleanup_free) char *argument = xstrdup(file);
	char *argv[] = { name, argument, NULL };
	struct process process = {
		.fd = -1,
		.argv = argv,
		.seconds = DETECT_SECONDS,
	};
	int value = 0;

	switch (process_run(&process, &value)) {
	case PROCESS_EXITED:
		if (value == 0)
			return DETECT_ACCEPTS;
		*reason = xasprintf("declined with exit status %d", value);
		return DETECT_DECLINES;
	case PROCESS_KILLED:
		*reason = xasprintf("was killed by signal %d", value);
		break;
	case PROCESS_TIMED_OUT:
		*reason = xasprintf("did not answer within %d seconds",
		    DETECT_SECONDS);
		break;
	case PROCESS_NOT_STARTED:
	default:
		*reason = xasprintf("cannot be executed: %s", strerror(value));
		break;
	}
	return DETECT_FAILS;
}
