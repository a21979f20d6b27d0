#!/bin/sh
# What debian/tests has for autopkgtest, each on the installed packages in a
# Debian of its own.

. "${TOP_SRCDIR:=.}/tests/deb-lib.sh"

# autopkgtest NAME: what is in its Depends is ours.
autopkgtest() {
	depends=$(sed -n "/^Tests: $1\$/,/^\$/s/^Depends: //p" \
		/packages/tests/control | tr -d ,)
	# shellcheck disable=SC2086 # several
	ours $depends
	expect_sound_registry
	cp "/packages/tests/$1" "$work/test"
	run "$work/test"
	if [ "$status" -eq 77 ]; then
		skip "$1" 'as it says itself'
	else
		expect_status 0
	fi
	expect_sound_registry
}

test_registry() {
	autopkgtest registry
}

test_dispatcher() {
	autopkgtest dispatcher
}

# There is none in control that has no case here.
test_all_are_here() {
	run sed -n 's/^Tests: //p' /packages/tests/control
	expect_stdout 'registry
dispatcher'
}

run_cases "$@"
