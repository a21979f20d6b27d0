#!/bin/sh
# No rule is registered that captures what a system needs to be repaired: not
# by --install, --import, --enable of one or of all, nor --adopt.  What only
# looks like that is accepted.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

would='it would capture'

# What was fixed is remembered in /run, which is not ours.
prepare() {
	mount -t tmpfs binfmts-test /run
	program show
	file good 'GOOD\n'
}

# bytes FILE OFFSET COUNT: as --magic takes them.
bytes() {
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d '\n' | sed 's/ /\\x/g'
}

# take_out: what has been registered although it is bad, with nothing but the
# shell itself; afterwards other programs can be executed again.
take_out() {
	for _entry in "$registry"/*; do
		case $_entry in
		*/register | */status) ;;
		*) echo -1 >"$_entry" ;;
		esac
	done
}

expect_programs_run() {
	if /bin/true && "$UPDATE_BINFMTS" --version >/dev/null &&
	    ./script; then
		ok "$subject: programs run"
	else
		take_out
		echo 'something captures them' |
			not_ok "$subject: programs run"
	fi
}

# refused WHAT OPTION...: by --install, and nothing is written.
refused() {
	_what=$1
	shift
	testing "refused: $(printf %s "$*" | cut -c 1-70)"
	ub --install bad "${interpreter:-$work/show}" "$@"
	if [ -e "$registry/bad" ]; then
		take_out
		rm -f "$admin/bad"
		explain 'it was registered' | not_ok "$subject"
		return
	fi
	expect_programs_run
	expect_status 2
	expect_stderr_has "update-binfmts: bad: refused: $would $_what"
	expect_no_file "$admin/bad"
	expect_registered
}

itself='update-binfmts itself'

native_programs() {
	head=$(bytes "$UPDATE_BINFMTS" 0 20)
	type_masked='\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00'
	type_masked="$type_masked"'\x00\x00\x00\x00\xfe\xff\xff\xff'
	refused "$itself, $UPDATE_BINFMTS (at byte 0 it has 7f454c46" \
		--magic "$head"
	refused "$itself" --magic "$head" --mask "$type_masked"
	refused "$itself" --magic '\x7fELF'
	refused "$itself" --magic 'ELF' --offset 1
	refused "$itself" --magic '\x7f'
	refused "$itself" --magic "$(bytes "$UPDATE_BINFMTS" 4 3)" --offset 4
	refused "$itself" --magic "$(bytes "$UPDATE_BINFMTS" 18 2)" --offset 18
	refused "$itself" --magic "$(bytes "$UPDATE_BINFMTS" 24 8)" --offset 24
	refused "$itself" --magic "$(bytes "$UPDATE_BINFMTS" 0 190)"
	refused "$itself" --magic "$(bytes "$UPDATE_BINFMTS" 255 1)" \
		--offset 255
}

test_native_programs() {
	prepare
	script script </dev/null
	native_programs
	testing 'whatever the interpreter is'
	ln -s "$UPDATE_BINFMTS" link
	for interpreter in "$work/missing" "$UPDATE_BINFMTS" "$work/link" \
		/bin/sh /dev/null "$work/script" relative; do
		refused "$itself" --magic '\x7fELF'
	done
	interpreter=
	for option in '--preserve yes' '--fix-binary yes' \
		'--open-binary yes' '--credentials yes' '--priority 100' \
		"--detector $work/show"; do
		# shellcheck disable=SC2086 # words
		refused "$itself" --magic '\x7fELF' $option
	done
}

test_masks() {
	prepare
	script script </dev/null
	refused "$itself, $UPDATE_BINFMTS (the mask is all zero" \
		--magic x --mask '\x00'
	refused "$itself" --magic xyz --mask '\x00\x00\x00' --offset 253
	refused "$itself" --magic '\x70' --mask '\xf0'
	refused "$itself" --magic '\x00' --mask '\x80'
	refused "$itself" --magic '?E??' --mask '\x00\xff\x00\x00'
	refused "$itself" --magic '\x00' --mask '\x01' --offset 255
	refused "$itself" --magic "$(bytes "$UPDATE_BINFMTS" 16 4)" \
		--mask '\x00\x00\xff\xff' --offset 16
}

# What is neither in update-binfmts nor a script, but in another program.
test_other_programs() {
	prepare
	script script </dev/null
	refused "run-detectors, $RUN_DETECTORS" \
		--magic "$(bytes "$RUN_DETECTORS" 0 48)"
	refused "the shell, /bin/sh" --magic "$(bytes /bin/sh 0 48)"
	loader=$(loader_of "$UPDATE_BINFMTS")
	[ -z "$loader" ] || refused "the program loader, $loader" \
		--magic "$(bytes "$loader" 0 48)"
	[ ! -r /proc/1/exe ] || refused '' --magic "$(bytes /proc/1/exe 0 48)"
}

