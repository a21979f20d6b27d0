#!/bin/sh
# SIGKILL at the entry of each system call of each action: nothing is lost or
# half done, and the same command again completes.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/faults-lib.sh"

kill_everywhere() {
	_call=$((loader + 1))
	_points=0
	while reset && "$TEST_TOOLS/fault-at" "$_call" "$UPDATE_BINFMTS" \
		--quiet --admindir "$admin" --importdir "$import" "$@" \
		>/dev/null 2>&1; do
		if ! recovers "$@" >"$captured/round" 2>&1; then
			not_ok "$subject: killed at call $_call" \
				<"$captured/round"
		fi
		_points=$((_points + 1))
		_call=$((_call + 1))
	done
	verdict "killed at $_points calls" 'more than 20 calls' \
		test "$_points" -gt 20
	total=$((total + _points))
}

test_kills() {
	total=0
	for_each_action kill_everywhere || return
	testing 'all actions'
	verdict "killed at $total calls" 'at least 800' test "$total" -ge 800
}

run_cases "$@"
