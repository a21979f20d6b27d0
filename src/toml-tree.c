#include "toml-internal.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/*
 * The keys of a table are in an AA tree (a balanced tree: Arne Andersson,
 * 1993) whose links are indices of nodes, so that no document can make the
 * search for a key slow, as it could with a hash.  nodes[0] stands for "no
 * node" and has level 0; the entries follow in the order of the file.
 */
struct node {
	struct toml_entry entry;
	uint32_t left;
	uint32_t right;
	uint32_t level;
};

struct toml_table {
	struct node *nodes; /* NULL while the table is empty */
	size_t count;	    /* with nodes[0] */
	size_t room;
	uint32_t top;
	enum toml_kind kind;
	unsigned depth;
};

struct toml_array {
	struct toml_value *items;
	size_t count;
	size_t room;
	bool of_tables;
};

static void array_free(struct toml_array *);

const char *
toml_type_name(enum toml_type type)
{
	static const char *const names[] = {
		[TOML_STRING] = "a string",
		[TOML_INTEGER] = "an integer",
		[TOML_FLOAT] = "a float",
		[TOML_BOOLEAN] = "a boolean",
		[TOML_OFFSET_DATETIME] = "a date-time with offset",
		[TOML_LOCAL_DATETIME] = "a local date-time",
		[TOML_LOCAL_DATE] = "a local date",
		[TOML_LOCAL_TIME] = "a local time",
		[TOML_ARRAY] = "an array",
		[TOML_TABLE] = "a table",
	};

	return names[type];
}

/* The three below call one another no deeper than TOML_DEPTH_MAX. */

void
toml_value_fini(struct toml_value *value)
{
	switch (value->type) {
	case TOML_STRING:
	case TOML_OFFSET_DATETIME:
	case TOML_LOCAL_DATETIME:
	case TOML_LOCAL_DATE:
	case TOML_LOCAL_TIME:
		free(value->string.bytes);
		break;
	case TOML_ARRAY:
		array_free(value->array);
		break;
	case TOML_TABLE:
		toml_free(value->table);
		break;
	case TOML_INTEGER:
	case TOML_FLOAT:
	case TOML_BOOLEAN:
		break;
	}
	*value = (struct toml_value){ .type = TOML_BOOLEAN };
}

static void
array_free(struct toml_array *array)
{
	size_t i;

	for (i = 0; i < array->count; i++)
		toml_value_fini(&array->items[i]);
	free(array->items);
	free(array);
}

void
toml_free(struct toml_table *table)
{
	size_t i;

	if (table == NULL)
		return;
	for (i = 1; i < table->count; i++) {
		free(table->nodes[i].entry.key.bytes);
		toml_value_fini(&table->nodes[i].entry.value);
	}
	free(table->nodes);
	free(table);
}

void
toml_cleanup(struct toml_table **root)
{
	toml_free(*root);
	*root = NULL;
}

struct toml_table *
toml_table_new(enum toml_kind kind, unsigned depth)
{
	struct toml_table *table;

	table = xcalloc(1, sizeof(*table));
	table->kind = kind;
	table->depth = depth;
	return table;
}

enum toml_kind
toml_table_kind(const struct toml_table *table)
{
	return table->kind;
}

unsigned
toml_table_depth(const struct toml_table *table)
{
	return table->depth;
}

void
toml_table_define(struct toml_table *table, enum toml_kind kind)
{
	table->kind = kind;
}

static int
compare(const struct toml_string *a, const char *key, size_t len)
{
	int order;

	/* A key in the tree has bytes.  NOLINTNEXTLINE(*.NonNull*) */
	order = memcmp(a->bytes, key, a->len < len ? a->len : len);
	if (order != 0)
		return order;
	return a->len < len ? -1 : a->len > len;
}

