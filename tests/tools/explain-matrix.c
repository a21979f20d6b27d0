/*
 * Holds what --explain predicts against what execve(2) does: flags, kinds of
 * interpreters, kinds of files, matches, and what run-detectors chooses.
 */
#include "explain-cases.h"

/*
 * Flags and interpreters.
 */

static const char *const all_flags[] = { "", "P", "O", "C", "F", "PO", "PC",
	"PF", "OF", "CF", "POC", "POCF" };

static const char *const interpreters[] = { "@/i/elf", "@/i/script",
	"@/i/argument", "@/i/blanks", "@/i/second", "@/i/third", "@/i/link",
	"@/i/link-to-script", "@/i/plain", "@/i/directory", "@/i/missing",
	"@/noexec/elf", "@/i/foreign", "@/i/empty", "@/i/text", "@/i/no-loader",
	"@/i/elf/below", "@/i/loop", "/dev/null", "i/elf", "./i/script",
	"@/i/chain1", "@/i/chain2", "@/i/chain3", "@/i/chain4", "@/i/chain5",
	"@/i/chain6", "@/i/script-missing", "@/i/script-chain1", "@/i/self",
	"@/f/magic" };

/* A program of this machine that wants a loader which does not exist. */
static void
put_without_loader(const char *path)
{
	static char data[4 * 1024 * 1024];
	size_t len = get("/bin/sh", data, sizeof(data));
	char *at = memmem(data, len < 4096 ? len : 4096, "/ld-", 4);

	if (at != NULL)
		at[1] = 'X';
	put(path, 0755, data, len);
}

static void
put_foreign(const char *path)
{
	static const unsigned char head[20] = { 0x7f, 'E', 'L', 'F', 2, 2,
		1, [16] = 0, [17] = 2, [18] = 0, [19] = 43 };
	unsigned char file[256] = { 0 };

	memcpy(file, head, sizeof(head));
	put(path, 0755, file, sizeof(file));
}

static void
make_interpreters(void)
{
	char name[32], text[32];
	int i;

	(void)mkdir("i/directory", 0755);
	put_program("i/elf", 0755);
	put_program("i/plain", 0644);
	put_program("noexec/elf", 0755);
	put_text("i/script", 0755, "#!@/i/elf\n");
	put_text("i/argument", 0755, "#! @/i/elf one argument\n");
	put_text("i/blanks", 0755, "#!\t @/i/elf \t one  two \t \n");
	put_text("i/second", 0755, "#!@/i/script x\n");
	put_text("i/third", 0755, "#!@/i/second y");
	put_text("i/script-missing", 0755, "#!@/i/missing\n");
	put_text("i/script-chain1", 0755, "#!@/i/chain1\n");
	put_text("i/self", 0755, "#!@/i/self\n");
	put_text("i/empty", 0755, "");
	put_text("i/text", 0755, "echo no first line\n");
	put_foreign("i/foreign");
	put_without_loader("i/no-loader");
	for (i = 1; i <= 6; i++) {
		(void)snprintf(name, sizeof(name), "i/chain%d", i);
		(void)snprintf(text, sizeof(text), "CHAIN%d\n", i);
		put_text(name, 0755, text);
	}
	if (symlink("elf", "i/link") < 0 ||
	    symlink("script", "i/link-to-script") < 0 ||
	    symlink("loop", "i/loop") < 0)
		die("symlink");
}

static void
register_chains(const char *flags)
{
	char rule[TEXT_MAX];
	int i;

	for (i = 1; i <= 6; i++) {
		(void)snprintf(rule, sizeof(rule),
		    ":chain%d:M::CHAIN%d::%s/i/%s%.0d:%s", i, i, work,
		    i == 1 ? "elf" : "chain", i - 1, flags);
		if (i > 1)
			(void)snprintf(rule, sizeof(rule),
			    ":chain%d:M::CHAIN%d::%s/i/chain%d:%s", i, i, work,
			    i - 1, flags);
		if (!tell("register", rule))
			die(rule);
	}
}

static void
test_interpreters(void)
{
	char rule[TEXT_MAX];
	size_t i, j;

	for (i = 0; i < COUNT(interpreters); i++) {
		for (j = 0; j < COUNT(all_flags); j++) {
			(void)snprintf(rule, sizeof(rule), ":e:M::MAGIC::%s:%s",
			    expand(interpreters[i]), all_flags[j]);
			register_chains("");
			/* With F the kernel may refuse; then nothing matches.
			 */
			(void)tell("register", rule);
			compare("f/magic", RESULT, "%s with '%s'",
			    interpreters[i], all_flags[j]);
			clear_registry();
		}
	}
}

