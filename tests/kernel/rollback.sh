#!/bin/sh
# What --force registers in spite of the guard is taken back when nothing can
# be executed any more, and all else is afterwards what it was before.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

elf='\x7fELF'
back='taken back: with it registered, executing a native program failed'

# Two formats that are there before: one of them is of somebody else.
prepare() {
	mount -t tmpfs binfmts-test /run
	program show other
	file good 'GOOD\n'
	file foreign 'FOREIGN\n'
	ub --install good "$work/show" --magic GOOD
	register ":foreign:M::FOREIGN::$work/other:P"
}

# Whether programs can be executed; if not, that is mended for what follows.
expect_execution() {
	if /bin/true; then
		ok "$subject: programs run"
		return
	fi
	for _entry in "$registry"/*; do
		case $_entry in
		*/register | */status) ;;
		*) echo -1 >"$_entry" ;;
		esac
	done
	echo 'nothing can be executed' | not_ok "$subject: programs run"
}

expect_as_before() {
	expect_entry foreign enabled "$work/other" P 'offset 0' \
		'magic 464f524549474e'
	expect_runs ./good "$work/show"
	expect_runs ./foreign "$work/other"
}

# taken_back NAME OPTION...: by --install, and nothing is left.
taken_back() {
	testing "$*"
	_bad=$1
	shift
	ub --force --install "$_bad" "$@"
	expect_execution
	expect_status 2
	expect_stdout ''
	expect_stderr_has "warning: $_bad: forced, although it would"
	expect_stderr_has "update-binfmts: $_bad: $back: "
	expect_as_before
	expect_no_file "$admin/$_bad"
	expect_registered good foreign
}

test_install() {
	prepare
	script wrapper <<-\END
		exec "$@"
	END
	script silent <<-\END
		exit 0
	END
	taken_back bad "$work/missing" --magic "$elf"
	taken_back bad "$work/show" --magic "$elf"
	taken_back bad "$work/show" --magic "$elf" --fix-binary yes
	taken_back bad "$work/show" --magic "$elf" --preserve yes
	taken_back bad "$work/show" --magic "$elf" --open-binary yes
	taken_back bad "$work/show" --magic "$elf" --priority 100
	taken_back bad "$work/show" --magic "$elf" --detector "$work/show"
	taken_back bad /bin/sh --magic "$elf"
	taken_back bad "$UPDATE_BINFMTS" --magic "$elf"
	taken_back bad "$work/wrapper" --magic "$elf"
	taken_back bad "$work/silent" --magic "$elf"
	taken_back bad /dev/null --magic "$elf"
	taken_back bad relative --magic "$elf"
	taken_back bad "$work/missing" --magic x --mask '\x00'
	taken_back bad "$work/missing" --magic '\x70' --mask '\xf0'
	taken_back bad "$work/missing" --magic '\x00' --offset 255
}

# An interpreter that runs everything as if it were not there, but for the
# program that is known.
test_another_program() {
	prepare
	file liar 'LIAR\n'
	register ":liar:M::LIAR::$work/show:"
	ub --force --install bad "$work/liar" --magic "$elf"
	expect_execution
	expect_status 2
	expect_registered good foreign liar
}

# With fix_binary the interpreter itself is not looked up any more.
test_interpreter_runs_everything() {
	prepare
	script everything <<-\END
		shift
		exec "$@"
	END
	ub --force --install bad "$work/everything" --magic "$elf"
	expect_execution
	expect_status 2
	expect_as_before
	expect_registered good foreign
}

test_replaced() {
	prepare
	for option in '' '--preserve yes' '--fix-binary yes'; do
		testing "with $option"
		# shellcheck disable=SC2086 # words
		ub --install good "$work/show" --magic GOOD $option
		before=$(cat "$registry/good") recorded=$(cat "$admin/good")
		ub --force --install good "$work/missing" --magic "$elf"
		expect_execution
		expect_status 2
		expect_stderr_has "update-binfmts: good: $back"
		expect_as_before
		check 'the entry is what it was' \
			test "$(cat "$registry/good")" = "$before"
		check 'the record is what it was' \
			test "$(cat "$admin/good")" = "$recorded"
		expect_registered good foreign
		expect_state good enabled ''
	done
}

test_replaced_while_disabled() {
	prepare
	control good 0
	ub --force --install good "$work/missing" --magic "$elf"
	expect_execution
	expect_status 2
	expect_entry good disabled "$work/show" '' 'offset 0' 'magic 474f4f44'
	expect_runs ./foreign "$work/other"
}

