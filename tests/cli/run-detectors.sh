#!/bin/sh
# run-detectors as somebody calls it by hand: options, the choice among the
# formats, what detector and interpreter are given, and how it fails.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin
fresh
mkdir "$admin"
show=$TEST_TOOLS/show-exec
printf 'PK\003\004rest' >jar
chmod 755 jar

# format NAME INTERPRETER DETECTOR [PRESERVE [MAGIC]]: recorded and registered.
format() {
	printf 'p\nmagic\n0\n%s\n\n%s\n%s\n\n%s\n\n' "${5:-PK}" "$2" "$3" \
		"${4:-}" >"$admin/$1"
	entry "$1" "$RUN_DETECTORS" '' 'offset 0' 'magic 504b'
}

empty() {
	rm -rf "$admin" "$proc"
	mkdir "$admin" "$proc"
	: >"$proc/register"
	echo enabled >"$proc/status"
}

# rd ARGUMENT...: by hand, on the throw-away directories.
rd() {
	run "$TEST_TOOLS/within" 60 "$DETECTORS" --admindir "$admin" \
		--procdir "$proc" "$@"
}

for answer in 0 1 7; do
	printf '#!/bin/sh\nexit %d\n' $answer >bin/detector$answer
done
printf '#!/bin/sh\nkill -9 $$\n' >bin/killed
printf '#!/no/such/shell\n' >bin/no-shell
echo text >bin/no-program
chmod 755 bin/*
yes=$work/bin/detector0
no=$work/bin/detector1

# Options ---------------------------------------------------------------------

testing 'help and version'
run "$DETECTORS" --help
expect_status 0
expect_stderr ''
expect_stdout_has 'Usage: run-detectors '
run "$DETECTORS" --version
expect_status 0
check 'name and number' grep -qx 'run-detectors (binfmts) [0-9][0-9.a-z~+-]*' \
	"$captured/out"
if [ -w /dev/full ]; then
	"$DETECTORS" --version >/dev/full 2>"$captured/err"
	status=$?
	expect_status 2
fi

testing 'usage'
run "$DETECTORS"
expect_status 2
expect_stdout ''
expect_stderr 'run-detectors: no file is given; run-detectors --help shows the'\
' usage'
run "$DETECTORS" --frobnicate jar
expect_status 2
expect_stderr "run-detectors: unrecognized option '--frobnicate'"
run "$DETECTORS" --admindir
expect_status 2
expect_stderr "run-detectors: option '--admindir' requires an argument"
run "$DETECTORS" --admindir "$admin" --procdir="$proc"
expect_status 2
expect_stderr_has 'no file is given'

testing 'options end with the file'
format jar "$show" "$yes"
SHOW=argv
export SHOW
rd jar --admindir x --help -x -- y
expect_status 0
expect_stdout "argv [$show] [jar] [--admindir] [x] [--help] [-x] [--] [y]"
expect_stderr ''

testing 'a file named like an option'
cp jar ./--help
rd -- --help --version
expect_status 0
expect_stdout "argv [$show] [--help] [--version]"
rd ./--help
expect_stdout "argv [$show] [./--help]"

testing 'abbreviations, and the equals sign'
run "$DETECTORS" --admin="$admin" --proc "$proc" jar
expect_status 0
expect_stdout "argv [$show] [jar]"

testing 'called through a link, or by a relative path'
ln -s "$DETECTORS" link
run ./link --admindir "$admin" --procdir "$proc" jar
expect_status 0
expect_stdout "argv [$show] [jar]"
PATH=$work:$PATH link --admindir "$admin" --procdir "$proc" jar \
	>"$captured/out" 2>"$captured/err"
expect_stdout "argv [$show] [jar]"

# What the interpreter is given -----------------------------------------------

testing 'preserve no'
rd jar one '' 'three and more' "$(printf '\001\377\n')"
expect_status 0
expect_stdout "$(printf 'argv [%s] [jar] [one] [] [three and more] [\001\377]' \
	"$show")"
testing 'preserve yes'
format jar "$show" "$yes" yes
rd ./jar one two
expect_status 0
expect_stdout "argv [$show] [./jar] [./jar] [one] [two]"
testing 'no arguments'
rd jar
expect_stdout "argv [$show] [jar] [jar]"
testing 'the exit status is that of the interpreter'
SHOW_STATUS=42 rd jar
expect_status 42
testing 'a great many arguments'
format jar /bin/echo "$yes"
# shellcheck disable=SC2046 # a word each
rd jar $(seq 5000)
expect_status 0
check 'all of them' [ "$(wc -w <"$captured/out")" -eq 5001 ]

testing 'the interpreter starts as run-detectors did'
format jar "$show" "$yes"
SHOW='fds signals children cwd umask nofile environment program'
things() {
	umask 027
	# shellcheck disable=SC3045 # dash and bash know it
	ulimit -n 99
	env -i --ignore-signal=CHLD --ignore-signal=USR1 --block-signal=HUP \
		SHOW="$SHOW" A=1 'B C=2 3' "$@" 4</dev/null 7</dev/null
}
(things "$show") >direct
(things "$DETECTORS" --admindir "$admin" --procdir "$proc" jar) \
	>"$captured/out" 2>"$captured/err"
expect_stderr ''
check 'the same' diff direct "$captured/out"
check 'descriptors are shown' grep -q 'fds 0 1 2 .*7' direct
check 'signals too' grep -q 'ignored 17' direct
check 'all of it is shown' grep -qx "program $show" direct
testing 'standard input is left to the interpreter'
SHOW=stdin
echo data | "$TEST_TOOLS/within" 60 "$DETECTORS" --admindir "$admin" \
	--procdir "$proc" jar >"$captured/out" 2>"$captured/err"
expect_stdout 'stdin data'
testing 'closed descriptors stay closed'
SHOW=fds
"$show" <&- >direct
"$DETECTORS" --admindir "$admin" --procdir "$proc" jar <&- \
	>"$captured/out" 2>"$captured/err"
check 'standard input' diff direct "$captured/out"
"$show" </dev/null >direct 2>&-
"$DETECTORS" --admindir "$admin" --procdir "$proc" jar 2>&- \
	</dev/null >"$captured/out"
check 'standard error' diff direct "$captured/out"

# What the detector is given --------------------------------------------------

testing 'the detector'
cat >bin/asks <<END
#!/bin/sh
SHOW='argv fds stdin stdout group cwd umask environment' exec '$show' "\$@"
END
chmod 755 bin/asks
format jar /bin/true "$work/bin/asks"
(
	umask 027
	exec env -i A=1 "$DETECTORS" --admindir "$admin" \
		--procdir "$proc" jar argument 5</dev/null
) <"$TOP_SRCDIR/tests/lib.sh" >"$captured/out" 2>"$captured/err"
expect_stdout ''
expect_stderr_has "argv [$show] [jar]"
check 'only the file' fails grep -q argument "$captured/err"
check 'no other descriptors' grep -qx 'fds 0 1 2' "$captured/err"
expect_stderr_has 'stdin empty'
expect_stderr_has 'stdout as stderr'
expect_stderr_has 'group own'
expect_stderr_has "cwd $work"
expect_stderr_has 'umask 027'
expect_stderr_has '[A=1]'

# The choice ------------------------------------------------------------------

cat >bin/one <<\END
#!/bin/sh
echo "$0"
END
for name in two three four; do
	cp bin/one bin/$name
done
chmod 755 bin/*
# choice NAME: that interpreter ran.
choice() {
	rd jar
	expect_status 0
	expect_stdout "$work/bin/$1"
}

testing 'without a detector'
empty
format jar "$work/bin/one" ''
choice one
testing 'a detector before none, then by name'
format a "$work/bin/two" ''
format z "$work/bin/three" "$yes"
choice three
format y "$work/bin/four" "$yes"
choice four
testing 'a detector that declines is passed over'
format y "$work/bin/four" "$no"
choice three
format z "$work/bin/three" "$no"
choice two
expect_stderr ''
testing 'priority before detectors'
printf 'priority 1\n' >>"$admin/jar"
choice one
testing 'the more specific one first, then the less specific'
empty
format a "$work/bin/one" ''
format special "$work/bin/two" "$yes" '' 'PK\x03\x04'
choice two
format special "$work/bin/two" "$no" '' 'PK\x03\x04'
choice one
testing 'an interpreter that cannot be executed is passed over'
empty
format a /no/such "$yes"
format b "$work/bin/one" "$yes"
choice one
testing 'one that does not match is not asked'
format 0 "$work/bin/two" "$yes" '' 'XX'
choice one
testing 'what is disabled in the kernel does not count'
format 0 "$work/bin/two" "$yes"
choice two
sed 's/^enabled/disabled/' "$proc/0" >t && mv t "$proc/0"
choice one
rm "$proc/0"
choice one
testing 'broken files of the database hurt nobody'
echo broken >"$admin/0"
printf 'enabled\n' >"$proc/0"
mkfifo "$admin/1"
mkdir "$admin/2"
choice one
expect_stderr ''
testing 'leftovers are not formats'
empty
format b "$work/bin/one" ''
sed 's/one/two/' "$admin/b" >"$admin/.a.tmp-1-0"
choice one
check 'and are not touched' test -f "$admin/.a.tmp-1-0"
testing 'an extension'
empty
printf 'p\nextension\n0\nlove\n\n%s\n\n\n\n\n' "$work/bin/one" >"$admin/love"
printf 'enabled\n' >"$proc/love"
cp jar game.love
rd game.love
expect_status 0
expect_stdout "$work/bin/one"
rd jar
expect_status 127

# Failing ---------------------------------------------------------------------

# fails_with STATUS MESSAGE
fails_with() {
	rd jar argument
	expect_status "$1"
	expect_stdout ''
	expect_stderr "run-detectors: jar: $2"
}
none='no interpreter can run this file'

testing 'no format'
empty
fails_with 127 'no enabled format matches this file'
rm -r "$admin" "$proc"
fails_with 127 'no enabled format matches this file'
testing 'the detector declines'
empty
format a /bin/true "$work/bin/detector7"
fails_with 127 "$none; format a: detector $work/bin/detector7 declined with\
 exit status 7"
testing 'the detector is killed'
format a /bin/true "$work/bin/killed"
fails_with 127 "$none; format a: detector $work/bin/killed was killed by\
 signal 9"
testing 'the detector is missing'
format a /bin/true /no/such
fails_with 127 "$none; format a: detector /no/such cannot be executed: No such\
 file or directory"
testing 'the detector cannot be executed'
format a /bin/true "$work/plain"
echo text >plain
fails_with 127 "$none; format a: detector $work/plain cannot be executed:\
 Permission denied"
format a /bin/true "$work/bin/no-program"
fails_with 127 "$none; format a: detector $work/bin/no-program cannot be\
 executed: Exec format error"
format a /bin/true "$work/bin/no-shell"
fails_with 127 "$none; format a: detector $work/bin/no-shell cannot be\
 executed: No such file or directory"
testing 'the interpreter is missing'
format a /no/such "$yes"
fails_with 126 "$none; format a: interpreter /no/such cannot be executed: No\
 such file or directory"
testing 'the interpreter is a directory'
format a "$work" ''
fails_with 126 "$none; format a: interpreter $work cannot be executed:\
 Permission denied"
testing 'all that was tried is named'
empty
format a /no/such "$yes"
format b /bin/true "$no"
format c /no/other ''
fails_with 126 "$none; format a: interpreter /no/such cannot be executed: No\
 such file or directory; format b: detector $no declined with exit status 1;\
 format c: interpreter /no/other cannot be executed: No such file or directory"

testing 'the file cannot be read'
empty
rd nothing
expect_stdout ''
expect_stderr 'run-detectors: nothing: cannot read: No such file or directory'
check 'status 126 or 127' [ "$status" -eq 126 -o "$status" -eq 127 ]
cp jar secret
chmod 0 secret
rd secret
expect_status 126
expect_stderr 'run-detectors: secret: cannot read: Permission denied'
rd .
expect_status 126
expect_stderr 'run-detectors: .: cannot read: Is a directory'
testing 'a fifo does not hang'
mkfifo fifo
rd fifo
check 'status 126 or 127' [ "$status" -eq 126 -o "$status" -eq 127 ]
testing 'the database cannot be read'
run "$DETECTORS" --admindir plain --procdir "$proc" jar
expect_status 126
expect_stdout ''
expect_stderr 'run-detectors: plain: cannot open: Not a directory'
testing 'unprintable bytes in a name'
bad=$(printf 'a\033b')
cp jar "$bad"
rd "$bad"
expect_status 127
expect_stderr 'run-detectors: a\x1bb: no enabled format matches this file'

# Loops -----------------------------------------------------------------------

testing 'an interpreter of the format that it serves'
empty
cp jar bin/self
format a "$work/bin/self" "$yes"
loops='would be run through run-detectors again'
fails_with 126 "$none; format a: interpreter $work/bin/self $loops"
testing 'a detector of the format that it decides about'
format a /bin/true "$work/bin/self"
fails_with 126 "$none; format a: detector $work/bin/self $loops"
testing 'through a script'
printf '#!%s\n' "$work/bin/self" >bin/script
chmod 755 bin/script
format a "$work/bin/script" "$yes"
fails_with 126 "$none; format a: interpreter $work/bin/script $loops"
testing 'by way of another format'
empty
printf 'QQQQ' >bin/other
chmod 755 bin/other
format a "$work/bin/other" "$yes"
format b "$work/bin/self" "$yes" '' QQ
fails_with 126 "$none; format a: interpreter $work/bin/other $loops"
testing 'two formats that serve each other'
format b "$work/bin/one" "$no" '' QQ
format c "$work/bin/self" '' '' QQ
fails_with 126 "$none; format a: interpreter $work/bin/other $loops"
testing 'another one is tried instead'
format z "$work/bin/one" ''
choice one

done_testing
