#!/bin/sh
# From binfmt-support to binfmts on a running system, and back.

. "${TOP_SRCDIR:=.}/tests/deb-lib.sh"

# A system with binfmt-support, a package that uses it, a format of the
# administrator, and one that somebody else has registered.
old_system() {
	apt install binfmt-support jarwrapper
	run update-binfmts --install mine /bin/cat --magic MINE --offset 2
	expect_status 0
	echo ':others:M::OTHERS::/bin/cat:' >"$registry/register"
	[ -e "$registry/jarwrapper" ] || update-binfmts --enable
	cp -a "$database" "$work/before"
	expect_enabled mine jarwrapper others
}

# The records of before, with nothing but lines that have come behind.
expect_same_database() {
	for _file in "$work"/before/*; do
		_lines=$(wc -l <"$_file")
		verdict "the record of ${_file##*/} is as before" 'the same' \
			test "$(head -n "$_lines" \
			"$database/${_file##*/}" 2>&1)" = "$(cat "$_file")"
	done
}

expect_all_as_before() {
	expect_formats jarwrapper mine
	expect_same_database
	expect_enabled mine jarwrapper others
	run update-binfmts --display mine
	expect_status 0
	expect_stdout_has 'mine (enabled):'
}

# expect_package PACKAGE STATE: what dpkg says of it.
expect_package() {
	run dpkg-query -W -f \
		'${db:Status-Status}\n' "$1"
	[ -s "$captured/out" ] || echo not-installed >"$captured/out"
	verdict "$1 is $2" "$2" \
		[ "$(cat "$captured/out")" = "$2" ]
}

# purge binfmt-support, whose script deletes the database.
test_switch_and_purge() {
	old_system
	apt install "$(echo /packages/binfmts_[0-9]*.deb)"
	expect_package binfmts installed
	expect_package binfmt-support config-files
	expect_package jarwrapper installed
	expect_all_as_before
	expect_sound_registry

	testing 'changed in between'
	run update-binfmts --install later /bin/cat --magic LATER
	expect_status 0
	expect_no_file "$database.saved"

	testing 'purge'
	run sh -c 'cat /var/lib/dpkg/info/binfmt-support.postrm'
	expect_stdout_has "rm -rf $database"
	apt purge binfmt-support
	expect_package binfmt-support not-installed
	expect_formats jarwrapper mine later
	expect_same_database
	expect_enabled mine jarwrapper others later
	expect_no_file "$database.saved"
	run update-binfmts --check
	expect_status 0

	testing 'no copies from now on'
	run /usr/libexec/binfmts/maintain save
	expect_status 0
	expect_no_file "$database.saved"
}

# The hook of dpkg is gone, or dpkg has been killed: a copy that is there helps
# at the next trigger, or at boot.
test_killed() {
	old_system
	apt install "$(echo /packages/binfmts_[0-9]*.deb)"
	for next in sync boot; do
		testing "purge, killed, $next"
		/usr/libexec/binfmts/maintain save
		rm -r "$database"
		run "/usr/libexec/binfmts/maintain" "$next"
		expect_status 0
		expect_all_as_before
	done

	testing 'purge without the copy being put back, and a new format'
	/usr/libexec/binfmts/maintain save
	mv /etc/dpkg/dpkg.cfg.d/binfmts "$work"
	apt purge binfmt-support
	expect_no_file "$database"
	run update-binfmts --install new /bin/cat --magic NEW
	expect_status 0
	run "/usr/libexec/binfmts/maintain" boot
	expect_formats jarwrapper mine new
	expect_same_database
	expect_enabled mine jarwrapper others new
	expect_no_file "$database.saved"
}

# What is removed in the run of dpkg that purges does not come back.
test_purge_with_others() {
	old_system
	apt install "$(echo /packages/binfmts_[0-9]*.deb)"
	apt purge binfmt-support jarwrapper
	expect_formats mine
	expect_enabled mine others
	expect_not_enabled jarwrapper
	expect_sound_registry
}

# By dpkg alone, which takes the old one away because of the conflict.
test_dpkg() {
	old_system
	ours
	expect_package binfmt-support config-files
	expect_all_as_before
	run dpkg --purge binfmt-support
	expect_status 0
	expect_all_as_before
}

