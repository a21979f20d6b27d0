#include "child.h"
#include "database.h"
#include "scratch.h"
#include "tree.h"

/* The database in the directory "db" of the tree; no problem is expected. */
static struct database *
open_database(const struct tree *tree, enum database_mode mode)
{
	char *path = tree_path(tree, "db");
	struct problems problems = PROBLEMS_INIT;
	struct database *db = database_open(TREE_SYSTEM, path, mode, &problems);

	unit_expect_problems(&problems, "");
	assert_non_null(db);
	return db;
}

/* The names of the formats, in their order, with blanks between. */
static void
expect_formats(const struct database *db, const char *names)
{
	CLEANUP(cleanup_free) char *got = xstrdup("");
	struct format *const *formats;
	size_t i, count;

	formats = database_formats(db, &count);
	for (i = 0; i < count; i++) {
		char *more = xasprintf("%s%s%s", got, i > 0 ? " " : "",
		    formats[i]->name);

		free(got);
		got = more;
		assert_ptr_equal(database_find(db, formats[i]->name),
		    formats[i]);
	}
	assert_string_equal(got, names);
}

/* The broken files, in their order, a line each. */
static void
expect_broken(const struct database *db, const char *expected)
{
	CLEANUP(cleanup_free) char *got = xstrdup("");
	const struct database_broken *broken;
	size_t i, count;

	broken = database_broken(db, &count);
	for (i = 0; i < count; i++) {
		CLEANUP(cleanup_free)
		char *wrong = unit_problems(&broken[i].problems);
		char *more = xasprintf("%s%s: %s\n", got, broken[i].name,
		    wrong);

		free(got);
		got = more;
		assert_null(database_find(db, broken[i].name));
	}
	assert_string_equal(got, expected);
}

#define FILE_OF(interpreter) "p\nmagic\n0\nMZ\n\n" interpreter "\n\n\n\n\n"

static void
put(struct database *db, const char *name, const char *interpreter)
{
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free)
	char *text = xasprintf(FILE_OF("%s"), interpreter);
	struct format format;

	assert_int_equal(
	    database_parse(name, text, strlen(text), &format, &problems), 0);
	assert_int_equal(database_put(db, &format, &problems), 0);
	unit_expect_problems(&problems, "");
}

static void
publish(struct database *db)
{
	struct problems problems = PROBLEMS_INIT;

	assert_int_equal(database_publish(db, &problems), 0);
	unit_expect_problems(&problems, "");
}

static void
remove_format(struct database *db, const char *name)
{
	struct problems problems = PROBLEMS_INIT;

	assert_int_equal(database_remove(db, name, &problems), 0);
	unit_expect_problems(&problems, "");
}

static void
expect_interpreter(const struct database *db, const char *name,
    const char *interpreter)
{
	const struct format *format = database_find(db, name);

	assert_non_null(format);
	assert_string_equal(format->interpreter, interpreter);
}

/*
 * Opening.
 */

static void
test_missing_directory(void **state)
{
	const struct tree *tree = *state;
	struct database *db = open_database(tree, DATABASE_READ);

	expect_formats(db, "");
	expect_broken(db, "");
	assert_null(database_find(db, "a"));
	database_close(db);
	database_close(NULL);
	tree_expect_names(tree, ".", "");
}

static void
test_created_directory(void **state)
{
	const struct tree *tree = *state;
	unsigned before = tree_descriptors();
	struct database *db;

	(void)umask(077);
	db = open_database(tree, DATABASE_WRITE);
	put(db, "a", "/i");
	publish(db);
	database_close(db);
	(void)umask(022);
	assert_int_equal(tree_mode(tree, "db"), 0755);
	assert_int_equal(tree_mode(tree, "db/a"), 0644);
	assert_int_equal(tree_mode(tree, "db.lock"), 0600);
	tree_expect(tree, "db/a", FILE_OF("/i"));
	tree_expect_names(tree, ".", "db db.lock");
	assert_int_equal(tree_descriptors(), before);
}

/* A directory that is there keeps the mode that somebody gave it. */
static void
test_mode_kept(void **state)
{
	const struct tree *tree = *state;

	tree_mkdir(tree, "db");
	assert_int_equal(fchmodat(tree->fd, "db", 0750, 0), 0);
	database_close(open_database(tree, DATABASE_WRITE));
	assert_int_equal(tree_mode(tree, "db"), 0750);
}

static void
expect_no_database(const struct tree *tree, const char *name,
    enum database_mode mode, const char *wrong)
{
	char *path = tree_path(tree, name);
	struct problems problems = PROBLEMS_INIT;
	unsigned before = tree_descriptors();

