#!/bin/sh
# Output that cannot be written, descriptors that are closed, and full disks.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

program() {
	"$TEST_TOOLS/within" 60 "$UPDATE_BINFMTS" --admindir "$admin" \
		--importdir "$import" --procdir "$proc" "$@"
}

fresh
ub --install jar /bin/sh --magic PK
entry jar /bin/sh '' 'offset 0' 'magic 504b'
echo PK >file

# Standard output -------------------------------------------------------------

lost='update-binfmts: cannot write to standard output'
for action in --display '--display jar' '--find file' --help --version \
    '--test --import' '--test --remove jar /x' --disable; do
	testing "a full disk behind stdout: $action"
	entry jar /bin/sh '' 'offset 0' 'magic 504b'
	if [ -w /dev/full ]; then
		printf 'package p\ninterpreter /bin/sh\nmagic AA\n' >"$import/a"
		# shellcheck disable=SC2086 # several words
		program $action >/dev/full 2>"$captured/err"
		status=$? _command=$action
		: >"$captured/out"
		expect_status 2
		expect_stderr "$lost"
	else
		skip "$subject" 'there is no /dev/full'
	fi
	testing "stdout closed: $action"
	entry jar /bin/sh '' 'offset 0' 'magic 504b'
	# shellcheck disable=SC2086 # several words
	program $action 2>"$captured/err" >&-
	status=$?
	expect_status 2
	expect_stderr "$lost"
done

testing 'nothing to print: stdout does not matter'
program --install new /bin/sh --extension new >&- 2>"$captured/err"
status=$?
expect_status 0
check 'silent' [ ! -s "$captured/err" ]
program --enable jar >/dev/full 2>"$captured/err"
status=$?
expect_status 0

testing 'a pipe that nobody reads'
i=0
while [ $i -lt 300 ]; do
	sed "s/jar/$i/" "$admin/jar" >"$admin/f$i"
	i=$((i + 1))
done
program --display 2>"$captured/err" | head -n 1 >"$captured/out"
expect_stdout 'f0 (disabled):'
check 'silent' [ ! -s "$captured/err" ]
rm "$admin"/f*

# Closed descriptors ----------------------------------------------------------

# What is opened must not end up as 0, 1 or 2, where messages would go into it.
closed() {
	fresh
	printf 'package p\ninterpreter /none\nmagic AA\n' >"$import/a"
	case $1 in
	in) program --import a <&- >"$captured/out" 2>"$captured/err" ;;
	out) program --import a >&- 2>"$captured/err" ;;
	err) program --import a >"$captured/out" 2>&- ;;
	all) program --import a <&- >&- 2>&- ;;
	esac
	status=$?
}
for which in in out err all; do
	testing "closed: $which"
	closed $which
	expect_status 0
	expect_file "$admin/a" <<-\END
		p
		magic
		0
		AA

		/none




	END
	expect_rules ':a:M:0:AA::/none:'
	check 'the lock is empty' [ ! -s "$admin.lock" ]
	check 'the status is unchanged' [ "$(cat "$proc/status")" = enabled ]
done

testing 'an error with stderr closed'
program --enable nothing 2>&-
status=$?
expect_status 2
program --frobnicate 2>&-
status=$?
expect_status 2
program --display nothing 2>/dev/full
status=$?
expect_status 2

# Files that cannot grow ------------------------------------------------------

# limited COMMAND...: as on a full disk; SIGXFSZ, which is not sent then, is
# ignored.
limited() {
	(
		trap '' XFSZ
		ulimit -f 0
		GCOV_PREFIX=/dev/null "$@" # see lib.sh
	)
}

if (trap '' XFSZ && ulimit -f 0) 2>/dev/null; then
	testing 'a full disk: install'
	fresh
	ub --install jar /bin/sh --magic PK
	entry jar /bin/sh '' 'offset 0' 'magic 504b'
	printf 'package p\ninterpreter /bin/sh\nmagic AA\n' >"$import/a"
	printf 'package p\ninterpreter /bin/sh\nmagic BB\n' >"$import/b"
	: >"$proc/register"
	cp -R "$admin" admin.before
	cp -R "$proc" proc.before
	limited "$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" \
		--install new /bin/sh --magic PK 2>&1 |
		sed '/^profiling:/d' >"$captured/err"
	expect_stderr "update-binfmts: $admin/new: cannot write: File too large"
	check 'the database is as before' diff -r admin.before "$admin"
	check 'the kernel is as before' diff -r proc.before "$proc"
	testing 'a full disk: replace'
	limited "$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" \
		--install jar /bin/cat --magic PK 2>&1 |
		sed '/^profiling:/d' >"$captured/err"
	expect_stderr "update-binfmts: $admin/jar: cannot write: File too large"
	check 'the database is as before' diff -r admin.before "$admin"
	check 'the kernel is as before' diff -r proc.before "$proc"
	testing 'a full disk: import'
	limited "$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" \
		--importdir "$import" --import 2>&1 |
		sed '/^profiling:/d' >"$captured/err"
	expect_stderr_has "$admin/a: cannot write: File too large"
	expect_stderr_lacks 'warning'
	check 'the database is as before' diff -r admin.before "$admin"
	check 'the kernel is as before' diff -r proc.before "$proc"
	testing 'a full disk: the status'
	run limited "$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" \
		--install new /bin/sh --magic PK
	expect_status 2
	testing 'a full disk: remove needs no space'
	rm "$proc/jar"
	(limited "$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" \
		--remove jar /bin/sh; echo $?) | cat >"$captured/out"
	expect_stdout 0
	expect_no_file "$admin/jar"
else
	skip 'a full disk' 'this shell cannot limit the size of files'
fi

# Few descriptors -------------------------------------------------------------

testing 'few descriptors'
fresh
printf 'package p\ninterpreter /bin/sh\nmagic AA\n' >"$import/a"
wrong=0
for count in 4 5 6 7 8 9 10 11 12 14 16; do
	for action in --display '--find file' --import --enable --disable \
	    '--install x /bin/sh --extension x' '--remove x /bin/sh'; do
		# shellcheck disable=SC3045,SC2086 # dash knows it; words
		(ulimit -n $count && exec "$UPDATE_BINFMTS" $action \
			--admindir "$admin" --importdir "$import" \
			--procdir "$proc") \
			</dev/null >/dev/null 2>"$captured/err"
		case $? in
		0 | 2) ;;
		127) grep -q '^update-binfmts: ' "$captured/err" &&
			wrong=$((wrong + 1)) ;; # the loader could not begin
		*) wrong=$((wrong + 1)) ;;
		esac
	done
done
check 'status 0 or 2' [ $wrong -eq 0 ]
ub --display
expect_status 0
expect_stderr ''

done_testing
