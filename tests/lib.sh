# shellcheck shell=sh
# For the scripts in tests/cli and tests/kernel, which begin with
#
#	. "${TOP_SRCDIR:=.}/tests/lib.sh"
#	as_plain_user "$@"	tests/cli only: root becomes somebody else
#	begin			a throw-away directory, $work, to be in
#
# and end with done_testing.  Each assertion prints one line, `ok - NAME` or
# `not ok - NAME`, and in that case what was expected and what came.  The name
# is the one that testing() gave, and what is asserted.  Variables of the
# functions here begin with an underscore.
#
# For the real program there are $admin, $import and $proc, which fresh makes
# new, and ub, which runs it on them.

# Where a program is killed or kept from writing, GCOV_PREFIX=/dev/null keeps it
# from doing harm to the counters of `make coverage'; it says so, with lines
# that begin with `profiling:'.

set -u
LC_ALL=C
export LC_ALL
unset CDPATH
umask 022

: "${TOP_SRCDIR:=.}" "${TOP_BUILDDIR:=$PWD}"
: "${TEST_TOOLS:=$TOP_BUILDDIR/tests/tools}"
: "${UPDATE_BINFMTS:=$TOP_BUILDDIR/tests/stage/update-binfmts}"
: "${RUN_DETECTORS:=$TOP_BUILDDIR/tests/stage/run-detectors}"
: "${BINFMT_DISPATCHER:=$TOP_BUILDDIR/tests/stage/binfmt-dispatcher}"
TOP_SRCDIR=$(cd "$TOP_SRCDIR" && pwd) || exit 1
# Where update-binfmts believes run-detectors to be, and where it can be run.
: "${DETECTORS:=$RUN_DETECTORS}"
export TOP_SRCDIR TOP_BUILDDIR TEST_TOOLS UPDATE_BINFMTS RUN_DETECTORS DETECTORS
export BINFMT_DISPATCHER

subject=$(basename "$0" .sh)
finished=no

# Starting and ending ---------------------------------------------------------