/* Returns the index of the node of the key, or 0. */
static uint32_t
search(const struct toml_table *table, const char *key, size_t len)
{
	uint32_t i;
	int order;

	for (i = table->top; i != 0;) {
		const struct node *node = &table->nodes[i];

		order = compare(&node->entry.key, key, len);
		if (order == 0)
			return i;
		i = order > 0 ? node->left : node->right;
	}
	return 0;
}

/* No left child on the level of its parent: turns right where there is one. */
static uint32_t
skew(struct node *nodes, uint32_t top)
{
	uint32_t left = nodes[top].left;

	if (nodes[left].level != nodes[top].level)
		return top;
	nodes[top].left = nodes[left].right;
	nodes[left].right = top;
	return left;
}

/* No two right children in a row on one level: lifts the middle one. */
static uint32_t
split(struct node *nodes, uint32_t top)
{
	uint32_t right = nodes[top].right;

	if (nodes[nodes[right].right].level != nodes[top].level)
		return top;
	nodes[top].right = nodes[right].left;
	nodes[right].left = top;
	nodes[right].level++;
	return right;
}

/* The depth of the recursion is that of the tree, O(log n). */
static uint32_t
link_node(struct node *nodes, uint32_t top, uint32_t added)
{
	const struct toml_string *key = &nodes[added].entry.key;

	if (top == 0)
		return added;
	if (compare(&nodes[top].entry.key, key->bytes, key->len) > 0)
		nodes[top].left = link_node(nodes, nodes[top].left, added);
	else
		nodes[top].right = link_node(nodes, nodes[top].right, added);
	return split(nodes, skew(nodes, top));
}

struct toml_entry *
toml_table_add(struct toml_table *table, struct toml_string *key,
    struct place place, struct toml_value *value)
{
	uint32_t added;

	if (table->count == 0) {
		GROW(table->nodes, table->count, table->room);
		table->nodes[table->count++] = (struct node){ .level = 0 };
	}
	GROW(table->nodes, table->count, table->room);
	added = (uint32_t)table->count++;
	table->nodes[added] = (struct node){
		.entry = { .key = *key, .place = place, .value = *value },
		.level = 1,
	};
	*key = (struct toml_string){ NULL, 0 };
	*value = (struct toml_value){ .type = TOML_BOOLEAN };
	table->top = link_node(table->nodes, table->top, added);
	return &table->nodes[added].entry;
}

struct toml_entry *
toml_table_find(struct toml_table *table, const char *key, size_t len)
{
	uint32_t i = search(table, key, len);

	return i == 0 ? NULL : &table->nodes[i].entry;
}

const struct toml_entry *
toml_find(const struct toml_table *table, const char *key, size_t len)
{
	uint32_t i = search(table, key, len);

	return i == 0 ? NULL : &table->nodes[i].entry;
}

const struct toml_value *
toml_get(const struct toml_table *table, const char *key)
{
	const struct toml_entry *entry;

	entry = toml_find(table, key, strlen(key));
	return entry == NULL ? NULL : &entry->value;
}

size_t
toml_table_count(const struct toml_table *table)
{
	return table->count == 0 ? 0 : table->count - 1;
}

const struct toml_entry *
toml_table_at(const struct toml_table *table, size_t index)
{
	return &table->nodes[index + 1].entry;
}

struct toml_array *
toml_array_new(bool of_tables)
{
	struct toml_array *array;

	array = xcalloc(1, sizeof(*array));
	array->of_tables = of_tables;
	return array;
}

bool
toml_array_of_tables(const struct toml_array *array)
{
	return array->of_tables;
}

struct toml_table *
toml_array_last(struct toml_array *array)
{
	return array->items[array->count - 1].table;
}

void
toml_array_add(struct toml_array *array, struct toml_value *value)
{
	GROW(array->items, array->count, array->room);
	array->items[array->count++] = *value;
	*value = (struct toml_value){ .type = TOML_BOOLEAN };
}

size_t
toml_array_count(const struct toml_array *array)
{
	return array->count;
}

const struct toml_value *
toml_array_at(const struct toml_array *array, size_t index)
{
	return &array->items[index];
}
