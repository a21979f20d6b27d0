#!/bin/sh
# What the clock ends, all at the same time, since it takes half a minute:
# waiting for the lock, and for a detector.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin
fresh

# timed NAME COMMAND...: in the background; keeps what came in files.
timed() {
	(
		start=$(date +%s)
		name=$1
		shift
		"$TEST_TOOLS/within" 60 "$@" >"$name.out" 2>"$name.err"
		echo "$? $(($(date +%s) - start))" >"$name.status"
	) &
}

# came NAME: what came of it, for the expectations.
came() {
	read -r status seconds <"$1.status"
	cp "$1.out" "$captured/out"
	cp "$1.err" "$captured/err"
	_command="$1, in the background"
}

# A lock that somebody holds.
mkdir locked
printf 'p\nmagic\n0\nOLD\n\n/bin/sh\n\n\n\n\n' >locked/jar
: >locked.lock
exec 9<locked.lock
flock 9
timed lock "$UPDATE_BINFMTS" --admindir locked --procdir "$proc" \
	--install jar /bin/cat --magic NEW

# A detector that hangs, and leaves a child.
cat >bin/hangs <<END
#!/bin/sh
sleep 50 &
echo \$! >'$work/child'
wait
END
chmod 755 bin/hangs
printf 'PK\003\004rest' >jar
mkdir "$admin"
printf 'p\nmagic\n0\nPK\n\n/bin/sh\n%s\n\n\n\n' "$work/bin/hangs" >"$admin/jar"
entry jar "$RUN_DETECTORS" '' 'offset 0' 'magic 504b'
timed detector "$DETECTORS" --admindir "$admin" --procdir "$proc" jar
timed find "$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" --find jar
wait

testing 'the lock is never given back'
came lock
expect_status 2
expect_stdout ''
expect_stderr_has 'update-binfmts: locked: another update-binfmts has held'
expect_stderr_has 'for more than 30 seconds'
check 'after 30 seconds' [ "$seconds" -ge 29 -a "$seconds" -le 40 ]
check 'nothing has changed' [ "$(sed -n 4p locked/jar)" = OLD ]
check 'nothing is registered' [ ! -s "$proc/register" ]

testing 'a detector that does not answer'
came detector
expect_status 127
expect_stdout ''
expect_stderr "run-detectors: jar: no interpreter can run this file; format\
 jar: detector $work/bin/hangs did not answer within 10 seconds"
check 'after 10 seconds' [ "$seconds" -ge 9 -a "$seconds" -le 20 ]
check 'its child has ended too' fails kill -0 "$(cat child)"

testing 'find: a detector that does not answer'
came find
expect_status 0
expect_stdout ''
check 'after 10 seconds' [ "$seconds" -ge 9 -a "$seconds" -le 20 ]

done_testing
