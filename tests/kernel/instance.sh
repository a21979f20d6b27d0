#!/bin/sh
# A package that is installed in a container or a chroot changes the database
# there and not the registry of the system outside; an administrator who says
# so does.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

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

prepare() {
	mount -t tmpfs binfmts-test /run
	program show
	file one ONE
	file four FOUR
	format one "interpreter $work/show" 'magic ONE'
	format two "interpreter $work/show" 'magic TWO'
	ub --import
	format three "interpreter $work/show" 'magic THREE'
}

# database_only ACTION...: one line says why, and the kernel does not follow.
database_only() {
	testing "$place: $*"
	ub "$@"
	expect_status 0
	expect_lines 1
	expect_stderr_has "warning: $registry: belongs to $why, so only the \
database was changed; update-binfmts --enable makes the kernel follow"
	expect_registered one two
}

expect_only_the_database_follows() {
	database_only --import three
	check 'it is recorded' test -f "$admin/three"
	rm "$admin/three"
	database_only --import
	check 'it is recorded' test -f "$admin/three"
	database_only --unimport two
	expect_no_file "$admin/two"
	database_only --remove three "$work/show" --package test
	expect_no_file "$admin/three"
	database_only --unimport
	expect_no_file "$admin/one"
	testing "$place: quiet"
	ub --quiet --import
	expect_silent
	expect_registered one two
}

# What can be read is, and what is told to be done is done.
expect_administrator_is_obeyed() {
	testing "$place: --enable three"
	ub --enable three
	expect_status 0
	expect_stderr ''
	expect_registered one two three
	testing "$place: --display"
	ub --display three
	expect_stdout_has 'three (enabled):'
	testing "$place: --install"
	ub --install four "$work/show" --magic FOUR
	expect_status 0
	expect_silent
	expect_registered one two three four
	expect_runs ./four "$work/show"
	testing "$place: --disable"
	ub --disable four
	expect_status 0
	expect_stderr ''
	expect_registered one two three
	testing "$place: --enable"
	ub --enable
	expect_status 0
	expect_stderr ''
	expect_registered one two three four
	ub --find "$work/one"
	expect_stdout "$work/show"
}

# The registry is our own: the kernel follows, and nothing is said.
expect_own() {
	testing "$place: --import"
	ub --import
	expect_status 0
	expect_stderr ''
	expect_registered one two three
	testing "$place: --unimport two"
	ub --unimport two
	expect_status 0
	expect_stderr ''
	expect_registered one three
}

test_own() {
	prepare
	place='our own'
	expect_own
}

test_own_system() {
	prepare
	place='a system of our own'
	expect_own
}

# Its files are ours too, but not the mount.
test_inherited_mount() {
	prepare
	cp "$UPDATE_BINFMTS" program
	script wrapper <<-END
		exec "$enclose" -e "$work/program" "\$@"
	END
	UPDATE_BINFMTS=$work/wrapper
	place='inherited' why='another user namespace'
	expect_only_the_database_follows
	expect_administrator_is_obeyed
}

# Somebody mounts one in it.
test_inherited_and_own() {
	prepare
	cp "$UPDATE_BINFMTS" program
	script wrapper <<-END
		exec "$enclose" sh -c '"$work/program" "\$@" && ls "$registry"' \\
			sh "\$@"
	END
	UPDATE_BINFMTS=$work/wrapper
	ub --import
	expect_status 0
	expect_stderr ''
	expect_stdout 'update-binfmts: 3 format files, 1 new or changed, 3 newly '\
'registered
one
register
status
three
two'
	expect_registered one two
}

test_container_variable() {
	prepare
	container=lxc
	export container
	place='container=lxc' why='the host of this container'
	expect_only_the_database_follows
	expect_administrator_is_obeyed
}

test_empty_container_variable() {
	prepare
	container=
	export container
	place='container='
	expect_own
}

# A container with a user namespace of its own, and so a registry of its own.
test_container_variable_system() {
	prepare
	container=lxc
	export container
	place='container=lxc on a system'
	expect_own
}

# Marks are of the container around the namespace, and this is one of our own.
test_marks() {
	prepare
	mkdir -p /run/systemd /run/host
	echo lxc | tee /run/systemd/container >/run/host/container-manager
	: >/run/.containerenv
	place='marks'
	expect_own
}

# make_root: a root directory, with all that is in our own.  Not in $work, what
# is in there is removed in the end.
make_root() {
	root=/run/root
	mkdir "$root" "$root/run"
	for _path in /*; do
		if [ "$_path" = /run ]; then
			continue
		elif [ -L "$_path" ]; then
			cp -P "$_path" "$root/"
		elif [ -d "$_path" ]; then
			mkdir "$root$_path"
			mount --rbind "$_path" "$root$_path"
		fi
	done
}

test_chroot_system() {
	prepare
	make_root
	cp "$UPDATE_BINFMTS" program
	script wrapper <<-END
		exec chroot "$root" "$work/program" "\$@"
	END
	UPDATE_BINFMTS=$work/wrapper
	place='a chroot' why='the system outside of this chroot'
	expect_only_the_database_follows
	expect_administrator_is_obeyed
}

# Where there is no place for it, nothing can be seen, nor mounted.
test_chroot_without_registry_system() {
	prepare
	make_root
	mount -t tmpfs binfmts-test "$root/proc/sys"
	cp "$UPDATE_BINFMTS" program
	script wrapper <<-END
		exec chroot "$root" "$work/program" "\$@"
	END
	UPDATE_BINFMTS=$work/wrapper
	ub --import
	expect_status 0
	expect_lines 1
	expect_stderr_has "warning: $registry: binfmt_misc is not mounted"
	check 'it is recorded' test -f "$admin/three"
	testing 'enable'
	ub --enable
	expect_status 2
	expect_lines 1
	expect_stderr_has "$registry: there is no such directory; is /proc mounted?"
	testing 'install'
	ub --install four "$work/show" --magic FOUR
	expect_status 2
	check 'it is recorded' test -f "$admin/four"
	expect_registered one two
}

# /proc/sys is read-only in many containers: to mount is what fails there.
test_no_right_to_mount() {
	needs_root || return
	prepare
	umount "$registry"
	chown -R 1000:1000 "$work" "$(dirname "$admin")"
	cp "$UPDATE_BINFMTS" program
	script wrapper <<-END
		exec setpriv --reuid 1000 --regid 1000 --clear-groups \\
			"$work/program" "\$@"
	END
	UPDATE_BINFMTS=$work/wrapper
	for action in --import '--import three'; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_status 0
		expect_lines 1
		expect_stderr_has 'binfmt_misc is not mounted'
	done
	for action in --enable '--enable one'; do
		testing "$action"
		# shellcheck disable=SC2086 # words
		ub $action
		expect_status 2
		expect_lines 1
		expect_stderr_has "$registry: cannot mount binfmt_misc: Operation \
not permitted; only root can"
	done
	expect_not_mounted
}

run_cases "$@"
