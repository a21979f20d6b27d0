# shellcheck shell=sh disable=SC2034,SC2154 # what others have, and is had here
# For the scripts in tests/faults, behind kernel-lib.sh: actions, each from an
# old state to a new one, and what has to hold whatever happens on the way.

. "$TOP_SRCDIR/tests/sources-lib.sh"

# The calls of the loader come first, and are not ours: so many.
loader=$("$TEST_TOOLS/fault-at" -l "$UPDATE_BINFMTS" --version |
	awk '$2 == "openat" { n = $1 } END { print n - 1 }')

# Actions ---------------------------------------------------------------------

# action NAME ARGUMENT...: takes the registry as it is now as the old state,
# and runs the action once to know the new one.
action() {
	testing "$1"
	shift
	rm -rf "$work/old" "$work/new"
	cp -a "$admin" "$work/old" || exit
	update "$@" || exit
	cp -a "$admin" "$work/new"
	shown >"$work/new.kernel"
}

# What the kernel shows, without the order.
shown() {
	(cd "$registry" && for _entry in *; do
		case $_entry in
		register | status) ;;
		*) echo "$_entry: $(cat "$_entry")" ;;
		esac
	done)
}

# The old state again; the script has old_kernel for what the kernel has in it.
reset() {
	echo -1 >"$registry/status"
	rm -rf "$admin"
	cp -a "$work/old" "$admin"
	old_kernel
}

all_registered() {
	update --enable
}

nothing_registered() {
	:
}

by_hand() {
	all_registered
	register ":foreign:M::FORE::$work/two:"
}

# for_each_action FUNCTION: calls it with the arguments of each action; not 0
# is a skip.
for_each_action() {
	replace_sources || return
	program one two
	rules "$lib_d/rules.conf" ":rule:M::RULE::$work/one:"
	printf '%s\n' 'priority 1' >"$overrides/one"
	# In use, so that nothing unmounts it.
	exec 9<"$registry/status"
	old_kernel() { all_registered; }
	update --install one "$work/one" --magic ONES
	update --install two "$work/two" --magic TWOS
	action 'install new' --install new "$work/two" --magic NEWM
	"$1" --install new "$work/two" --magic NEWM
	reset
	action 'install over' --install one "$work/two" --magic OVER
	"$1" --install one "$work/two" --magic OVER
	reset
	action 'remove' --remove one "$work/one"
	"$1" --remove one "$work/one"
	reset
	old_kernel() { nothing_registered; }
	echo -1 >"$registry/status"
	action 'enable all' --enable
	"$1" --enable
	old_kernel() { all_registered; }
	reset
	action 'disable all' --disable
	"$1" --disable
	reset
	old_kernel() { by_hand; }
	reset
	action 'adopt' --adopt foreign
	"$1" --adopt foreign
	old_kernel() { all_registered; }
	for_each_import "$1"
}

for_each_import() {
	reset
	format a "interpreter $work/one" 'magic AAAA'
	format b "interpreter $work/one" 'magic BBBB'
	format c "interpreter $work/one" 'magic CCCC' 'fix_binary yes'
	action 'import one' --import b
	"$1" --import b
	reset
	update --import
	format a "interpreter $work/two" 'magic AAAA'
	format b "interpreter $work/one" 'magic BBB' 'priority 3'
	format d "interpreter $work/one" 'magic DDDD'
	action 'import changes' --import
	"$1" --import
	action 'unimport one' --unimport b
	"$1" --unimport b
	reset
	action 'unimport all' --unimport
	"$1" --unimport
	reset
	update --sync
	format a "interpreter $work/one" 'magic AAAA'
	format e "interpreter $work/one" 'magic EEEE'
	rm "$import/c"
	action 'sync' --sync
	"$1" --sync
	return 0
}

# What has to hold --------------------------------------------------------------

# Each format has its old content or its new one.
is_old_or_new() {
	for _file in "$admin"/*; do
		_name=${_file##*/}
		[ "$_name" != '*' ] || continue
		cmp -s "$_file" "$work/old/$_name" ||
			cmp -s "$_file" "$work/new/$_name" || {
			echo "$_name is neither the old nor the new one"
			return 1
		}
	done
	for _file in "$work"/old/*; do
		_name=${_file##*/}
		[ "$_name" = '*' ] || [ -e "$admin/$_name" ] ||
			[ ! -e "$work/new/$_name" ] || {
			echo "$_name is lost"
			return 1
		}
	done
}

is_new() {
	diff -r "$work/new" "$admin" && shown | diff "$work/new.kernel" -
}

# recovers ARGUMENT...: after a fault in the action with these arguments.
recovers() {
	is_old_or_new || return
	update --display >"$captured/display" || {
		echo "--display fails with $?"
		return 1
	}
	update --enable || {
		echo "--enable fails with $?"
		return 1
	}
	update "$@" || {
		echo "the same again fails with $?"
		return 1
	}
	is_new
}
