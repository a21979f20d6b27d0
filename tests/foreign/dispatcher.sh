#!/bin/sh
# The formats of binfmt-dispatcher, imported as shipped, and programs for other
# machines, compiled here, run with QEMU; in PATH or in $QEMU_USER_DIR.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"

root=$TOP_BUILDDIR/tests/stage/root
machines='aarch64 riscv64 arm'

# find_qemu MACHINE: its emulator, the static one if there is a choice.
find_qemu() {
	for _dir in ${QEMU_USER_DIR:+"$QEMU_USER_DIR"} /usr/local/bin /usr/bin; do
		for _name in qemu-$1-static qemu-$1; do
			[ -x "$_dir/$_name" ] && echo "$_dir/$_name" && return
		done
	done
	return 1
}

find_compiler() {
	case $1 in
	arm) _compiler=arm-linux-gnueabihf-gcc ;;
	*) _compiler=$1-linux-gnu-gcc ;;
	esac
	command -v "$_compiler"
}

# import_formats: as make install-dispatcher does.
import_formats() {
	fresh_config
	cover "$root"
	mkdir -p "$root/lib/binfmt-dispatcher.d" "$root/etc" "$import" made
	cp "$TOP_SRCDIR/format-files/50-interpreters.toml" \
		"$root/lib/binfmt-dispatcher.d"
	"$TOP_SRCDIR/format-files/formats" generate made "$BINFMT_DISPATCHER"
	for _name in $("$TOP_SRCDIR/format-files/formats" select \
		"$BINFMT_DISPATCHER"); do
		cp "made/$_name" "$import"
	done
	ub --import
}

# compile: a program for each machine, that shows how it was executed; what
# cannot be made or run here is a skip, and $ready has the others.
compile() {
	ready=
	for _machine in $machines; do
		if ! _cc=$(find_compiler "$_machine"); then
			skip "$subject: $_machine" 'no compiler for it'
		elif ! _qemu=$(find_qemu "$_machine"); then
			skip "$subject: $_machine" 'no QEMU for it'
		elif ! "$_cc" -static -D_GNU_SOURCE -o "hello-$_machine" \
			"$TOP_SRCDIR/tests/tools/show-exec.c" 2>cc.log; then
			skip "$subject: $_machine" 'it has no static C library'
		else
			ready="$ready $_machine"
			printf '%s\n' "[interpreters.of-$_machine]" \
				"path = \"$_qemu\"" 'preserve_argv0 = "-0"' \
				"[machines.$_machine]" \
				"interpreter = \"of-$_machine\"" \
				>>"$root/etc/binfmt-dispatcher.toml"
		fi
	done
}

test_import() {
	import_formats
	expect_status 0
	expect_stderr ''
	# shellcheck disable=SC2046 # a word each
	expect_registered $(ls "$import")
	testing 'native programs are what they were'
	check 'one' /bin/true
	check 'the tools' "$TEST_TOOLS/show-exec"
	ub --find /bin/true
	expect_stdout ''
	expect_entry binfmt-dispatcher-riscv64 enabled "$BINFMT_DISPATCHER" POF \
		'offset 0' 'magic 7f454c460201010000000000000000000200f300' \
		'mask fffffffffffffffc0000000000000000feffffff'
	testing 'and gone again'
	ub --unimport
	expect_status 0
	expect_registered
}

# The formats of QEMU's own package have the same programs.
test_before_qemu() {
	import_formats
	program qemu
	format qemu-riscv64 "interpreter $work/qemu" 'fix_binary yes' \
		'magic \x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\x00\xf3\x00' \
		'preserve yes'
	sed -i 's/\\0/\\x00/g' "$import/qemu-riscv64"
	ub --import
	expect_status 0
	elf f 2 1 243
	program show
	cat >"$root/etc/binfmt-dispatcher.toml" <<-END
		[interpreters.show]
		path = "$work/show"
		[machines]
		riscv64.interpreter = "show"
	END
	SHOW=argv exec_file ./f a
	expect_argv "$work/show" ./f a
}

test_programs() {
	import_formats
	compile
	export SHOW=argv
	for machine in $ready; do
		testing "a program for $machine"
		exec_file "./hello-$machine"
		expect_argv "./hello-$machine"
		exec_file -0 zero "./hello-$machine" a 'b c' '' --help
		expect_argv zero a 'b c' '' --help
		exec_file -0 '' "./hello-$machine"
		expect_argv ''
		SHOW_STATUS=42 exec_file "./hello-$machine"
		expect_status 42
		testing "a program for $machine, through a descriptor"
		exec_file -d -0 zero "./hello-$machine" a
		expect_argv zero a
		testing "a program for $machine in PATH"
		PATH=$work:$PATH run timeout 60 "hello-$machine" a
		expect_argv "hello-$machine" a
	done
}

# One directory has another interpreter.
test_directory() {
	import_formats
	compile
	program other
	mkdir special
	cat >>"$root/etc/binfmt-dispatcher.toml" <<-END
		[interpreters.other]
		path = "$work/other"
		[binaries.special]
		path = "$work/special/"
		interpreter = "other"
	END
	export SHOW=argv
	for machine in $ready; do
		cp "hello-$machine" special
		exec_file "./hello-$machine" a
		expect_argv "./hello-$machine" a
		exec_file "special/hello-$machine" a
		expect_argv "$work/other" "special/hello-$machine" a
	done
}

# The administrator's choice, here by a rule with C.
test_set_user_id() {
	needs_root || return
	import_formats
	compile
	export SHOW='ids argv'
	for machine in $ready; do
		testing "a set-user-ID program for $machine"
		cp "hello-$machine" setuid
		chmod 4755 setuid
		# With the formats as they are it stays the caller's.
		exec_file -u 1000 -0 zero ./setuid a
		expect_status 0
		expect_stdout_has 'ids uid 1000 euid 1000 '
		ub --disable "binfmt-dispatcher-$machine"
		sed 's/^credentials no/credentials yes/' \
			"made/binfmt-dispatcher-$machine" \
			>"$import/binfmt-dispatcher-$machine"
		ub --unimport "binfmt-dispatcher-$machine"
		ub --import "binfmt-dispatcher-$machine"
		exec_file -u 1000 -0 zero ./setuid a
		expect_status 0
		expect_stdout_has 'ids uid 1000 euid 0 '
		expect_stdout_has 'argv [zero] [a]'
		testing "and for $machine nothing of the user's counts"
		program evil
		user_config <<-END
			interpreters.of-$machine.path = "$work/evil"
		END
		chown -R 1000 "$HOME"
		exec_file -u 1000 -0 zero ./setuid a
		expect_stdout_has 'argv [zero] [a]'
		rm -r "$HOME/.config"
	done
}

run_cases "$@"
