#!/bin/sh
# Debian's own users of update-binfmts, with binfmts in the place of
# binfmt-support: what they record is there when they are installed, installed
# again and upgraded, and gone when they are removed and purged.

. "${TOP_SRCDIR:=.}/tests/deb-lib.sh"

# neighbour PACKAGE [FORMAT]...: what the package has in the database; without
# a format, all that it has files of.
neighbour() {
	package=$1
	shift
	ours
	echo ':others:M::OTHERS::/bin/cat:' >"$registry/register"
	apt install "$package"
	apt check
	# shellcheck disable=SC2046 # no strange names
	[ $# -gt 0 ] || set -- $(ls /usr/share/binfmts)
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
	expect_not_enabled "$@"
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
	expect_enabled "$@"
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
	neighbour qemu-user-static
}

# Packages that consist of a format file: imported whatever comes first, and by
# one run of update-binfmts for all.
test_triggers() {
	mkdir -p /usr/share/binfmts
	for name in one two three; do
		printf '%s\n' "package $name" 'interpreter /bin/cat' \
			"magic =$name=" >"/usr/share/binfmts/$name"
		make_package "$name" "usr/share/binfmts/$name"
		rm "/usr/share/binfmts/$name"
	done
	run dpkg -i "$work/one.deb" /packages/binfmts_[0-9]*.deb
	expect_status 0
	expect_formats one
	expect_enabled one
	run dpkg -i "$work/two.deb" "$work/three.deb"
	expect_status 0
	verdict 'one run of the trigger' 'one' [ "$(grep -c \
		'^Processing triggers for binfmts' "$captured/out")" -eq 1 ]
	expect_formats one two three
	expect_enabled one two three

	testing 'somebody has a format that cannot be'
	printf 'package bad\nmagic X\n' >/usr/share/binfmts/bad
	make_package bad usr/share/binfmts/bad
	rm /usr/share/binfmts/bad
	run dpkg -i "$work/bad.deb"
	expect_status 0
	expect_stderr_has interpreter
	run dpkg -P one
	expect_status 0
	expect_formats three two
	expect_not_enabled one bad
}

run_cases "$@"
