#!/bin/sh
# Formats that share what they match, and detectors: which interpreter it is,
# what it gets, and what a detector gets.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# detector NAME STATUS: it says on both outputs that it was asked.
detector() {
	script "$work/$1" <<-END
		echo "out: $1 \$1"
		echo "err: $1 \$1" >&2
		exit $2
	END
}

# install NAME INTERPRETER [OPTION]...: of the magic SHARED, unless the options
# have another spec.
install() {
	_format=$1 _interpreter=$work/$2
	shift 2
	case " $* " in
	*' --magic '* | *' --extension '*) ;;
	*) set -- --magic SHARED "$@" ;;
	esac
	ub --install "$_format" "$_interpreter" "$@"
	expect_status 0
}

shared='magic 534841524544'

# The one that comes first by name, whatever the order of installing.
test_two_without_detectors() {
	program one two
	file f SHARED
	install b two
	expect_entry b enabled "$work/two" '' 'offset 0' "$shared"
	install a one
	expect_silent
	expect_entry a enabled "$RUN_DETECTORS" '' 'offset 0' "$shared"
	expect_entry b enabled "$RUN_DETECTORS" '' 'offset 0' "$shared"
	exec_file -0 zero ./f arg 'two words' ''
	expect_stdout "argv [$work/one] [./f] [arg] [two words] []
flags 0
execfn $work/one
execfd none"
	ub --find f
	expect_stdout "$work/one
$work/two"
	testing 'the other is taken out of the kernel'
	ub --disable a
	expect_entry b enabled "$RUN_DETECTORS" '' 'offset 0' "$shared"
	expect_runs ./f "$work/two"
	ub --find f
	expect_stdout "$work/two"
	testing 'the other is disabled by hand'
	ub --enable a
	control a 0
	expect_runs ./f "$work/two"
	control a 1
	expect_runs ./f "$work/one"
	testing 'the other is removed'
	ub --remove a one
	expect_entry b enabled "$work/two" '' 'offset 0' "$shared"
	expect_registered b
	expect_runs ./f "$work/two"
}

# The same files, written in another way.
test_same_spec_in_other_words() {
	program one two
	file f SHARED
	install a one --magic '\x53HARED' --mask '\xff\xff\xff\xff\xff\xff'
	install b two --magic 'xSHAREDx' --offset 0 \
		--mask '\x00\xff\xff\xff\xff\xff\xff\x00'
	expect_entry a enabled "$work/one" '' 'offset 0' "$shared" \
		'mask ffffffffffff'
	ub --remove b two
	install b two --magic 'SHAREDx' --mask '\xff\xff\xff\xff\xff\xff\x00'
	expect_entry a enabled "$RUN_DETECTORS" '' 'offset 0' "$shared" \
		'mask ffffffffffff'
	expect_entry b enabled "$RUN_DETECTORS" '' 'offset 0' "${shared}78" \
		'mask ffffffffffff00'
	expect_runs ./f "$work/one"
}

# P is for the entry; what each interpreter gets is what it asked for.
test_different_flags() {
	program one two
	file f 'SHARED one'
	file g 'SHARED two'
	script is-one <<-\END
		grep -q one "$1"
	END
	install one one --detector "$work/is-one"
	expect_silent
	expect_entry one enabled "$RUN_DETECTORS" '' 'offset 0' "$shared"
	install two two --preserve yes
	expect_lines 1
	expect_stderr_has AT_FLAGS
	expect_entry one enabled "$RUN_DETECTORS" P 'offset 0' "$shared"
	expect_entry two enabled "$RUN_DETECTORS" P 'offset 0' "$shared"
	export SHOW='argv flags'
	exec_file -0 zero ./f arg
	expect_stdout "argv [$work/one] [./f] [arg]
flags 0"
	exec_file -0 zero ./f
	expect_stdout "argv [$work/one] [./f]
flags 0"
	exec_file -0 zero ./g arg
	expect_stdout "argv [$work/two] [./g] [zero] [arg]
flags 0"
	exec_file -0 zero ./g
	expect_stdout "argv [$work/two] [./g] [zero]
flags 0"
	ub --find f
	expect_stdout "$work/one
$work/two"
	ub --find g
	expect_stdout "$work/two"
	testing 'the one that preserves is removed'
	ub --remove two two
	expect_entry one enabled "$RUN_DETECTORS" '' 'offset 0' "$shared"
	exec_file -0 zero ./f arg
	expect_stdout "argv [$work/one] [./f] [arg]
flags 0"
}

# C and O are never for an entry of run-detectors.
test_flags_that_cannot_be_shared() {
	program one two
	install one one --open-binary yes
	expect_entry one enabled "$work/one" O 'offset 0' "$shared"
	install two two
	expect_lines 1
	expect_stderr_has 'one: served by run-detectors, and so without the open'
	expect_entry one enabled "$RUN_DETECTORS" '' 'offset 0' "$shared"
	ub --remove one one
	testing 'credentials'
	install one one --magic OTHER --credentials yes
	expect_entry one enabled "$work/one" OC 'offset 0' 'magic 4f54484552'
	format three 'interpreter /bin/true' 'magic OTHER'
	ub --import three
	expect_status 0
	expect_stderr_has 'one: served by run-detectors, and so without cred'
	expect_entry one enabled "$RUN_DETECTORS" '' 'offset 0' \
		'magic 4f54484552'
	ub --install four "$work/one" --magic OTHER --credentials yes
	expect_status 2
	expect_no_file "$admin/four"
	expect_registered one two three
}

