#!/bin/sh
# --install and --remove: database files byte for byte, rules, ownership,
# warnings that are no errors, and --test.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

relative="is a relative path, which means another program in every directory"
recorded='the format is recorded all the same'

testing 'magic alone'
fresh
ub --install jar "$interpreter" --magic 'PK\x03\x04'
expect_status 0
expect_silent
expect_file "$admin/jar" <<END
:
magic
0
PK\x03\x04

$interpreter




END
expect_rules ":jar:M:0:PK\\x03\\x04::$interpreter:"

testing 'again, the same'
: >"$proc/register"
entry jar "$interpreter" '' 'offset 0' 'magic 504b0304'
before=$(stat -c '%i %Y' "$admin/jar")
ub --install jar "$interpreter" --magic 'PK\x03\x04'
expect_status 0
expect_silent
expect_rules
check 'the file is not written again' \
	[ "$before" = "$(stat -c '%i %Y' "$admin/jar")" ]

testing 'again, with another interpreter'
fresh
ub --install jar "$interpreter" --magic 'PK\x03\x04'
ub --install jar /bin/sh --magic 'PK\x03\x04'
expect_status 0
expect_silent
check 'the new interpreter' [ "$(sed -n 6p "$admin/jar")" = /bin/sh ]
check 'one file' [ "$(ls -A "$admin")" = jar ]

testing 'every value'
fresh
cp "$interpreter" 'bin/a b:c'
ub --install 'a b.c' "$work/bin/a b:c" --magic 'A:\x00|' --offset 012 \
	--mask '\xff\xff\x0F\xff' --credentials YES --preserve yes \
	--fix-binary no --open-binary yes --priority -7 --package some-package
expect_status 0
expect_silent
expect_file "$admin/a b.c" <<END
some-package
magic
12
A:\x00|
\xff\xff\x0F\xff
$work/bin/a b:c

yes
yes
no
open_binary yes
priority -7
END
expect_rules "|a b.c|M|12|A:\\x00\\x7c|\\xff\\xff\\x0f\\xff|$work/bin/a b:c|POC"

testing 'an extension'
fresh
ub --install text "$interpreter" --extension 'Txt+x' --preserve no
expect_status 0
expect_silent
expect_file "$admin/text" <<END
:
extension
0
Txt+x

$interpreter


no

END
expect_rules ":text:E:0:Txt+x::$interpreter:"

testing 'a detector'
fresh
ub --install text "$interpreter" --extension txt --detector "$interpreter"
expect_status 0
expect_silent
expect_file "$admin/text" <<END
:
extension
0
txt

$interpreter
$interpreter



END
expect_rules ":text:E:0:txt::$RUN_DETECTORS:"

testing 'bytes are kept as written, and registered canonically'
fresh
ub --install odd "$interpreter" \
	--magic "$(printf '\\x41B\\x3a\t\\X41\\n\303\244')"
expect_status 0
expect_stderr "update-binfmts: warning: odd: magic: has a backslash that starts\
 no \\xHH and stands for itself; write \\x5c if that is meant"
check 'the file has them as written' \
	[ "$(sed -n 4p "$admin/odd")" = "$(printf \
	'\\x41B\\x3a\t\\X41\\n\303\244')" ]
expect_rules ":odd:M:0:AB\\x3a\\x09\\x5cX41\\x5cn\\xc3\\xa4::$interpreter:"

testing 'a newline in a magic, which is one line of the database'
fresh
ub --install lines "$interpreter" --magic 'a
b' --mask '\xff\xff
'
expect_status 0
check 'the magic is escaped' [ "$(sed -n 4p "$admin/lines")" = 'a\x0ab' ]
check 'the mask is escaped' \
	[ "$(sed -n 5p "$admin/lines")" = '\xff\xff\x0a' ]
check 'ten lines' [ "$(wc -l <"$admin/lines")" -eq 10 ]

testing 'empty values are absent ones'
fresh
ub --install jar "$interpreter" --magic PK --mask= --offset= --detector= \
	--credentials= --preserve '' --priority=
expect_status 0
expect_silent
expect_file "$admin/jar" <<END
:
magic
0
PK

$interpreter




END

testing 'the longest that the kernel accepts'
fresh
name=$(printf '%0255d' 7)
ub --install "$name" "$interpreter" --magic "$(printf '%0256d' 1)"
expect_status 0
expect_silent
expect_rules ":$name:M:0:$(printf '%0256d' 1)::$interpreter:"
ub --install last "$interpreter" --magic Z --offset 255
expect_status 0
ub --display "$name"
expect_status 0

# What is not there yet may come later.

testing 'a missing interpreter and detector are warnings'
fresh
ub --install jar /none/such --magic PK --detector /none/either
expect_status 0
expect_stdout ''
expect_stderr "update-binfmts: warning: jar: interpreter /none/such: No such\
 file or directory; $recorded
