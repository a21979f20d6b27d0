#!/bin/sh
# What mounts and unmounts binfmt_misc, and what becomes of an action where
# the registry is not there, or is somebody else's.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

formats() {
	program show
	file f ONE
	format one "interpreter $work/show" 'magic ONE'
	format two "interpreter $work/show" 'magic TWO'
}

mounted='binfmt_misc is not mounted'

test_import_does_not_mount() {
	needs_nothing_below || return
	formats
	umount "$registry"
	ub --import one
	expect_status 0
	expect_stdout ''
	expect_lines 1
	expect_stderr_has "warning: $registry: $mounted"
	expect_not_mounted
	check 'it is recorded' test -f "$admin/one"
	testing 'all of them'
	ub --import
	expect_status 0
	expect_lines 1
	expect_stderr_has "warning: $registry: $mounted"
	expect_not_mounted
}

test_others_do_not_mount() {
	needs_nothing_below || return
	formats
	ub --import
	umount "$registry"
	for action in --display '--display one' '--find f' '--disable one' \
		--disable '--unimport one' '--remove two x --package test' \
		--enable --unimport '--disable one'; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub --quiet $action
		expect_status 0
		expect_stderr ''
		expect_not_mounted
	done
	ub --enable one
	expect_status 2
	expect_not_mounted
}

mounts() {
	expect_status 0
	expect_stderr ''
	expect_mounted
	verdict 'mounted with nosuid, nodev, noexec' 'these options' \
		grep -Eq "$registry .*nosuid.*nodev.*noexec.* - binfmt_misc" \
		/proc/self/mountinfo
	expect_runs ./f "$work/show"
}

test_enable_and_install_mount() {
	needs_nothing_below || return
	formats
	ub --import
	umount "$registry"
	ub --enable
	mounts
	expect_registered one two
	testing 'enable one'
	umount "$registry"
	ub --enable one
	mounts
	expect_registered one
	testing 'install'
	umount "$registry"
	ub --install three "$work/show" --magic THREE
	expect_status 0
	expect_mounted
	expect_registered three
	testing 'only a test'
	umount "$registry"
	ub --test --enable one
	expect_status 0
	expect_stdout_has "would mount binfmt_misc on $registry"
	expect_stdout_has " :one:M:0:ONE::$work/show:"
	expect_not_mounted
}

test_disable_unmounts() {
	needs_nothing_below || return
	formats
	ub --import
	ub --disable one
	expect_mounted
	ub --disable two
	expect_mounted
	ub --test --disable
	expect_mounted
	ub --disable
	expect_status 0
	expect_stderr ''
	expect_not_mounted
	ub --disable
	expect_status 0
	expect_stderr ''
	testing 'somebody else has an entry'
	ub --enable
	register ":foreign:M::X::/bin/true:"
	ub --disable
	expect_status 0
	expect_registered foreign
	control foreign -1
	testing 'somebody is in it'
	(cd "$registry" && exec sleep 300) &
	sleeper=$!
	sleep 0.1
	ub --disable
	expect_status 0
	expect_stderr ''
	kill "$sleeper"
	wait "$sleeper" 2>/dev/null
	testing 'a directory that is not a mount'
	proc=$work/proc
	mkdir "$proc"
	echo enabled | tee "$proc/register" >"$proc/status"
	ub --disable
	expect_status 0
	expect_stderr ''
}

# Somebody else's -----------------------------------------------------------------

# refused STATUS ACTION...: one line about the registry, and nothing happens to
# the kernel.  After --install another one says what has become of the format.
refused() {
	_wanted=$1
	shift
	testing "$place: $*"
	ub "$@"
	expect_status "$_wanted"
	if [ "$1" = --install ]; then
		expect_lines 2
		expect_stderr_has "warning: $2: recorded, but not registered"
	else
		expect_lines 1
	fi
	expect_stderr_has "$why"
	expect_registered one two
}

# What can be read still is.
everything_refused() {
	refused 0 --import three
	check 'it is recorded' test -f "$admin/three"
	refused 0 --import
	refused 2 --install four "$work/show" --magic FOUR
	check 'it is recorded' test -f "$admin/four"
	refused 2 --enable three
	refused 2 --enable
	refused 2 --disable one
	refused 2 --disable
	refused 0 --unimport two
	expect_no_file "$admin/two"
	refused 0 --unimport
	expect_no_file "$admin/one"
	ub --install one "$work/show" --magic ONE
	refused 0 --remove one "$work/show"
	expect_no_file "$admin/one"
}

more_formats() {
	formats
	ub --import
	format three "interpreter $work/show" 'magic THREE'
}

test_read_only() {
	more_formats
	mount -o remount,bind,ro "$registry"
	place='read-only' why='mounted read-only'
	expect_state one enabled ''
	ub --find f
	expect_stdout "$work/show"
	testing 'what agrees already'
	ub --enable one
	everything_refused
}

# In a namespace that has our mount, but in which nothing of it is its own.
test_foreign() {
	needs_root || return
	more_formats
	cp "$UPDATE_BINFMTS" "$work/program"
	script wrapper <<-END
		exec "$enclose" -e -f 100000 "$work/program" "\$@"
	END
	chown -R 100000:100000 "$(dirname "$admin")" "$work"
	UPDATE_BINFMTS=$work/wrapper
	place='foreign' why='belongs to another user'
	expect_state one enabled ''
	everything_refused
	testing 'with one of its own over it'
	script wrapper <<-END
		exec "$enclose" -e -f 100000 sh -c '
			mount -t binfmt_misc none "$registry" &&
			"$work/program" "\$@" && ls "$registry"' sh "\$@"
	END
	ub --install five "$work/show" --magic FIVE
	expect_status 0
	expect_stdout 'five
register
status'
	expect_registered one two
}

run_cases "$@"