	assert_null(database_open(TREE_SYSTEM, path, mode, &problems));
	assert_int_equal(tree_descriptors(), before);
	unit_expect_problems(&problems, wrong);
}

static void
test_cannot_open(void **state)
{
	const struct tree *tree = *state;

	tree_put(tree, "file", "");
	expect_no_database(tree, "file", DATABASE_READ,
	    "cannot open: Not a directory");
	expect_no_database(tree, "file", DATABASE_WRITE,
	    "cannot open: Not a directory");
	expect_no_database(tree, "file/db", DATABASE_READ,
	    "cannot open: Not a directory");
	expect_no_database(tree, "no/db", DATABASE_WRITE,
	    "cannot create the directory: No such file or directory");
}

static void
test_sorted(void **state)
{
	const struct tree *tree = *state;
	static const char *const names[] = { "b", "a", "\xff", "A", "aa", "Z" };
	struct database *db;
	size_t i;

	tree_mkdir(tree, "db");
	for (i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(cleanup_free) char *path = xasprintf("db/%s", names[i]);

		tree_put(tree, path, FILE_OF("/i"));
	}
	db = open_database(tree, DATABASE_READ);
	expect_formats(db, "A Z a aa b \xff");
	assert_null(database_find(db, "c"));
	assert_null(database_find(db, ""));
	database_close(db);
}

/* Two names of one directory have one lock. */
static void
test_lock_of_link(void **state)
{
	const struct tree *tree = *state;
	char *path = tree_path(tree, "link");
	struct problems problems = PROBLEMS_INIT;
	struct database *db;

	tree_mkdir(tree, "db");
	assert_int_equal(symlinkat("db", tree->fd, "link"), 0);
	db = database_open(TREE_SYSTEM, path, DATABASE_WRITE, &problems);
	assert_non_null(db);
	database_close(db);
	tree_expect_names(tree, ".", "db db.lock link");
}

/* To read needs no lock and no right to write. */
static int
read_as_nobody(void *argument)
{
	const struct tree *tree = argument;
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(cleanup_free) char *path = xasprintf("%s/db", tree->path);
	struct database *db;
	size_t count;

	db = database_open(TREE_SYSTEM, path, DATABASE_READ, &problems);
	if (db == NULL)
		return 1;
	(void)database_formats(db, &count);
	database_close(db);
	return count == 1 ? 0 : 2;
}

static void
test_read_beside_writer(void **state)
{
	struct tree *tree = *state;
	struct database *writer = open_database(tree, DATABASE_WRITE);
	int status;

	put(writer, "a", "/i");
	publish(writer);
	put(writer, "b", "/i");
	status = child_run_as_nobody(read_as_nobody, tree);
	database_close(writer);
	child_expect_done(status);
}

/*
 * Files that are no formats.
 */

static void
plant_broken(const struct tree *tree)
{
	CLEANUP(cleanup_free) char *huge = xmalloc(DATABASE_FILE_MAX + 1);

	memset(huge, '\n', DATABASE_FILE_MAX + 1);
	tree_mkdir(tree, "db");
	tree_mkdir(tree, "db/directory");
	tree_mkdir(tree, "db/.hidden");
	assert_int_equal(mkfifoat(tree->fd, "db/fifo", 0644), 0);
	tree_put(tree, "elsewhere", FILE_OF("/i"));
	assert_int_equal(symlinkat("../elsewhere", tree->fd, "db/link"), 0);
	assert_int_equal(symlinkat("nowhere", tree->fd, "db/dangling"), 0);
	assert_int_equal(symlinkat("/dev/zero", tree->fd, "db/zero"), 0);
	tree_write(tree, "db/huge", huge, DATABASE_FILE_MAX + 1);
	tree_put(tree, "db/empty", "");
	tree_put(tree, "db/truncated", "p\nmagic\n0\nMZ");
	tree_put(tree, "db/wrong", "p\nmagic\nx\nMZ\n\\xff\n\n");
	tree_put(tree, "db/-option", FILE_OF("/i"));
	tree_put(tree, "db/status", FILE_OF("/i"));
	tree_put(tree, "db/good", FILE_OF("/i"));
}

