#!/bin/sh
# The examples of the man pages, with the kernel to answer; see
# tests/cli/man-examples.sh.  Each page has a user and mount namespace of its
# own, with a new binfmt_misc in it, an empty directory for the database, and
# nothing in /run and binfmt.d.

# shellcheck source=tests/lib.sh
. "${TOP_SRCDIR:=.}/tests/lib.sh"

# The program tells where its database is, and does nothing.
admin=$("$UPDATE_BINFMTS" --test --install man-examples /bin/false \
	--extension man-examples 2>/dev/null |
	sed -n 's/^.*would write \(.*\)\/man-examples$/\1/p')
lib=${admin%/*}
misc=/proc/sys/fs/binfmt_misc

# Nothing unmounts binfmt_misc, and shows the machine's own again, as long as
# this entry is there.
marker=$misc/man-examples-marker
examples_with=kernel
export admin lib misc marker examples_with

# in_namespace COMMAND...
in_namespace() {
	# shellcheck disable=SC2016
	unshare -Urm sh -c '
		mount -t binfmt_misc binfmt_misc "$misc" &&
		mount -t tmpfs tmpfs "$lib" &&
		mount -t tmpfs tmpfs /run &&
		for dir in /etc/binfmts /etc/binfmt.d \
		    /usr/local/lib/binfmt.d /usr/lib/binfmt.d; do
			[ ! -d "$dir" ] || mount -t tmpfs tmpfs "$dir" || exit
		done &&
		printf ":%s:E::%s::/bin/false:" "${marker##*/}" "${marker##*/}" \
			>"$misc/register" &&
		exec "$@"' sh "$@"
}

if [ ! -d "$lib" ]; then
	skip "$subject" "there is no directory for the database ${admin:-}"
	exit 0
fi
if ! in_namespace true 2>/dev/null; then
	skip "$subject" 'no namespace can have its own binfmt_misc here'
	exit 0
fi
result=0
for page in "$TOP_SRCDIR"/man/*.[58]; do
	in_namespace "$TOP_SRCDIR/tests/cli/man-examples.sh" "$page" || result=1
done
exit "$result"
