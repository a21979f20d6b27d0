#!/bin/sh
# The rules of binfmt.d as formats beside the recorded ones: what registers
# them, what takes them away, what is shown of them; and what we do where
# systemd-binfmt does nothing useful.

# shellcheck disable=SC2119,SC2120 # often without files

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

enable_rules() {
	ub --enable --source=binfmt.d "$@"
}

disable_rules() {
	ub --disable --source=binfmt.d "$@"
}

# A package that comes later shares the bytes of a rule that is registered.
test_imported_beside() {
	replace_sources || return
	program one two
	import=$work/formats
	rules "$lib_d/a.conf" ":rule:M::SAME::$work/one:"
	enable_rules
	format recorded "interpreter $work/two" 'magic SAME' 'priority -1'
	ub --import
	expect_status 0
	ub --display
	expect_stdout_has 'recorded (enabled)'
	expect_stdout_has 'rule (enabled)'
	expect_stdout_lacks 'differs'
	file f SAME
	expect_runs ./f "$work/one"
}

# Only what is asked for is about binfmt.d.
test_sources() {
	replace_sources || return
	program one two
	rules "$lib_d/a.conf" ":rule:M::RULE::$work/one:"
	ub --install recorded "$work/two" --magic RECO
	ub --disable recorded
	ub --enable
	expect_status 0
	expect_registered recorded
	enable_rules
	expect_status 0
	expect_silent_but '1 format, 1 newly registered'
	expect_registered recorded rule
	enable_rules
	expect_silent_but '1 format, 0 newly registered'
	ub --disable
	expect_registered rule
	ub --enable
	disable_rules
	expect_registered recorded
	ub --disable recorded
	expect_registered
	ub --enable --source=all
	expect_status 0
	expect_registered recorded rule
	file f RULE
	expect_runs ./f "$work/one"
	ub --find ./f
	expect_stdout "$work/one"
	ub --explain ./f
	expect_status 0
	expect_stdout_has "$lib_d/a.conf:1"
	ub --disable --source=database,binfmt.d
	expect_status 0
	ub --display
	expect_stdout_lacks '(enabled)'
	testing 'by name'
	ub --enable rule
	expect_status 0
	expect_registered rule
	ub --disable rule
	expect_status 0
	expect_registered
	expect_stdout_has "ln -sf /dev/null $overrides/rule"
	ub --enable nothing
	expect_status 2
	ub --disable nothing
	expect_status 0
}

expect_silent_but() {
	expect_stdout "update-binfmts: $1"
	expect_stderr ''
}

# What others have registered stays, whatever its name.
test_only_ours() {
	replace_sources || return
	program one
	register ':foreign:M::FOREIGN::/usr/bin/foreign:'
	register ':named:M::OTHER::/usr/bin/other:'
	rules "$lib_d/a.conf" ":rule:M::RULE::$work/one:" \
		":named:M::NAMED::$work/one:"
	disable_rules
	expect_status 0
	expect_stderr_has 'named: left alone'
	expect_registered foreign named
	enable_rules
	expect_registered foreign named rule
	expect_entry named enabled "$work/one" '' 'offset 0' 'magic 4e414d4544'
	disable_rules
	expect_status 0
	expect_stderr ''
	expect_registered foreign
	testing 'only what the files declare'
	rules "$lib_d/b.conf" ":b:M::BBBB::$work/one:"
	enable_rules
	disable_rules b.conf
	expect_registered foreign named rule
	disable_rules ./nothing.conf
	expect_status 2
	expect_registered foreign named rule
	testing 'disabled in the kernel, and again enabled'
	control rule 0
	enable_rules
	expect_status 0
	expect_entry rule enabled "$work/one" '' 'offset 0' 'magic 52554c45'
	expect_mounted
}