static void
test_broken_files(void **state)
{
	const struct tree *tree = *state;
	unsigned before;
	struct database *db;

	plant_broken(tree);
	before = tree_descriptors();
	(void)alarm(30);
	db = open_database(tree, DATABASE_READ);
	(void)alarm(0);
	expect_formats(db, "good");
	expect_broken(db,
	    "-option: name: '-option' starts with a dash\n"
	    "dangling: is a symbolic link, not a regular file\n"
	    "directory: is a directory, not a regular file\n"
	    "empty: has 0 lines, and a format has at least 6: package, type, "
	    "offset, magic, mask, interpreter\n"
	    "fifo: is a fifo, not a regular file\n"
	    "huge: is larger than 65536 bytes\n"
	    "link: is a symbolic link, not a regular file\n"
	    "status: name: 'status' is reserved by the kernel\n"
	    "truncated: has 4 lines, and a format has at least 6: package, "
	    "type, offset, magic, mask, interpreter\n"
	    "wrong: 3:1: offset: 'x' is not a decimal number\n"
	    "6:1: interpreter: is empty\n"
	    "zero: is a symbolic link, not a regular file\n");
	database_close(db);
	assert_int_equal(tree_descriptors(), before);
}

/* They can be removed, and replaced. */
static void
test_broken_files_end(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct database *db;

	plant_broken(tree);
	db = open_database(tree, DATABASE_WRITE);
	remove_format(db, "fifo");
	remove_format(db, "link");
	put(db, "empty", "/i");
	put(db, "zero", "/i");
	publish(db);
	assert_int_equal(database_remove(db, "directory", &problems), -1);
	unit_expect_problems(&problems, "cannot remove: Is a directory");
	database_close(db);
	tree_expect(tree, "elsewhere", FILE_OF("/i"));
	tree_expect(tree, "db/zero", FILE_OF("/i"));
	assert_int_equal(unlinkat(tree->fd, "db/dangling", 0), 0);
	tree_expect_names(tree, "db",
	    "-option .hidden directory empty good huge status truncated "
	    "wrong zero");
}

static void
test_leftovers(void **state)
{
	const struct tree *tree = *state;
	struct database *db;

	tree_mkdir(tree, "db");
	tree_put(tree, "db/.a.tmp-1-0", FILE_OF("/i"));
	tree_put(tree, "db/.b.tmp-4711-12", "");
	tree_put(tree, "db/.keep", "");
	tree_put(tree, "db/a", FILE_OF("/i"));
	db = open_database(tree, DATABASE_READ);
	expect_formats(db, "a");
	expect_broken(db, "");
	database_close(db);
	tree_expect_names(tree, "db", ".a.tmp-1-0 .b.tmp-4711-12 .keep a");
	/* Only who has the lock knows that nobody writes them. */
	db = open_database(tree, DATABASE_WRITE);
	expect_formats(db, "a");
	database_close(db);
	tree_expect_names(tree, "db", ".keep a");
}

/*
 * Changes.
 */

static void
test_put(void **state)
{
	const struct tree *tree = *state;
	const struct format *old;
	struct database *db = open_database(tree, DATABASE_WRITE);

	put(db, "b", "/1");
	expect_formats(db, "");
	publish(db);
	expect_formats(db, "b");
	old = database_find(db, "b");
	put(db, "c", "/2");
	put(db, "b", "/3");
	put(db, "a", "/4");
	publish(db);
	expect_formats(db, "a b c");
	expect_interpreter(db, "b", "/3");
	/* A borrowed format stays what it was. */
	assert_string_equal(old->interpreter, "/1");
	database_close(db);
	tree_expect_names(tree, "db", "a b c");
	db = open_database(tree, DATABASE_READ);
	expect_formats(db, "a b c");
	expect_interpreter(db, "b", "/3");
	database_close(db);
}

/* Of two with one name before a publish, the later one counts. */
static void
test_put_twice(void **state)
{
	const struct tree *tree = *state;
	struct database *db = open_database(tree, DATABASE_WRITE);

	put(db, "a", "/1");
	put(db, "a", "/2");
	publish(db);
	tree_expect(tree, "db/a", FILE_OF("/2"));
	expect_formats(db, "a");
	expect_interpreter(db, "a", "/2");
	database_close(db);
	tree_expect_names(tree, "db", "a");
}

static void
test_not_published(void **state)
{
	const struct tree *tree = *state;
	struct database *db = open_database(tree, DATABASE_WRITE);

	put(db, "a", "/1");
	database_close(db);
	tree_expect_names(tree, "db", "");
}

static void
test_remove(void **state)
{
	const struct tree *tree = *state;
	const struct format *removed;
	struct database *db = open_database(tree, DATABASE_WRITE);

	put(db, "a", "/1");
	put(db, "b", "/2");
	put(db, "c", "/3");
	publish(db);
	removed = database_find(db, "b");
	remove_format(db, "b");
	expect_formats(db, "a c");
	assert_string_equal(removed->interpreter, "/2");
	tree_expect_names(tree, "db", "a c");
	remove_format(db, "nothing");
	remove_format(db, "a");
	remove_format(db, "c");
	publish(db);
	expect_formats(db, "");
	publish(db);
	database_close(db);
	tree_expect_names(tree, "db", "");
}

