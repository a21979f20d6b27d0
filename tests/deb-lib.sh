# shellcheck shell=sh
# For the scripts in tests/deb, which consist of cases like those of
# tests/kernel.  Each runs as root in user, mount and process namespaces of its
# own, and there in a Debian of its own in memory, which has a binfmt_misc of
# its own: what is installed, mounted or registered goes when the case ends.
#
# tests/deb/prepare has made what is in $DEB_DIR: packages/, the packages of
# this tree, and base.tar, the Debian, or in unable the reason why not.

. "${TOP_SRCDIR:=.}/tests/lib.sh"

: "${DEB_DIR:=$TOP_BUILDDIR/tests/deb}"
registry=/proc/sys/fs/binfmt_misc
enclose=$TEST_TOOLS/enclose
database=/var/lib/binfmts

# Cases -----------------------------------------------------------------------

# run_cases [CASE]: without one, all of them, each by this script again.
run_cases() {
	if [ $# -gt 0 ]; then
		run_case "$1"
	fi
	_status=0
	_mounted=$(grep -c binfmt_misc /proc/mounts)
	_reason=$(impossible)
	_cases=$(sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' "$0")
	for _case in $_cases; do
		if [ -n "$_reason" ]; then
			skip "$_case" "$_reason"
		else
			"$enclose" -e unshare --pid --fork --kill-child \
				"$0" "$_case" || _status=1
		fi
	done
	if [ "$(grep -c binfmt_misc /proc/mounts)" -ne "$_mounted" ]; then
		echo "not ok - $subject: something is mounted outside"
		_status=1
	fi
	exit $_status
}

# Prints why there can be no Debian of our own, if so.
impossible() {
	if [ "$(id -u)" -ne 0 ]; then
		echo 'only root can be all users of a Debian'
	elif [ ! -f "$DEB_DIR/base.tar" ]; then
		cat "$DEB_DIR/unable" 2>/dev/null ||
			echo 'not prepared: make deb-test does it'
	else
		"$enclose" true
	fi
}

run_case() {
	if [ $$ -ne 1 ]; then
		echo "not ok - $1: only to be run in namespaces of its own"
		exit 1
	fi
	if ! enter_debian; then
		echo "not ok - $1: no Debian of our own"
		exit 1
	fi
	PATH=/usr/sbin:/usr/bin:/sbin:/bin
	DEBIAN_FRONTEND=noninteractive
	TMPDIR=/tmp HOME=/root
	export PATH DEBIAN_FRONTEND TMPDIR HOME
	begin
	testing "$1"
	"$1"
	cd /
	done_testing
}

# The root directory of all processes here is the new one from now on; what is
# outside is out of reach, but for the packages, and apt's cache of others, of
# which each script has its own, since apt locks it.
enter_debian() {
	_root=$(mktemp -d) &&
		mount -t tmpfs -o mode=755 binfmts-test "$_root" &&
		tar -C "$_root" --exclude='./dev/*' -xf "$DEB_DIR/base.tar" &&
		mkdir "$_root/packages" "$_root/outside" &&
		mount --bind "$DEB_DIR/packages" "$_root/packages" &&
		mkdir -p "$DEB_DIR/archives/$subject/partial" &&
		mount --bind "$DEB_DIR/archives/$subject" \
			"$_root/var/cache/apt/archives" &&
		cp /etc/resolv.conf /etc/hosts "$_root/etc" &&
		mount -t proc proc "$_root/proc" &&
		mount -t binfmt_misc binfmt_misc "$_root$registry" || return
	for _device in null zero full random urandom tty; do
		: >"$_root/dev/$_device" &&
			mount --bind "/dev/$_device" "$_root/dev/$_device" ||
			return
	done
	ln -s /proc/self/fd "$_root/dev/fd" &&
		cd "$_root" && pivot_root . outside && cd / &&
		umount -l outside && rmdir outside && is_empty_registry
}

is_empty_registry() {
	[ "$(echo "$registry"/*)" = "$registry/register $registry/status" ]
}

# Packages --------------------------------------------------------------------

# ours [PACKAGE]...: installs those of this tree, by default binfmts.
ours() {
	set -- "${@:-binfmts}"
	for _package; do
		set -- "$@" "$(echo /packages/"$_package"_[0-9]*.deb)"
		shift
	done
	run dpkg -i "$@"
	expect_status 0
}

# apt ARGUMENT...: apt-get, which must succeed.
apt() {
	run apt-get -qq -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 "$@"
	verdict "apt-get $*" 'status 0' [ "$status" -eq 0 ]
}

# newer DEB: makes NEW.deb of it in $work, the same but for the version.
newer() {
	dpkg-deb -R "$1" "$work/newer" &&
		sed -i 's/^Version: .*/&+newer/' "$work/newer/DEBIAN/control" &&
		dpkg-deb -Zgzip -z1 -b "$work/newer" "$work/newer.deb" \
			>/dev/null
	rm -rf "$work/newer"
}

# make_package NAME FILE...: $work/NAME.deb with these files, without scripts.
make_package() {
	_name=$1
	shift
	rm -rf "$work/make"
	mkdir -p "$work/make/DEBIAN"
	tar -C / -c "$@" | tar -C "$work/make" -x
	cat >"$work/make/DEBIAN/control" <<-END
		Package: $_name
		Version: 1
		Architecture: all
		Maintainer: nobody <nobody@localhost>
		Description: a test
	END
	dpkg-deb -Zgzip -z1 -b "$work/make" "$work/$_name.deb" >/dev/null
}

# Expectations ----------------------------------------------------------------

# expect_formats NAME...: the database has these, and no others.
expect_formats() {
	# shellcheck disable=SC2012 # no strange names
	_formats=$(ls "$database" 2>&1 | sort)
	verdict "the database has: $*" "not: $_formats" \
		[ "$_formats" = "$(printf '%s\n' "$@" | sort)" ]
}

# expect_enabled NAME..., expect_not_enabled NAME...: by the kernel's word.
expect_enabled() {
	for _format; do
		verdict "$_format is registered" "an entry $_format" \
			grep -qx enabled "$registry/$_format"
	done
}

expect_not_enabled() {
	for _format; do
		expect_no_file "$registry/$_format"
	done
}

# Every entry of the kernel has an interpreter that is there.
expect_sound_registry() {
	_unsound=$(sed -n 's/^interpreter //p' "$registry"/[!rs]* 2>/dev/null |
		while read -r _path; do
			[ -x "$_path" ] || echo "$_path"
		done)
	verdict 'every interpreter is there' "not: $_unsound" \
		[ -z "$_unsound" ]
}