# What a killed run has left behind confuses nothing.
test_leftover() {
	prepare
	for state in 1 0; do
		testing "good is $state"
		ub --install good "$work/show" --magic GOOD
		ub --install last "$work/other" --magic LAST
		control good "$state"
		register ":.binfmts-tmp:M::GOOD::$work/show:"
		ub --force --install good "$work/missing" --magic "$elf"
		expect_execution
		expect_status 2
		expect_stderr_has "update-binfmts: good: $back"
		control good 1
		expect_entry good enabled "$work/show" '' 'offset 0' \
			'magic 474f4f44'
		expect_entry last enabled "$work/other" '' 'offset 0' \
			'magic 4c415354'
		expect_registered good last foreign
		check 'what was recorded before is' \
			grep -qx GOOD "$admin/good"
	done
}

# It is removed by the next run, whatever that does, and never in its way.
test_leftover_and_replacement() {
	prepare
	register ":.binfmts-tmp:M::GOOD::$work/show:"
	ub --install good "$work/other" --magic GOOD
	expect_execution
	expect_status 0
	expect_silent
	expect_registered good foreign
	expect_runs ./good "$work/other"
}

# An entry of the kernel that is disabled is registered without harm: what
# enables it does as much harm as a registration.
test_disabled_before() {
	prepare
	for how in '--install bad' '--enable bad' --enable; do
		testing "--force $how"
		rm -f "$admin/bad"
		case $how in
		--enable*)
			format bad "interpreter $work/missing" "magic $elf"
			ub --quiet --import bad
			;;
		esac
		register ":bad:M::$elf::$work/missing:"
		echo 0 >"$registry/bad"
		case $how in
		--install*) ub --force --install bad "$work/missing" \
			--magic "$elf" ;;
		*)
			# shellcheck disable=SC2086 # words
			ub --force $how
			;;
		esac
		expect_execution
		expect_stderr_has "bad: $back"
		[ ! -e "$registry/bad" ] || echo -1 >"$registry/bad"
		[ -e "$registry/good" ] || ub --enable good
		[ -e "$registry/foreign" ] ||
			register ":foreign:M::FOREIGN::$work/other:P"
	done
}

# In a run with many only the bad ones and what came after them go.
test_import() {
	prepare
	format a "interpreter $work/show" 'magic AAAA'
	format bad "interpreter $work/missing" "magic $elf"
	format z "interpreter $work/show" 'magic ZZZZ'
	ub --force --import
	expect_execution
	expect_status 0
	expect_stderr_has "warning: bad: forced, although"
	expect_stderr_has "warning: bad: $back"
	expect_as_before
	check 'bad is recorded' test -f "$admin/bad"
	check 'bad is not registered' fails test -e "$registry/bad"
	testing 'force is not remembered'
	ub --import
	expect_execution
	expect_status 0
	expect_stderr_has 'warning: bad: not registered: it would capture'
	expect_stderr_lacks "$back"
	expect_as_before
	expect_registered a good foreign z
	testing 'one of them'
	ub --force --import bad
	expect_execution
	expect_status 0
	expect_stderr_has "warning: bad: $back"
	expect_as_before
	testing 'all are enabled'
	ub --force --enable
	expect_execution
	expect_status 0
	expect_stderr_has "warning: bad: $back"
	expect_as_before
	testing 'one is enabled'
	ub --force --enable bad
	expect_execution
	expect_status 2
	expect_stderr_has "update-binfmts: bad: $back"
	expect_as_before
	expect_registered a good foreign z
}

# Those that were registered again for the order alone come back.
test_order() {
	prepare
	file f 'GOOD AND MORE\n'
	ub --install special "$work/other" --magic 'GOOD AND'
	ub --force --install bad "$work/missing" --magic x --mask '\x00'
	expect_execution
	expect_status 2
	expect_stderr_has "bad: $back"
	expect_stderr_lacks 'good: taken back'
	expect_stderr_lacks 'special: taken back'
	expect_registered good special foreign
	expect_runs ./good "$work/show"
	expect_runs ./f "$work/other"
}

# Captured scripts are no native program, but said.
test_scripts() {
	prepare
	script script <<-\END
		echo script
	END
	ub --force --install bad "$work/missing" --magic '#!'
	expect_execution
	expect_status 0
	expect_stderr_has 'warning: bad: forced, although it would'
	run "$TEST_TOOLS/exec-file" ./script
	expect_status 120
	ub --remove bad x
	expect_status 0
	exec_file ./script
	expect_stdout script
}

# Started by the loader, update-binfmts is not what /proc says it is.
test_started_by_loader() {
	prepare
	loader=$(head -c 4096 "$UPDATE_BINFMTS" | tr '\0' '\n' |
		grep -a -m 1 '^/[a-z0-9/]*/ld-[-a-z0-9_.]*$')
	if [ -z "$loader" ]; then
		ok "$subject: nothing to be tested, it is static"
		return
	fi
	file new 'NEW\n'
	run timeout -k 1 60 "$loader" "$UPDATE_BINFMTS" --admindir "$admin" \
		--install new "$work/show" --magic NEW
	expect_status 0
	expect_stderr ''
	expect_runs ./new "$work/show"
}

run_cases "$@"
