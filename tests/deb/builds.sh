#!/bin/sh
# The packages built again: at another place and time, with another umask, time
# zone and locale, they are the same to the last bit; and for another machine.

. "${TOP_SRCDIR:=.}/tests/lib.sh"

: "${DEB_DIR:=$TOP_BUILDDIR/tests/deb}"
begin

# build DIRECTORY ARGUMENT...: of dpkg-buildpackage.
build() {
	_directory=$1
	shift
	mkdir -p "$_directory"
	tar -xzmf "$DEB_DIR/source.tar.gz" -C "$_directory"
	(
		cd "$_directory"/*/ || exit
		unset MAKEFLAGS MAKELEVEL
		DEB_BUILD_OPTIONS=${options-nocheck} \
			dpkg-buildpackage -b -us -uc "$@"
	) >"$work/log" 2>&1 || tail -n 20 "$work/log"
}

testing reproducible
(
	umask 002
	TZ=Pacific/Chatham LC_ALL=C.UTF-8 LANGUAGE=de HOME=/nonexistent
	export TZ LC_ALL LANGUAGE HOME
	options='nocheck parallel=2' \
		build "$work/another-place-and-a-longer-one"
)
for package in "$DEB_DIR"/packages/*.deb; do
	check "${package##*/}" cmp "$package" \
		"$work/another-place-and-a-longer-one/${package##*/}"
done

# x86_64 runs what that one does not, and the other way round.
other=arm64 compiler=aarch64-linux-gnu-gcc machine=aarch64 own=x86_64
testing "cross build, $other"
if [ "$(dpkg --print-architecture)" = "$other" ] ||
    ! command -v "$compiler" >/dev/null; then
	skip "$subject" "there is no $compiler"
	done_testing
fi
# What is needed of the other machine is the C library, which comes with the
# compiler; dpkg does not know that, so that this is not all of a build.
build "$work/cross" -d "-a$other" -Pcross,nocheck --rules-target=install
root=$(echo "$work"/cross/*/debian/tmp)
for program in usr/sbin/update-binfmts usr/libexec/binfmts/run-detectors \
    usr/libexec/binfmts/binfmt-dispatcher; do
	run readelf -hlW "$root/$program"
	expect_stdout_has AArch64
	case $program in
	*/sbin/*) expect_stdout_has INTERP ;;
	*) expect_stdout_lacks INTERP ;;
	esac
done
check 'a format for what is foreign there' \
	test -f "$root/usr/share/binfmts/binfmt-dispatcher-$own"
expect_no_file "$root/usr/share/binfmts/binfmt-dispatcher-$machine"
done_testing
