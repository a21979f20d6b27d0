#!/bin/sh
# What --display, --find and --enable make of entries that are not, or no
# longer, as the database says; and that those of others are never touched.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

install() {
	program show other
	file f STATE
	ub --install state "$work/show" --magic STATE
	expect_status 0
}

# expect_repaired: by --enable NAME, and by --enable.
expect_repaired() {
	expect_entry state enabled "$work/show" '' 'offset 0' \
		'magic 5354415445'
	expect_state state enabled ''
	expect_runs ./f "$work/show"
}

# differs TEXT COMMAND...: after the command the state is that.  Then it is
# repaired, in both ways.
differs() {
	text=$1
	shift
	for enable in '--enable state' --enable; do
		testing "$text"
		"$@"
		expect_state state disabled "differs: $text"
		# shellcheck disable=SC2086 # options
		ub --quiet $enable
		expect_status 0
		expect_silent
		testing "$enable: $text"
		expect_repaired
	done
}

# by_hand RULE: in place of what is registered.
by_hand() {
	control state -1
	register "$1"
}

test_disabled_in_the_kernel() {
	install
	ub --install later "$work/show" --magic LATER
	differs 'registered, but disabled in the kernel' control state 0
	testing 'it keeps its place'
	expect_order later state
	control state 0
	ub --find f
	expect_stdout ''
	exec_file ./f
	expect_not_executable
}

test_disabled_as_a_whole() {
	install
	control status 0
	expect_state state disabled \
		'differs: registered, but binfmt_misc as a whole is disabled'
	ub --find f
	expect_status 0
	expect_stdout ''
	exec_file ./f
	expect_not_executable
	control status 1
	expect_repaired
}

test_differs() {
	install
	differs "the kernel runs $work/other, not $work/show" \
		by_hand ":state:M::STATE::$work/other:"
	differs "the kernel's flags are 'P', not ''" \
		by_hand ":state:M::STATE::$work/show:P"
	differs "the kernel's flags are 'OC', not ''" \
		by_hand ":state:M::STATE::$work/show:C"
	differs "the kernel's entry matches other files" \
		by_hand ":state:M::STAT::$work/show:"
	differs "the kernel's entry matches other files" \
		by_hand ":state:M:1:STATE::$work/show:"
	differs "the kernel's entry matches other files" \
		by_hand ":state:E::STATE::$work/show:"
	differs "the kernel runs $RUN_DETECTORS, not $work/show" \
		by_hand ":state:M::STATE::$RUN_DETECTORS:"
	differs "the kernel's entry cannot be read" \
		by_hand "|state|M||STATE||/x
flags:
offset 0
magic 5354415445|"
	testing 'only written in another way'
	by_hand "|state|M|0|\\x53TATE|\\xff\\xff\\xff\\xff\\xff|$work/show|"
	expect_state state enabled ''
	ub --enable state
	expect_entry state enabled "$work/show" '' 'offset 0' \
		'magic 5354415445' 'mask ffffffffff'
}

# What agrees is left where it is, and nothing is said.
test_nothing_to_do() {
	install
	ub --install second "$work/show" --magic SECOND
	ub --install third "$work/show" --magic THIRD
	expect_order third second state
	for action in '--enable state' '--enable second' --enable \
		"--install state $work/show --magic STATE" '--display state'; do
		# shellcheck disable=SC2086 # options
		ub --quiet $action
		expect_status 0
		expect_stderr ''
		testing "$action"
		expect_order third second state
	done
	testing 'gone from the kernel'
	control second -1
	expect_state second disabled ''
	ub --enable second
	expect_status 0
	expect_order second third state
	expect_state second enabled ''
}

# An action on one format repairs others of ours, but not what somebody else
# has put in the place of one.
test_other_formats() {
	install
	control state -1
	register ":state:M::STATE::$work/other:"
	ub --install another "$work/show" --magic ANOTHER
	expect_entry state enabled "$work/other" '' 'offset 0' \
		'magic 5354415445'
	expect_state state disabled "differs: the kernel runs $work/other"
	ub --install another "$work/show" --magic STATE
	expect_status 0
	expect_entry state enabled "$work/other" '' 'offset 0' \
		'magic 5354415445'
	expect_entry another enabled "$RUN_DETECTORS" '' 'offset 0' \
		'magic 5354415445'
}

# The state of a shared entry that was disabled survives what makes it be
# registered again.
test_disabled_stays_disabled() {
	install
	control state 0
	ub --install another "$work/other" --magic STATE
	expect_entry state disabled "$RUN_DETECTORS" '' 'offset 0' \
		'magic 5354415445'
	expect_runs ./f "$work/other"
	ub --remove another other
	expect_entry state disabled "$work/show" '' 'offset 0' \
		'magic 5354415445'
	exec_file ./f
	expect_not_executable
	testing 'an import of the same'
	format file "interpreter $work/show" 'magic FILE'
	ub --import file
	control file 0
	format file "interpreter $work/other" 'magic FILE'
	ub --import file
	expect_status 0
	expect_entry file disabled "$work/other" '' 'offset 0' 'magic 46494c45'
	ub --enable file
	expect_entry file enabled "$work/other" '' 'offset 0' 'magic 46494c45'
}

# Entries of others ---------------------------------------------------------------

# One that has nothing to do with us, one with the spec of ours, one that is
# disabled, one that cannot be read, and one with flags.
foreign='foreign same off strange fixed'

add_foreign() {
	register ":foreign:M::FOREIGN::$work/other:"
	register ":same:M::STATE::$work/other:"
	register ":off:E::off::$work/other:"
	register ":strange:M::STRANGE::/x
magic ff:"
	register ":fixed:M::FIXED:\\xff\\xff\\x00\\xff\\xff:$work/other:POCF"
	control off 0
	# shellcheck disable=SC2086 # words
	(cd "$registry" && grep '' $foreign) >"$captured/foreign"
}

unharmed() {
	# shellcheck disable=SC2086 # words
	(cd "$registry" && grep '' $foreign) | diff "$captured/foreign" -
}

test_foreign_entries() {
	install
	format file "interpreter $work/show" 'magic FILE'
	format share "interpreter $work/show" 'magic STATE'
	add_foreign
	set -f
	while read -r action; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_status 0
		check 'the entries of others are as they were' unharmed
		expect_mounted
	done <<-END
		--install new $work/show --magic NEW
		--install state $work/other --magic STATE
		--import file
		--import
		--display
		--display state
		--find f
		--enable state
		--enable
		--disable state
		--disable
		--enable
		--unimport file
		--unimport share
		--remove new $work/show
		--remove state $work/show
		--disable foreign
		--remove foreign $work/show
		--unimport foreign
		--unimport
		--disable
	END
	testing 'at the end'
	# shellcheck disable=SC2086 # words
	expect_registered $foreign
}

# Its place is its own, too; whichever was registered last is tried first.
test_foreign_entry_wins() {
	install
	register ":same:M::STATE::$work/other:"
	expect_runs ./f "$work/other"
	ub --find f
	expect_stdout "$work/other"
	expect_state state enabled ''
	ub --enable
	expect_runs ./f "$work/other"
	ub --disable state
	ub --enable state
	expect_runs ./f "$work/show"
	ub --find f
	expect_stdout "$work/show"
	ub --disable
	expect_runs ./f "$work/other"
	ub --find f
	expect_stdout "$work/other"
}

run_cases "$@"
