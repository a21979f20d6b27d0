#!/bin/sh
# --enable and --disable, as far as plain files can stand for the kernel's.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

# expect_told ENTRY WORD: what a control word leaves of an entry that is a file.
expect_told() {
	verdict "$1 is told $2" "$2 in $1" \
		[ "$(head -c ${#2} "$proc/$1")" = "$2" ]
}

testing 'nothing is known'
fresh
ub --enable
expect_status 0
expect_silent
ub --disable
expect_status 0
expect_stderr ''
ub --enable jar
expect_status 2
expect_stdout ''
expect_stderr_has 'update-binfmts: jar: not in the database'
ub --disable jar
expect_status 0
expect_stdout ''
expect_stderr_has 'update-binfmts: warning: jar: not in the database'

testing 'nothing is mounted for nothing'
rm -r "$proc"
ub --enable
expect_status 0
expect_silent

testing 'enable one'
fresh
ub --install jar /bin/sh --magic PK
ub --install text /bin/cat --extension t
: >"$proc/register"
ub --enable jar
expect_status 0
expect_silent
expect_rules ':jar:M:0:PK::/bin/sh:'

testing 'enable all'
: >"$proc/register"
ub --enable
expect_status 0
expect_stderr ''
expect_stdout 'update-binfmts: 2 formats, 2 newly registered'
expect_rules ':text:E:0:t::/bin/cat:' ':jar:M:0:PK::/bin/sh:'

testing 'enable what is enabled'
entry jar /bin/sh '' 'offset 0' 'magic 504b'
entry text /bin/cat '' 'extension .t'
cp -R "$proc" before
: >"$proc/register"
: >before/register
ub --enable jar
expect_status 0
expect_silent
ub --enable
expect_status 0
expect_stderr ''
expect_stdout 'update-binfmts: 2 formats, 0 newly registered'
check 'nothing is written' diff -r before "$proc"

testing 'enable what is disabled in the kernel'
sed 's/^enabled/disabled/' "$proc/jar" >text && mv text "$proc/jar"
ub --enable jar
expect_status 0
expect_silent
expect_rules
expect_told jar 1

testing 'importing and enabling others leaves it off'
entry jar /bin/sh '' 'offset 0' 'magic 504b'
sed 's/^enabled/disabled/' "$proc/jar" >text && mv text "$proc/jar"
cp "$proc/jar" before/jar
ub --enable text
expect_status 0
check 'unchanged' cmp before/jar "$proc/jar"

testing 'enable what differs'
entry jar /bin/cat '' 'offset 0' 'magic 504b'
ub --enable jar
expect_status 0
check 'registered again' grep -qF ':jar:M:0:PK::/bin/sh:' "$proc/register"
expect_told jar -1

testing 'disable one'
fresh
ub --install jar /bin/sh --magic PK
ub --install text /bin/cat --extension t
entry jar /bin/sh '' 'offset 0' 'magic 504b'
entry text /bin/cat '' 'extension .t'
entry foreign /bin/sh '' 'extension .foreign'
cp -R "$proc" before2
ub --disable jar
expect_status 0
expect_stderr ''
expect_told jar -1
check 'the other is not' cmp before2/text "$proc/text"
check 'the format stays' test -f "$admin/jar"

testing 'disable what is not registered'
rm "$proc/jar"
ub --disable jar
expect_status 0
expect_silent

testing 'disable all: ours only'
entry jar /bin/sh '' 'offset 0' 'magic 504b'
entry text /bin/cat '' 'extension .t'
ub --disable
expect_status 0
expect_stderr ''
expect_stdout 'update-binfmts: 2 formats, 2 no longer registered'
expect_told jar -1
expect_told text -1
check "somebody else's is left" cmp before2/foreign "$proc/foreign"
check 'and so is the global switch' [ "$(cat "$proc/status")" = enabled ]
ub --disable foreign
expect_status 0
expect_stderr_has 'update-binfmts: warning: foreign: not in the database'
check "somebody else's is left" cmp before2/foreign "$proc/foreign"

testing 'no binfmt_misc'
rm "$proc/register"
ub --enable jar
expect_status 2
expect_stdout ''
expect_stderr "update-binfmts: $proc: has no file 'register'; it is not\
 binfmt_misc"
ub --enable
expect_status 2
check 'one message' [ "$(wc -l <"$captured/err")" -eq 1 ]
rm -r "$proc"
ub --enable jar
expect_status 2
check 'one message' [ "$(wc -l <"$captured/err")" -eq 1 ]
ub --disable jar
expect_status 0
expect_silent
ub --disable
expect_status 0
expect_silent

testing 'binfmt_misc of somebody else'
fresh
ub --install jar /bin/sh --magic PK
ub --install text /bin/cat --extension t
entry jar /bin/sh '' 'offset 0' 'magic 504b'
chmod 444 "$proc"/*
denied="update-binfmts: $proc: cannot open 'register': Permission denied; the\
 registry belongs to another user or user namespace"
ub --enable text
expect_status 2
expect_stderr "$denied"
ub --enable
expect_status 2
expect_stderr "$denied"
ub --disable jar
expect_status 2
expect_stderr "$denied"
ub --disable
expect_status 2
expect_stderr "$denied"
ub --disable text
expect_status 0
expect_silent

testing 'an entry that cannot be removed'
chmod 644 "$proc/register"
ub --disable jar
expect_status 2
expect_stdout ''
expect_stderr "update-binfmts: $proc/jar: cannot remove the kernel's entry\
 'jar': Permission denied"

testing 'remove: an entry that cannot be removed keeps the format'
ub --remove jar /bin/sh
expect_status 2
check 'the format is still there' test -f "$admin/jar"

testing 'enable a broken one, and one beside it'
fresh
ub --install jar /bin/sh --magic PK
echo broken >"$admin/bad"
: >"$proc/register"
ub --enable bad
expect_status 2
expect_stderr_has "update-binfmts: $admin/bad: has 1 lines"
expect_rules
ub --enable
expect_status 2
expect_stderr_has "update-binfmts: $admin/bad: has 1 lines"
expect_rules ':jar:M:0:PK::/bin/sh:'
ub --enable jar
expect_status 0
expect_silent

done_testing
