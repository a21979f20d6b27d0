#!/bin/sh
# What the administrator says in /etc/binfmts counts, for recorded formats and
# for rules of binfmt.d, whatever is imported, synced or enabled afterwards.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

# override NAME LINE...: a file of the administrator.
override() {
	_file=$overrides/$1
	shift
	printf '%s\n' "$@" >"$_file"
}

# A recorded format and a rule, both with the magic of their names.
both_sources() {
	replace_sources || return
	program one two
	format recorded "interpreter $work/one" 'magic RECO'
	rules "$lib_d/a.conf" ":rule:M::RULE::$work/one:"
	file r RULE
	file f RECO
	ub --sync
	expect_status 0
	expect_registered recorded rule
}

# survives ENTRY...: these stay registered, whatever is done.
survives() {
	for _action in --import '--import recorded' --sync --enable \
	    '--enable --source=all' '--enable --source=binfmt.d'; do
		_subject=$subject
		testing "$_subject: $_action"
		# shellcheck disable=SC2086 # several words
		ub $_action
		expect_status 0
		expect_registered "$@"
		testing "$_subject"
	done
}

test_masks() {
	both_sources || return
	testing 'masked'
	ln -s /dev/null "$overrides/recorded"
	: >"$overrides/rule"
	ub --display
	expect_stdout_has "state = differs: registered, but masked by $overrides/rule"
	ub --check
	expect_status 1
	expect_stdout_has 'recorded:'
	expect_stdout_has 'rule:'
	ub --sync
	expect_status 0
	expect_registered
	survives
	ub --check
	expect_status 0
	expect_stdout ''
	ub --display
	expect_stdout_has 'recorded (disabled):'
	expect_stdout_has "override = $overrides/recorded"
	expect_stdout_has "state = masked by $overrides/recorded"
	expect_stdout_has "state = masked by $overrides/rule"
	ub --display --json
	verdict 'in JSON' 'masked twice' \
		test "$(grep -o '"masked":true' "$captured/out" | wc -l)" -eq 2
	ub --find ./f
	expect_stdout ''
	testing 'explicitly enabled'
	for name in recorded rule; do
		ub --enable "$name"
		verdict "$name: says that it is masked" "$overrides/$name" \
			grep -Fq "$overrides/$name" "$captured/out" \
			"$captured/err"
		expect_registered
	done
	testing 'no longer masked'
	rm "$overrides/recorded" "$overrides/rule"
	ub --sync
	expect_registered recorded rule
}

# The command that --disable prints is the one that makes it last.
test_disable_says_how() {
	both_sources || return
	ub --disable rule
	ub --disable recorded
	expect_status 0
	how=$(grep -o 'ln -s.*' "$captured/out")
	ub --sync
	expect_registered recorded rule
	ub --disable recorded
	check 'the command works' sh -c "$how"
	ub --sync
	expect_registered rule
	survives rule
	testing 'with an override that is there already'
	override rule 'preserve yes'
	ub --sync
	ub --disable rule
	check 'the command works' sh -c "$(grep -o 'ln -s.*' "$captured/out")"
	ub --sync
	expect_registered
}

# shown NAME KEY VALUE: by --display.
shown() {
	ub --display "$1"
	expect_stdout_has "$2 = $3"
	expect_stdout_has "override = $overrides/$1"
	expect_stdout_has "$1 (enabled)"
	expect_stdout_lacks 'state ='
}

test_changes() {
	both_sources || return
	for name in recorded rule; do
		testing "$name"
		override "$name" "interpreter $work/two" '# a comment' \
			'preserve yes'
		ub --check "$name"
		expect_status 1
		expect_stdout_has 'differs:'
		survives recorded rule
		shown "$name" interpreter "$work/two"
		expect_stdout_has 'preserve = yes'
		ub --check
		expect_status 0
		expect_stdout ''
		verdict 'P' 'the flag' grep -qx 'flags: P' "$registry/$name"
	done
	expect_runs ./f "$work/two"
	expect_runs ./r "$work/two"
	ub --find ./r
	expect_stdout "$work/two"
	check 'what is recorded is as packaged' grep -qx "$work/one" \
		"$admin/recorded"
	ub --display --json recorded
	expect_stdout_has "\"override\":\"$overrides/recorded\""
	expect_stdout_has "\"interpreter\":\"$work/two\""
	testing 'an upgrade'
	format recorded "interpreter $work/new" 'magic RECO2' 'credentials yes'
	ub --import recorded
	expect_entry recorded enabled "$work/two" POC 'offset 0' \
		'magic 5245434f32'
	testing 'taken back'
	rm "$overrides/recorded" "$overrides/rule"
	ub --sync
	expect_entry rule enabled "$work/one" '' 'offset 0' 'magic 52554c45'
	expect_entry recorded enabled "$work/new" OC 'offset 0' \
		'magic 5245434f32'
}

test_flags_off() {
	replace_sources || return
	program one
	rules "$lib_d/a.conf" ":rule:M::RULE::$work/one:POCF"
	override rule 'preserve no' 'open_binary no' 'credentials no' \
		'fix_binary no'
	ub --sync
	expect_entry rule enabled "$work/one" '' 'offset 0' 'magic 52554c45'
	override rule 'credentials no' 'open_binary no'
	ub --sync
	expect_entry rule enabled "$work/one" PF 'offset 0' 'magic 52554c45'
}