static void
test_flags_in_chains(void)
{
	static const char *const first[] = { "", "P", "O", "F" },
				 *const later[] = { "P", "O", "C", "F", "PF" };
	char rule[TEXT_MAX];
	size_t i, j;
	int n;

	for (i = 0; i < COUNT(first); i++) {
		for (j = 0; j < COUNT(later); j++) {
			for (n = 1; n <= 4; n += 3) {
				register_chains(later[j]);
				(void)snprintf(rule, sizeof(rule),
				    ":e:M::MAGIC::%s/i/chain%d:%s", work, n,
				    first[i]);
				(void)tell("register", rule);
				compare("f/magic", RESULT,
				    "chain%d with '%s', then '%s'", n, first[i],
				    later[j]);
				clear_registry();
			}
		}
	}
}

/*
 * Files and matches.
 */

static const char *const files[] = { "f/magic", "@/f/magic.ext", "f/link.ext",
	"f/link", "f/.ext", "f/dir.ext/magic", "f/dir.ext/../magic",
	"f/magic.EXT", "f/magic.ext.", "f/magic.other.ext", "f/empty",
	"f/empty.ext", "f/short", "f/plain.ext", "@/noexec/magic.ext",
	"f/native", "f/native.ext", "f/script", "f/script.ext",
	"f/script-of-magic", "f/script-of-ext", "f/foreign", "f/setuid.ext",
	"f/long", "f/directory.ext", "f/missing.ext", "f/dangling.ext",
	"f/loop.ext", "f/magic.ext/", "f/fifo.ext", "f/near", "f/zeros",
	"f/no-interpreter", "f/relative", "f/cut", "f/cut-argument", "f/nul",
	"f/crlf", "f/tail" };

/* Rules, and how they are switched afterwards: NAME=WORD. */
static const struct {
	const char *name, *rules[3], *name_switched, *word;
} matches[] = {
	{ "magic", { ":a:M::MAGIC::@/i/a:" }, NULL, NULL },
	{ "mask", { ":a:M::magic:\\xdf\\xdf\\xdf\\xdf\\xdf:@/i/a:P" }, NULL,
	    NULL },
	{ "bits outside the mask",
	    { ":a:M::M?GIC:\\xff\\x00\\xff\\xff\\xff:"
	      "@/i/a:" },
	    NULL, NULL },
	{ "offset", { ":a:M:2:GIC::@/i/a:" }, NULL, NULL },
	{ "the last byte", { ":a:M:255:Z::@/i/a:" }, NULL, NULL },
	{ "padding", { ":a:M::MA\\x00\\x00::@/i/a:" }, NULL, NULL },
	{ "extension", { ":a:E::ext::@/i/a:" }, NULL, NULL },
	{ "newer extension", { ":a:M::MAGIC::@/i/a:", ":b:E::ext::@/i/b:" },
	    NULL, NULL },
	{ "newer magic", { ":b:E::ext::@/i/b:", ":a:M::MAGIC::@/i/a:P" }, NULL,
	    NULL },
	{ "the newest of three",
	    { ":a:M::M::@/i/a:", ":b:M::MAGIC::@/i/b:", ":c:M::MA::@/i/c:" },
	    NULL, NULL },
	{ "broken newer one",
	    { ":a:M::MAGIC::@/i/a:", ":b:E::ext::@/i/missing:" }, NULL, NULL },
	{ "newer one disabled", { ":a:M::MAGIC::@/i/a:", ":b:M::MAG::@/i/b:" },
	    "b", "0" },
	{ "older one disabled", { ":a:M::MAGIC::@/i/a:", ":b:M::MAG::@/i/b:" },
	    "a", "0" },
	{ "the only one disabled", { ":a:M::MAGIC::@/i/a:" }, "a", "0" },
	{ "all disabled", { ":a:M::MAGIC::@/i/a:", ":b:E::ext::@/i/b:" },
	    "status", "0" },
	{ "nothing registered", { NULL }, NULL, NULL },
};

static void
make_scripts(void)
{
	char line[400];

	put_text("f/script", 0755, "#!@/i/elf\n");
	put_text("f/script.ext", 0755, "#!@/i/elf -a  b\n");
	put_text("f/script-of-magic", 0755, "#!@/f/magic\n");
	put_text("f/script-of-ext", 0755, "#!@/f/magic.ext arg");
	put_text("f/no-interpreter", 0755, "#! \t \n/bin/true\n");
	put_text("f/relative", 0755, "#!i/elf\n");
	put_text("f/crlf", 0755, "#!@/i/elf\r\n");
	put("f/nul", 0755, "#!i/elf\0x\n", 10);
	/* No newline within what the kernel reads. */
	memset(line, 'x', sizeof(line));
	memcpy(line, "#!i/", 4);
	put("f/cut", 0755, line, sizeof(line));
	memcpy(line, "#!i/elf ", 8);
	put("f/cut-argument", 0755, line, sizeof(line));
}

