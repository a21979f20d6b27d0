#include <stdlib.h>
#include <string.h>

#include "dispatchconf.h"
#include "machine.h"
#include "toml.h"
#include "xalloc.h"

/* Of a key that is shown. */
#define KEY_SHOWN 64

struct reader {
	struct dispatchconf *conf;
	enum dispatchconf_layer layer;
	const char *file; /* lives as long as conf */
	struct problems *problems;
};

/* What a key of a table is, and who takes its value. */
struct key {
	const char *name;
	void (*read)(const struct reader *reader, const struct key *key,
	    const struct toml_value *value, void *target);
	bool user; /* a user's file may have it */
};

static struct dispatchconf_source
source_at(const struct reader *reader, struct place place)
{
	return (struct dispatchconf_source){ reader->file, place };
}

static bool
has_type(const struct reader *reader, const char *what,
    const struct toml_value *value, enum toml_type type)
{
	if (value->type == type)
		return true;
	problem_warning(reader->problems, value->place, what,
	    "must be %s, not %s; ignored", toml_type_name(type),
	    toml_type_name(value->type));
	return false;
}

/* The text of a value, borrowed; NULL: that was reported. */
static const char *
text_of(const struct reader *reader, const char *what,
    const struct toml_value *value)
{
	if (!has_type(reader, what, value, TOML_STRING))
		return NULL;
	if (value->string.len == 0)
		problem_warning(reader->problems, value->place, what,
		    "is empty; ignored");
	else if (memchr(value->string.bytes, '\0', value->string.len) != NULL)
		problem_warning(reader->problems, value->place, what,
		    "has a NUL byte; ignored");
	else
		return value->string.bytes;
	return NULL;
}

static const char *
path_of(const struct reader *reader, const char *what,
    const struct toml_value *value)
{
	const char *text = text_of(reader, what, value);

	if (text == NULL || text[0] == '/')
		return text;
	problem_warning(reader->problems, value->place, what,
	    "is not an absolute path: %s; ignored", text);
	return NULL;
}

static void
replace(char **target, const char *text)
{
	if (text == NULL)
		return;
	free(*target);
	*target = xstrdup(text);
}

static void
read_text(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	replace(target, text_of(reader, key->name, value));
}

static void
read_path(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	replace(target, path_of(reader, key->name, value));
}

static void
read_bool(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	if (has_type(reader, key->name, value, TOML_BOOLEAN))
		*(bool *)target = value->boolean;
}

typedef const char *item_reader(const struct reader *reader, const char *what,
    const struct toml_value *value);

/* A list with an item that is wrong is ignored as a whole. */
static void
read_items(const struct reader *reader, const char *what,
    const struct toml_value *value, struct dispatchconf_list *target,
    item_reader *read)
{
	struct dispatchconf_list list = { NULL, 0 };
	size_t i, count;

	if (!has_type(reader, what, value, TOML_ARRAY))
		return;
	count = toml_array_count(value->array);
	list.items = xcalloc(count + 1, sizeof(*list.items));
	for (i = 0; i < count; i++) {
		const char *text = read(reader, what,
		    toml_array_at(value->array, i));

		if (text == NULL) {
			dispatchconf_list_fini(&list);
			return;
		}
		list.items[list.count++] = xstrdup(text);
	}
	dispatchconf_list_fini(target);
	*target = list;
}

static void
read_texts(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	read_items(reader, key->name, value, target, text_of);
}

static void
read_paths(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	read_items(reader, key->name, value, target, path_of);
}

/* An argument may be empty, where everything else may not. */
static const char *
argument_of(const struct reader *reader, const char *what,
    const struct toml_value *value)
{
	if (value->type == TOML_STRING && value->string.len == 0)
		return "";
	return text_of(reader, what, value);
}

static void
read_arguments(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	read_items(reader, key->name, value, target, argument_of);
}

static const char *
machine_of(const struct reader *reader, const char *what,
    const struct toml_value *value)
{
	const char *text = text_of(reader, what, value), *name;

	if (text == NULL)
		return NULL;
	name = machine_canonical(text);
	if (name == NULL)
		problem_warning(reader->problems, value->place, what,
		    "names no known machine: %.*s; ignored", KEY_SHOWN, text);
	return name;
}

static void
read_machines(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	read_items(reader, key->name, value, target, machine_of);
}

static void
read_level(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	const char *text = text_of(reader, key->name, value);
	enum dispatchconf_level level;

	if (text == NULL)
		return;
	level = dispatchconf_level(text);
	if (level == DISPATCHCONF_LEVEL_UNKNOWN)
		problem_warning(reader->problems, value->place, key->name,
		    "is none of off, error, warn, info, debug, trace; ignored");
	else
		*(enum dispatchconf_level *)target = level;
}

