/*
 * For a build with --enable-coverage, linked in place of execve(2) and
 * _exit(2): a program that ends by them would lose its counters.  After a
 * vfork(2) they are those of the parent, so they start again from 0.
 */
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

int __real_execve(const char *path, char *const argv[], char *const envp[]);
int __wrap_execve(const char *path, char *const argv[], char *const envp[]);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

int
__wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	__gcov_dump();
	__gcov_reset();
	return __real_execve(path, argv, envp);
}

void
__wrap__exit(int status)
{
	__gcov_dump();
	__gcov_reset();
	__real__exit(status);
}
