#!/bin/sh
# Where an automount waits for somebody to look at the directory: only what
# would mount binfmt_misc makes it mount, and nothing is ever unmounted.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

in_namespace() {
	case $* in
	*_fails) AUTOMOUNT_FAILS=yes ;;
	*) unset AUTOMOUNT_FAILS ;;
	esac
	${AUTOMOUNT_FAILS+export AUTOMOUNT_FAILS}
	"$TEST_TOOLS/automount" prepare "$enclose" -e \
		"$TEST_TOOLS/automount" serve "$@"
}

formats() {
	program show
	file f ONE
	format one "interpreter $work/show" 'magic ONE'
	format two "interpreter $work/show" 'magic TWO'
}

test_looking_does_not_mount() {
	formats
	for action in --import '--import one'; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_status 0
		expect_lines 1
		expect_stderr_has 'binfmt_misc is not mounted'
		expect_not_mounted
	done
	for action in --display '--display one' '--find f' '--disable one' \
		--disable '--unimport one' '--test --enable' \
		'--remove two x --package test' --enable; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_status 0
		expect_stderr ''
		expect_not_mounted
	done
}

test_enable_mounts() {
	formats
	ub --import
	ub --enable two
	expect_status 0
	expect_stderr ''
	expect_mounted
	expect_registered two
	ub --import one
	expect_runs ./f "$work/show"
	testing 'disable'
	ub --disable
	expect_status 0
	expect_stderr ''
	expect_mounted
	expect_registered
}

test_install_mounts() {
	formats
	ub --install one "$work/show" --magic ONE
	expect_status 0
	expect_silent
	expect_runs ./f "$work/show"
}

test_automount_fails() {
	formats
	ub --import one
	ub --enable
	expect_status 2
	expect_lines 1
	expect_stderr_has "$registry: the automount does not work: "
	expect_not_mounted
	ub --disable
	expect_status 0
	expect_stderr ''
}

run_cases "$@"
