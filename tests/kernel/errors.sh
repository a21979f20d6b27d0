#!/bin/sh
# What the kernel refuses although the rule is right is said in words: which
# file it was, and what is in the way.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

prepare() {
	mount -t tmpfs binfmts-test /run
	program show
}

# refused REASON INTERPRETER: with fix_binary.
refused() {
	testing "refused: $2"
	ub --install fixed "$2" --magic FIXED --fix-binary yes
	expect_status 2
	expect_stdout ''
	expect_stderr_has "update-binfmts: $registry/fixed: interpreter: the \
kernel cannot open $2 to fix it: $1"
	expect_stderr_lacks 'Invalid argument'
	expect_registered
}

test_interpreter_to_fix() {
	prepare
	: >plain
	mkdir directory noexec
	ln -s loop loop
	mount -t tmpfs -o noexec binfmts-test noexec
	cp show noexec
	refused 'No such file or directory' "$work/missing"
	refused 'Not a directory' "$work/show/below"
	refused 'Too many levels of symbolic links' "$work/loop"
	refused 'Permission denied' "$work/plain"
	refused 'Permission denied' "$work/directory"
	refused 'Permission denied' "$work/noexec/show"
}

# An entry of that name is there, and was registered by somebody else.
test_name_is_taken() {
	prepare
	register ":taken:M::OTHER::$work/other:P"
	format taken "interpreter $work/show" 'magic TAKEN'
	for action in '--import taken' --import '--enable taken' --enable; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_stderr_lacks 'Invalid argument'
		expect_stderr_lacks 'File exists'
	done
	expect_state taken enabled ''
}

test_read_only() {
	prepare
	mount -o remount,bind,ro "$registry"
	ub --install one "$work/show" --magic ONE
	expect_status 2
	expect_lines 2
	expect_stderr_has "$registry: cannot open 'register': it is mounted \
read-only"
}

# Two formats and two rules, one of each masked.
prepare_masked() {
	replace_sources || return
	needs_faults -l || return
	# The leak check of a sanitizer cannot do its work beside a tracer.
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
	prepare
	mkdir "$run_d"
	format one "interpreter $work/show" 'magic ONES'
	format masked "interpreter $work/show" 'magic MASK'
	rules "$lib_d/rules.conf" ":rule:M::RULE::$work/show:"
	rules "$lib_d/off.conf" ":off:M::OFFS::$work/show:"
	ln -s /dev/null "$overrides/masked"
	ln -s /dev/null "$etc_d/off.conf"
	# There is no index while it is that young.
	touch -d '+1 hour' "$overrides"
}

# listings ARGUMENT...: the numbers of the calls that list directories.
listings() {
	"$TEST_TOOLS/fault-at" -l "$UPDATE_BINFMTS" --quiet --admindir "$admin" \
		--importdir "$import" "$@" 2>/dev/null |
		sed -n 's/^\([0-9]*\) getdents64 .*/\1/p' >calls
}

# unread CALL ARGUMENT...: with an error from that call.
unread() {
	_call=$1
	shift
	run "$TEST_TOOLS/fault-at" -e EIO "$_call" "$UPDATE_BINFMTS" \
		--admindir "$admin" --importdir "$import" "$@"
}

# A directory of which only a part can be read is not one with less in it.
test_listing() {
	prepare_masked || return
	listings --sync
	expect_registered one rule
	while read -r call; do
		rm -rf "$admin"
		echo -1 >"$registry/status"
		testing "EIO from call $call"
		unread "$call" --quiet --sync
		expect_stdout '2 getdents64'
		expect_stderr_has 'cannot read the directory: Input/output error'
		verdict 'what is masked is not registered' 'no entry' \
			test ! -e "$registry/masked" -a ! -e "$registry/off"
	done <calls
	testing listing
	# The database, what is imported, overrides, four of binfmt.d and the
	# registry; for each the names, and that there are no more.
	verdict "$(wc -l <calls) calls" '16 calls' test "$(wc -l <calls)" -eq 16
}

# A package can be removed all the same.
test_overrides_unread() {
	prepare_masked || return
	update --sync
	listings --unimport one
	told=0
	while read -r call; do
		update --sync
		testing "EIO from call $call"
		unread "$call" --unimport one
		grep -Fq "$overrides: cannot be read" "$captured/err" || continue
		told=$((told + 1))
		expect_stdout '0 getdents64'
		expect_registered rule
	done <calls
	testing 'overrides unread'
	verdict "told $told times" 'twice' test "$told" -eq 2
}

run_cases "$@"