update-binfmts: warning: jar: detector /none/either: No such file or directory;\
 $recorded"
check 'recorded' test -f "$admin/jar"
expect_rules ":jar:M:0:PK::$RUN_DETECTORS:"

testing 'programs that cannot be executed are warnings'
fresh
ub --install jar /etc/passwd --magic PK --detector /etc
expect_status 0
expect_stderr "update-binfmts: warning: jar: interpreter /etc/passwd: Not\
 executable; $recorded
update-binfmts: warning: jar: detector /etc: Not a regular file; $recorded"

testing 'relative paths are warnings'
fresh
ub --install jar bin/interpreter --magic PK --detector bin/interpreter
expect_status 0
expect_stdout ''
expect_stderr_has "update-binfmts: warning: jar: interpreter: $relative"
expect_stderr_has "update-binfmts: warning: jar: detector: $relative"
check 'and nothing else' [ "$(wc -l <"$captured/err")" -eq 2 ]

testing 'a relative interpreter with credentials is an error'
fresh
ub --install jar bin/interpreter --magic PK --credentials yes
expect_status 2
expect_stderr 'update-binfmts: jar: interpreter: is a relative path, which'\
' with credentials lets anybody choose the program'
expect_no_file "$admin"

# Ownership -------------------------------------------------------------------

testing 'owner: the first is a package'
fresh
ub --install jar "$interpreter" --magic PK --package openjdk
expect_status 0
cp "$admin/jar" jar.before
: >"$proc/register"
for owner in jarwrapper :; do
	testing "owner: over it, by ${owner}"
	ub --install jar /bin/sh --magic XX --package "$owner"
	expect_status 2
	expect_stderr 'update-binfmts: jar: belongs to package openjdk; remove'\
' that first, or install under another name'
	check 'unchanged' cmp jar.before "$admin/jar"
	expect_rules
done

testing 'owner: removed by another, with a warning'
ub --package jarwrapper --remove jar /bin/sh
expect_status 0
expect_stderr 'update-binfmts: warning: jar: belongs to package openjdk, not'\
' to package jarwrapper; not removed'
check 'unchanged' cmp jar.before "$admin/jar"
ub --remove jar "$interpreter"
expect_status 0
expect_stderr 'update-binfmts: warning: jar: belongs to package openjdk, not'\
' to the administrator; not removed'
check 'unchanged' cmp jar.before "$admin/jar"

testing 'owner: removed by the owner, whatever the path'
ub --package openjdk --remove jar /another/path
expect_status 0
expect_silent
check 'the database is empty' [ -z "$(ls -A "$admin")" ]

testing 'owner: removed again'
ub --package openjdk --remove jar /another/path
expect_status 0
expect_stdout ''
expect_stderr 'update-binfmts: warning: jar: not in the database'

testing 'owner: a local format'
ub --install jar "$interpreter" --magic PK
ub --package openjdk --install jar "$interpreter" --magic PK
expect_status 2
expect_stderr 'update-binfmts: jar: belongs to the administrator; remove that'\
' first, or install under another name'
ub --package openjdk --remove jar "$interpreter"
expect_status 0
expect_stderr 'update-binfmts: warning: jar: belongs to the administrator, not'\
' to package openjdk; not removed'
ub --package : --remove jar "$interpreter"
expect_status 0
expect_silent
expect_no_file "$admin/jar"

testing 'owner: the same package replaces its own'
fresh
ub --package openjdk --install jar "$interpreter" --magic PK
ub --package=openjdk --install jar "$interpreter" --magic PK --preserve yes
expect_status 0
check 'replaced' [ "$(sed -n 9p "$admin/jar")" = yes ]

testing 'removing a registered format takes the entry out of the kernel'
fresh
ub --install jar "$interpreter" --magic PK
entry jar "$interpreter" '' 'offset 0' 'magic 504b'
ub --remove jar "$interpreter"
expect_status 0
expect_silent
expect_no_file "$admin/jar"
check 'the entry is told to go' [ "$(head -c 2 "$proc/jar")" = -1 ]

testing 'removing what another has registered under a name'
fresh
entry jar "$interpreter" '' 'offset 0' 'magic 504b'
cp "$proc/jar" foreign
ub --remove jar "$interpreter"
expect_status 0
check 'the entry is left alone' cmp foreign "$proc/jar"

# --test ----------------------------------------------------------------------

fresh
ub --install jar "$interpreter" --magic PK
ub --install text "$interpreter" --extension t
entry text "$interpreter" '' 'extension .t'
: >"$proc/register"
touch "$admin/.jar.tmp-1-0"
remember

