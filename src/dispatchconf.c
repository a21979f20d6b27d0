#include "dispatchconf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "xalloc.h"

#define DEFAULT_MUVM "/usr/bin/muvm"

void
dispatchconf_init(struct dispatchconf *conf)
{
	*conf = (struct dispatchconf){
		.level = DISPATCHCONF_WARN,
		.muvm = xstrdup(DEFAULT_MUVM),
	};
}

void
dispatchconf_list_fini(struct dispatchconf_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct dispatchconf_list){ NULL, 0 };
}

static void
interpreter_fini(struct dispatchconf_interpreter *interpreter)
{
	size_t i;

	free(interpreter->id);
	free(interpreter->name);
	free(interpreter->path);
	free(interpreter->argv0_option);
	dispatchconf_list_fini(&interpreter->required_paths);
	dispatchconf_list_fini(&interpreter->args);
	dispatchconf_list_fini(&interpreter->fallback);
	dispatchconf_list_fini(&interpreter->machines);
	for (i = 0; i < interpreter->packages_count; i++) {
		free(interpreter->packages[i].manager);
		dispatchconf_list_fini(&interpreter->packages[i].names);
	}
	free(interpreter->packages);
}

static void
rules_fini(struct dispatchconf_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		free(rules->items[i].id);
		free(rules->items[i].path);
		free(rules->items[i].interpreter);
	}
	free(rules->items);
}

void
dispatchconf_fini(struct dispatchconf *conf)
{
	size_t i;

	free(conf->interpreter);
	free(conf->muvm);
	dispatchconf_list_fini(&conf->package_manager);
	for (i = 0; i < conf->interpreters_count; i++)
		interpreter_fini(&conf->interpreters[i]);
	free(conf->interpreters);
	rules_fini(&conf->machines);
	rules_fini(&conf->binaries);
	for (i = 0; i < conf->files_count; i++)
		free(conf->files[i]);
	free(conf->files);
	*conf = (struct dispatchconf){ .level = DISPATCHCONF_WARN };
}

enum dispatchconf_level
dispatchconf_level(const char *name)
{
	static const struct {
		const char *name;
		enum dispatchconf_level level;
	} levels[] = {
		{ "off", DISPATCHCONF_OFF },
		{ "error", DISPATCHCONF_ERROR },
		{ "warn", DISPATCHCONF_WARN },
		{ "warning", DISPATCHCONF_WARN },
		{ "info", DISPATCHCONF_INFO },
		{ "debug", DISPATCHCONF_DEBUG },
		{ "trace", DISPATCHCONF_TRACE },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(levels); i++) {
		if (strcasecmp(levels[i].name, name) == 0)
			return levels[i].level;
	}
	return DISPATCHCONF_LEVEL_UNKNOWN;
}

/* The index of the interpreter of that id, or the count of them. */
static size_t
find_interpreter(const struct dispatchconf *conf, const char *id)
{
	size_t i;

	for (i = 0; i < conf->interpreters_count; i++) {
		if (strcmp(conf->interpreters[i].id, id) == 0)
			break;
	}
	return i;
}

const struct dispatchconf_interpreter *
dispatchconf_find(const struct dispatchconf *conf, const char *id)
{
	size_t i = find_interpreter(conf, id);

	return i == conf->interpreters_count ? NULL : &conf->interpreters[i];
}

struct dispatchconf_interpreter *
dispatchconf_interpreter_get(struct dispatchconf *conf, const char *id)
{
	size_t i = find_interpreter(conf, id);

	if (i == conf->interpreters_count) {
		GROW(conf->interpreters, conf->interpreters_count,
		    conf->interpreters_room);
		conf->interpreters[conf->interpreters_count++] =
		    (struct dispatchconf_interpreter){ .id = xstrdup(id) };
	}
	return &conf->interpreters[i];
}

struct dispatchconf_rule *
dispatchconf_rule_get(struct dispatchconf_rules *rules, const char *id)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		if (strcmp(rules->items[i].id, id) == 0)
			return &rules->items[i];
	}
	GROW(rules->items, rules->count, rules->room);
	rules->items[rules->count] = (struct dispatchconf_rule){ .id = xstrdup(
								     id) };
	return &rules->items[rules->count++];
}

const char *
dispatchconf_name(const struct dispatchconf_interpreter *interpreter)
{
	return interpreter->name != NULL ? interpreter->name : interpreter->id;
}