# It is among the first strings of a dynamic program.
loader_of() {
	head -c 4096 "$1" | tr '\0' '\n' |
		grep -a -m 1 '^/[a-z0-9/]*/ld-[-a-z0-9_.]*$'
}

test_scripts() {
	prepare
	script script </dev/null
	refused "scripts" --magic '#!'
	for magic in '#' '#!/' '#!/bin/sh' '#!/bin/sh\x0a' '#! /bin/sh' \
		'#!/bin/bash' '#!/usr/bin/env ' '#!/usr/bin/perl' \
		'#!/usr/bin/python'; do
		refused scripts --magic "$magic"
	done
	refused scripts --magic '!' --offset 1
	refused scripts --magic '/bin/' --offset 2
	refused scripts --magic 'sh' --offset 7
	refused scripts --magic '#! ' --mask '\xff\xff\x00'
}

# Rules that match none of the files that are read, but very many of those
# that a system needs.
test_programs_of_other_kinds() {
	prepare
	script script </dev/null
	ident=$(bytes "$UPDATE_BINFMTS" 0 16)
	machine=$(bytes "$UPDATE_BINFMTS" 18 2)
	data=$(bytes "$UPDATE_BINFMTS" 5 1)
	executable='\x02\x00' shared='\x03\x00'
	[ "$data" = '\x01' ] || executable='\x00\x02' shared='\x00\x03'
	# Programs that are not position-independent, and those that are.
	refused '' --magic "$ident$executable$machine"
	refused '' --magic "$ident$shared$machine"
	refused '' --magic "$executable$machine" --offset 16
	# Those that call themselves GNU's.
	refused '' --magic "$(bytes "$UPDATE_BINFMTS" 0 7)"'\x03'
	# Single programs, and by a few bits very many of them.
	for program in /bin/true /bin/bash /bin/ls /bin/mount; do
		[ ! -r "$program" ] || refused '' \
			--magic "\\x7fELF$(bytes "$program" 4 60)"
	done
	for at in 24 25 26 40 41 56 60 61; do
		zeros=$(yes '\x00' | head -n $((at - 4)) | tr -d '\n')
		refused '' --magic '\x7fELF'"$zeros"'\x80' \
			--mask '\xff\xff\xff\xff'"$zeros"'\x80'
		refused '' --magic '\x80' --mask '\x80' --offset "$at"
	done
	# Of scripts.
	for magic in '#!/bin/sh -' '#!/usr/bin/env b' '#!/usr/bin/sh' \
		'#!/usr/bin/bash' '#! /usr/bin/python' '#!/sbin/' '#!\x09/bin/sh'
	do
		refused '' --magic "$magic"
	done
}

# Extensions ------------------------------------------------------------------

test_extensions() {
	prepare
	script script </dev/null
	cp "$UPDATE_BINFMTS" update-binfmts.v1
	UPDATE_BINFMTS=$work/update-binfmts.v1
	refused "$itself, $work/update-binfmts.v1 (its name ends in .v1)" \
		--extension v1
	ub --install other "$work/show" --extension v2
	expect_status 0
	ub --remove other x
	loader=$(loader_of "$UPDATE_BINFMTS")
	case $loader in
	*.*) refused "the program loader, $loader (its name ends in" \
		--extension "${loader##*.}" ;;
	esac
}

# The kernel compares the name that was executed, not the one behind a link.
test_extension_of_link() {
	prepare
	script script </dev/null
	ln -s "$UPDATE_BINFMTS" update-binfmts.v1
	UPDATE_BINFMTS=$work/update-binfmts.v1
	refused "$itself" --extension v1
}

own="its own interpreter, "

# The rule's own programs.
test_own_interpreter() {
	prepare
	script script </dev/null
	cp show show.mine
	interpreter=$work/show.mine
	refused "$own$work/show.mine (its name ends in .mine)" --extension mine
	cp script script.mine
	interpreter=$work/script.mine
	refused "$own$work/script.mine" --extension mine
	printf '#!%s/show x\n' "$work" >wrapper
	chmod 755 wrapper
	interpreter=$work/wrapper
	refused "$own$work/wrapper (at byte 0 it has 2321" \
		--magic "#!$work/sho"
	refused "$own$work/wrapper" --magic "$work/show" --offset 2
	testing 'a file of its format'
	file self 'SELF\n'
	interpreter=$work/self
	refused "$own$work/self (at byte 0 it has 53454c46)" --magic SELF
	refused "$own$work/self" --magic Sxxx --mask '\xff\x00\x00\x00' \
		--fix-binary yes
	testing 'a detector'
	file self.detector 'DETECT\n'
	interpreter=
	refused "its own detector, $work/self.detector" --magic DETECT \
		--detector "$work/self.detector"
	refused "its own detector, $work/self.detector" --extension detector \
		--detector "$work/self.detector"
	refused "its own detector, $work/show.mine" --extension mine \
		--detector "$work/show.mine"
	testing 'an interpreter behind run-detectors'
	interpreter=$work/self
	refused "$own$work/self" --magic SELF --detector "$work/show"
}