testing 'test: install'
ub --test --install new "$interpreter" --magic 'A:\x00'
expect_status 0
expect_stderr ''
expect_stdout "update-binfmts: would write $admin/new
update-binfmts: would register the kernel's entry new:
 :new:M:0:A\\x3a\\x00::$interpreter:"
check 'nothing has changed' unchanged

testing 'test: install over a format'
ub --install text "$interpreter" --extension T --test
expect_status 0
expect_stderr ''
expect_stdout "update-binfmts: would write $admin/text
update-binfmts: would replace the kernel's entry text:
 :text:E:0:T::$interpreter:"
check 'nothing has changed' unchanged

testing 'test: what is refused'
ub --test --install text "$interpreter" --extension txt --package p
expect_status 2
expect_stdout ''
ub --test --install text "$interpreter" --extension .txt
expect_status 2
expect_stdout ''
check 'nothing has changed' unchanged

testing 'test: a second one for the same files'
ub --test --install second "$interpreter" --magic PK
expect_status 0
expect_stdout "update-binfmts: would write $admin/second
update-binfmts: would register the kernel's entry second:
 :second:M:0:PK::$RUN_DETECTORS:"
check 'nothing has changed' unchanged

testing 'test: remove'
ub --test --remove text "$interpreter"
expect_status 0
expect_stderr ''
expect_stdout "update-binfmts: would remove the kernel's entry text
update-binfmts: would remove $admin/text"
check 'nothing has changed' unchanged

testing 'test: enable and disable'
ub --test --enable
expect_status 0
expect_stdout "update-binfmts: would register the kernel's entry jar:
 :jar:M:0:PK::$interpreter:"
ub --test --disable
expect_status 0
expect_stdout "update-binfmts: would remove the kernel's entry text"
ub --test --disable text
expect_stdout "update-binfmts: would remove the kernel's entry text"
check 'nothing has changed' unchanged

testing 'test: import and unimport'
printf 'package p\ninterpreter /bin/sh\nmagic XY\n' >"$import/xy"
remember
ub --test --import
expect_status 0
expect_stdout "update-binfmts: would write $admin/xy
update-binfmts: would register the kernel's entry xy:
 :xy:M:0:XY::/bin/sh:"
ub --test --import xy
expect_stdout_has ' :xy:M:0:XY::/bin/sh:'
check 'nothing has changed' unchanged
ub --import xy
cp "$import/xy" "$import/jar"
remember
ub --test --unimport
expect_status 0
expect_stdout "update-binfmts: would remove $admin/xy"
expect_stderr 'update-binfmts: warning: jar: belongs to the administrator,'\
' not to package p; not removed'
ub --test --unimport xy
expect_stdout "update-binfmts: would remove $admin/xy"
check 'nothing has changed' unchanged

testing 'test: without a database'
fresh
mkdir empty
remember
ub --test --install new "$interpreter" --magic PK
expect_status 0
expect_stdout_has " :new:M:0:PK::$interpreter:"
run "$UPDATE_BINFMTS" --admindir "$admin" --procdir empty --test --install new \
	"$interpreter" --magic PK
expect_status 2
expect_stdout "update-binfmts: would write $admin/new"
expect_stderr_has "update-binfmts: empty: has no file 'register'; it is not\
 binfmt_misc"
check 'nothing has changed' unchanged

# The kernel step cannot be done ----------------------------------------------

testing 'no binfmt_misc: recorded, and an error'
fresh
run "$UPDATE_BINFMTS" --admindir "$admin" --procdir empty --install new \
	"$interpreter" --magic PK
expect_status 2
expect_stdout ''
expect_stderr "update-binfmts: empty: has no file 'register'; it is not\
 binfmt_misc
update-binfmts: warning: new: recorded, but not registered"
check 'recorded' test -f "$admin/new"

testing 'register cannot be written'
fresh
chmod 444 "$proc/register"
ub --install new "$interpreter" --magic PK
expect_status 2
expect_stderr "update-binfmts: $proc: cannot open 'register': Permission\
 denied; the registry belongs to another user or user namespace
update-binfmts: warning: new: recorded, but not registered"
check 'recorded' test -f "$admin/new"

for kind in link fifo directory nothing; do
	testing "register is a $kind"
	fresh
	rm "$proc/register"
	case $kind in
	link) ln -s "$proc/status" "$proc/register" ;;
	fifo) mkfifo "$proc/register" ;;
	directory) mkdir "$proc/register" ;;
	esac
	ub --install new "$interpreter" --magic PK
	expect_status 2
	expect_stdout ''
	expect_stderr_has "update-binfmts: $proc: "
	check 'recorded' test -f "$admin/new"
	check 'nothing is written' [ "$(cat "$proc/status")" = enabled ]
done

done_testing
