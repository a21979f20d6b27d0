/*
 * The dispatcher's configuration: three files, with a NUL byte between them,
 * as vendor's, administrator's and user's.  Whatever they are, each is taken
 * or refused with a reason, and the user's changes no package.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dispatchconf.h"
#include "xalloc.h"

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
look_at(void *context, const struct dispatchconf_source *source,
    const char *reason)
{
	size_t *length = context;

	require(source->file == NULL || source->place.line > 0);
	*length += strlen(reason);
}

static void
check_list(const struct dispatchconf_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		require(list->items[i] != NULL);
	require(list->items == NULL || list->items[list->count] == NULL);
}

static size_t
count_packages(const struct dispatchconf *conf)
{
	size_t i, count = conf->package_manager.count;

	for (i = 0; i < conf->interpreters_count; i++) {
		const struct dispatchconf_interpreter *one =
		    &conf->interpreters[i];

		count += one->packages_count;
		check_list(&one->required_paths);
		check_list(&one->args);
		check_list(&one->fallback);
		check_list(&one->machines);
		require(one->id[0] != '\0');
		require(one->path == NULL || one->path[0] == '/');
		require(dispatchconf_find(conf, one->id) == one);
		require(dispatchconf_name(one)[0] != '\0');
	}
	return count;
}

static void
merge(struct dispatchconf *conf, enum dispatchconf_layer layer,
    const uint8_t *data, size_t len)
{
	struct problems problems = PROBLEMS_INIT;
	char *text = xmalloc(len);
	int result;

	memcpy(text, data, len);
	result = dispatchconf_merge(conf, "file", layer, text, len, &problems);
	require((result < 0) == (problems.errors > 0));
	problems_fini(&problems);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum dispatchconf_layer layer = DISPATCHCONF_VENDOR;
	size_t packages = 0, length = 0;
	struct dispatchconf conf;
	const uint8_t *next;

	dispatchconf_init(&conf);
	for (;; layer++) {
		next = layer == DISPATCHCONF_USER ? NULL :
						    memchr(data, '\0', size);
		if (layer == DISPATCHCONF_USER)
			packages = count_packages(&conf);
		merge(&conf, layer, data,
		    next == NULL ? size : (size_t)(next - data));
		if (next == NULL)
			break;
		size -= (size_t)(next - data) + 1;
		data = next + 1;
	}
	if (layer == DISPATCHCONF_USER)
		require(count_packages(&conf) == packages);
	dispatchconf_check(&conf, look_at, &length);
	dispatchconf_expand(&conf, size % 2 == 0 ? "aarch64" : NULL);
	(void)count_packages(&conf);
	dispatchconf_fini(&conf);
	return 0;
}
