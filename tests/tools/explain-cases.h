/*
 * What the tools share that hold what --explain predicts against what execve(2)
 * does.  They are called with
 *
 *	WORK ADMINDIR
 *
 * where WORK is an empty directory and ADMINDIR the database that run-detectors
 * reads.  They want a binfmt_misc of their own, which is empty, and print a
 * line for each case.  What is executed in the end is always show-exec.
 */
#ifndef EXPLAIN_CASES_H
#define EXPLAIN_CASES_H

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REGISTRY   "/proc/sys/fs/binfmt_misc"
#define OUTPUT_MAX (64 * 1024)
#define TEXT_MAX   4096

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The number of the first user namespace, from the kernel's proc_ns.h. */
#define FIRST_USER_NAMESPACE 0xEFFFFFFDUL

static const char *work, *admindir, *updater;
static unsigned cases, failures;
static uid_t user; /* that executes, and asks */

/* What became of a file, or would. */
struct outcome {
	bool runs;
	char error[16]; /* the name of it, or empty */
	char argv[TEXT_MAX];
	char winner[64]; /* the entry, or empty */
};

static inline _Noreturn void
die(const char *what)
{
	printf("not ok - explain: %s: %s\n", what, strerror(errno));
	exit(1);
}

/*
 * Files and rules.  In texts @ stands for WORK.
 */

static inline char *
expand(const char *text)
{
	static char buffers[4][TEXT_MAX];
	static unsigned next;
	char *to, *buffer = buffers[next++ % COUNT(buffers)];

	for (to = buffer; *text != '\0'; text++) {
		if ((size_t)(to - buffer) + strlen(work) + 2 > TEXT_MAX)
			die("too long");
		if (*text == '@')
			to = stpcpy(to, work);
		else
			*to++ = *text;
	}
	*to = '\0';
	return buffer;
}

static inline void
put(const char *path, mode_t mode, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len ||
	    fchmod(fd, mode) < 0 || close(fd) < 0)
		die(path);
}

static inline void
put_text(const char *path, mode_t mode, const char *text)
{
	const char *expanded = expand(text);

	put(path, mode, expanded, strlen(expanded));
}

/* Reads a whole file, which must fit. */
static inline size_t
get(const char *path, char *data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	while (
	    fd >= 0 && len < size && (n = read(fd, data + len, size - len)) > 0)
		len += (size_t)n;
	if (fd < 0 || n < 0 || len == size || close(fd) < 0)
		die(path);
	return len;
}

/* Copies of the one program under many names. */
static inline void
put_program(const char *path, mode_t mode)
{
	static char data[4 * 1024 * 1024];
	static size_t len;

	if (len == 0) {
		char source[PATH_MAX];

		(void)snprintf(source, sizeof(source), "%s/show-exec",
		    getenv("TEST_TOOLS"));
		len = get(source, data, sizeof(data));
	}
	put(path, mode, data, len);
}

/* A write to the kernel; it may refuse. */
static inline bool
tell(const char *name, const char *text)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), REGISTRY "/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	(void)close(fd);
	return n > 0;
}

/* Removes what the cases register: names of one letter, and chains. */
static inline void
clear_registry(void)
{
	char name[8];
	char c;

	for (c = 'a'; c <= 'z'; c++) {
		(void)snprintf(name, sizeof(name), "%c", c);
		(void)tell(name, "-1");
	}
	for (c = '1'; c <= '6'; c++) {
		(void)snprintf(name, sizeof(name), "chain%c", c);
		(void)tell(name, "-1");
	}
	(void)tell("status", "1");
}

/*
 * What really happens.
 */

static inline const char *
name_error(int error)
{
	switch (error) {
	case 0:
		return "";
	case EACCES:
		return "EACCES";
	case ELOOP:
		return "ELOOP";
	case ELIBBAD:
		return "ELIBBAD";
	case EIO:
		return "EIO";
	case ENOENT:
		return "ENOENT";
	case ENOEXEC:
		return "ENOEXEC";
	case ENOTDIR:
		return "ENOTDIR";
	default:
		return "other";
	}
}