/* A boolean, or an option for interpreters that want it with one. */
static void
read_argv0(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	struct dispatchconf_interpreter *interpreter = target;
	const char *text;

	if (value->type == TOML_BOOLEAN) {
		interpreter->argv0 = value->boolean ? DISPATCHCONF_ARGV0_YES :
						      DISPATCHCONF_ARGV0_NO;
	} else if (value->type != TOML_STRING) {
		problem_warning(reader->problems, value->place, key->name,
		    "must be a boolean, or a string with an option, not %s; "
		    "ignored",
		    toml_type_name(value->type));
	} else {
		text = text_of(reader, key->name, value);
		replace(&interpreter->argv0_option, text);
		if (text != NULL)
			interpreter->argv0 = DISPATCHCONF_ARGV0_OPTION;
	}
}

/* Some command, its program by an absolute path. */
static void
read_command(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	struct dispatchconf_list list = { NULL, 0 };

	if (value->type == TOML_STRING) {
		const char *path = path_of(reader, key->name, value);

		if (path == NULL)
			return;
		list.items = xcalloc(2, sizeof(*list.items));
		list.items[list.count++] = xstrdup(path);
	} else {
		read_items(reader, key->name, value, &list, argument_of);
	}
	if (list.count > 0 && list.items[0][0] == '/') {
		dispatchconf_list_fini(target);
		*(struct dispatchconf_list *)target = list;
		return;
	}
	if (list.items != NULL)
		problem_warning(reader->problems, value->place, key->name,
		    "does not begin with the absolute path of a program; "
		    "ignored");
	dispatchconf_list_fini(&list);
}

/* A table whose keys are not ours to know. */
static void
each_entry(const struct reader *reader, const struct toml_value *value,
    const char *what,
    void (*read)(const struct reader *reader, const struct toml_entry *entry,
	void *target),
    void *target)
{
	size_t i, count;

	if (!has_type(reader, what, value, TOML_TABLE))
		return;
	count = toml_table_count(value->table);
	for (i = 0; i < count; i++) {
		const struct toml_entry *entry = toml_table_at(value->table, i);

		if (entry->key.len == 0 ||
		    memchr(entry->key.bytes, '\0', entry->key.len) != NULL)
			problem_warning(reader->problems, entry->place, what,
			    "has a key that is empty or has a NUL byte; "
			    "ignored");
		else
			read(reader, entry, target);
	}
}

static void
read_packages_of(const struct reader *reader, const struct toml_entry *entry,
    void *target)
{
	struct dispatchconf_interpreter *interpreter = target;
	const char *manager = entry->key.bytes;
	struct dispatchconf_list list = { NULL, 0 };
	size_t i;

	read_items(reader, "packages", &entry->value, &list, text_of);
	if (list.items == NULL)
		return;
	for (i = 0; i < interpreter->packages_count; i++) {
		if (strcmp(interpreter->packages[i].manager, manager) == 0)
			break;
	}
	if (i == interpreter->packages_count) {
		GROW(interpreter->packages, interpreter->packages_count,
		    interpreter->packages_room);
		interpreter->packages[interpreter->packages_count++] =
		    (struct dispatchconf_packages){
			    .manager = xstrdup(manager),
		    };
	}
	dispatchconf_list_fini(&interpreter->packages[i].names);
	interpreter->packages[i].names = list;
}

static void
read_packages(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	each_entry(reader, value, key->name, read_packages_of, target);
}

/* A key and, for those that are not of the whole, where its value goes. */
struct slot {
	struct key key;
	size_t offset;
};

/* The entries of a table with known keys; the key's value goes to target. */
static void
read_table(const struct reader *reader, const char *what,
    const struct toml_value *value, const struct slot *slots, size_t count,
    void *target)
{
	size_t i, j, entries;

	if (!has_type(reader, what, value, TOML_TABLE))
		return;
	entries = toml_table_count(value->table);
	for (i = 0; i < entries; i++) {
		const struct toml_entry *entry = toml_table_at(value->table, i);
		const struct key *key = NULL;

		for (j = 0; j < count && key == NULL; j++) {
			if (strlen(slots[j].key.name) == entry->key.len &&
			    memcmp(slots[j].key.name, entry->key.bytes,
				entry->key.len) == 0)
				key = &slots[j].key;
		}
		if (key == NULL)
			problem_warning(reader->problems, entry->place, what,
			    "unknown key '%.*s'; ignored", KEY_SHOWN,
			    entry->key.bytes);
		else if (reader->layer == DISPATCHCONF_USER && !key->user)
			problem_warning(reader->problems, entry->place, what,
			    "'%s' is not taken from a user's file; ignored",
			    key->name);
		else
			key->read(reader, key, &entry->value,
			    (char *)target + slots[j - 1].offset);
	}
}

#define INTERPRETER(member) offsetof(struct dispatchconf_interpreter, member)