# For a user who can read neither the source nor the build tree.
copy_tests() {
	mkdir "$1/tests" "$1/tools" &&
		cp "$TOP_SRCDIR"/tests/*lib.sh "$1/tests" &&
		cp -R "$TOP_SRCDIR/tests/cli" "$1/tests" &&
		cp -R "$TOP_SRCDIR/man" "$TOP_SRCDIR/debian" \
			"$TOP_SRCDIR/format-files" "$1" &&
		cp "$UPDATE_BINFMTS" "$DETECTORS" "$BINFMT_DISPATCHER" "$1" ||
		return 1
	cp -R "$TEST_TOOLS/." "$1/tools" 2>/dev/null
	TOP_SRCDIR=$1 TEST_TOOLS=$1/tools
	UPDATE_BINFMTS=$1/update-binfmts DETECTORS=$1/run-detectors
	BINFMT_DISPATCHER=$1/binfmt-dispatcher
}

# Runs the script again as nobody, when root runs it, and ends with it.
as_plain_user() {
	[ "$(id -u)" -eq 0 ] || return 0
	nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
	if ! $nobody true 2>/dev/null; then
		skip "$subject" 'setpriv(1) cannot make root a plain user'
		finished=yes
		exit 0
	fi
	base=$(mktemp -d /tmp/binfmts.XXXXXX) || exit 1
	trap 'rm -rf "$base"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir -m 755 "$base/copy" && mkdir -m 1777 "$base/tmp" &&
		chmod 755 "$base" || exit 1
	case $0 in
	/*) script=$0 ;;
	*) script=$PWD/$0 ;;
	esac
	if ! $nobody test -r "$script" || ! $nobody test -x "$UPDATE_BINFMTS" ||
	    ! $nobody test -r "$TOP_SRCDIR/tests/lib.sh"; then
		copy_tests "$base/copy" || exit 1
		script=$base/copy/tests/cli/$(basename "$0")
	fi
	(cd "$base/copy" && HOME=$base/tmp TMPDIR=$base/tmp \
		exec $nobody "$script" "$@")
	exit
}

# Makes the throw-away directory and goes there.
begin() {
	base=$(mktemp -d "${TMPDIR:-/tmp}/binfmts.XXXXXX") || exit 1
	base=$(cd "$base" && pwd -P) || exit 1
	trap end EXIT
	trap 'exit 1' HUP INT TERM
	work=$base/work captured=$base/captured
	mkdir "$work" "$captured" || exit 1
	cd "$work" || exit 1
	status=0 _command=
	: >"$captured/out"
	: >"$captured/err"
	admin=$work/admin import=$work/import proc=$work/proc
}

end() {
	cd /
	chmod -R u+rwx "$base" 2>/dev/null
	rm -rf "$base"
	[ "$finished" = yes ] || {
		echo "not ok - $subject: the script ended early"
		exit 1
	}
}

done_testing() {
	finished=yes
	[ ! -e "$base/failed" ]
	exit
}

# Results ---------------------------------------------------------------------

# What the assertions from here on are about; unprintable bytes are shown as ?.
testing() {
	case $1 in
	*[![:print:]]*) subject=$(printf %s "$1" | tr -c '[:print:]' '?') ;;
	*) subject=$1 ;;
	esac
}

ok() {
	printf 'ok - %s\n' "$1"
}

# not_ok NAME: what there is to say is read from standard input.
not_ok() {
	# A file, since a pipeline or a subshell may come here.
	: >"$base/failed"
	printf 'not ok - %s\n' "$1"
	head -c 4000 | cat -v | sed 's/^/# /'
}

# skip NAME REASON
skip() {
	printf 'skip - %s: %s\n' "$1" "$2"
}

# check NAME COMMAND...: the command succeeds.
check() {
	_name=$1
	shift
	if "$@" >"$captured/check" 2>&1; then
		ok "$subject: $_name"
	else
		not_ok "$subject: $_name" <<-END
			this failed with status $?: $*
			$(head -c 2000 "$captured/check")
		END
	fi
}

# fails COMMAND...: for check, that it does not succeed.
fails() {
	! "$@"
}

# remember, and later, for check, unchanged: all that is in the directory now,
# with modes, times and content, is so still.
remember() {
	list_tree >"$captured/before"
}

unchanged() {
	list_tree | diff "$captured/before" -
}

list_tree() {
	find . -printf '%p %y %m %s %T@ %l\n' | sort
	find . -type f -exec cksum {} + | sort
}

# Running ---------------------------------------------------------------------

# run COMMAND...: keeps $status, and what is printed for the expectations.
run() {
	_command=$*
	"$@" >"$captured/out" 2>"$captured/err"
	status=$?
}

# The real program on the throw-away directories, never longer than a minute.
ub() {
	run "$TEST_TOOLS/within" 60 "$UPDATE_BINFMTS" --admindir "$admin" \
		--importdir "$import" --procdir "$proc" "$@"
}

# An empty registry: no database, nothing to import, and plain files in the
# place of binfmt_misc.  $interpreter is a program that can be executed.
fresh() {
	chmod -R u+rwx "$admin" "$import" "$proc" 2>/dev/null
	rm -rf "$admin" "$admin.lock" "$import" "$proc"
	mkdir -p "$import" "$proc" "$work/bin"
	: >"$proc/register"
	echo enabled >"$proc/status"
	interpreter=$work/bin/interpreter
	[ -x "$interpreter" ] || {
		cat >"$interpreter" <<-\END
			#!/bin/sh
			printf '[%s]\n' "$0" "$@"
		END
		chmod 755 "$interpreter"
	}
}

# entry NAME INTERPRETER FLAGS LINE...: an entry, as the kernel shows it.
entry() {
	_entry=$proc/$1
	printf 'enabled\ninterpreter %s\nflags: %s\n' "$2" "$3" >"$_entry"
	shift 3
	printf '%s\n' "$@" >>"$_entry"
}

# What came, to explain a failure.
explain() {
	printf '%s\n' "$@" "command: $_command" | cut -c 1-600
	echo "status:  $status"
	sed 's/^/stdout:  /' "$captured/out"
	sed 's/^/stderr:  /' "$captured/err"
}

# Expectations ----------------------------------------------------------------

# verdict NAME EXPECTED COMMAND...: the last must succeed.
verdict() {
	_name=$1 _expected=$2
	shift 2
	if "$@" >/dev/null 2>&1; then
		ok "$subject: $_name"
	else
		explain "expected $_expected" | not_ok "$subject: $_name"
	fi
}

expect_status() {
	verdict "status $1" "status $1" [ "$status" -eq "$1" ]
}

# expect_stdout TEXT: exactly these lines; with '' nothing.
expect_stdout() {
	same_text out "$1"
}

expect_stderr() {
	same_text err "$1"
}

same_text() {
	printf '%s' "${2:+$2
}" >"$captured/expected"
	verdict "std$1 is as expected" "on std$1: $2" \
		cmp "$captured/expected" "$captured/$1"
}

# expect_stdout_has TEXT: in one line.
expect_stdout_has() {
	verdict "stdout has '$1'" "on stdout: ... $1 ..." \
		grep -aFq -e "$1" "$captured/out"
}

expect_stderr_has() {
	verdict "stderr has '$1'" "on stderr: ... $1 ..." \
		grep -aFq -e "$1" "$captured/err"
}

expect_stdout_lacks() {
	verdict "stdout lacks '$1'" "not on stdout: ... $1 ..." \
		fails grep -aFq -e "$1" "$captured/out"
}

expect_stderr_lacks() {
	verdict "stderr lacks '$1'" "not on stderr: ... $1 ..." \
		fails grep -aFq -e "$1" "$captured/err"
}

# Nothing is printed at all.
expect_silent() {
	verdict 'silent' 'nothing to be printed' \
		fails test -s "$captured/out" -o -s "$captured/err"
}

# expect_file PATH <<END: exactly this content.
expect_file() {
	cat >"$captured/expected"
	if cmp -s "$captured/expected" "$1"; then
		ok "$subject: content of ${1##*/}"
	else
		diff "$captured/expected" "$1" 2>&1 |
			not_ok "$subject: content of ${1##*/}"
	fi
}

# expect_rules RULE...: these have been written to register, and no others.
expect_rules() {
	printf '%s' "$@" >"$captured/expected"
	if cmp -s "$captured/expected" "$proc/register"; then
		ok "$subject: rules registered"
	else
		explain "expected: $*" "came: $(cat "$proc/register")" |
			not_ok "$subject: rules registered"
	fi
}

# Status 2, nothing on stdout, nothing recorded and nothing registered.
expect_refusal() {
	verdict 'refused' 'status 2, and nothing done' nothing_done
}

nothing_done() {
	[ "$status" -eq 2 ] && [ ! -s "$captured/out" ] &&
		[ ! -s "$proc/register" ] &&
		[ -z "$(ls -A "$admin" 2>/dev/null)" ]
}

# expect_no_file PATH: nothing of that name, not even a dangling link.
expect_no_file() {
	verdict "there is no ${1##*/}" "no $1" \
		fails test -e "$1" -o -L "$1"
}