/*
 * Executes a program and collects its standard output.  Returns the errno of
 * execve(2), and *status is that of the process.
 */
static inline int
execute(char *const argv[], char *const environment[], char *output,
    size_t size, int *status)
{
	int out[2], err[2], error = 0;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		(void)dup2(null, STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		(void)alarm(60);
		if (user != 0 &&
		    (setgroups(0, NULL) < 0 || setgid(user) < 0 ||
			setuid(user) < 0))
			_exit(121);
		(void)execve(argv[0], argv, environment);
		error = errno;
		_exit(write(err[1], &error, sizeof(error)) < 0 ? 121 : 120);
	}
	(void)close(out[1]);
	(void)close(err[1]);
	while (len + 1 < size &&
	    (n = read(out[0], output + len, size - len - 1)) > 0)
		len += (size_t)n;
	output[len] = '\0';
	if (read(err[0], &error, sizeof(error)) != (ssize_t)sizeof(error))
		error = 0;
	(void)close(out[0]);
	(void)close(err[0]);
	if (waitpid(pid, status, 0) != pid)
		die("waitpid");
	return error;
}

/* Our interpreters are @/i/ENTRY, so the first one tells who won. */
static inline void
find_real_winner(struct outcome *real)
{
	char prefix[PATH_MAX];
	const char *at;

	(void)snprintf(prefix, sizeof(prefix), "[%s/i/", work);
	at = strstr(real->argv, prefix);
	if (at != NULL)
		(void)snprintf(real->winner, sizeof(real->winner), "%.*s",
		    (int)strcspn(at + strlen(prefix), "]"),
		    at + strlen(prefix));
}

static inline struct outcome
try(const char *file)
{
	static char output[OUTPUT_MAX];
	char path[PATH_MAX], more[] = "...", show[] = "SHOW=argv";
	char *argv[] = { path, more, NULL }, *environment[] = { show, NULL };
	struct outcome real = { .runs = false };
	int error, status;

	(void)snprintf(path, sizeof(path), "%s", file);
	error = execute(argv, environment, output, sizeof(output), &status);
	(void)snprintf(real.error, sizeof(real.error), "%s", name_error(error));
	real.runs = error == 0 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0 && strncmp(output, "argv ", 5) == 0;
	if (!real.runs)
		return real;
	(void)snprintf(real.argv, sizeof(real.argv), "%.*s",
	    (int)strcspn(output + 5, "\n"), output + 5);
	find_real_winner(&real);
	return real;
}

/*
 * What --explain says.  Within a string of our JSON there is no plain quote,
 * so keys can be searched for.
 */

static inline void
copy_string(char *to, size_t size, const char *from)
{
	size_t len = 0;
	unsigned code;

	for (; *from != '"' && *from != '\0' && len + 1 < size; from++) {
		if (from[0] == '\\' && from[1] == 'u' &&
		    sscanf(from + 2, "%4x", &code) == 1) {
			to[len++] = (char)code;
			from += 5;
		} else
			to[len++] = *from;
	}
	to[len] = '\0';
}

static inline void
read_argv(struct outcome *said, const char *json)
{
	const char *p = strstr(json, "\"argv\":[");
	char word[TEXT_MAX];
	size_t len = 0;

	if (p == NULL)
		die("no argv in the document");
	for (p += strlen("\"argv\":["); *p == '"' || *p == ',';) {
		if (*p == ',') {
			p++;
			continue;
		}
		copy_string(word, sizeof(word), ++p);
		len += (size_t)snprintf(said->argv + len,
		    sizeof(said->argv) - len, "%s[%s]", len == 0 ? "" : " ",
		    word);
		if (len >= sizeof(said->argv))
			die("too long an argv");
		p += strcspn(p, "\"") + 1;
	}
}

