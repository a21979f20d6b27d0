/*
 * nosync COMMAND [ARG]...: runs a command for which all that waits for a disk
 * succeeds at once, undone.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#define PRETEND(number)                                                        \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                   \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0)

int
main(int argc, char *argv[])
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		PRETEND(SYS_fsync),
		PRETEND(SYS_fdatasync),
		PRETEND(SYS_sync),
		PRETEND(SYS_syncfs),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("nosync");
		return 2;
	}
	(void)execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