# Which of them ----------------------------------------------------------------

test_order_of_detectors() {
	program a b c d
	file f SHARED
	detector yes 0
	detector no 1
	install a a
	install b b --detector "$work/no"
	install c c --detector "$work/yes"
	install d d --detector "$work/yes"
	exec_file ./f
	expect_stdout_has "argv [$work/c] [./f]"
	expect_stderr 'out: no ./f
err: no ./f
out: yes ./f
err: yes ./f'
	ub --find ./f
	expect_stdout "$work/c
$work/d
$work/a"
	testing 'none that accepts'
	detector yes 1
	expect_runs ./f "$work/a"
	ub --find ./f
	expect_stdout "$work/a"
	testing 'priority'
	install d d --detector "$work/no" --priority 1
	install b b --detector "$work/no" --priority 3
	install a a --priority 2
	exec_file ./f
	expect_stdout_has "argv [$work/a] [./f]"
	expect_stderr 'out: no ./f
err: no ./f'
}

# What the specific one declines is for the general one, which has an entry
# of its own, or shares one.
test_fall_through() {
	program special general other
	detector no 1
	file f SHARED
	file s SHARE
	install special special --detector "$work/no"
	install general general --magic SH
	expect_entry general enabled "$work/general" '' 'offset 0' 'magic 5348'
	expect_runs ./f "$work/general"
	expect_runs ./s "$work/general"
	ub --find f
	expect_stdout "$work/general"
	testing 'several general ones'
	detector yes 0
	install other other --magic 'xHA' --mask '\x00\xff\xff' \
		--detector "$work/no"
	expect_runs ./f "$work/general"
	install other other --magic 'xHA' --mask '\x00\xff\xff' \
		--detector "$work/yes" --priority 1
	expect_runs ./f "$work/other"
	expect_runs ./s "$work/other"
	testing 'an extension'
	install other other --extension sh
	file f.sh SHARED
	ub --remove general general
	expect_runs ./f.sh "$work/other"
	testing 'the special one accepts'
	detector no 0
	expect_runs ./f.sh "$work/special"
	ub --find f.sh
	expect_stdout "$work/special
$work/other"
}

# A general format with a detector that declines does not lose the files of a
# special one that is registered directly.
test_special_is_direct() {
	program special general
	detector no 1
	file f SHARED
	file s SHARE
	install general general --magic SH --detector "$work/no"
	install special special
	expect_entry special enabled "$work/special" '' 'offset 0' "$shared"
	expect_runs ./f "$work/special"
	exec_file ./s
	expect_status 127
	testing 'the special one is disabled in the kernel'
	control special 0
	exec_file ./f
	expect_status 127
	ub --find f
	expect_stdout ''
}

# What a detector gets ----------------------------------------------------------

things='argv fds stdin stdout signals children group cwd umask nofile environment'

test_detector_environment() {
	program interpreter detector
	file f SHARED
	echo data >input
	install it interpreter --detector "$work/detector"
	mkdir elsewhere
	cd elsewhere || return
	umask 027
	run env -i "SHOW=$things" A=1 'B=two words' "$TEST_TOOLS/exec-file" \
		-0 zero -i 10 -b 12 -k 15 -n 99 ../f arg <../input 3<../input 5>../new
	umask 022
	common="cwd $work/elsewhere
umask 027
nofile 99
environment [A=1] [B=two words]"
	expect_stdout "argv [$work/interpreter] [../f] [arg]
fds 0 1 2 3 5
stdin data
stdout not as stderr
signals ignored 10 blocked 12 blocked 15 pending 15
children none
group inherited
$common"
	expect_stderr "argv [$work/detector] [../f]
fds 0 1 2
stdin empty
stdout as stderr
signals ignored 10 blocked 12 blocked 15
children none
group own
$common"
}

# Without the standard descriptors, too, which a file of ours could get.
test_closed_descriptors() {
	program interpreter
	script detector <<-END
		(ls /proc/self/fd; readlink /proc/self/fd/[01]) >"$work/seen"
	END
	file f SHARED
	install it interpreter --detector "$work/detector"
	export SHOW=fds
	for closed in 'exec <&-' 'exec 2>&-' 'exec <&- 2>&-'; do
		(
			eval "$closed"
			exec "$TEST_TOOLS/exec-file" ./f
		) >"$captured/out"
		status=$?
		testing "$closed"
		expect_status 0
		case $closed in
		*'<&-'*2*) expect_stdout 'fds 1' ;;
		*'<&-'*) expect_stdout 'fds 1 2' ;;
		*) expect_stdout 'fds 0 1' ;;
		esac
		check 'standard input is /dev/null' \
			grep -qx /dev/null "$work/seen"
		check 'no other descriptors' test \
			"$(sed -n '/^[0-9]/p' "$work/seen" | tr '\n' ' ')" = \
			'0 1 2 3 '
	done
}