/* Opened for reading, the same changes stay in memory. */
static void
test_dry(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct database *db;

	tree_mkdir(tree, "db");
	tree_put(tree, "db/a", FILE_OF("/1"));
	tree_put(tree, "db/b", FILE_OF("/2"));
	db = open_database(tree, DATABASE_READ);
	assert_int_equal(database_check_writable(db, &problems), 0);
	put(db, "c", "/3");
	put(db, "a", "/4");
	remove_format(db, "b");
	publish(db);
	expect_formats(db, "a c");
	expect_interpreter(db, "a", "/4");
	database_close(db);
	tree_expect_names(tree, ".", "db");
	tree_expect_names(tree, "db", "a b");
	tree_expect(tree, "db/a", FILE_OF("/1"));
}

static void
test_dry_without_directory(void **state)
{
	const struct tree *tree = *state;
	struct database *db = open_database(tree, DATABASE_READ);

	put(db, "a", "/1");
	publish(db);
	expect_formats(db, "a");
	remove_format(db, "a");
	expect_formats(db, "");
	database_close(db);
	tree_expect_names(tree, ".", "");
}

/* What could not be published has not happened; the rest has. */
static void
test_publish_fails(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct database *db = open_database(tree, DATABASE_WRITE);

	tree_mkdir(tree, "db/b");
	put(db, "a", "/1");
	put(db, "b", "/2");
	put(db, "c", "/3");
	assert_int_equal(database_publish(db, &problems), -1);
	unit_expect_problems(&problems,
	    "cannot put 'b' in place: Is a directory");
	expect_formats(db, "a c");
	put(db, "d", "/4");
	publish(db);
	expect_formats(db, "a c d");
	database_close(db);
	tree_expect_names(tree, "db", "a b c d");
}

/* Fails in the child, so that the limit ends with it. */
static int
put_limited(void *argument)
{
	struct database *db = argument;
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;
	static const char text[] = FILE_OF("/a/long/path/to/an/interpreter");
	struct format format;

	child_limit_files(30);
	if (database_parse("a", text, strlen(text), &format, &problems) < 0)
		return 1;
	if (database_put(db, &format, &problems) != -1 ||
	    !child_problems_are(&problems, "cannot write: File too large"))
		return 2;
	problems_fini(&problems);
	if (database_publish(db, &problems) != 0)
		return 3;
	return strcmp(database_find(db, "a")->interpreter, "/1") == 0 ? 0 : 4;
}

static void
test_full_disk(void **state)
{
	const struct tree *tree = *state;
	struct database *db = open_database(tree, DATABASE_WRITE);

	put(db, "a", "/1");
	publish(db);
	assert_int_equal(child_run(put_limited, db), 0);
	database_close(db);
	tree_expect_names(tree, "db", "a");
	tree_expect(tree, "db/a", FILE_OF("/1"));
}

static int
check_forbidden(void *argument)
{
	struct database *db = argument;
	CLEANUP(problems_fini) struct problems problems = PROBLEMS_INIT;

	if (database_check_writable(db, &problems) != -1)
		return 1;
	return child_problems_are(&problems,
		   "cannot be changed: Permission denied") ?
	    0 :
	    2;
}

static void
test_check_writable(void **state)
{
	const struct tree *tree = *state;
	struct problems problems = PROBLEMS_INIT;
	struct database *db = open_database(tree, DATABASE_WRITE);
	int status;

	assert_int_equal(database_check_writable(db, &problems), 0);
	assert_int_equal(fchmodat(tree->fd, "db", 0555, 0), 0);
	status = child_run_as_nobody(check_forbidden, db);
	assert_int_equal(fchmodat(tree->fd, "db", 0755, 0), 0);
	database_close(db);
	child_expect_done(status);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(test_missing_directory),
		TREE_TEST(test_created_directory),
		TREE_TEST(test_mode_kept),
		TREE_TEST(test_cannot_open),
		TREE_TEST(test_sorted),
		TREE_TEST(test_lock_of_link),
		TREE_TEST(test_read_beside_writer),
		TREE_TEST(test_broken_files),
		TREE_TEST(test_broken_files_end),
		TREE_TEST(test_leftovers),
		TREE_TEST(test_put),
		TREE_TEST(test_put_twice),
		TREE_TEST(test_not_published),
		TREE_TEST(test_remove),
		TREE_TEST(test_dry),
		TREE_TEST(test_dry_without_directory),
		TREE_TEST(test_publish_fails),
		TREE_TEST(test_full_disk),
		TREE_TEST(test_check_writable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
