#!/bin/sh
# --adopt: entries that somebody has registered become formats, unless they are
# dangerous, known, or none that a format could be.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# What is remembered in /run, and the rules of this machine, are not ours.
prepare() {
	mount -t tmpfs binfmts-test /run
	for _directory in /etc /usr/local/lib /usr/lib; do
		[ ! -d "$_directory/binfmt.d" ] ||
			mount -t tmpfs binfmts-test "$_directory/binfmt.d"
	done
	program show other
	file f MAGIC
}

# adopted FLAGS RULE: the part of it behind the name; nothing changes in the
# kernel, and the database has what would register the same again.
adopted() {
	testing "adopted: $1"
	register ":taken:$1" || not_ok "$subject" </dev/null
	before=$(cat "$registry/taken")
	ub --display taken --source=kernel
	expect_stdout_has 'taken (enabled):'
	expect_stdout_has 'state = foreign'
	ub --adopt taken
	expect_status 0
	expect_silent
	check 'the entry is as it was' \
		test "$(cat "$registry/taken")" = "$before"
	expect_state taken enabled ''
	expect_stdout_has 'package = <local>'
	ub --check
	expect_status 0
	testing "registered again: $1"
	control taken -1
	ub --enable taken
	expect_status 0
	check 'the entry is as it was' \
		test "$(cat "$registry/taken")" = "$before"
	ub --remove taken x
	expect_status 0
	expect_registered
}

test_adopted() {
	prepare
	adopted "M::MAGIC::$work/show:"
	adopted "M::MAGIC::$work/show:P"
	adopted "M::MAGIC::$work/show:O"
	adopted "M::MAGIC::$work/show:F"
	adopted "M::MAGIC::$work/show:OPF"
	adopted "M:7:MAGIC:\\xff\\xff\\x00\\xff\\xfe:$work/show:P"
	adopted "M:251:MAGIC::$work/show:"
	adopted "M::\\x00\\x3a\\x5cx41\\xff\\x0a::$work/show:"
	adopted "E::jar::$work/show:"
	adopted "E:zz:a\\x41:ignored:$work/show:P"
}

# What it would be from then on.
test_order() {
	prepare
	register ":general:M::MA::$work/other:"
	ub --install special "$work/show" --magic MAGIC
	control special 0
	control special 1
	control general -1
	register ":general:M::MA::$work/other:"
	expect_runs ./f "$work/other"
	ub --adopt general
	expect_status 0
	expect_runs ./f "$work/show"
	testing 'of the same spec as a format'
	file g GENERAL
	ub --install mine "$work/show" --magic GENERAL
	register ":theirs:M::GENERAL::$work/other:"
	ub --adopt theirs
	expect_status 0
	expect_entry mine enabled "$RUN_DETECTORS" '' 'offset 0' \
		'magic 47454e4552414c'
	expect_entry theirs enabled "$RUN_DETECTORS" '' 'offset 0' \
		'magic 47454e4552414c'
	expect_runs ./g "$work/show"
}

# refused NAME REASON [OPTION]...: nothing changes.
refused() {
	testing "refused: $1"
	_name=$1 _reason=$2
	shift 2
	mkdir -p "$admin"
	ls "$admin" "$registry" >"$captured/listing" 2>&1
	ub --adopt "$_name" "$@"
	expect_status 2
	expect_stdout ''
	expect_stderr_has "$_reason"
	check 'nothing changes' sh -c "ls '$admin' '$registry' 2>&1 |
		cmp - '$captured/listing'"
}

test_credentials() {
	prepare
	register ":cred:M::MAGIC::$work/show:C"
	refused cred 'cred: gives'
	expect_stderr "update-binfmts: cred: gives $work/show the credentials \
of the files that it runs; --force adopts it all the same"
	testing 'by force'
	ub --force --adopt cred
	expect_status 0
	expect_silent
	check 'recorded with credentials' \
		test "$(sed -n 8p "$admin/cred")" = yes
	expect_state cred enabled ''
}

test_refused() {
	prepare
	script yes </dev/null
	refused nothing 'nothing: the kernel has no such entry'
	refused register 'register'
	refused status 'status'
	refused ../f '/'
	register ":.binfmts-tmp:M::X::$work/show:"
	refused .binfmts-tmp '.'
	control .binfmts-tmp -1
	ub --install mine "$work/show" --magic MAGIC --priority 1
	refused mine 'mine: is known already, from the database'
	ub --install detected "$work/show" --magic MORE --detector "$work/yes"
	rm "$admin/detected"
	refused detected 'detected: is an entry of ours for run-detectors'
	refused detected 'detected: is an entry of ours' --force
	control detected -1
	testing 'what a format cannot be'
	register ":dotted:E::tar.gz::$work/show:"
	refused dotted "'tar.gz' has a dot in it and can never match"
	register ":newline:M::NEW::$work/a
b:"
	refused newline 'newline'
	register ":relative:M::REL::show:C"
	refused relative 'relative: gives show the credentials'
	refused relative 'is a relative path' --force
	register ":-name:M::NAME::$work/show:"
	refused ./-name /
	ub --adopt=-name
	expect_status 2
}

# A name that the kernel allows and a format cannot have.
test_names() {
	prepare
	for name in .hidden "$(printf 'a\tb')" -dash; do
		register "|$name|M||NAME||$work/show|"
		ub --adopt="$name"
		expect_status 2
		expect_stdout ''
		control "$name" -1
	done
	testing 'one with a blank, and one that is long'
	long=$(printf '%0255d' 0)
	for name in 'a b:c' "$long" "$(printf '\303\244')"; do
		testing "$(printf %s "$name" | head -c 20)"
		register "|$name|M||MAGIC||$work/show|"
		ub --adopt "$name"
		expect_status 0
		expect_silent
		ub --remove "$name" x
		expect_registered
	done
}

test_nothing_is_done() {
	prepare
	register ":taken:M::MAGIC::$work/show:"
	ub --test --adopt taken
	expect_status 0
	expect_stdout_has "would write $admin/taken"
	expect_no_file "$admin/taken"
	testing 'not mounted'
	umount "$registry"
	ub --adopt taken
	expect_status 2
	expect_stderr_has 'taken: the kernel has no such entry'
	expect_not_mounted
}

# The interpreter is missing, which the one who registered it may know.
test_missing_interpreter() {
	prepare
	register ":taken:M::MAGIC::$work/missing:"
	ub --adopt taken
	expect_status 0
	expect_lines 1
	expect_stderr_has "warning: taken: interpreter $work/missing: No such"
	check 'it is recorded' test -f "$admin/taken"
}

run_cases "$@"
