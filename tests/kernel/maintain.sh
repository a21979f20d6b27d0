#!/bin/sh
# What the Debian package runs at boot, at stop and around dpkg, and what its
# unit, its init script and the one for OpenRC make of that.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

maintain=/usr/libexec/binfmts/maintain

# With processes of its own where the name of the case says so: then the one
# with the number 1 can be looked at, as on a system.
in_namespace() {
	case $* in
	*_system*)
		"$enclose" unshare --pid --fork --mount-proc sh -c \
			"mount -t binfmt_misc none $registry"' && "$@"' sh "$@"
		;;
	*) "$enclose" "$@" ;;
	esac
}

# maintain ARGUMENT: as installed; it finds the update-binfmts of this tree.
maintain() {
	run "$maintain" "$@"
}

# What a system has at boot: a format of the database, one that only has a
# file, a rule, an entry of somebody else.
prepare() {
	replace_sources || return
	if ! replace "${maintain%/*}" || ! replace /usr/share/binfmts; then
		skip "$subject" 'nothing can be installed in the namespace'
		return 1
	fi
	cp "$TOP_SRCDIR/debian/maintain" "$maintain"
	mkdir "$work/bin"
	cp "$UPDATE_BINFMTS" "$work/bin"
	PATH=$work/bin:$PATH
	export PATH
	program interpreter
	ub --install mine "$work/interpreter" --magic MINE
	import=/usr/share/binfmts
	format packaged "interpreter $work/interpreter" 'magic PACKAGED'
	rules "$lib_d/rule.conf" ":rule:M::RULE::$work/interpreter:"
	clear_kernel
	register ":others:M::OTHERS::$work/interpreter:"
}

expect_booted() {
	expect_status 0
	expect_registered mine packaged rule others
	expect_runs_mine
}

expect_runs_mine() {
	echo MINE >"$work/file"
	chmod 755 "$work/file"
	expect_runs "$work/file" "$work/interpreter"
}

expect_stopped() {
	expect_status 0
	expect_registered others
}

test_boot_and_stop() {
	prepare || return
	maintain boot
	expect_booted
	expect_silent_again
	maintain stop
	expect_stopped
	maintain stop
	expect_stopped
	maintain boot
	expect_booted
}

# A second time there is nothing to do, and nothing is replaced.
expect_silent_again() {
	# shellcheck disable=SC2012 # numbers
	_before=$(ls -i "$registry")
	maintain boot
	expect_booted
	verdict 'the same entries' 'the same' \
		[ "$(ls -i "$registry")" = "$_before" ]
}

# Mounted when it is not; unmounted when nothing else is there.
test_boot_mounts() {
	prepare || return
	needs_nothing_below || return
	umount "$registry"
	maintain boot
	expect_status 0
	expect_mounted
	expect_registered mine packaged rule
	maintain stop
	expect_status 0
	expect_not_mounted
}

