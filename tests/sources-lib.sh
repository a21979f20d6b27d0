# shellcheck shell=sh
# For the scripts in tests/kernel that are about binfmt.d and overrides: an
# empty directory in the place of each, in the namespaces of the case.  After
# `. "$TOP_SRCDIR/tests/kernel-lib.sh"`; a case begins with
#
#	replace_sources || return

# shellcheck disable=SC2154 # of the two others

# The directories of binfmt.d, the one that wins first, and of overrides.
sources() {
	_etc=$(sed -n 's/^sysconfdir = //p' "$TOP_BUILDDIR/config.mk")
	etc_d=$_etc/binfmt.d run_d=/run/binfmt.d
	local_d=/usr/local/lib/binfmt.d lib_d=/usr/lib/binfmt.d
	overrides=$_etc/binfmts
}

# replace DIRECTORY: an empty one from now on.  Where it is missing it is made
# in what is laid over its parent.
replace() {
	if [ ! -d "$1" ]; then
		_parent=$(dirname "$1")
		_layer=$(mktemp -d "$layers/XXXXXX") &&
			mkdir "$_layer/upper" "$_layer/work" &&
			mount -t overlay -o "userxattr,lowerdir=$_parent" \
				-o "upperdir=$_layer/upper" \
				-o "workdir=$_layer/work" \
				binfmts-test "$_parent" &&
			mkdir "$1" || return
	fi
	mount -t tmpfs -o mode=755 binfmts-test "$1"
}

replace_sources() {
	sources
	layers=$base/layers
	if mkdir "$layers" && mount -t tmpfs binfmts-test "$layers" &&
	    mkdir -p "$run_d" && replace "$etc_d" && replace "$local_d" &&
	    replace "$lib_d" && replace "$overrides"; then
		return 0
	fi
	skip "$subject" 'the directories of binfmt.d cannot be replaced'
	return 1
}

# empty_sources: as in the beginning.
empty_sources() {
	for _directory in "$etc_d" "$run_d" "$local_d" "$lib_d" \
	    "$overrides"; do
		find "$_directory" -mindepth 1 -delete
	done
}

# rules FILE LINE...: a file of binfmt.d.
rules() {
	_file=$1
	shift
	printf '%s\n' "$@" >"$_file"
}

# kernel_text: all entries as the kernel shows them, in its own order.
kernel_text() {
	# shellcheck disable=SC2010 # no strange names
	ls -U "$registry" | grep -vx -e register -e status |
		while IFS= read -r _entry; do
			echo "$_entry:"
			cat "$registry/$_entry"
		done
}

# clear_kernel: nothing is registered.
clear_kernel() {
	echo -1 >"$registry/status"
}
