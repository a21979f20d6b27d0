#!/bin/sh
# An error from each system call that can have it, of each action: it is told,
# unless all was done in spite of it, and nothing is lost or half done.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/faults-lib.sh"

# fault ERROR NUMBER ARGUMENT...: sets $result to the status it ended with.
fault() {
	_error=$1 _number=$2
	shift 2
	"$TEST_TOOLS/fault-at" -e "$_error" "$_number" "$UPDATE_BINFMTS" \
		--admindir "$admin" --importdir "$import" "$@" \
		>"$captured/out" 2>"$captured/err" 9<&-
	result=$(sed -n '$s/^\([0-9-]*\) [a-z0-9-]*$/\1/p' "$captured/out")
	: "${result:=-}" # it made fewer calls this time
}

# Whether what was said and what was done agree: with the status 0 all is
# recorded, and where the kernel does not follow there is a warning.
is_honest() {
	if [ "$result" -eq 0 ] && [ -s "$captured/err" ]; then
		diff -r "$work/new" "$admin"
	elif [ "$result" -eq 0 ]; then
		is_new
	elif [ "$result" -gt 2 ]; then
		echo "status $result"
		return 1
	else
		test -s "$captured/err" || {
			echo "status $result without a word"
			return 1
		}
	fi
}

fail_everywhere() {
	reset
	_points=0
	"$TEST_TOOLS/fault-at" -l "$UPDATE_BINFMTS" \
		--admindir "$admin" --importdir "$import" "$@" \
		2>/dev/null | grep "^[0-9]* [a-z].* E[A-Z]" >"$captured/calls"
	while read -r _call _callee _errors; do
		[ "$_call" -gt "$loader" ] || continue
		for _error in $_errors; do
			reset
			fault "$_error" "$_call" "$@"
			[ "$result" != - ] || continue
			_points=$((_points + 1))
			if ! {
				is_honest && recovers "$@"
			} >"$captured/round" 2>&1; then
				_what="$_error from call $_call, $_callee"
				cat "$captured/round" "$captured/err" |
					not_ok "$subject: $_what"
			fi
		done
	done <"$captured/calls"
	verdict "$_points errors" 'more than 50' test "$_points" -gt 50
}

test_errors() {
	for_each_action fail_everywhere
}

run_cases "$@"
