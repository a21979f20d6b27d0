#!/bin/sh
# Twenty writers at a time, fifty rounds each, and readers beside them: no
# command fails, nothing is lost, and at the end the kernel has what is
# recorded.  CONCURRENCY_SECONDS: how long readers are watched, 30.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/faults-lib.sh"

: "${CONCURRENCY_SECONDS:=30}"
writers=20 rounds=50

# must COMMAND...: what fails is written down.
must() {
	"$@" >"$work/said.$$.$me" 2>&1 || {
		echo "status $? of $*"
		cat "$work/said.$$.$me"
	} >>"$work/failed"
}

# in_parallel FUNCTION: each writer as a process, with its number in $me.
in_parallel() {
	: >"$work/failed"
	for me in $(seq "$writers"); do
		"$1" &
	done
	wait
	check "$writers writers, no command fails" fails test -s "$work/failed"
	[ ! -s "$work/failed" ] || head -n 20 "$work/failed" | sed 's/^/# /'
}

# What is recorded is registered, and nothing else, and no file is left over.
agrees() {
	(cd "$admin" && printf '%s\n' *) | sort >"$work/recorded"
	(cd "$registry" && printf '%s\n' *) | grep -vx -e register -e status |
		sort >"$work/registered"
	cmp "$work/recorded" "$work/registered" &&
		! find "$admin" "$registry" -name '.*tmp*' | grep . &&
		update --display >"$work/display" &&
		! grep -e differs -e '(disabled)' "$work/display"
}

own_names() {
	for round in $(seq "$rounds"); do
		must update --install "w$me" "$work/one" --magic "W$me:$round"
		[ $((round % 5)) -ne 0 ] || [ "$round" -eq "$rounds" ] ||
			must update --remove "w$me" "$work/one"
	done
}

test_different_names() {
	program one
	in_parallel own_names
	check 'database and kernel agree' agrees
	# shellcheck disable=SC2012 # no strange names
	verdict 'all are there' "$writers formats" \
		test "$(ls "$admin" | wc -l)" -eq "$writers"
	last=0
	for me in $(seq "$writers"); do
		grep -qx "W$me:$rounds" "$admin/w$me" || last=1
	done
	verdict 'each as it was installed last' 'the last round' \
		test "$last" -eq 0
}

same_name() {
	for round in $(seq "$rounds"); do
		must update --install same "$work/one" --magic "S$me:$round"
		[ $((round % 7)) -ne 0 ] ||
			must update --remove same "$work/one"
		[ $((me % 4)) -ne 0 ] || must update --enable
		[ $((me % 5)) -ne 0 ] || must update --sync
	done
}

test_same_name() {
	program one
	in_parallel same_name
	update --install same "$work/one" --magic LAST
	check 'database and kernel agree' agrees
	expect_registered same
}

write_on() {
	round=0
	while [ ! -e "$work/stop" ]; do
		round=$((round + 1))
		must update --install "w$me" "$work/one" --magic "W$me:$round"
		must update --import
		must update --unimport b
	done
}

# A format that stays is always there: for --display, --find, and execve(2).
read_on() {
	while [ ! -e "$work/stop" ]; do
		must update --display stays
		must update --find "$work/file"
		must update --check stays
		must env SHOW=argv "$TEST_TOOLS/exec-file" "$work/file"
		reads=$((reads + 1))
	done
	[ "$reads" -gt 10 ] || echo "only $reads reads" >>"$work/failed"
}

test_readers() {
	program one two
	# Two of the same bytes, so that run-detectors reads the database.
	update --install stays "$work/one" --magic STAYS --priority 5
	update --install too "$work/two" --magic STAYS
	format a "interpreter $work/one" 'magic AAAA'
	format b "interpreter $work/two" 'magic AAAA'
	file file STAYS
	: >"$work/failed"
	reads=0
	for me in 1 2 3; do
		write_on &
	done
	for me in 4 5 6; do
		read_on &
	done
	sleep "$CONCURRENCY_SECONDS"
	: >"$work/stop"
	wait
	check 'readers beside writers, no command fails' \
		fails test -s "$work/failed"
	[ ! -s "$work/failed" ] || head -n 20 "$work/failed" | sed 's/^/# /'
	update --import
	check 'database and kernel agree' agrees
}

# A writer that hangs is not waited for for ever, and it is said what it holds.
test_hanging_writer() {
	program one
	update --install one "$work/one" --magic ONES
	flock "$admin.lock" sleep 100 &
	_holder=$!
	sleep 0.5
	_start=$(date +%s)
	ub --install two "$work/one" --magic TWOS
	_waited=$(($(date +%s) - _start))
	kill "$_holder"
	expect_status 2
	expect_stderr_has 'lock binfmts.lock'
	expect_stderr_has '30 seconds'
	verdict "waited for $_waited seconds" '30 seconds' \
		test "$_waited" -ge 29 -a "$_waited" -le 33
	expect_registered one
}

run_cases "$@"
