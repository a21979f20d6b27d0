#!/bin/sh
# --sync makes format files, database, binfmt.d and kernel agree; a second run
# finds nothing to do and writes nothing; killed anywhere, the next one ends
# the job.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

nothing_done='update-binfmts: 0 imported, 0 updated, 0 dropped, 0 registered;'\
' nothing else to do'

# state: all that a run could change, but for times.
state() {
	kernel_text
	cat "$registry/status"
	ls -lAi --time-style=full-iso "$admin" "$(configured runstatedir)" \
		"$(configured runstatedir)/binfmts"
	cat "$admin"/* "$(configured runstatedir)"/binfmts/*
}

# settled: the next run changes nothing, and says so.
settled() {
	state >"$captured/before" 2>&1
	ub --sync
	verdict 'a second run succeeds' 'status 0' test "$status" -eq 0
	state >"$captured/after" 2>&1
	verdict 'a second run says nothing' "$nothing_done" \
		test "$(cat "$captured/out")" = "$nothing_done"
	verdict 'a second run writes nothing' 'no difference' \
		diff "$captured/before" "$captured/after"
	ub --sync --json
	verdict 'the same as JSON' 'no changes' \
		grep -Fqx '{"changes":[],"test":false}' "$captured/out"
}

# sync CHANGE...: each a line of the output, before the summary.
sync_does() {
	ub --sync
	expect_status 0
	for _change; do
		expect_stdout_has "update-binfmts: $_change"
	done
	verdict "$# changes" "$# lines and a summary" \
		test "$(wc -l <"$captured/out")" -eq $(($# + 1))
}

test_files() {
	replace_sources || return
	program one two
	format a "interpreter $work/one" 'magic AAAA'
	format b "interpreter $work/two" 'magic BBBB'
	rules "$lib_d/c.conf" ":c:M::CCCC::$work/one:"
	ub --test --sync
	expect_status 0
	expect_registered
	expect_stdout_has "$work/one"
	expect_stdout_has a
	expect_no_file "$admin/a"
	sync_does 'a: imported' 'b: imported' 'a: registered' \
		'b: registered' 'c: registered'
	expect_stdout_has '2 imported, 0 updated, 0 dropped, 3 registered'
	expect_registered a b c
	verdict 'the file is remembered' "source $import/a" \
		grep -Fqx "source $import/a" "$admin/a"
	settled
	testing 'one changes, one goes, one is new'
	format a "interpreter $work/two" 'magic AAAA' 'priority 3'
	rm "$import/b"
	format d "interpreter $work/one" 'magic DDDD'
	ub --test --sync
	expect_status 0
	expect_registered a b c
	verdict 'nothing was changed' 'the old file' grep -q one "$admin/a"
	sync_does 'a: updated' 'b: dropped' 'd: imported' 'a: registered' \
		'd: registered'
	expect_registered a c d
	expect_entry a enabled "$work/two" '' 'offset 0' 'magic 41414141'
	expect_no_file "$admin/b"
	settled
	testing 'the owner changes'
	sed -i 's/^package .*/package other/' "$import/d"
	sync_does 'd: updated'
	check 'the new owner' grep -qx other "$admin/d"
	settled
	testing 'the database was lost'
	rm -r "$admin"
	sync_does 'a: imported' 'd: imported'
	expect_registered a c d
	settled
	testing 'the registry was lost'
	clear_kernel
	sync_does 'a: registered' 'c: registered' 'd: registered'
	expect_registered a c d
	settled
	testing 'all files are gone'
	rm "$import"/*
	sync_does 'a: dropped' 'd: dropped'
	expect_registered c
	settled
}

# What was imported before is marked, and then follows its file.
test_marks() {
	replace_sources || return
	program one two
	format a "interpreter $work/one" 'magic AAAA'
	ub --import a
	sync_does 'a: marked'
	check 'is marked' grep -Fqx "source $import/a" "$admin/a"
	settled
	testing 'changed, and not marked yet'
	ub --unimport a
	ub --import a
	sed -i '/^source /d' "$admin/a"
	format a "interpreter $work/one" 'magic AAAA' 'priority 7'
	sync_does 'a: updated'
	check 'is marked' grep -Fqx "source $import/a" "$admin/a"
	settled
	testing 'its file is gone'
	rm "$import/a"
	sync_does 'a: dropped'
	expect_registered
}

# What the administrator or a package has installed stays, file or not.
test_installed() {
	replace_sources || return
	program one two
	ub --install local "$work/one" --magic LLLL
	ub --install packaged "$work/one" --magic PPPP --package test
	format local "interpreter $work/two" 'magic LLLL'
	ub --sync
	expect_status 0
	expect_stderr_has 'local: belongs to the administrator'
	expect_entry local enabled "$work/one" '' 'offset 0' 'magic 4c4c4c4c'
	rm "$import/local"
	sync_does
	expect_registered local packaged
	settled
}

test_left_alone() {
	replace_sources || return
	program one two
	format off "interpreter $work/one" 'magic OFFF'
	format masked "interpreter $work/one" 'magic MASK'
	rules "$lib_d/r.conf" ":roff:M::ROFF::$work/one:" \
		":rmasked:M::RMASK::$work/one:"
	register ':foreign:M::FOREIGN::/usr/bin/foreign:'
	ub --sync
	expect_registered foreign masked off rmasked roff
	control off 0
	control roff 0
	settled
	testing 'masked ones go, and do not come back'
	ln -s /dev/null "$overrides/masked"
	: >"$overrides/rmasked"
	ub --sync
	expect_status 0
	expect_registered foreign off roff
	settled
	testing 'disabled and changed: changed, and still disabled'
	format off "interpreter $work/two" 'magic OFFF'
	rules "$lib_d/r.conf" ":roff:M::ROFF::$work/two:" \
		":rmasked:M::RMASK::$work/one:"
	ub --sync
	expect_status 0
	expect_entry off disabled "$work/two" '' 'offset 0' 'magic 4f464646'
	expect_entry roff disabled "$work/two" '' 'offset 0' 'magic 524f4646'
	settled
	testing 'the whole registry is disabled'
	echo 0 >"$registry/status"
	settled
	verdict 'and stays so' disabled grep -qx disabled "$registry/status"
}

# Of rules that are gone, what we registered goes; what others did stays.
test_orphans() {
	replace_sources || return
	program one
	rules "$lib_d/a.conf" ":ours:M::OURS::$work/one:" \
		":changed:M::CHAN::$work/one:"
	ub --sync
	expect_registered changed ours
	control changed -1
	register ':changed:M::CHAN::/usr/bin/other:'
	register ':foreign:M::FOREIGN::/usr/bin/foreign:'
	rm "$lib_d/a.conf"
	sync_does 'ours: unregistered'
	expect_registered changed foreign
	settled
	testing 'of one that only moved nothing goes'
	rules "$lib_d/a.conf" ":ours:M::OURS::$work/one:"
	ub --sync
	rm "$lib_d/a.conf"
	rules "$etc_d/b.conf" ":ours:M::OURS::$work/one:"
	settled
	testing 'what cannot be read is not gone'
	rm "$etc_d/b.conf"
	rules "$lib_d/a.conf" ":ours:M::OURS::$work/one:"
	ub --install local "$work/one" --magic LLLL
	ub --sync
	echo broken >"$admin/local"
	ub --sync
	expect_status 2
	expect_stderr_has "$admin/local"
	expect_registered changed foreign local ours
}

# A replaced file of a fixed entry is opened again.
test_stale() {
	replace_sources || return
	program one
	format f "interpreter $work/one" 'magic FIXED' 'fix_binary yes'
	ub --sync
	settled
	testing 'a new interpreter'
	cp one new
	mv new one
	ub --check
	expect_status 1
	sync_does 'f: registered'
	ub --check
	expect_stdout ''
	settled
}

# One bad file hurts no other.
test_bad_files() {
	replace_sources || return
	program one
	format good "interpreter $work/one" 'magic GOOD'
	format bad "interpreter $work/one" 'magic \x4'
	mkdir "$import/directory"
	mkfifo "$import/fifo"
	rules "$lib_d/a.conf" 'nonsense' ":rule:M::RULE::$work/one:"
	ub --sync
	expect_status 2
	expect_registered good rule
	for _bad in bad directory fifo; do
		expect_stderr_has "$import/$_bad"
	done
	expect_stderr_has "$lib_d/a.conf:1:"
	testing 'a file that has become bad keeps what there was'
	format good "interpreter $work/one" 'magic \x4'
	ub --sync
	expect_status 2
	expect_registered good rule
	check 'in the database' grep -qx GOOD "$admin/good"
}

# A link that leads nowhere is no file any more.
test_links() {
	replace_sources || return
	program one
	format real "interpreter $work/one" 'magic LINK'
	mv "$import/real" "$work/alternative"
	ln -s "$work/alternative" "$import/linked"
	sync_does 'linked: imported' 'linked: registered'
	settled
	mv alternative away
	ub --sync
	expect_stdout_has 'linked: dropped'
	expect_registered
}

# The calls of a run that change anything, but for its own output.
writes() {
	strace -f -y -qq -o "$captured/trace" -e trace="write,pwrite64,writev,\
rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink,\
symlinkat,truncate,ftruncate,fsync,chmod,fchmod,fchmodat,utimensat,mknodat" \
		env GCOV_PREFIX=/dev/null "$UPDATE_BINFMTS" --admindir "$admin" \
		--importdir "$import" --sync >"$captured/out" 2>"$captured/err"
	grep -v '^[0-9]* *write([12]<' "$captured/trace" |
		grep -v -e '+++' -e '= -1 EEXIST' -e '/dev/null'
}

test_strace() {
	replace_sources || return
	needs_strace || return
	# The leak check of a sanitizer cannot do its work beside strace.
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
	program one two
	format a "interpreter $work/one" 'magic AAAA' 'fix_binary yes'
	format b "interpreter $work/one" 'magic BBBB' 'priority 2'
	format c "interpreter $work/two" 'magic AAA'
	rules "$lib_d/r.conf" ":rule:M::AA::$work/one:" ":r2:M::A::$work/two:"
	ln -s /dev/null "$overrides/b"
	sleep 0.1 # what has only just been changed is too young for an index
	check 'the first run writes' test -n "$(writes)"
	writes >"$work/second"
	verdict 'the second run writes nothing' 'no call' \
		fails test -s "$work/second"
	[ ! -s "$work/second" ] || sed 's/^/# /' "$work/second"
}

# agrees: all that there should be is there, and nothing else.
agrees() {
	case $(ls -A "$admin" "$registry") in
	*tmp*) return 1 ;;
	esac
	[ "$(cd "$admin" && echo *)" = 'changed new stays' ] &&
		[ "$(cd "$registry" && echo *)" = \
			'changed new register rule status stays' ] &&
		grep -qx "$work/two" "$admin/changed" &&
		grep -q "^interpreter $work/two$" "$registry/changed" &&
		grep -q "^interpreter $work/two$" "$registry/rule" &&
		grep -qFx "source $import/new" "$admin/new" &&
		update --check
}

test_killed() {
	export GCOV_PREFIX=/dev/null # see lib.sh
	replace_sources || return
	needs_faults 1000 || return
	program one two
	mkdir old new import
	import=$work/old
	format stays "interpreter $work/one" 'magic STAYS'
	format changed "interpreter $work/one" 'magic CHANGED'
	format gone "interpreter $work/one" 'magic GONE'
	import=$work/new
	format stays "interpreter $work/one" 'magic STAYS'
	format changed "interpreter $work/two" 'magic CHANGED'
	format new "interpreter $work/two" 'magic NEW'
	import=$work/import
	number=20 killed=0 step=1
	! is_sanitized || step=25 # they make very many calls of their own
	while [ "$killed" -eq 0 ]; do
		number=$((number + step))
		cp old/* "$import"
		rules "$lib_d/a.conf" ":rule:M::RULE::$work/one:" \
			":orphan:M::ORPHAN::$work/one:"
		update --sync || break
		rm "$import"/*
		cp new/* "$import"
		rules "$lib_d/a.conf" ":rule:M::RULE::$work/two:"
		"$TEST_TOOLS/fault-at" "$number" "$UPDATE_BINFMTS" --quiet \
			--admindir "$admin" --importdir "$import" --sync
		killed=$?
		[ -e "$registry/stays" ] || break
		update --sync || break
		agrees >"$captured/round" 2>&1 || break
	done >/dev/null 2>&1
	if [ "$killed" -ne 0 ] && [ "$number" -gt 60 ]; then
		ok "$subject: killed at $((number - 20)) moments"
	else
		not_ok "$subject: killed at $((number - 20)) moments" <<-END
			$(cat "$captured/round" 2>&1)
			$(ls -lA "$admin" "$registry")
			$(kernel_text)
		END
	fi
}

# Without binfmt_misc the database follows, with one word.
test_not_mounted() {
	needs_nothing_below || return
	replace_sources || return
	program one
	format a "interpreter $work/one" 'magic AAAA'
	format b "interpreter $work/one" 'magic BBBB'
	umount "$registry"
	ub --sync
	expect_status 0
	expect_lines 1
	expect_stdout_has '2 imported'
	expect_not_mounted
	check 'recorded' test -f "$admin/a" -a -f "$admin/b"
	ub --enable
	expect_registered a b
	settled
}

run_cases "$@"