test_other_files() {
	both_sources || return
	override recorded 'extension rec'
	override rule 'offset 1' 'mask \xff\xff\xff\x00'
	ub --sync
	expect_status 0
	expect_entry recorded enabled "$work/one" '' 'extension .rec'
	expect_entry rule enabled "$work/one" '' 'offset 1' 'magic 52554c45' \
		'mask ffffff00'
	survives recorded rule
}

test_priority() {
	replace_sources || return
	program one two
	rules "$lib_d/a.conf" ":a:M::SAME::$work/one:" ":b:M::SAME::$work/two:"
	format recorded "interpreter $work/one" 'magic SA'
	file f SAME
	ub --sync
	expect_runs ./f "$work/two"
	expect_order b a recorded
	override a 'priority 1'
	ub --sync
	expect_status 0
	expect_runs ./f "$work/one"
	expect_order a b recorded
	override recorded 'priority 2' "interpreter $work/recorded"
	program recorded
	ub --sync
	expect_runs ./f "$work/recorded"
	shown a priority 1
	shown recorded priority 2
	ub --import recorded
	ub --enable --source=all
	expect_runs ./f "$work/recorded"
}

test_detector() {
	both_sources || return
	script yes-only <<-\END
		grep -q YES "$1"
	END
	override rule "detector $work/yes-only"
	override recorded "detector $work/yes-only"
	file y RULEYES
	for _action in --sync '--enable --source=all'; do
		# shellcheck disable=SC2086 # several words
		ub $_action
		expect_status 0
		expect_entry rule enabled "$RUN_DETECTORS" '' 'offset 0' \
			'magic 52554c45'
		ub --find ./y
		expect_stdout "$work/one"
		ub --find ./r
		expect_stdout ''
		expect_runs ./y "$work/one"
	done
	exec_file ./r
	verdict 'the other file does not run' 'status not 0' \
		test "$status" -ne 0
}

# What would be invalid is said, and not registered; the others are.
test_invalid() {
	both_sources || return
	override recorded 'magic \x4'
	override rule 'mask \xff'
	override unused 'priority 3'
	for _action in --sync '--enable --source=all'; do
		testing "invalid: $_action"
		# shellcheck disable=SC2086 # several words
		ub $_action
		expect_registered
		expect_stderr_has "$overrides/recorded:1:"
		expect_stderr_has "$overrides/rule:"
	done
	testing invalid
	ub --check
	expect_status 1
	expect_stdout_has "recorded: invalid: $overrides/recorded:1"
	expect_stdout_has "rule: invalid: $overrides/rule"
	expect_stdout_has 'unused: unused-override'
	ub --display recorded
	expect_stdout_has "state = not valid with $overrides/recorded"
	testing 'of a format that is new'
	rm "$overrides"/*
	override new 'magic \x4'
	format new "interpreter $work/one" 'magic NEWF'
	ub --sync
	expect_registered recorded rule
	expect_stderr_has "$overrides/new:1:"
	testing 'an action on another'
	override recorded 'magic \x4'
	ub --import new
	expect_registered recorded rule
	ub --unimport new
	expect_status 0
	expect_stderr ''
	expect_registered recorded rule
	testing 'imported again, without a change'
	ub --import recorded
	expect_stderr_has "$overrides/recorded:1:"
	expect_stderr_has 'recorded: not registered'
	expect_registered rule
	rm "$overrides/recorded"
	ub --sync
	expect_registered recorded rule
	testing 'an action on it'
	override recorded 'magic \x4'
	ub --enable recorded
	expect_stderr_has "$overrides/recorded:1:"
	expect_registered rule
	rm "$overrides/recorded"
	ub --sync
	testing 'told once'
	ub --unimport new
	ub --import new
	expect_registered recorded rule
	verdict 'says why' "$overrides/new:1 once" \
		test "$(grep -c "$overrides/new:1" "$captured/err")" -eq 1
	testing 'a dangling link, a directory'
	rm "$overrides/new"
	ln -s /nonexistent "$overrides/recorded"
	mkdir "$overrides/rule"
	ub --sync
	expect_status 2
	expect_registered new
	expect_stderr_has "$overrides/recorded: leads to a file"
	expect_stderr_has "$overrides/rule: is a directory"
}

# What a file may say but means nothing gives the warning of a format file.
test_warnings() {
	both_sources || return
	override rule 'package other' 'colour red' 'preserve perhaps'
	ub --sync
	expect_status 0
	expect_registered recorded rule
	expect_stderr_has "$overrides/rule:1:9: package: cannot be overridden"
	expect_stderr_has "unknown key 'colour'"
	expect_stderr_has "$overrides/rule:3"
	verdict 'each once' '3 lines' test "$(wc -l <"$captured/err")" -eq 3
	ub --display rule
	expect_stdout_has 'package = <binfmt.d>'
}

# An override cannot lock out either.
test_guard() {
	both_sources || return
	override rule 'magic \x7fELF' 'offset 0'
	ub --sync
	expect_status 0
	expect_stderr_has 'rule: not registered:'
	check 'programs run' /bin/true
	expect_registered recorded rule
	expect_entry rule enabled "$work/one" '' 'offset 0' 'magic 52554c45'
}

run_cases "$@"