const struct dispatchconf_list *
dispatchconf_packages(const struct dispatchconf_interpreter *interpreter,
    const char *manager)
{
	size_t i;

	for (i = 0; i < interpreter->packages_count; i++) {
		if (strcmp(interpreter->packages[i].manager, manager) == 0)
			return &interpreter->packages[i].names;
	}
	return NULL;
}

/* Replaces what an escape stands for; false: that is not known. */
static bool
expand(char **text, const char *machine)
{
	size_t len, extra = machine == NULL ? 0 : strlen(machine);
	const char *from;
	char *to, *new;

	if (strchr(*text, '%') == NULL)
		return true;
	len = strlen(*text);
	to = new = xmalloc(len + len / 2 * extra + 1);
	for (from = *text; *from != '\0'; from++) {
		if (from[0] != '%' || (from[1] != 'm' && from[1] != '%')) {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == '%') {
			*to++ = '%';
		} else if (machine != NULL) {
			memcpy(to, machine, extra);
			to += extra;
		} else {
			free(new);
			return false;
		}
	}
	*to = '\0';
	free(*text);
	*text = new;
	return true;
}

static bool
expand_list(struct dispatchconf_list *list, const char *machine)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!expand(&list->items[i], machine))
			return false;
	}
	return true;
}

void
dispatchconf_expand(struct dispatchconf *conf, const char *machine)
{
	size_t i;

	for (i = 0; i < conf->interpreters_count; i++) {
		struct dispatchconf_interpreter *one = &conf->interpreters[i];

		if ((one->path == NULL || expand(&one->path, machine)) &&
		    expand_list(&one->required_paths, machine) &&
		    expand_list(&one->args, machine))
			continue;
		dispatchconf_list_fini(&one->machines);
		one->machines.items = xcalloc(1, sizeof(char *));
	}
}

struct check {
	const struct dispatchconf *conf;
	void (*found)(void *context, const struct dispatchconf_source *source,
	    const char *reason);
	void *context;
};

static ATTR_PRINTF(3, 4) void say(const struct check *check,
    const struct dispatchconf_source *source, const char *format, ...)
{
	CLEANUP(cleanup_free) char *reason = NULL;
	va_list ap;

	va_start(ap, format);
	reason = xvasprintf(format, ap);
	va_end(ap);
	check->found(check->context, source, reason);
}

static void
check_rule(const struct check *check, const struct dispatchconf_rule *rule,
    const char *table)
{
	if (rule->interpreter == NULL)
		say(check, &rule->source, "%s.%s has no interpreter; ignored",
		    table, rule->id);
	else if (dispatchconf_find(check->conf, rule->interpreter) == NULL)
		say(check, &rule->source,
		    "%s.%s wants interpreter %s, and there is none; ignored",
		    table, rule->id, rule->interpreter);
}

static void
check_interpreter(const struct check *check,
    const struct dispatchconf_interpreter *interpreter)
{
	const struct dispatchconf_list *fallback = &interpreter->fallback;
	size_t i;

	if (interpreter->path == NULL)
		say(check, &interpreter->source,
		    "interpreters.%s has no path; it cannot be used",
		    interpreter->id);
	for (i = 0; i < fallback->count; i++) {
		if (dispatchconf_find(check->conf, fallback->items[i]) == NULL)
			say(check, &interpreter->source,
			    "interpreters.%s falls back on %s, "
			    "and there is none; ignored",
			    interpreter->id, fallback->items[i]);
	}
}

void
dispatchconf_check(const struct dispatchconf *conf,
    void (*found)(void *context, const struct dispatchconf_source *source,
	const char *reason),
    void *context)
{
	const struct check check = { conf, found, context };
	size_t i;

	if (conf->interpreter != NULL &&
	    dispatchconf_find(conf, conf->interpreter) == NULL)
		say(&check, &conf->interpreter_source,
		    "defaults want interpreter %s, and there is none; ignored",
		    conf->interpreter);
	for (i = 0; i < conf->interpreters_count; i++)
		check_interpreter(&check, &conf->interpreters[i]);
	for (i = 0; i < conf->machines.count; i++)
		check_rule(&check, &conf->machines.items[i], "machines");
	for (i = 0; i < conf->binaries.count; i++) {
		const struct dispatchconf_rule *rule = &conf->binaries.items[i];

		check_rule(&check, rule, "binaries");
		if (rule->path == NULL)
			say(&check, &rule->source,
			    "binaries.%s has no path; ignored", rule->id);
	}
}