static inline void
read_winner(struct outcome *said, const char *json)
{
	const char *wins = strstr(json, "\"wins\":true"), *p, *name = NULL;

	if (wins == NULL)
		return;
	for (p = json; (p = strstr(p, "\"name\":\"")) != NULL && p < wins;) {
		p += strlen("\"name\":\"");
		name = p;
	}
	copy_string(said->winner, sizeof(said->winner), name);
}

static inline struct outcome
predict(const char *file)
{
	static char json[OUTPUT_MAX];
	char program[PATH_MAX], path[PATH_MAX], explain[] = "--explain",
						option[] = "--json";
	char *argv[] = { program, explain, path, option, NULL };
	struct outcome said = { .runs = false };
	const char *error;
	int status, code;

	(void)snprintf(program, sizeof(program), "%s", updater);
	(void)snprintf(path, sizeof(path), "%s", file);
	if (execute(argv, environ, json, sizeof(json), &status) != 0)
		die(updater);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 99;
	said.runs = strstr(json, "\"runs\":true") != NULL;
	error = strstr(json, "\"error\":\"");
	if (code != (said.runs ? 0 : 1) || json[0] != '{')
		(void)snprintf(said.error, sizeof(said.error), "status %d",
		    code);
	else if (error != NULL)
		copy_string(said.error, sizeof(said.error),
		    error + strlen("\"error\":\""));
	if (json[0] == '{' && said.runs)
		read_argv(&said, json);
	if (json[0] == '{')
		read_winner(&said, json);
	return said;
}

/*
 * One case.
 */

static inline void
show(const char *who, const struct outcome *o)
{
	printf("# %s %s %s%s by '%s'\n", who, o->runs ? "runs" : "fails",
	    o->error, o->argv, o->winner);
}

/* What of the outcome is compared. */
enum extent {
	START,	/* whether execve(2) succeeds: later the program may crash */
	RESULT, /* and what arrives */
	WINNER, /* and who handles the file, where that can be known */
};

static inline bool
agree(const struct outcome *said, const struct outcome *real,
    enum extent extent)
{
	if (strcmp(said->error, real->error) != 0)
		return false;
	if (extent == START)
		return said->runs == (real->error[0] == '\0');
	if (said->runs != real->runs)
		return false;
	return !real->runs ||
	    (strcmp(said->argv, real->argv) == 0 &&
		(extent < WINNER || strcmp(said->winner, real->winner) == 0));
}

static inline __attribute__((format(printf, 3, 4))) void
compare(const char *file, enum extent extent, const char *format, ...)
{
	struct outcome said, real;
	va_list ap;
	bool good;

	said = predict(file);
	real = try(file);
	good = agree(&said, &real, extent);
	cases++;
	failures += good ? 0 : 1;
	printf("%s - explain: ", good ? "ok" : "not ok");
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	printf(": %s\n", file);
	if (!good) {
		show("said:", &said);
		show("real:", &real);
	}
}

/*
 * Starting and ending.
 */

static inline void
start_cases(int argc, char *argv[])
{
	struct stat st;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	updater = getenv("UPDATE_BINFMTS");
	errno = EINVAL;
	if (argc != 3 || updater == NULL || getenv("TEST_TOOLS") == NULL)
		die("usage");
	if (stat("/proc/self/ns/user", &st) < 0 ||
	    (unsigned long)st.st_ino == FIRST_USER_NAMESPACE)
		die("this is not a namespace for tests");
	work = argv[1];
	admindir = argv[2];
	if (chdir(work) < 0 || mkdir("i", 0755) < 0 || mkdir("f", 0755) < 0 ||
	    mkdir("noexec", 0755) < 0 ||
	    mount("noexec", "noexec", "tmpfs", MS_NOEXEC, NULL) < 0)
		die(work);
}

static inline int
end_cases(void)
{
	(void)umount2("noexec", MNT_DETACH);
	printf("# %u cases, %u disagree\n", cases, failures);
	return failures == 0 ? 0 : 1;
}

#endif