# For rules alone too.
test_boot_mounts_for_rules() {
	prepare || return
	needs_nothing_below || return
	rm -r "$admin" "${import:?}"/*
	umount "$registry"
	maintain boot
	expect_status 0
	expect_registered rule
}

# No format can make a boot fail.
test_boot_tolerates() {
	prepare || return
	echo garbage >"$admin/broken"
	format bad 'magic X'
	rules "$lib_d/bad.conf" ':bad:X::::' \
		":gone:M::GONE::$work/nonexistent:F"
	maintain boot
	expect_booted
	testing 'without update-binfmts'
	rm "$work/bin/update-binfmts"
	PATH=$work/bin:/usr/bin:/bin maintain boot
	expect_status 0
}

# --disable NAME is until the next boot; a mask stays.
test_boot_enables() {
	prepare || return
	maintain boot
	ub --disable mine
	ln -s /dev/null "$overrides/packaged"
	maintain boot
	expect_status 0
	expect_registered mine rule others
}

# What systemd-binfmt flushes when it starts comes back after it; what it has
# registered is still there when we have gone.
test_systemd() {
	prepare || return
	if [ ! -x /lib/systemd/systemd-binfmt ]; then
		skip "$subject" 'there is no systemd-binfmt'
		return
	fi
	rules "$lib_d/same.conf" ":same1:M::SAME::$work/interpreter:" \
		":same2:M::SAME::$work/interpreter:"
	maintain boot
	/lib/systemd/systemd-binfmt >"$captured/peer" 2>&1
	expect_registered rule same1 same2
	maintain boot
	expect_status 0
	expect_registered mine packaged rule same1 same2

	testing 'systemd-binfmt is active'
	mkdir -p /run/systemd/system
	systemctl running
	register ":others:M::OTHERS::$work/interpreter:"
	maintain stop
	expect_status 0
	expect_registered rule same1 same2 others
	for _name in rule same1 same2; do
		verdict "$_name is direct" 'the interpreter of the rule' \
			grep -qx "interpreter $work/interpreter" \
			"$registry/$_name"
	done

	testing 'the system goes down'
	maintain boot
	systemctl stopping
	maintain stop
	expect_stopped
}

# systemctl STATE: one that says so.
systemctl() {
	script "$work/bin/systemctl" <<-END
		case \$* in
		is-system-running) echo $1 ;;
		'--quiet is-active systemd-binfmt.service') exit 0 ;;
		*) exit 9 ;;
		esac
	END
}

# In a chroot the registry is that of the system around it.
test_chroot_system() {
	prepare || return
	_root=/run/root
	mkdir -p "$_root/run"
	for _path in /*; do
		if [ -L "$_path" ]; then
			cp -P "$_path" "$_root"
		elif [ -d "$_path" ] && [ "$_path" != /run ]; then
			mkdir "$_root$_path"
			mount --rbind "$_path" "$_root$_path"
		fi
	done
	run chroot "$_root" "$maintain" boot
	expect_status 0
	expect_registered others
	check 'imported' test -f "$admin/packaged"
	maintain boot
	expect_booted
	run chroot "$_root" "$maintain" stop
	expect_booted
}

# The copy of the database, while binfmt-support is removed and not purged.
test_copy() {
	prepare || return
	_copy=$admin.saved
	maintain save
	expect_status 0
	expect_no_file "$_copy"
	script "$work/bin/dpkg-query" <<-\END
		[ "$*" = '--control-path binfmt-support postrm' ]
	END
	maintain save
	expect_status 0
	run diff -r "$admin" "$_copy"
	expect_stdout ''

	testing 'nothing has happened'
	maintain restore
	expect_silent
	expect_no_file "$_copy"

	testing 'deleted'
	maintain save
	rm -r "$admin"
	maintain restore
	expect_status 0
	check 'it is back' test -f "$admin/mine"
	expect_no_file "$_copy"

	testing 'deleted, and a new one before it is put back'
	maintain save
	rm -r "$admin"
	ub --install new "$work/interpreter" --magic NEW
	file "$work/bin/dpkg-query" '#!/bin/sh\nexit 1\n'
	maintain boot
	check 'both' test -f "$admin/mine" -a -f "$admin/new"
	expect_no_file "$_copy"
}

# The unit's commands, and what it says to systemd.
test_unit() {
	prepare || return
	_unit=$TOP_SRCDIR/debian/binfmts.service
	run systemd-analyze --version
	if [ "$status" -eq 0 ]; then
		run systemd-analyze verify --man=no "$_unit"
		expect_status 0
		expect_stderr_lacks binfmts.service
	else
		skip "$subject" 'there is no systemd-analyze'
	fi
	for _key in Start Reload Stop; do
		_command=$(sed -n "s/^Exec$_key=//p" "$_unit")
		# shellcheck disable=SC2086 # words
		run $_command
		case $_key in
		Stop) expect_stopped ;;
		*) expect_booted ;;
		esac
	done
}

test_init_script() {
	prepare || return
	if [ ! -r /lib/lsb/init-functions ]; then
		skip "$subject" 'there are no LSB functions'
		return
	fi
	_script=$TOP_SRCDIR/debian/binfmts.init
	for _action in start restart force-reload; do
		run "$_script" "$_action"
		expect_booted
	done
	run "$_script" status
	expect_status 0
	ub --disable mine
	run "$_script" status
	expect_status 1
	run "$_script" stop
	expect_stopped
	run "$_script" nonsense
	expect_status 2
	testing 'removed, but not purged'
	rm "$maintain"
	run "$_script" start
	expect_silent
	expect_registered others
}

# openrc FUNCTION: as openrc-run would call it.
openrc() {
	(
		ebegin() { :; }
		eend() { return "$1"; }
		. "$TOP_SRCDIR/debian/examples/binfmts.openrc"
		"$1"
	)
}

test_openrc_script() {
	prepare || return
	run openrc start
	expect_booted
	run openrc reload
	expect_booted
	run openrc stop
	expect_stopped
}

test_usage() {
	prepare || return
	for _arguments in '' nonsense; do
		# shellcheck disable=SC2086 # none
		maintain $_arguments
		expect_status 2
		expect_stderr_has usage
	done
	expect_registered others
}

run_cases "$@"
