#!/bin/sh
# run-detectors and its index: it gives the same answer with one, without, and
# whatever happens behind its back.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

ready() {
	cache=$(configured localstatedir)/cache/binfmts
	program first second third || exit
	sleep 0.1 # what has only just been mounted is too young for an index
	import=$work/formats
	format one 'magic SHARED' "interpreter $work/first"
	format two 'magic SHARED' "interpreter $work/second"
	ub --import
	expect_status 0
	file file 'SHARED\n'
}

has_index() {
	check "there is an index" test -s "$cache/index"
}

test_is_made() {
	ready
	has_index
	check 'of mode 0644' test "$(stat -c %a "$cache/index")" = 644
	expect_runs ./file "$work/first"
	# That it is used is seen when it does not know: DESIGN allows that for
	# a file that is edited in place and was no candidate.
	format three 'magic OTHERS' "interpreter $work/third"
	ub --import
	file others 'OTHERS\n'
	sed "s,^OTHERS\$,SHARED," "$admin/three" >"$work/text"
	cat "$work/text" >"$admin/three"
	echo 'priority 50' >>"$admin/three"
	expect_runs ./file "$work/first"
	ub --display three
	# Any action under the lock looks again.
	ub --enable
	expect_runs ./file "$work/third"
}

test_is_made_for_every_action() {
	ready
	for _action in "--install three $work/third --magic SHARED --priority 9" \
	    "--enable three" "--disable three" "--enable" "--disable" \
	    "--remove three $work/third" "--unimport two" "--import" "--sync"
	do
		rm -rf "$cache"
		# shellcheck disable=SC2086 # words
		ub $_action
		expect_status 0
		testing "after $_action"
		check 'there is an index again' test -s "$cache/index"
	done
	rm -rf "$cache"
	ub --display
	ub --find "$work/file"
	ub --test --enable
	testing 'looking on'
	expect_no_file "$cache"
}

# Behind the back of update-binfmts.
test_added() {
	ready
	{
		sed -n '1,10p' "$admin/one" | sed "s,$work/first,$work/third,"
		echo 'priority 50'
	} >"$work/three"
	cp "$work/three" "$admin/three"
	printf ':three:M::SHARED::%s:' "$RUN_DETECTORS" \
		>"$registry/register"
	expect_runs ./file "$work/third"
}

test_removed() {
	ready
	rm "$admin/one"
	expect_runs ./file "$work/second"
}

test_replaced() {
	ready
	sed "s,$work/first,$work/third," "$admin/one" >"$work/one"
	mv "$work/one" "$admin/one"
	expect_runs ./file "$work/third"
	# At once again, within the same tick of the clock.
	sed "s,$work/third,$work/first," "$admin/one" >"$work/one"
	mv "$work/one" "$admin/one"
	expect_runs ./file "$work/first"
}

test_candidate_edited_in_place() {
	ready
	sed "s,$work/first,$work/third," "$admin/one" >"$work/one"
	cat "$work/one" >"$admin/one"
	expect_runs ./file "$work/third"
	printf 'rubbish' >"$admin/one"
	expect_runs ./file "$work/second"
}

test_overridden() {
	replace_sources || return
	ready
	_etc=$overrides
	echo "interpreter $work/third" >"$_etc/one"
	expect_runs ./file "$work/third"
	ub --enable
	expect_runs ./file "$work/third"
	echo "interpreter $work/first" >"$_etc/one"
	expect_runs ./file "$work/first"
	: >"$_etc/one"
	expect_runs ./file "$work/second"
	rm "$_etc/one"
	expect_runs ./file "$work/first"
	ln -s /nothing "$_etc/one"
	expect_runs ./file "$work/second"
}

test_binfmtd() {
	replace_sources || return
	ready
	_rules=$lib_d
	printf ':three:M::SHARED::%s:\n' "$work/third" >"$_rules/x.conf"
	ub --unimport
	rm "$import"/*
	sleep 0.1
	ub --sync --source=all
	format five 'magic SHARED' "interpreter $work/first" 'priority -1'
	ub --import
	has_index
	expect_runs ./file "$work/third"
	rm "$_rules/x.conf"
	expect_runs ./file "$work/first"
}

# Damaged in every part, by what an attacker or a disk could do.
test_damaged() {
	ready
	_size=$(stat -c %s "$cache/index")
	cp "$cache/index" "$work/good"
	_at=0
	while [ "$_at" -lt "$_size" ]; do
		cp "$work/good" "$cache/index"
		printf '\377' | dd of="$cache/index" bs=1 seek="$_at" \
			conv=notrunc 2>/dev/null
		exec_file ./file
		grep -Fq "[$work/first] [./file]" "$captured/out" ||
			echo "byte $_at" >>"$work/wrong"
		_at=$((_at + 7))
	done
	check 'no byte changes the answer' fails test -s "$work/wrong"
	for _size in 0 1 100 300; do
		head -c "$_size" "$work/good" >"$cache/index"
		testing "cut to $_size bytes"
		expect_runs ./file "$work/first"
	done
}

test_not_a_file() {
	ready
	rm "$cache/index"
	mkfifo "$cache/index"
	testing 'a fifo'
	expect_runs ./file "$work/first"
	rm "$cache/index"
	mkdir "$cache/index"
	testing 'a directory'
	expect_runs ./file "$work/first"
	rmdir "$cache/index"
	ln -s /dev/zero "$cache/index"
	testing 'a link to a device'
	expect_runs ./file "$work/first"
	rm -rf "$cache"
	ln -s "$work" "$cache"
	ub --enable
	testing 'the directory is a link'
	expect_no_file "$work/index"
	expect_runs ./file "$work/first"
}

# What others can write is not believed: it could hide a format.
test_of_others() {
	needs_root || return
	ready
	format three 'magic SHARED' "interpreter $work/third"
	ub --import
	cp "$admin/one" "$work/one"
	rm "$admin/one"
	ub --enable
	cp -p "$cache/index" "$work/without-one"
	touch -r "$admin" "$work/time"
	cp "$work/one" "$admin/one"
	touch -r "$work/time" "$admin"
	cp -p "$work/without-one" "$cache/index"
	testing 'a forged one of root'
	expect_runs ./file "$work/third"
	chmod 666 "$cache/index"
	testing 'a forged one that others can write'
	expect_runs ./file "$work/first"
	chmod 644 "$cache/index"
	chown 1:1 "$cache/index"
	testing 'a forged one of somebody else'
	expect_runs ./file "$work/first"
}

# The cache can be on a disk that is full, or read-only.
test_nowhere_to_write() {
	ready
	rm -rf "$cache"
	cover "$(configured localstatedir)/cache"
	mount -o remount,ro,bind "$(configured localstatedir)/cache"
	ub --enable
	expect_status 0
	expect_stderr ''
	expect_runs ./file "$work/first"
}

# One of another directory, by hand, does not count.
test_other_directory() {
	ready
	mkdir "$work/other"
	sed "s,$work/first,$work/third," "$admin/one" >"$work/other/one"
	run "$RUN_DETECTORS" --admindir "$work/other" ./file
	expect_stdout_has "[$work/third] [./file]"
	cp "$cache/index" "$work/index"
	ub --admindir "$work/other" --enable
	check 'the index stays' cmp "$cache/index" "$work/index"
}

run_cases "$@"
