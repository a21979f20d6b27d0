#!/bin/sh
# fix_binary: the interpreter is opened when it is registered, so it must be
# there then, and works in a chroot; and only one of those that share what they
# match can be registered.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

fixed='magic 4649584544'

install() {
	_format=$1
	shift
	program show other
	file f FIXED
	ub --install "$_format" "$work/show" --magic FIXED "$@"
}

test_chroot() {
	install direct
	mkdir root
	cp f "$TEST_TOOLS/exec-file" root
	testing 'a chroot without the interpreter'
	run chroot root /exec-file /f
	expect_status 120
	expect_stderr_has 'No such file or directory'
	testing 'and with it fixed'
	install direct --fix-binary yes
	SHOW='argv execfn' run chroot root /exec-file /f arg
	expect_status 0
	expect_stdout "argv [$work/show] [/f] [arg]
execfn /f"
}

test_shared() {
	install fixed --fix-binary yes
	expect_status 0
	ub --install other "$work/other" --magic FIXED
	expect_status 0
	expect_lines 1
	expect_stderr_has 'warning: other: recorded, but not registered: fixed'
	check 'it is recorded' test -f "$admin/other"
	expect_registered fixed
	expect_entry fixed enabled "$work/show" F 'offset 0' "$fixed"
	expect_runs ./f "$work/show"
	expect_state other disabled 'fixed has fix_binary for the same files'
	expect_state fixed enabled ''
	ub --find f
	expect_stdout "$work/show"
	testing 'a second time'
	ub --enable other
	expect_lines 1
	expect_registered fixed
	testing 'two that fix'
	ub --install earlier "$work/other" --magic FIXED --fix-binary yes
	expect_status 0
	expect_stderr_has 'fixed: recorded, but not registered: earlier'
	expect_stderr_has 'other: recorded, but not registered: earlier'
	expect_registered earlier
	expect_runs ./f "$work/other"
	ub --remove earlier x
	expect_registered fixed
	ub --enable
	expect_registered fixed
	expect_runs ./f "$work/show"
}

test_shared_later() {
	install direct
	ub --install fixed "$work/other" --magic FIXED --fix-binary yes
	expect_status 0
	expect_lines 1
	expect_stderr_has 'direct: recorded, but not registered: fixed'
	expect_registered fixed
	expect_runs ./f "$work/other"
}

test_priority() {
	install fixed --fix-binary yes
	ub --install other "$work/other" --magic FIXED --priority 1
	expect_status 0
	expect_lines 1
	expect_stderr_has 'fixed: recorded, but not registered: other'
	expect_registered other
	expect_entry other enabled "$work/other" '' 'offset 0' "$fixed"
	expect_runs ./f "$work/other"
	install fixed --fix-binary yes --priority 1
	expect_status 0
	expect_registered fixed
	expect_runs ./f "$work/show"
}

# Detectors cannot go with it: a format file of that kind is only recorded.
test_detector() {
	program show
	ub --install detected "$work/show" --magic FIXED --fix-binary yes \
		--detector "$work/show"
	expect_status 2
	expect_no_file "$admin/detected"
	format detected "interpreter $work/show" 'magic FIXED' \
		"detector $work/show" 'fix_binary yes'
	ub --import detected
	expect_status 0
	expect_lines 1
	expect_stderr_has 'detected: recorded, but not registered'
	check 'it is recorded' test -f "$admin/detected"
	expect_registered
	expect_state detected disabled 'fix_binary and a detector exclude each other'
	testing 'it hinders nobody'
	ub --install other "$work/show" --magic FIXED
	expect_status 0
	expect_entry other enabled "$work/show" '' 'offset 0' "$fixed"
}

# What cannot be opened yet.
test_missing() {
	format missing "interpreter $work/missing" 'magic FIXED' \
		'fix_binary yes'
	ub --import missing
	expect_status 0
	expect_lines 1
	expect_stderr_has "$work/missing"
	expect_stderr_has 'No such file or directory'
	check 'it is recorded' test -f "$admin/missing"
	expect_registered
	expect_state missing disabled ''
	testing 'install'
	ub --install missing2 "$work/missing" --magic OTHER --fix-binary yes
	expect_status 2
	expect_stderr_has "the kernel cannot open $work/missing"
	check 'it is recorded' test -f "$admin/missing2"
	expect_registered
	testing 'enable'
	ub --enable missing
	expect_status 2
	expect_lines 1
	expect_stderr_has "the kernel cannot open $work/missing"
	testing 'as soon as it is there'
	program missing
	ub --enable missing
	expect_status 0
	expect_silent
	file f FIXED
	expect_runs ./f "$work/missing"
	testing 'not executable'
	: >plain
	ub --install plain "$work/plain" --magic PLAIN --fix-binary yes
	expect_status 2
	expect_stderr_has "cannot open $work/plain to fix it: Permission denied"
}

run_cases "$@"
