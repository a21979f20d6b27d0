#!/bin/sh
# Debian's own users of update-binfmts, with binfmts in the place of
# binfmt-support: what they record is there when they are installed, installed
# again and upgraded, and gone when they are removed and purged.

. "${TOP_SRCDIR:=.}/tests/deb-lib.sh"

# neighbour PACKAGE FORMAT...: what the package has in the database.  A second
# system in which the trigger is all there is stands in for a package that has
# no maintainer scripts.
neighbour() {
	package=$1
	shift
	ours
	echo ':others:M::OTHERS::/bin/cat:' >"$registry/register"
	apt install "$package"
	apt check
	expect_recorded "$@"
	check 'binfmt-support has not come' fails \
		dpkg-query --control-path binfmt-support postrm

	testing "$package again"
	apt install --reinstall "$package"
	expect_recorded "$@"

	testing "$package upgraded"
	newer "$(echo "/var/cache/apt/archives/${package}"_[0-9]*.deb)"
	run dpkg -i "$work/newer.deb"
	expect_status 0
	expect_recorded "$@"

	testing "$package removed"
	apt remove "$package"
	expect_formats
	expect_not_enabled "$@" # also what names are there
	expect_enabled others
	expect_sound_registry

	testing "$package purged"
	apt install "$package"
	expect_recorded "$@"
	apt purge "$package"
	expect_formats
	expect_not_enabled "$@"
	expect_sound_registry
}

expect_recorded() {
	expect_formats "$@"
	run update-binfmts --display
	expect_status 0
	expect_stdout_lacks 'state = differs'
	expect_stdout_lacks '(disabled)'
	[ $# -eq 0 ] || expect_enabled "$@"
	expect_sound_registry
	expect_enabled others
}

test_jarwrapper() {
	neighbour jarwrapper jarwrapper
}

test_binfmtc() {
	neighbour binfmtc asmassembly ccompile cxxcompile f95compile fcompile \
		gcjcompile
}

test_llvm() {
	neighbour llvm-14-runtime llvm-14-runtime.binfmt
}

test_mono() {
	neighbour mono-runtime cli
}

test_wine() {
	neighbour wine-binfmt wine
}

test_sbcl() {
	neighbour sbcl sbcl
}

test_python() {
	neighbour python3.11-minimal python3.11
}

test_qemu() {
	neighbour qemu-user-static qemu-aarch64
}

run_cases "$@"
