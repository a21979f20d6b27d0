#!/bin/sh
# What the kernel refuses although the rule is right is said in words: which
# file it was, and what is in the way.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

prepare() {
	mount -t tmpfs binfmts-test /run
	program show
}

# refused REASON INTERPRETER: with fix_binary.
refused() {
	testing "refused: $2"
	ub --install fixed "$2" --magic FIXED --fix-binary yes
	expect_status 2
	expect_stdout ''
	expect_stderr_has "update-binfmts: $registry/fixed: interpreter: the \
kernel cannot open $2 to fix it: $1"
	expect_stderr_lacks 'Invalid argument'
	expect_registered
}

test_interpreter_to_fix() {
	prepare
	: >plain
	mkdir directory noexec
	ln -s loop loop
	mount -t tmpfs -o noexec binfmts-test noexec
	cp show noexec
	refused 'No such file or directory' "$work/missing"
	refused 'Not a directory' "$work/show/below"
	refused 'Too many levels of symbolic links' "$work/loop"
	refused 'Permission denied' "$work/plain"
	refused 'Permission denied' "$work/directory"
	refused 'Permission denied' "$work/noexec/show"
}

# An entry of that name is there, and was registered by somebody else.
test_name_is_taken() {
	prepare
	register ":taken:M::OTHER::$work/other:P"
	format taken "interpreter $work/show" 'magic TAKEN'
	for action in '--import taken' --import '--enable taken' --enable; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_stderr_lacks 'Invalid argument'
		expect_stderr_lacks 'File exists'
	done
	expect_state taken enabled ''
}

test_read_only() {
	prepare
	mount -o remount,bind,ro "$registry"
	ub --install one "$work/show" --magic ONE
	expect_status 2
	expect_lines 2
	expect_stderr_has "$registry: cannot open 'register': it is mounted \
read-only"
}

run_cases "$@"
