#include "childsignal.h"

#include <time.h>

static bool
is_pending(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, SIGCHLD) == 1;
}

void
childsignal_hold(struct childsignal *held)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	held->pending = is_pending();
	(void)sigaction(SIGCHLD, &action, &held->action);
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
	(void)sigaction(SIGCHLD, &held->action, NULL);
}