# What the #! lines lead to, as far as the kernel follows them.
test_chain_of_scripts() {
	prepare
	script script </dev/null
	cp show end.mine
	printf '#!%s/end.mine\n' "$work" >chain1
	for i in 2 3 4 5; do
		printf '#!%s/chain%s arg\n' "$work" $((i - 1)) >"chain$i"
	done
	chmod 755 chain[1-5]
	for i in 1 2 3 4 5; do
		interpreter=$work/chain$i
		refused "$own$work/end.mine (its name ends in .mine)" \
			--extension mine
	done
	file self 'CHAIN\n'
	printf '#!%s/self\n' "$work" >chain1
	interpreter=$work/chain3
	refused "$own$work/self" --magic CHAIN
}

# The other actions ------------------------------------------------------------

elf='\x7fELF'

test_import() {
	prepare
	script script </dev/null
	format bad "interpreter $work/show" "magic $elf"
	format good "interpreter $work/show" 'magic GOOD'
	format worse "interpreter $work/show" 'magic x' 'mask \x00'
	ub --import bad
	expect_programs_run
	expect_status 0
	expect_stdout ''
	expect_lines 1
	expect_stderr_has "warning: bad: not registered: $would $itself"
	check 'it is recorded' test -f "$admin/bad"
	expect_registered
	expect_state bad disabled ''
	testing 'all of them'
	ub --import
	expect_programs_run
	expect_status 0
	expect_stdout 'update-binfmts: 3 format files, 2 new or changed, 1 newly '\
'registered'
	expect_lines 2
	expect_stderr_has 'warning: bad: not registered'
	expect_stderr_has 'warning: worse: not registered'
	expect_registered good
	expect_runs ./good "$work/show"
	testing 'a good one becomes bad'
	format good "interpreter $work/show" "magic $elf"
	ub --import good
	expect_programs_run
	expect_status 0
	expect_stderr_has 'warning: good: not registered'
	check 'it is recorded' grep -Fqx "$elf" "$admin/good"
}

test_enable() {
	prepare
	script script </dev/null
	format bad "interpreter $work/show" "magic $elf"
	format good "interpreter $work/show" 'magic GOOD'
	ub --import
	ub --disable
	ub --enable bad
	expect_programs_run
	expect_status 2
	expect_lines 1
	expect_stderr_has "update-binfmts: bad: refused: $would $itself"
	expect_registered
	testing 'all of them'
	ub --enable
	expect_programs_run
	expect_status 0
	expect_stdout 'update-binfmts: 2 formats, 1 newly registered'
	expect_lines 1
	expect_stderr_has 'warning: bad: not registered: '
	expect_registered good
	testing 'only a test'
	ub --test --enable bad
	expect_status 2
	expect_stderr_has 'bad: refused'
	expect_stdout_lacks ELF
}

# binfmt_d TEXT: the only rules that there are.
binfmt_d() {
	for _directory in /etc /usr/local/lib /usr/lib; do
		[ ! -d "$_directory/binfmt.d" ] ||
			mount -t tmpfs binfmts-test "$_directory/binfmt.d"
	done
	mkdir /run/binfmt.d
	printf '%s\n' "$1" >/run/binfmt.d/test.conf
}

test_rules_of_binfmt_d() {
	prepare
	script script </dev/null
	binfmt_d ":bad:M::$elf::$work/show:
:good:M::GOOD::$work/show:
:scripts:M::#!::$work/show:"
	for action in '--enable --source=binfmt.d' '--enable --source=all' \
		--sync; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_programs_run
		expect_status 0
		expect_stderr_has "bad: not registered: $would $itself"
		expect_stderr_has "scripts: not registered: $would scripts"
		expect_registered good
		expect_runs ./good "$work/show"
		control good -1
	done
	testing 'one of them'
	ub --enable bad
	expect_programs_run
	expect_status 2
	expect_stderr_has "bad: refused: $would $itself"
	expect_registered
}