# Where systemd-binfmt gives up, or does something of no use.
test_strange_files() {
	replace_sources || return
	program one
	printf '\357\273\277:bom:E::bom::%s:\n' "$work/one" >"$lib_d/a.conf"
	ln -s /nonexistent "$etc_d/b.conf"
	rules "$lib_d/b.conf" ":hidden:E::hidden::$work/one:"
	mkdir "$lib_d/c.conf"
	mkfifo "$lib_d/d.conf"
	printf ':nul:E::a\0b::/x:\n:after:E::after::%s:\n' "$work/one" \
		>"$lib_d/e.conf"
	ln -s g.real "$lib_d/f.conf"
	rules "$lib_d/g.real" ":linked:E::linked::$work/one:"
	ln -s i.conf "$lib_d/i.conf"
	printf '\n \n\r\n# only\n' >"$lib_d/j.conf"
	rules "$lib_d/z.conf" ":z:E::z::$work/one:"
	enable_rules
	expect_status 2
	expect_registered after bom linked z
	expect_stderr_has "$etc_d/b.conf: leads to a file that does not exist"
	expect_stderr_has "$lib_d/c.conf: is a directory"
	expect_stderr_has "$lib_d/d.conf: is a fifo"
	expect_stderr_has "$lib_d/e.conf:1:9: extension: contains a NUL byte"
	expect_stderr_has "$lib_d/i.conf"
	expect_stderr_lacks "$lib_d/j.conf"
	expect_lines 5
	testing 'one that nobody may read'
	chmod 0 "$lib_d/z.conf"
	ub --cat-config
	expect_stdout_has ":linked:E::linked::$work/one:"
}

# The line, and the column of what is wrong in it.
test_places() {
	replace_sources || return
	rules "$lib_d/a.conf" '' '# comment' '  :bad:M::\xzz::/x:' \
		"$(printf '\t:bad:E::x::/x:pp')"
	printf ':bad:E::x:/x:\r\n:%0300d:E::x::/x:\n' 0 >>"$lib_d/a.conf"
	enable_rules
	expect_status 2
	expect_stderr_has "$lib_d/a.conf:3:11: magic: byte 1:"
	expect_stderr_has "$lib_d/a.conf:4:17: flags:"
	expect_stderr_has "$lib_d/a.conf:4:16: flags:"
	expect_stderr_has "$lib_d/a.conf:5:14: interpreter: is not closed"
	expect_stderr_has "$lib_d/a.conf:6:2: name: has 300 bytes"
	expect_registered
}

# Flags and types of newer kernels: the kernel decides, and the rest goes on.
test_new_flags() {
	replace_sources || return
	program one two
	rules "$lib_d/a.conf" ":transparent:M::TTTT::$work/one:T" \
		":loader:M::LLLL::$work/one:L" ":off:M::DDDD::$work/one:D" \
		":bpf:B::::$work/handler:" ":plain:M::PLAIN::$work/two:"
	enable_rules
	# shellcheck disable=SC2012 # no strange names
	if [ "$(ls "$registry" | wc -l)" -gt 3 ]; then
		skip "$subject" 'the kernel knows them'
		return
	fi
	expect_status 2
	expect_registered plain
	for name in transparent loader off bpf; do
		expect_stderr_has "$name"
	done
	expect_stderr_lacks 'Invalid argument'
	verdict 'says what is missing' '7.3 in each of 4 messages' \
		test "$(grep -c '7\.3' "$captured/err")" -eq 4
}

# The same name in both: what is recorded counts, and --check knows.
test_same_name() {
	replace_sources || return
	program one two
	rules "$lib_d/a.conf" ":both:M::BOTH::$work/one:"
	ub --install both "$work/two" --magic BOTH
	enable_rules
	expect_status 0
	expect_entry both enabled "$work/two" '' 'offset 0' 'magic 424f5448'
	ub --check both
	expect_status 1
	expect_stdout_has "both: binfmt.d: $lib_d/a.conf:1 has another rule"
	disable_rules
	expect_registered both
	ub --display both
	expect_stdout_has '<local>'
	ub --display --source=binfmt.d
	expect_stdout ''
	testing 'where they agree'
	rules "$lib_d/a.conf" ":both:M::BOTH::$work/two:"
	ub --check both
	expect_status 0
	expect_stdout ''
	testing 'the recorded one is removed'
	ub --remove both both
	enable_rules
	expect_registered both
	ub --display both
	expect_stdout_has 'package = <binfmt.d>'
	expect_stdout_has "source = $lib_d/a.conf:1"
}

