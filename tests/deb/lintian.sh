#!/bin/sh
# The packages are as Debian wants them: lintian has nothing to say, down to
# what is pedantic and experimental.

. "${TOP_SRCDIR:=.}/tests/lib.sh"

: "${DEB_DIR:=$TOP_BUILDDIR/tests/deb}"
begin
testing lintian
if command -v lintian >/dev/null; then
	run lintian --allow-root --no-cfg --pedantic --display-info \
		--display-experimental "$DEB_DIR"/packages/*.changes
	expect_status 0
	expect_stdout ''
else
	skip lintian 'it is not installed'
fi

# Static helpers; nothing of the dispatcher in the package of the registry.
for package in binfmts:run-detectors binfmt-dispatcher:binfmt-dispatcher; do
	testing "${package%:*}"
	check 'can be unpacked' dpkg-deb -x \
		"$(echo "$DEB_DIR/packages/${package%:*}"_[0-9]*.deb)" \
		"$work/${package%:*}"
	run readelf -lW \
		"$work/${package%:*}/usr/libexec/binfmts/${package#*:}"
	expect_status 0
	expect_stdout_has GNU_RELRO
	expect_stdout_lacks INTERP
done
testing binfmts
expect_no_file "$work/binfmts/usr/share/binfmts"
run dpkg-deb -f "$(echo "$DEB_DIR"/packages/binfmt-dispatcher_[0-9]*.deb)" \
	Depends
expect_stdout_has 'binfmts (= '
done_testing