test_back() {
	old_system
	apt install "$(echo /packages/binfmts_[0-9]*.deb)"
	apt install binfmt-support
	expect_package binfmts config-files
	expect_formats jarwrapper mine
	expect_same_database
	expect_sound_registry
	run update-binfmts --display
	expect_status 0
	expect_stdout_has 'jarwrapper ('
	expect_stdout_has 'mine ('
	run update-binfmts --enable
	expect_status 0
	expect_enabled mine jarwrapper others
	expect_no_file "$database.saved"

	testing 'purge what is gone'
	apt purge binfmts
	expect_package binfmts not-installed
	expect_formats jarwrapper mine
	expect_same_database
	expect_enabled mine jarwrapper others

	testing 'and once more to it'
	apt install "$(echo /packages/binfmts_[0-9]*.deb)"
	expect_all_as_before
}

# The unit, before and after the old one is purged: enabled, started at boot
# behind systemd-binfmt, and found by the old name.
test_systemd() {
	apt install systemd binfmt-support
	apt install "$(echo /packages/binfmts_[0-9]*.deb)"
	expect_units
	apt purge binfmt-support
	testing 'purged'
	expect_units
	apt install binfmt-support
	apt purge binfmts
	testing 'and back'
	run systemctl --root=/ is-enabled binfmt-support.service
	expect_stdout enabled
	run find /etc/systemd /lib/systemd /etc/rc2.d -name '*binfmts*'
	expect_stdout ''
}

expect_units() {
	run systemctl --root=/ is-enabled binfmts.service \
		binfmt-support.service
	expect_stdout 'enabled
alias'
	# What the system would do at boot; root may not ask, nor without cgroups.
	mkdir -p /sys/fs/cgroup
	run unshare --cgroup sh -c 'mount -t cgroup2 -o ro none /sys/fs/cgroup
		HOME=/ exec setpriv --reuid 65534 --clear-groups \
			/lib/systemd/systemd --test --system'
	expect_status 0
	expect_stderr_lacks cycle
	cp "$captured/out" "$work/dump"
	run sed -n -e '/-> Unit binfmts.service:/,/-> Unit /p' \
		-e '/Action: binfmts.service/p' "$work/dump"
	for _line in 'Alias: binfmt-support.service' \
	    'After: systemd-binfmt.service (' 'After: local-fs.target (' \
	    'PartOf: systemd-binfmt.service (' 'WantedBy: sysinit.target (' \
	    'Before: sysinit.target (' 'Action: binfmts.service -> start'; do
		expect_stdout_has "$_line"
	done
}

# Our own upgrade and reinstallation: no format is away for a moment.
test_upgrade_ours() {
	ours binfmts binfmt-dispatcher
	run update-binfmts --install mine /bin/cat --magic MINE
	expect_status 0
	ls -i "$registry" >"$work/before"
	ours
	expect_same_entries
	testing 'upgrade'
	newer "$(echo /packages/binfmts_[0-9]*.deb)"
	run dpkg --force-depends -i "$work/newer.deb"
	expect_status 0
	expect_same_entries
}

# An entry that has been made again has another number.
expect_same_entries() {
	ls -i "$registry" >"$work/after"
	check 'the same entries' diff "$work/before" "$work/after"
	expect_enabled mine binfmt-dispatcher-s390x
	expect_sound_registry
}

# Nothing of ours stays; what others have registered does.
test_purge_ours() {
	find / -xdev -path /proc -prune -o -path /tmp -prune -o \
		-path /var/lib/dpkg -prune -o -path /var/lib/apt -prune -o \
		-path /var/cache -prune -o -path /var/log -prune -o -print |
		sort >"$work/before"
	ours binfmts binfmt-dispatcher
	run update-binfmts --install mine /bin/cat --magic MINE
	expect_status 0
	echo ':others:M::OTHERS::/bin/cat:' >"$registry/register"
	expect_enabled mine others

	testing 'remove'
	run dpkg -r binfmt-dispatcher binfmts
	expect_status 0
	expect_not_enabled mine
	expect_enabled others
	run sh -c 'ls /proc/sys/fs/binfmt_misc'
	expect_stdout 'others
register
status'
	check 'the database is kept' test -f "$database/mine"

	testing 'purge'
	run dpkg -P binfmt-dispatcher binfmts
	expect_status 0
	find / -xdev -path /proc -prune -o -path /tmp -prune -o \
		-path /var/lib/dpkg -prune -o -path /var/lib/apt -prune -o \
		-path /var/cache -prune -o -path /var/log -prune -o -print |
		sort >"$work/after"
	run diff "$work/before" "$work/after"
	expect_stdout ''
	expect_no_file /var/cache/binfmts
	expect_enabled others
}

run_cases "$@"