# A spec that is shared across the sources is served by run-detectors; the
# same format in both forms under two names is not.
test_shared() {
	replace_sources || return
	program one two
	script decline <<-\END
		exit 1
	END
	file f SHARED
	rules "$lib_d/a.conf" ":rule:M::SHARED::$work/one:"
	enable_rules
	ub --install recorded "$work/two" --magic SHARED \
		--detector "$work/decline"
	expect_status 0
	verdict 'both through run-detectors' "$RUN_DETECTORS twice" \
		test "$(cat "$registry/rule" "$registry/recorded" |
			grep -c "^interpreter $RUN_DETECTORS$")" -eq 2
	ub --find ./f
	expect_stdout "$work/one"
	ub --disable rule
	ub --find ./f
	expect_stdout ''
	ub --enable rule
	ub --find ./f
	expect_stdout "$work/one"
	ub --remove recorded x
	expect_entry rule enabled "$work/one" '' 'offset 0' \
		'magic 534841524544'
	testing 'the same in both forms'
	ub --install other-name "$work/one" --magic SHARED
	verdict 'both directly' "$work/one twice" \
		test "$(cat "$registry/rule" "$registry/other-name" |
			grep -c "^interpreter $work/one$")" -eq 2
	expect_runs ./f "$work/one"
	ub --check
	expect_stdout_lacks rule:
}

# What would lock everybody out is refused in files, too; the rest goes on.
test_guard() {
	replace_sources || return
	program one
	rules "$lib_d/a.conf" ":all:M::\\x7fELF::$work/one:" \
		":zero:M::A:\\x00:$work/one:" ":sh:E::sh::$work/one:" \
		":good:M::GOOD::$work/one:"
	enable_rules
	expect_status 0
	expect_stderr_has 'all: not registered'
	expect_stderr_has 'zero: not registered'
	expect_registered good sh
	check 'programs run' /bin/true
	ub --enable all
	expect_status 2
	expect_registered good sh
	ub --check
	expect_status 1
	expect_stdout_has 'all: refused'
}

# Everything in one view.
test_view() {
	replace_sources || return
	program one
	rules "$lib_d/a.conf" '# comment' ":rule:M:2:\\x00R:\\xff\\xfe:$work/one:P"
	register ':foreign:E::foreign::/usr/bin/foreign:'
	ub --install recorded "$work/one" --extension rec
	enable_rules
	ub --display
	expect_status 0
	expect_stdout "recorded (enabled):
     package = <local>
        type = extension
      offset = 0
       magic = rec
        mask = 
 interpreter = $work/one
    detector = 
rule (enabled):
     package = <binfmt.d>
        type = magic
      offset = 2
       magic = \\x00R
        mask = \\xff\\xfe
 interpreter = $work/one
    detector = 
    preserve = yes
      source = $lib_d/a.conf:2"
	ub --display --source=kernel
	expect_stdout_has 'foreign (enabled):'
	expect_stdout_has 'state = foreign'
	expect_stdout_lacks 'rule (enabled)'
	expect_stdout_lacks 'recorded (enabled)'
	ub --display --source=all --json
	expect_status 0
	cp "$captured/out" "$work/json"
	for _text in '"name":"foreign"' '"origin":"kernel"' \
	    '"origin":"binfmt.d"' '"origin":"database"' \
	    '"magic":"0052"' '"mask":"fffe"' \
	    "\"source\":\"$lib_d/a.conf:2\""; do
		verdict "JSON has $_text" "$_text" grep -Fq "$_text" json
	done
	ub --check
	expect_status 0
	expect_stdout ''
	testing 'a late change of the rule'
	rules "$lib_d/a.conf" ":rule:M::R2::$work/one:"
	ub --check
	expect_status 1
	expect_stdout_has 'rule: differs:'
	enable_rules
	ub --check
	expect_status 0
}

# --test, of rules.
test_dry() {
	replace_sources || return
	program one
	rules "$lib_d/a.conf" ":a:M::AAAA::$work/one:" ',b,E,,b,,/b:b,P'
	ub --test --enable --source=binfmt.d
	expect_status 0
	expect_registered
	expect_stdout_has " :a:M:0:AAAA::$work/one:"
	expect_stdout_has ' |b|E|0|b||/b:b|P'
	enable_rules
	ub --test --disable --source=binfmt.d
	expect_registered a b
	expect_stdout_has 'would remove the kernel'
}

run_cases "$@"