static void
make_files(void)
{
	char data[300];

	(void)mkdir("f/dir.ext", 0755);
	(void)mkdir("f/directory.ext", 0755);
	put_program("i/a", 0755);
	put_program("i/b", 0755);
	put_program("i/c", 0755);
	put_text("f/magic", 0755, "MAGIC\n");
	put_text("f/magic.ext", 0755, "MAGIC\n");
	put_text("f/.ext", 0755, "MAGIC\n");
	put_text("f/dir.ext/magic", 0755, "MAGIC\n");
	put_text("f/magic.EXT", 0755, "MAGIC\n");
	put_text("f/magic.ext.", 0755, "MAGIC\n");
	put_text("f/magic.other.ext", 0755, "other\n");
	put_text("f/empty", 0755, "");
	put_text("f/empty.ext", 0755, "");
	put_text("f/short", 0755, "MA");
	put_text("f/plain.ext", 0644, "MAGIC\n");
	put_text("noexec/magic.ext", 0755, "MAGIC\n");
	put_text("f/setuid.ext", 04755, "MAGIC\n");
	put_text("f/near", 0755, "MAGiC\n");
	put_program("f/native", 0755);
	put_program("f/native.ext", 0755);
	put_foreign("f/foreign");
	make_scripts();
	memset(data, 'Z', sizeof(data));
	put("f/tail", 0755, data, 256);
	memcpy(data, "MAGIC", 5);
	put("f/long", 0755, data, sizeof(data));
	memset(data, '\0', sizeof(data));
	put("f/zeros", 0755, data, sizeof(data));
	if (mkfifo("f/fifo.ext", 0755) < 0 ||
	    symlink("magic", "f/link.ext") < 0 ||
	    symlink("magic.ext", "f/link") < 0 ||
	    symlink("nowhere", "f/dangling.ext") < 0 ||
	    symlink("loop.ext", "f/loop.ext") < 0)
		die("symlink");
}

static void
test_files(void)
{
	size_t i, j, k;

	for (i = 0; i < COUNT(matches); i++) {
		for (j = 0; j < COUNT(matches[i].rules); j++) {
			if (matches[i].rules[j] != NULL &&
			    !tell("register", expand(matches[i].rules[j])))
				die(matches[i].rules[j]);
		}
		if (matches[i].name_switched != NULL &&
		    !tell(matches[i].name_switched, matches[i].word))
			die(matches[i].name_switched);
		for (k = 0; k < COUNT(files); k++)
			compare(expand(files[k]),
			    strncmp(files[k], "f/script", 8) == 0 ? RESULT :
								    WINNER,
			    "%s", matches[i].name);
		clear_registry();
	}
}

/*
 * run-detectors.
 */

