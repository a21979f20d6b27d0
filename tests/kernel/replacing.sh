#!/bin/sh
# While entries are replaced their files can be executed at every moment.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

change() {
	update "$@" || problems=$?
}

# Executes ./f all the time, from start_running on until finish_running.
start_running() {
	problems=0
	mkfifo running
	"$TEST_TOOLS/exec-loop" ./f <running >ran &
	exec 9>running
}

finish_running() {
	exec 9>&-
	wait
	rm running
	check 'no action failed' test "$problems" -eq 0
	check "$(grep runs ran)" grep -q ', 0 failures' ran
	check 'often enough to tell' test "$(sed -n 's/ runs.*//p' ran)" -gt 50
}

# Each of them ends with 0 when it may run ./f, and with 1 when not.
interpreters() {
	for interpreter; do
		cp "$TEST_TOOLS/exit-number" "$work/$interpreter"
	done
	file f REPLACE
	change --install format "$work/$1" --magic REPLACE
}

test_replacing() {
	interpreters one-0 two-0
	start_running
	for _ in $(seq 100); do
		change --install format "$work/two-0" --magic REPLACE
		change --install format "$work/one-0" --magic REPLACE \
			--preserve yes
	done
	finish_running
	expect_registered format
}

# From an entry of its own to a shared one, and back.
test_sharing() {
	interpreters first-0 second-1
	start_running
	for _ in $(seq 50); do
		change --install second "$work/second-1" --magic REPLACE
		change --remove second x
	done
	finish_running
	expect_entry format enabled "$work/first-0" '' 'offset 0' \
		'magic 5245504c414345'
}

# With an entry that has been changed by hand.
test_enabling() {
	interpreters one-0 two-0
	start_running
	for _ in $(seq 50); do
		register ":temporary:M::REPLACE::$work/two-0:"
		control format -1
		register ":format:M::REPLACE::$work/two-0:"
		control temporary -1
		change --enable format
	done
	finish_running
	expect_entry format enabled "$work/one-0" '' 'offset 0' \
		'magic 5245504c414345'
}

# A replacement that the kernel refuses leaves what there was.
test_refused() {
	interpreters one-0
	start_running
	for _ in $(seq 20); do
		ub --install format "$work/missing" --magic REPLACE \
			--fix-binary yes
		[ "$status" -eq 2 ] || problems=$status
		change --install format "$work/one-0" --magic REPLACE
	done
	finish_running
	expect_registered format
}

run_cases "$@"
