#!/bin/sh
# binfmt-dispatcher in a user namespace that does not know the user who owns
# the system's files: there they look as though nobody's, and are root's.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"

in_namespace() {
	"$enclose" -f 100000 "$@"
}

root=$TOP_BUILDDIR/tests/stage/root

# The vendor's directory is one of outside, with what is shipped.
prepare() {
	fresh_config
	cover "$root"
	mkdir -p "$root/lib/binfmt-dispatcher.d" "$root/etc"
	mount --bind "$TOP_SRCDIR/format-files" \
		"$root/lib/binfmt-dispatcher.d" || return 1
	[ "$(stat -c %u "$root/lib/binfmt-dispatcher.d")" = \
		"$(cat /proc/sys/kernel/overflowuid)" ] || {
		skip "$subject" 'the source tree is not of another user'
		return 1
	}
	program show
	elf f 2 1 183
	register ':arm64:M:18:\xb7::'"$BINFMT_DISPATCHER:POCF"
	cat >"$root/etc/binfmt-dispatcher.toml" <<-END
		interpreters.qemu-user.path = "$work/show"
		interpreters.qemu-user.preserve_argv0 = false
	END
	export SHOW=argv
}

test_outside() {
	prepare || return 0
	exec_file ./f a
	expect_argv "$work/show" ./f a
	expect_stderr ''
}

test_outside_secure() {
	prepare || return 0
	chmod 4755 f
	chmod 755 "$work"
	SHOW=ids exec_file -u 500 ./f a
	expect_status 0
	expect_stdout_has 'ids uid 500 euid 0 '
	expect_stderr ''
	testing 'but not another user of inside'
	chown 500 "$root/etc/binfmt-dispatcher.toml"
	SHOW=ids exec_file -u 500 ./f a
	expect_status 126
	expect_stderr_has 'does not belong to root; skipped'
}

run_cases "$@"