# SIGCHLD is ours while a detector runs, and afterwards as it was.
test_child_signal() {
	program interpreter
	detector yes 0
	detector no 1
	file f SHARED
	install a interpreter --detector "$work/no"
	install b interpreter --detector "$work/yes"
	chld=17
	export SHOW='signals children'
	testing 'SIGCHLD ignored'
	exec_file -i "$chld" ./f
	expect_stdout "signals ignored $chld
children none"
	testing 'SIGCHLD blocked'
	exec_file -b "$chld" ./f
	expect_stdout "signals blocked $chld
children none"
	testing 'SIGCHLD blocked and ignored'
	exec_file -b "$chld" -i "$chld" ./f
	expect_stdout "signals ignored $chld blocked $chld
children none"
	testing 'SIGCHLD pending'
	exec_file -k "$chld" ./f
	expect_stdout "signals blocked $chld pending $chld
children none"
	testing 'a detector sees the same'
	program detector
	install c interpreter --detector "$work/detector" --priority 1
	exec_file -b "$chld" -i "$chld" ./f
	expect_stderr "signals ignored $chld blocked $chld
children none"
}

# What a detector leaves behind ends with it, and is nobody's child.
test_nothing_is_left() {
	program interpreter
	script detector <<-END
		sleep 300 &
		echo \$! >"$work/pid"
	END
	file f SHARED
	install it interpreter --detector "$work/detector"
	export SHOW=children
	exec_file ./f
	expect_stdout 'children none'
	check 'the child of the detector is killed' is_gone "$(cat pid)"
	testing 'orphans come to the one who executes'
	exec_file -s ./f
	expect_stdout 'children none'
}

# Nor does one go on that nobody waits for any more.
test_killed_while_detecting() {
	program interpreter
	script detector <<-END
		echo \$\$ >"$work/pid"
		exec sleep 300
	END
	file f SHARED
	install it interpreter --detector "$work/detector"
	run timeout -s INT 0.3 "$TEST_TOOLS/exec-file" ./f
	check 'the detector is killed' is_gone "$(cat pid)"
}

# Failures ----------------------------------------------------------------------

test_nobody_accepts() {
	program a b
	detector no 1
	detector other 3
	file f SHARED
	install a a --detector "$work/no"
	install b b --detector "$work/other"
	exec_file ./f
	expect_status 127
	expect_stdout ''
	expect_stderr "out: no ./f
err: no ./f
out: other ./f
err: other ./f
run-detectors: ./f: no interpreter can run this file; format a: detector \
$work/no declined with exit status 1; format b: detector $work/other declined \
with exit status 3"
	ub --find f
	expect_status 0
	expect_stdout ''
	testing 'a detector is killed'
	script no <<-\END
		kill -9 $$
	END
	exec_file ./f
	expect_status 127
	expect_stderr_has "$work/no was killed by signal 9"
	testing 'a detector is missing'
	rm no
	exec_file ./f
	expect_status 127
	expect_stderr_has "$work/no cannot be executed: No such file or"
	testing 'a detector is not executable'
	: >no
	exec_file ./f
	expect_status 127
	expect_stderr_has "$work/no cannot be executed: Permission denied"
}

test_interpreter_fails() {
	program a b
	detector yes 0
	file f SHARED
	install a a --detector "$work/yes"
	rm a
	exec_file ./f
	expect_status 126
	expect_stderr_has "$work/a cannot be executed: No such file or"
	testing 'the next one is tried'
	install b b
	expect_runs ./f "$work/b"
	testing 'the exit status is the interpreter'\''s'
	SHOW_STATUS=77 exec_file ./f
	expect_status 77
	testing 'no interpreter'
	chmod 644 b
	exec_file ./f
	expect_status 126
	expect_stderr_has "format a: interpreter $work/a cannot be executed: No"
	expect_stderr_has "format b: interpreter $work/b cannot be executed: Per"
	expect_stdout ''
	testing 'a file that cannot be read'
	needs_root || return
	program b
	chmod 111 f
	cp "$RUN_DETECTORS" rd
	register ":hand:M::SHARED::$work/rd:O"
	exec_file -u 1000 ./f
	expect_status 126
	expect_stderr 'run-detectors: ./f: cannot read: Permission denied'
}

# One that has lost its entry is no candidate, whatever the database says.
test_entry_is_gone() {
	program a b
	file f SHARED
	install a a
	install b b
	control a -1
	expect_runs ./f "$work/b"
	control b -1
	register ":foreign:M::SHARED::$RUN_DETECTORS:"
	exec_file ./f
	expect_status 127
	expect_stderr 'run-detectors: ./f: no enabled format matches this file'
}

run_cases "$@"
