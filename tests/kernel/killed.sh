#!/bin/sh
# SIGKILL in the middle of an action, at each of its system calls: a file that
# ran before still runs, and the same command again brings database and kernel
# into agreement.  All actions are killed by make check-faults.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
export GCOV_PREFIX=/dev/null # see lib.sh

# What it still has to say is of no interest here.
quietly() {
	"$@" >/dev/null 2>&1
}

# kill_at NUMBER ARGUMENT...: whether it was killed before its end.  Where
# nothing can be traced, it is at some moment of some of its runs.
kill_at() {
	_number=$1
	shift
	if [ "$traceable" = yes ]; then
		set -- "$TEST_TOOLS/fault-at" "$_number" "$UPDATE_BINFMTS" "$@"
	elif [ "$_number" -gt 100 ]; then
		return 1
	else
		set -- "$TEST_TOOLS/fault-at" -t $((50 * _number)) \
			"$UPDATE_BINFMTS" "$@"
	fi
	quietly "$@" --quiet --admindir "$admin" --importdir "$import"
}

# Nobody starts in fewer system calls than that.
traceable=yes start=20
quietly "$TEST_TOOLS/fault-at" 1000 true
[ $? -ne 77 ] || traceable=no start=0

# Sanitizers make hundreds of them, and each takes its time.
slowness=1
! is_sanitized || slowness=40

# Nothing is left behind, and all is registered that is recorded; or nothing.
agree() {
	case $(ls -A "$admin" "$registry") in
	*tmp*) return 1 ;;
	esac
	update --source database --display >"$captured/display" || return
	if [ "$1" = enabled ]; then
		fails grep -q -e state -e '(disabled)' "$captured/display"
	else
		fails grep -q -e state -e '(enabled)' "$captured/display"
	fi
}

# everywhere STATE STEP ARGUMENT...: an action that leads to this state.  Before
# each round, prepare is called, and after each kill, look; while they succeed
# nothing is said.
everywhere() {
	_state=$1 _step=$(($2 * slowness))
	shift 2
	number=$start
	killed=0
	while [ "$killed" -eq 0 ]; do
		number=$((number + _step))
		quietly prepare
		kill_at "$number" "$@"
		killed=$?
		if ! look "$@" >"$captured/round" 2>&1; then
			break
		fi
		quietly update "$@"
		if ! agree "$_state" >"$captured/round" 2>&1; then
			break
		fi
	done
	_rounds=$(((number - start) / _step))
	if [ "$killed" -ne 0 ] && [ "$_rounds" -gt 2 ]; then
		ok "$subject: killed at $_rounds moments"
	else
		not_ok "$subject: killed at $_rounds moments" <<-END
			$(cat "$captured/round" "$captured/display")
			$(ls -l "$admin" "$registry")
			$(cd "$registry" && grep -s '' ./*)
		END
	fi
}

runs() {
	[ "$(SHOW=argv "$TEST_TOOLS/exec-file" "$1")" = "argv [$2] [$1]" ]
}

test_replacing() {
	program one two
	file f KILL
	prepare() {
		update --install format "$work/one" --magic KILL
	}
	look() {
		runs ./f "$work/one" || runs ./f "$work/two"
	}
	everywhere enabled 1 --install format "$work/two" --magic KILL
	check 'it is the new one' runs ./f "$work/two"
}

# The one that repairs is killed, too, where it has most to do: the entry is
# gone, and what stands in for it must not go before it is back.
test_repairing() {
	program one two
	file f KILL
	prepare() {
		update --install format "$work/one" --magic KILL
	}
	look() {
		[ -e "$registry/format" ] && return
		# shellcheck disable=SC2010 # no strange names
		standby=$(ls -A "$registry" | grep tmp)
		again=0
		while runs ./f "$work/two"; do
			again=$((again + slowness))
			rounds=$((rounds + 1))
			[ -e "$registry/$standby" ] ||
				register ":$standby:M::KILL::$work/two:"
			[ ! -e "$registry/format" ] || control format -1
			kill_at "$again" "$@" || return 0
		done
		return 1
	}
	rounds=0
	everywhere enabled 1 --install format "$work/two" --magic KILL
	[ "$traceable" = no ] || [ "$slowness" -gt 1 ] ||
		check 'that was looked at' test "$rounds" -gt 5
}

# The other one, which has to follow, stays as it was or follows.
test_sharing() {
	program one two
	file f KILL
	update --install one "$work/one" --magic KILL
	look() {
		runs ./f "$work/one" || runs ./f "$work/two"
	}
	prepare() {
		update --remove two two
	}
	everywhere enabled 1 --install two "$work/two" --magic KILL
	testing 'no longer sharing'
	prepare() {
		update --install two "$work/two" --magic KILL
	}
	everywhere enabled 1 --remove two two
	check 'the other one is registered directly' grep -q \
		"interpreter $work/one" "$registry/one"
}

run_cases "$@"
