#include "childsignal.h"

#include <time.h>
#include <unistd.h>

static bool
is_pending(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, SIGCHLD) == 1;
}

static void
do_nothing(int signal)
{
	(void)signal;
}

void
childsignal_hold(struct childsignal *held)
{
	struct sigaction action = { .sa_handler = do_nothing };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, &held->mask);
	held->pending = is_pending();
	(void)sigaction(SIGCHLD, NULL, &held->action);
	/* Not SIG_DFL, which would drop a pending signal. */
	held->replaced = held->action.sa_handler == SIG_IGN ||
	    (held->action.sa_flags & SA_NOCLDWAIT) != 0;
	if (held->replaced)
		(void)sigaction(SIGCHLD, &action, NULL);
}

void
childsignal_child(const struct childsignal *held)
{
	(void)sigaction(SIGCHLD, &held->action, NULL);
	(void)sigprocmask(SIG_SETMASK, &held->mask, NULL);
}

void
childsignal_restore(const struct childsignal *held)
{
	const struct timespec now = { 0, 0 };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	if (!held->pending && is_pending())
		(void)sigtimedwait(&set, NULL, &now);
	if (held->replaced)
		(void)sigaction(SIGCHLD, &held->action, NULL);
	if (held->pending && !is_pending())
		(void)kill(getpid(), SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &held->mask, NULL);
}
