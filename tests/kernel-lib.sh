# shellcheck shell=sh
# For the scripts in tests/kernel, which consist of cases,
#
#	. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
#	test_this() { ... }
#	test_that() { ... }
#	run_cases "$@"
#
# each of which runs in a user namespace and a mount namespace of its own, as
# root there, with an empty binfmt_misc of its own.  Nothing that it mounts or
# registers is ever seen outside.  ub works on that, and on the database that
# run-detectors will look at; both of lib.sh, of which all else is there, too.

. "${TOP_SRCDIR:=.}/tests/lib.sh"

registry=/proc/sys/fs/binfmt_misc
enclose=$TEST_TOOLS/enclose
initial_namespace='user:[4026531837]' # a constant of the kernel

# What says that we are in a container is of the one around.
unset container

# Cases -----------------------------------------------------------------------

# Runs a command in namespaces of its own, or exits with 77 and says why not.
# A script can have another one.
in_namespace() {
	"$enclose" "$@"
}

# run_cases [CASE]: without one, all of them, each by this script again.
run_cases() {
	if [ $# -gt 0 ]; then
		run_case "$1"
	fi
	_status=0
	_reason=$(in_namespace true)
	_possible=$?
	_cases=$(sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' "$0")
	for _case in $_cases; do
		if [ "$_possible" -ne 0 ]; then
			skip "$_case" "${_reason:-not possible here}"
		else
			in_namespace "$0" "$_case" || _status=1
		fi
	done
	exit $_status
}

run_case() {
	# What a case does outside would be done to the machine.
	if [ "$(readlink /proc/self/ns/user)" = "$initial_namespace" ]; then
		echo "not ok - $1: only to be run by $enclose"
		exit 1
	fi
	begin
	# Others than root may come by.
	chmod 755 "$base"
	proc=$registry
	admin=$(configured localstatedir)/lib/binfmts
	testing "$1"
	if hide_machine; then
		"$1"
	else
		skip "$1" 'the directories of the machine cannot be hidden'
	fi
	cd /
	uncover
	done_testing
}

# What is recorded and configured on the machine is not there from now on.
hide_machine() {
	for _directory in "$(configured sysconfdir)/binfmt.d" \
	    /usr/local/lib/binfmt.d /usr/lib/binfmt.d \
	    "$(configured sysconfdir)/binfmts"; do
		[ ! -d "$_directory" ] || cover "$_directory" || return
	done
	cover "$(configured localstatedir)/lib" &&
		cover "$(configured localstatedir)/cache" &&
		cover "$(configured runstatedir)"
}

# configured VARIABLE: a directory as configure was told, and so the programs.
configured() {
	(
		for _variable in prefix sysconfdir localstatedir \
		    runstatedir; do
			_value=$(sed -n "s/^$_variable = //p" \
				"$TOP_BUILDDIR/config.mk")
			eval "$_variable=\"$_value\""
		done
		eval "echo \"\$$1\""
	)
}

# cover DIRECTORY: it is an empty one from now on.  What is missing of it, we
# have to make in the first part that there is.
cover() {
	_part=$1
	while [ ! -d "$_part" ]; do
		_part=$(dirname "$_part")
	done
	for _needed in "$base" "$TOP_SRCDIR" "$TOP_BUILDDIR" /usr /proc /dev; do
		case $_needed/ in
		"${_part%/}"/*) return 1 ;;
		esac
	done
	mount -t tmpfs -o mode=755 binfmts-test "$_part" && mkdir -p "$1"
}

# What a case has mounted below $base would be in the way of removing that.
uncover() {
	awk -v base="$base/" 'index($5, base) == 1 { print $5 }' \
		/proc/self/mountinfo | sort -r | while read -r _mount; do
		umount -l "$_mount"
	done
}

# needs_root: whether there are more users than us; if not, that is a skip.
needs_root() {
	awk '{ n += $3 } END { exit n == 1 }' /proc/self/uid_map && return
	skip "$subject" 'only root can have several users in a namespace'
	return 1
}

# needs_strace: whether it can trace here; if not, that is a skip.
needs_strace() {
	strace -o /dev/null true 2>/dev/null && return
	skip "$subject" 'strace(1) cannot trace here'
	return 1
}

# needs_faults ARGUMENT...: whether fault-at can do that; if not, it is a skip.
needs_faults() {
	"$TEST_TOOLS/fault-at" "$@" true >/dev/null 2>&1
	[ $? -eq 77 ] || return 0
	skip "$subject" 'processes cannot be traced here'
	return 1
}

# needs_nothing_below: whether unmounting ours leaves nothing mounted there.
needs_nothing_below() {
	[ "$(grep -c " $registry " /proc/self/mountinfo)" -le 1 ] && return
	skip "$subject" 'only root can take away what the machine has mounted'
	return 1
}

# is_sanitized: whether the programs are built with sanitizers.  These look for
# leaks with a tracer at the end, and read their options from /proc: neither
# works with other credentials, in a chroot, and when there is a tracer already.
is_sanitized() {
	grep -aq __asan_init "$RUN_DETECTORS"
}

# Files -----------------------------------------------------------------------

# program NAME...: programs in $work that show how they were executed.
program() {
	for _program; do
		cp "$TEST_TOOLS/show-exec" "$work/$_program" || return
	done
}

# file PATH TEXT: executable; the text is one of printf.
file() {
	# shellcheck disable=SC2059
	printf "$2" >"$1" && chmod 755 "$1"
}

# script PATH: an executable one, from standard input.
script() {
	{
		echo '#!/bin/sh'
		cat
	} >"$1" && chmod 755 "$1"
}

# format NAME LINE...: a format file.
format() {
	mkdir -p "$import"
	_format=$import/$1
	shift
	printf '%s\n' 'package test' "$@" >"$_format"
}

# Doing -----------------------------------------------------------------------

# Executes a file as execve(2) does it, see exec-file.c.
exec_file() {
	run timeout -k 1 60 "$TEST_TOOLS/exec-file" "$@"
}

# update ARGUMENT...: where what it says is not of interest, but its status is.
update() {
	"$UPDATE_BINFMTS" --quiet --admindir "$admin" --importdir "$import" \
		"$@"
}

# register RULE: by hand.
register() {
	printf '%s' "$1" >"$registry/register"
}

# control NAME WORD: by hand.
control() {
	echo "$2" >"$registry/$1"
}

# is_gone PID: for check, that the process has ended, or is about to.
is_gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
		'' | Z*) return 0 ;;
		esac
		sleep 0.1
	done
	return 1
}

# Expectations ----------------------------------------------------------------

# expect_entry NAME STATE INTERPRETER FLAGS LINE...: the kernel's whole text.
expect_entry() {
	_name=$1
	printf '%s\ninterpreter %s\nflags: %s\n' "$2" "$3" "$4" \
		>"$captured/entry"
	shift 4
	printf '%s\n' "$@" >>"$captured/entry"
	# The kernel says that its files are empty, and some programs believe it.
	cat "$registry/$_name" >"$captured/text" 2>&1
	if cmp -s "$captured/entry" "$captured/text"; then
		ok "$subject: the kernel's entry $_name"
	else
		diff "$captured/entry" "$captured/text" |
			not_ok "$subject: the kernel's entry $_name"
	fi
}

# expect_registered [NAME]...: these entries there are, and no others.
# shellcheck disable=SC2120 # often there are none
expect_registered() {
	printf '%s\n' register status "$@" | sort >"$captured/entries"
	# shellcheck disable=SC2012 # sorted, and no strange names
	ls -A "$registry" | sort >"$captured/listing"
	if cmp -s "$captured/entries" "$captured/listing"; then
		ok "$subject: registered: $*"
	else
		diff "$captured/entries" "$captured/listing" |
			not_ok "$subject: registered: $*"
	fi
}

# expect_order NAME...: the kernel lists its entries as it tries them.
expect_order() {
	# shellcheck disable=SC2010 # no strange names
	_order=$(ls -U "$registry" | grep -vx -e register -e status |
		tr '\n' ' ')
	verdict "the order $*" "this order, not $_order" \
		test "$_order" = "$* "
}

# expect_mounted, expect_not_mounted: binfmt_misc, where it belongs.
expect_mounted() {
	check 'binfmt_misc is mounted' is_mounted
}

expect_not_mounted() {
	check 'binfmt_misc is not mounted' fails is_mounted
}

# To look into the directory could mount it.
is_mounted() {
	grep -q " $registry .* - binfmt_misc " /proc/self/mountinfo
}

# expect_runs FILE INTERPRETER: which of the programs runs it.
expect_runs() {
	exec_file "$1"
	verdict "$1 is run by ${2##*/}" "[$2] [$1] as argv" \
		grep -Fq "[$2] [$1]" "$captured/out"
}

# expect_not_executable: the kernel has nothing for the file of exec_file.
expect_not_executable() {
	verdict 'cannot be executed' 'Exec format error' \
		test "$status" -eq 120 -a \
		"$(grep -c 'Exec format error' "$captured/err")" -eq 1
}

# expect_lines N: of messages, together.
expect_lines() {
	verdict "$1 messages" "$1 lines on stderr" \
		test "$(wc -l <"$captured/err")" -eq "$1"
}

# expect_state NAME STATE TEXT: what --display says; '' when there is nothing
# to be said.
expect_state() {
	ub --display "$1"
	expect_status 0
	expect_stdout_has "$1 ($2):"
	if [ -n "$3" ]; then
		expect_stdout_has "state = $3"
	else
		expect_stdout_lacks 'state ='
	fi
}