static const struct {
	const char *name;
	/* Name, magic, interpreter, detector and preserve; all or none. */
	struct {
		const char *name, *magic, *interpreter, *detector, *preserve;
	} formats[3];
} detected[] = {
	{ "accepts", { { "a", "MAGIC", "@/i/a", "@/i/yes", "" } } },
	{ "declines", { { "a", "MAGIC", "@/i/a", "@/i/no", "" } } },
	{ "preserve", { { "a", "MAGIC", "@/i/a", "@/i/yes", "yes" } } },
	{ "detector missing",
	    { { "a", "MAGIC", "@/i/a", "@/i/missing", "" } } },
	{ "detector killed", { { "a", "MAGIC", "@/i/a", "@/i/killed", "" } } },
	{ "interpreter missing",
	    { { "a", "MAGIC", "@/i/missing", "@/i/yes", "" } } },
	{ "interpreter not executable",
	    { { "a", "MAGIC", "@/i/plain", "@/i/yes", "" } } },
	{ "interpreter is a text",
	    { { "a", "MAGIC", "@/i/text", "@/i/yes", "" } } },
	{ "script", { { "a", "MAGIC", "@/i/argument", "@/i/yes", "" } } },
	{ "script, preserve",
	    { { "a", "MAGIC", "@/i/second", "@/i/yes", "yes" } } },
	{ "shared",
	    { { "a", "MAGIC", "@/i/a", "", "" },
		{ "b", "MAGIC", "@/i/b", "", "" } } },
	{ "shared, preserve",
	    { { "a", "MAGIC", "@/i/a", "", "" },
		{ "b", "MAGIC", "@/i/b", "", "yes" } } },
	{ "shared, both preserve",
	    { { "a", "MAGIC", "@/i/a", "", "yes" },
		{ "b", "MAGIC", "@/i/b", "", "yes" } } },
	{ "shared, the first broken",
	    { { "a", "MAGIC", "@/i/missing", "", "" },
		{ "b", "MAGIC", "@/i/b", "", "" } } },
	{ "shared, all broken",
	    { { "a", "MAGIC", "@/i/missing", "", "" },
		{ "b", "MAGIC", "@/i/plain", "", "" } } },
	{ "shared, one detected",
	    { { "a", "MAGIC", "@/i/a", "", "" },
		{ "b", "MAGIC", "@/i/b", "@/i/yes", "" } } },
	{ "shared, one declined",
	    { { "a", "MAGIC", "@/i/a", "@/i/no", "" },
		{ "b", "MAGIC", "@/i/b", "", "yes" } } },
	{ "less specific",
	    { { "a", "MAGIC", "@/i/a", "@/i/no", "" },
		{ "b", "MAG", "@/i/b", "@/i/yes", "yes" } } },
	{ "less specific, all decline",
	    { { "a", "MAGIC", "@/i/a", "@/i/no", "" },
		{ "b", "MAG", "@/i/b", "@/i/no", "" } } },
	{ "less specific, direct",
	    { { "a", "MAGIC", "@/i/a", "@/i/no", "" },
		{ "b", "MAG", "@/i/b", "", "" } } },
	{ "a loop", { { "a", "MAGIC", "@/f/magic", "@/i/yes", "" } } },
	{ "a loop, and another",
	    { { "a", "MAGIC", "@/f/magic", "@/i/yes", "" },
		{ "b", "MAGIC", "@/i/b", "", "" } } },
	{ "two formats",
	    { { "a", "MAGIC", "@/i/chain1", "@/i/yes", "" },
		{ "b", "CHAIN1", "@/i/b", "@/i/yes", "yes" } } },
	{ "then direct",
	    { { "a", "MAGIC", "@/i/chain1", "@/i/yes", "" },
		{ "b", "CHAIN1", "@/i/b", "", "yes" } } },
};

static const char *const detected_files[] = { "f/magic", "@/f/magic.ext",
	"f/link", "f/plain.ext", "f/script-of-magic", "f/near" };

static void
make_detectors(void)
{
	put_text("i/yes", 0755, "#!/bin/sh\nexit 0\n");
	put_text("i/no", 0755, "#!/bin/sh\nexit 1\n");
	put_text("i/killed", 0755, "#!/bin/sh\nkill -9 $$\n");
}

/* By update-binfmts itself, which is not what is tested here. */
static bool
install(size_t set, size_t i)
{
	char program[PATH_MAX], output[TEXT_MAX];
	char *argv[16];
	int n = 0, status;
	const char *detector = detected[set].formats[i].detector;
	const char *preserve = detected[set].formats[i].preserve;
	union {
		const char *in;
		char *out;
	} word;

#define ADD(text) (word.in = (text), argv[n++] = word.out)
	(void)snprintf(program, sizeof(program), "%s", updater);
	ADD(program);
	ADD("--install");
	ADD(detected[set].formats[i].name);
	ADD(expand(detected[set].formats[i].interpreter));
	ADD("--force"); /* what would loop is refused otherwise */
	ADD("--magic");
	ADD(detected[set].formats[i].magic);
	if (detector[0] != '\0') {
		ADD("--detector");
		ADD(expand(detector));
	}
	if (preserve[0] != '\0') {
		ADD("--preserve");
		ADD(preserve);
	}
#undef ADD
	argv[n] = NULL;
	return execute(argv, environ, output, sizeof(output), &status) == 0 &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
clear_database(void)
{
	char path[PATH_MAX];
	char c;

	clear_registry();
	for (c = 'a'; c <= 'z'; c++) {
		(void)snprintf(path, sizeof(path), "%s/%c", admindir, c);
		(void)unlink(path);
	}
}

static void
test_detectors(void)
{
	size_t i, j;

	for (i = 0; i < COUNT(detected); i++) {
		for (j = 0; j < COUNT(detected[i].formats); j++) {
			if (detected[i].formats[j].name != NULL &&
			    !install(i, j))
				die(detected[i].name);
		}
		for (j = 0; j < COUNT(detected_files); j++)
			compare(expand(detected_files[j]), RESULT,
			    "run-detectors, %s", detected[i].name);
		clear_database();
	}
}

int
main(int argc, char *argv[])
{
	start_cases(argc, argv);
	make_interpreters();
	make_files();
	make_detectors();
	test_interpreters();
	test_flags_in_chains();
	test_files();
	test_detectors();
	return end_cases();
}