static void
read_interpreter(const struct reader *reader, const struct toml_entry *entry,
    void *target)
{
	static const struct slot slots[] = {
		{ { "name", read_text, true }, INTERPRETER(name) },
		{ { "path", read_path, true }, INTERPRETER(path) },
		{ { "required_paths", read_paths, true },
		    INTERPRETER(required_paths) },
		{ { "use_muvm", read_bool, true }, INTERPRETER(use_muvm) },
		{ { "args", read_arguments, true }, INTERPRETER(args) },
		{ { "fallback", read_texts, true }, INTERPRETER(fallback) },
		{ { "machines", read_machines, true }, INTERPRETER(machines) },
		{ { "preserve_argv0", read_argv0, true }, 0 },
		{ { "packages", read_packages, false }, 0 },
	};
	struct dispatchconf_interpreter *interpreter;

	if (!has_type(reader, "interpreters", &entry->value, TOML_TABLE))
		return;
	interpreter = dispatchconf_interpreter_get(target, entry->key.bytes);
	interpreter->source = source_at(reader, entry->place);
	read_table(reader, "interpreters", &entry->value, slots,
	    ARRAY_LEN(slots), interpreter);
	if (reader->layer == DISPATCHCONF_USER &&
	    (toml_get(entry->value.table, "path") != NULL ||
		toml_get(entry->value.table, "required_paths") != NULL))
		interpreter->user_paths = true;
}

static void
read_binary(const struct reader *reader, const struct toml_entry *entry,
    void *target)
{
	static const struct slot slots[] = {
		{ { "path", read_path, true },
		    offsetof(struct dispatchconf_rule, path) },
		{ { "interpreter", read_text, true },
		    offsetof(struct dispatchconf_rule, interpreter) },
	};
	struct dispatchconf_rule *rule;

	if (!has_type(reader, "binaries", &entry->value, TOML_TABLE))
		return;
	rule = dispatchconf_rule_get(target, entry->key.bytes);
	rule->source = source_at(reader, entry->place);
	read_table(reader, "binaries", &entry->value, slots, ARRAY_LEN(slots),
	    rule);
}

static void
read_machine(const struct reader *reader, const struct toml_entry *entry,
    void *target)
{
	static const struct slot slots[] = {
		{ { "interpreter", read_text, true },
		    offsetof(struct dispatchconf_rule, interpreter) },
	};
	const char *name = machine_canonical(entry->key.bytes);
	struct dispatchconf_rule *rule;

	if (name == NULL) {
		problem_warning(reader->problems, entry->place, "machines",
		    "no machine '%.*s' is known; ignored", KEY_SHOWN,
		    entry->key.bytes);
		return;
	}
	if (!has_type(reader, "machines", &entry->value, TOML_TABLE))
		return;
	rule = dispatchconf_rule_get(target, name);
	rule->source = source_at(reader, entry->place);
	read_table(reader, "machines", &entry->value, slots, ARRAY_LEN(slots),
	    rule);
}

static void
read_defaults(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	static const struct slot slots[] = {
		{ { "interpreter", read_text, true },
		    offsetof(struct dispatchconf, interpreter) },
		{ { "log_level", read_level, true },
		    offsetof(struct dispatchconf, level) },
	};
	const struct toml_value *interpreter;

	read_table(reader, key->name, value, slots, ARRAY_LEN(slots), target);
	if (value->type != TOML_TABLE)
		return;
	interpreter = toml_get(value->table, "interpreter");
	if (interpreter != NULL)
		reader->conf->interpreter_source = source_at(reader,
		    interpreter->place);
}

static void
read_muvm(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	static const struct slot slots[] = {
		{ { "path", read_path, true },
		    offsetof(struct dispatchconf, muvm) },
	};

	read_table(reader, key->name, value, slots, ARRAY_LEN(slots), target);
	if (reader->layer == DISPATCHCONF_USER)
		reader->conf->user_muvm = true;
}

static void
read_package_manager(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	static const struct slot slots[] = {
		{ { "command", read_command, false },
		    offsetof(struct dispatchconf, package_manager) },
	};

	read_table(reader, key->name, value, slots, ARRAY_LEN(slots), target);
}

static void
read_interpreters(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	each_entry(reader, value, key->name, read_interpreter, target);
}

static void
read_binaries(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	struct dispatchconf *conf = target;

	each_entry(reader, value, key->name, read_binary, &conf->binaries);
}

static void
read_machine_table(const struct reader *reader, const struct key *key,
    const struct toml_value *value, void *target)
{
	struct dispatchconf *conf = target;

	each_entry(reader, value, key->name, read_machine, &conf->machines);
}

int
dispatchconf_merge(struct dispatchconf *conf, const char *file,
    enum dispatchconf_layer layer, const char *text, size_t len,
    struct problems *problems)
{
	static const struct slot slots[] = {
		{ { "defaults", read_defaults, true }, 0 },
		{ { "muvm", read_muvm, true }, 0 },
		{ { "interpreters", read_interpreters, true }, 0 },
		{ { "machines", read_machine_table, true }, 0 },
		{ { "binaries", read_binaries, true }, 0 },
		{ { "package_manager", read_package_manager, true }, 0 },
	};
	CLEANUP(toml_cleanup) struct toml_table *root = NULL;
	struct reader reader = { conf, layer, NULL, problems };
	struct toml_value value = { .type = TOML_TABLE };

	root = toml_parse(text, len, problems);
	if (root == NULL)
		return -1;
	GROW(conf->files, conf->files_count, conf->files_room);
	reader.file = conf->files[conf->files_count++] = xstrdup(file);
	value.table = root;
	read_table(&reader, NULL, &value, slots, ARRAY_LEN(slots), conf);
	return 0;
}