test_sync() {
	prepare
	script script </dev/null
	format bad "interpreter $work/show" "magic $elf"
	format good "interpreter $work/show" 'magic GOOD'
	ub --sync --source=database
	expect_programs_run
	expect_status 0
	expect_stderr_has "warning: bad: not registered: $would $itself"
	check 'it is recorded' test -f "$admin/bad"
	expect_registered good
}

# Registered by hand and disabled in the kernel: to enable it is as bad.
test_enable_disabled() {
	prepare
	script script </dev/null
	format bad "interpreter $work/missing" "magic $elf"
	ub --quiet --import
	for name in bad ''; do
		testing "--enable $name"
		register ":bad:M::$elf::$work/missing:"
		echo 0 >"$registry/bad"
		# shellcheck disable=SC2086 # nothing or one
		ub --enable $name
		expect_programs_run
		[ ! -e "$registry/bad" ] || echo -1 >"$registry/bad"
		expect_status $((${#name} == 0 ? 0 : 2))
		expect_stderr_has "$would $itself"
	done
}

test_adopt() {
	prepare
	script script </dev/null
	# Without effect until it is refused.
	control status 0
	register ":bad:M::$elf::$work/missing:"
	register ":scripts:M::#!::$work/missing:"
	ub --adopt bad
	expect_status 2
	expect_lines 1
	expect_stderr_has "bad: refused: $would $itself"
	expect_no_file "$admin/bad"
	ub --adopt scripts
	expect_status 2
	expect_stderr_has "scripts: refused: $would scripts"
	expect_no_file "$admin/scripts"
	expect_registered bad scripts
	control bad -1
	control scripts -1
	control status 1
	expect_programs_run
}

# What is harmless ---------------------------------------------------------------

# accepted WHAT OPTION...
accepted() {
	testing "accepted: $1"
	shift
	ub --install accepted "$work/show" "$@"
	expect_programs_run
	expect_status 0
	expect_silent
	expect_registered accepted
}

# foreign CLASS DATA MACHINE: programs of that kind, two digits each and four.
foreign() {
	_m=$(echo "$3" | sed 's/\(..\)\(..\)/\\x\1\\x\2/')
	_pad='\x00\x00\x00\x00\x00\x00\x00\x00\x00'
	case $2 in
	01) _type='\x02\x00' _mask='\xfe\xff' ;;
	*) _type='\x00\x02' _mask='\xff\xfe' ;;
	esac
	_ff='\xff\xff\xff\xff\xff\xff\xff'
	accepted "ELF of machine $3" \
		--magic "\\x7fELF\\x$1\\x$2\\x01$_pad$_type$_m" \
		--mask "$_ff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff$_mask\
\\xff\\xff"
}

test_foreign_programs() {
	prepare
	script script </dev/null
	own=$(bytes "$UPDATE_BINFMTS" 18 2 | tr -d '\\x')
	# alpha arm aarch64 hppa i386 loongarch64 m68k mips mips64 mipsel ppc
	# ppc64 ppc64le riscv32 riscv64 s390x sh4 sparc sparc64 x86_64 xtensa
	for machine in '02 01 2690' '01 01 2800' '02 01 b700' '01 02 000f' \
		'01 01 0300' '02 01 0201' '01 02 0004' '01 02 0008' \
		'02 02 0008' '01 01 0800' '01 02 0014' '02 02 0015' \
		'02 01 1500' '01 01 f300' '02 01 f300' '02 02 0016' \
		'01 01 2a00' '01 02 0002' '02 02 002b' '02 01 3e00' \
		'01 01 5e00'; do
		# shellcheck disable=SC2086 # words
		[ "${machine##* }" = "$own" ] || foreign $machine
	done
}

test_other_formats() {
	prepare
	script script </dev/null
	accepted 'Windows programs' --magic MZ
	accepted archives --magic 'PK\x03\x04'
	accepted AppImage --magic 'AI\x02' --offset 8
	accepted 'AppImage with its first bytes' \
		--magic '\x7fELF\x00\x00\x00\x00AI\x02' \
		--mask '\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff'
	accepted Lisp --magic '# FASL\x0a'
	accepted hunks --magic '\x00\x00\x03\xf3'
	accepted 'a word in the middle' --magic DICM --offset 128
	accepted Python --magic '\xa7\x0d\x0d\x0a'
	accepted bitcode --magic BC
	accepted 'a shebang of another kind' --magic '!#'
	accepted comments --magic '/*BINFMTC\x3a'
	for extension in jar love exe py foo binfmts; do
		accepted "$extension" --extension "$extension"
	done
	testing 'a program that is a file of another format'
	file odd 'GOOD\n'
	ub --install other "$work/odd" --magic OTHER
	expect_status 0
	expect_silent
}

run_cases "$@"
