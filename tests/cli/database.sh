#!/bin/sh
# The directory of the database: how it is made, what old and newer versions
# have written, and what broken files in it do to others, which is nothing.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

mode() {
	stat -c %a "$1"
}

# Creation and modes ----------------------------------------------------------

for mask in 000 022 077 777; do
	testing "umask $mask"
	fresh
	printf 'package p\ninterpreter /bin/sh\nmagic AA\n' >"$import/a"
	umask $mask
	# Under 777 the expectations could not be written down.
	"$UPDATE_BINFMTS" --admindir "$admin" --importdir "$import" \
		--procdir "$proc" --install jar /bin/sh --magic PK >/dev/null
	installed=$?
	"$UPDATE_BINFMTS" --admindir "$admin" --importdir "$import" \
		--procdir "$proc" --import a >/dev/null
	imported=$?
	umask 022
	check 'installed' [ $installed -eq 0 ]
	check 'imported' [ $imported -eq 0 ]
	check 'the directory is 755' [ "$(mode "$admin")" = 755 ]
	check 'a file is 644' [ "$(mode "$admin/jar")" = 644 ]
	check 'a file is 644' [ "$(mode "$admin/a")" = 644 ]
	check 'the lock is 600' [ "$(mode "$admin.lock")" = 600 ]
	check 'and nothing else' [ "$(ls -A "$admin")" = 'a
jar' ]
done

testing 'a directory that is there keeps its mode'
fresh
mkdir -m 700 "$admin"
ub --install jar /bin/sh --magic PK
expect_status 0
check 'still 700' [ "$(mode "$admin")" = 700 ]

testing 'reading makes nothing'
fresh
ub --display
ub --find /bin/sh
ub --test --import
expect_status 0
expect_no_file "$admin"
expect_no_file "$admin.lock"

testing 'a parent that is not there'
fresh
mkdir dir
run "$UPDATE_BINFMTS" --admindir dir/none/admin --procdir "$proc" \
	--install jar /bin/sh --magic PK
expect_status 2
expect_stdout ''
expect_stderr 'update-binfmts: dir/none/admin: cannot create the directory: No'\
' such file or directory'
expect_rules
run "$UPDATE_BINFMTS" --admindir dir/none/admin --procdir "$proc" --display
expect_status 0
expect_silent

testing 'a parent that cannot be written to'
chmod 555 dir
for action in '--install jar /bin/sh --magic PK' '--remove jar /bin/sh' \
    --import --unimport; do
	# shellcheck disable=SC2086 # several words
	run "$UPDATE_BINFMTS" --admindir dir/admin --procdir "$proc" \
		--importdir "$import" $action
	expect_status 2
	expect_stdout ''
	expect_stderr 'update-binfmts: dir/admin: cannot create the directory:'\
' Permission denied'
done
run "$UPDATE_BINFMTS" --admindir dir/admin --procdir "$proc" --enable jar
expect_status 2
expect_stderr_has 'update-binfmts: jar: not in the database'
run "$UPDATE_BINFMTS" --admindir dir/admin --procdir "$proc" --disable
expect_status 0
expect_stderr ''
chmod 755 dir

testing 'who may change the kernel need not be who may write here'
mkdir dir/admin
printf 'p\nmagic\n0\nPK\n\n/bin/sh\n\n\n\n\n' >dir/admin/jar
chmod 555 dir dir/admin
for action in '--enable jar' --enable '--disable jar' --disable; do
	# shellcheck disable=SC2086 # several words
	run "$UPDATE_BINFMTS" --admindir dir/admin --procdir "$proc" $action
	expect_status 0
	expect_stderr ''
	expect_no_file dir/admin.lock
done
expect_rules ':jar:M:0:PK::/bin/sh:' ':jar:M:0:PK::/bin/sh:'
chmod 755 dir dir/admin

testing 'a database that cannot be written to'
fresh
ub --install jar /bin/sh --magic PK
entry jar /bin/sh '' 'offset 0' 'magic 504b'
cp "$proc/jar" jar.before
printf 'package p\ninterpreter /bin/sh\nmagic AA\n' >"$import/a"
: >"$proc/register"
chmod 555 "$admin"
ub --install new /bin/sh --extension new
expect_status 2
expect_stdout ''
expect_stderr "update-binfmts: $admin/new: cannot create a temporary file:\
 Permission denied"
ub --import
expect_status 2
expect_stderr "update-binfmts: $admin/a: cannot create a temporary file:\
 Permission denied"
ub --remove jar /bin/sh
expect_status 2
expect_stderr "update-binfmts: $admin/jar: cannot be changed: Permission denied"
expect_rules
check 'the format is there' test -f "$admin/jar"
check 'and its entry' cmp jar.before "$proc/jar"
chmod 755 "$admin"

testing 'a database that cannot be read'
chmod 0 "$admin"
for action in --display '--find /bin/sh' --enable '--remove jar /bin/sh'; do
	# shellcheck disable=SC2086 # several words
	ub $action
	expect_status 2
	expect_stdout ''
	expect_stderr "update-binfmts: $admin: cannot open: Permission denied"
done
chmod 755 "$admin"

testing 'no directory at all'
fresh
: >"$admin"
ub --display
expect_status 2
expect_stderr "update-binfmts: $admin: cannot open: Not a directory"
ub --install jar /bin/sh --magic PK
expect_status 2
expect_stdout ''
expect_rules
rm "$admin"
ln -s nowhere "$admin"
ub --install jar /bin/sh --magic PK
expect_status 2
expect_stderr_has "update-binfmts: $admin: "
expect_no_file nowhere
expect_rules

testing 'a directory behind a symbolic link'
rm -f "$admin" "$admin.lock"
mkdir real
ln -s real "$admin"
ub --install jar /bin/sh --magic PK
expect_status 0
check 'recorded' test -f real/jar
check 'locked where it really is' test -f real.lock
expect_no_file "$admin.lock"
rm "$admin" real.lock

testing 'a lock that is none'
for kind in link directory fifo; do
	fresh
	case $kind in
	link) ln -s victim "$admin.lock" ;;
	directory) mkdir "$admin.lock" ;;
	fifo) mkfifo "$admin.lock" ;;
	esac
	ub --install jar /bin/sh --magic PK
	expect_status 2
	expect_stdout ''
	expect_stderr_has "update-binfmts: $admin: "
	expect_stderr_has 'the lock '
	expect_stderr_has 'admin.lock'
	expect_rules
	expect_no_file victim
	rm -r "$admin.lock"
done

# Other versions --------------------------------------------------------------

# recorded NAME TEXT: a file of the database, of printf's escapes.
recorded() {
	mkdir -p "$admin"
	# shellcheck disable=SC2059 # the text is ours
	printf "$2" >"$admin/$1"
}

none=
full='p\nmagic\n0\nPK\n\n/bin/sh\n'
for lines in 6 7 8 9 10; do
	testing "a file of $lines lines"
	fresh
	recorded jar "$full$(printf '\\n%.0s' 1 2 3 4 | head -c $((2 * \
		(lines - 6))))"
	check 'that many' [ "$(wc -l <"$admin/jar")" -eq $lines ]
	ub --display jar
	expect_status 0
	expect_stderr ''
	expect_stdout "jar (disabled):
     package = p
        type = magic
      offset = 0
       magic = PK
        mask = $none
 interpreter = /bin/sh
    detector = $none"
	ub --enable jar
	expect_status 0
	expect_rules ':jar:M:0:PK::/bin/sh:'
done

testing 'a file without the last newline'
fresh
recorded jar 'p\nextension\n0\njar\n\n/bin/sh'
ub --display jar
expect_status 0
expect_stdout_has 'interpreter = /bin/sh'

testing 'an empty offset'
fresh
recorded jar 'p\nmagic\n\nPK\n\n/bin/sh\n'
ub --display jar
expect_status 0
expect_stdout_has '      offset = 0'

testing 'what a newer version has written'
fresh
recorded jar "$full\n\n\n\npriority 7\nfuture thing\n\nnonsense\nopen_binary yes
magic XX\npackage q\n"
ub --display jar
expect_status 0
expect_stderr ''
expect_stdout_has '    priority = 7'
expect_stdout_has ' open_binary = yes'
expect_stdout_has '       magic = PK'
expect_stdout_has '     package = p'

testing 'what an old version has let through'
fresh
recorded dotted 'p\nextension\n0\ntar.gz\n\n/bin/sh\n\n\n\n\n'
recorded masked 'p\nextension\n7\nfoo\n\\xff\n/bin/sh\n\nTRUE\nYes\n1\n'
ub --display
expect_status 0
expect_stderr ''
expect_stdout_has '       magic = tar.gz'
expect_stdout_has '    preserve = yes'
expect_stdout_lacks 'credentials'
expect_stdout_lacks 'fix_binary'
ub --enable
expect_status 0
expect_stderr ''

# Broken files ----------------------------------------------------------------

# The good one must be served in spite of the broken one in every way.
# broken REASON: the file $admin/bad has just been made.
broken() {
	printf 'good\nmagic\n0\nGOOD\n\n/bin/sh\n\n\n\n\n' >"$admin/good"
	entry good /bin/sh '' 'offset 0' 'magic 474f4f44'
	printf 'GOOD one' >file
	printf 'package p\ninterpreter /bin/sh\nmagic OTHER\n' >"$import/other"
	ub --display
	expect_status 2
	expect_stdout_has 'good (enabled):'
	expect_stdout_lacks 'bad'
	expect_stderr "update-binfmts: $admin/bad$1"
	ub --display good
	expect_status 0
	expect_stderr ''
	ub --display bad
	expect_status 2
	expect_stdout ''
	expect_stderr "update-binfmts: $admin/bad$1"
	ub --find file
	expect_status 0
	expect_stderr ''
	expect_stdout /bin/sh
	ub --enable good
	expect_status 0
	expect_silent
	ub --enable bad
	expect_status 2
	ub --enable
	expect_status 2
	expect_stderr "update-binfmts: $admin/bad$1"
	expect_stdout 'update-binfmts: 1 format, 0 newly registered'
	ub --import other
	expect_status 0
	expect_silent
	ub --install new /bin/sh --magic NEW
	expect_status 0
	expect_silent
	ub --unimport
	expect_status 0
	expect_stderr ''
	expect_no_file "$admin/other"
	ub --remove new /bin/sh
	expect_status 0
	expect_silent
	ub --disable bad
	expect_stderr "update-binfmts: warning: $admin/bad$1"
	ub --disable
	expect_stdout 'update-binfmts: 1 format, 1 no longer registered'
	check 'the broken one is left' test -e "$admin/bad" -o -L "$admin/bad"
}

begin_broken() {
	testing "broken: $1"
	fresh
	mkdir "$admin"
}

begin_broken 'empty'
: >"$admin/bad"
needs='a format has at least 6: package, type, offset, magic, mask, interpreter'
broken ": has 0 lines, and $needs"
begin_broken 'truncated'
recorded bad 'p\nmagic\n0\nPK\n\\xff'
broken ": has 5 lines, and $needs"
begin_broken 'a fifo'
mkfifo "$admin/bad"
broken ': is a fifo, not a regular file'
begin_broken 'a directory'
mkdir "$admin/bad"
broken ': is a directory, not a regular file'
begin_broken 'a symbolic link'
recorded real "$full"
mv "$admin/real" real-file
ln -s "$work/real-file" "$admin/bad"
broken ': is a symbolic link, not a regular file'
begin_broken 'a link to itself'
ln -s bad "$admin/bad"
broken ': is a symbolic link, not a regular file'
begin_broken 'unreadable'
recorded bad "$full"
chmod 0 "$admin/bad"
broken ': cannot open: Permission denied'
begin_broken 'of a MiB'
{
	printf 'p\nmagic\n0\nPK\n\n/bin/sh\n\n\n\n\n'
	head -c 1048576 /dev/zero
} >"$admin/bad"
broken ': is larger than 65536 bytes'
begin_broken 'another type'
recorded bad 'p\nMagic\n0\nPK\n\n/bin/sh\n'
broken ":2:1: type: 'Magic' is neither magic nor extension"
begin_broken 'CRLF'
recorded bad 'p\r\nmagic\r\n0\r\nPK\r\n\r\n/bin/sh\r\n'
broken ":2:1: type: 'magic\\x0d' is neither magic nor extension"
begin_broken 'no interpreter'
recorded bad 'p\nmagic\n0\nPK\n\n\n'
broken ':6:1: interpreter: is empty'
begin_broken 'no package'
recorded bad '\nmagic\n0\nPK\n\n/bin/sh\n'
broken ':1:1: package: is empty'
begin_broken 'bad bytes'
recorded bad 'p\nmagic\n0\nPK\\xg1\n\n/bin/sh\n'
broken ":4:3: magic: byte 3: \\x needs two hexadecimal digits, not 'g1'"
begin_broken 'a mask of another length'
recorded bad 'p\nmagic\n0\nPK\n\\xff\n/bin/sh\n'
broken ':5:1: mask: has 1 bytes and magic has 2; they must be equally long'
begin_broken 'an offset too far'
recorded bad 'p\nmagic\n255\nPK\n\n/bin/sh\n'
broken ':3:1: offset: 255 bytes and a magic of 2 end at byte 257, and the'\
' kernel compares the first 256 of a file'

testing 'broken: a name that no format can have'
fresh
recorded good "$full"
for name in register status -x 'a
b' "$(printf 'a\033')"; do
	recorded "$name" "$full"
done
ub --display
expect_status 2
check 'the good one' [ "$(grep -c '(disabled):' "$captured/out")" -eq 1 ]
check 'a line for each other' [ "$(wc -l <"$captured/err")" -eq 5 ]
expect_stderr_has "$admin/-x: name: '-x' starts with a dash"
expect_stderr_has "$admin/a\\x0ab: name: 'a\\x0ab' contains a control character"
expect_stderr_has "$admin/register: name: 'register' is reserved"
ub --enable
expect_status 2
expect_rules ':good:M:0:PK::/bin/sh:'
ub --enable good
expect_status 0
expect_stderr ''

testing 'broken: bytes at random'
fresh
recorded good "$full"
i=0
while [ $i -lt 20 ]; do
	awk -v seed=$i 'BEGIN { srand(seed); for (n = 0; n < 300; n++)
		printf "%c", int(rand() * 256) }' >"$admin/random$i"
	i=$((i + 1))
done
ub --display
expect_status 2
expect_stdout_has 'good (disabled):'
check 'the good one only' [ "$(grep -c '(disabled):' "$captured/out")" -eq 1 ]
for i in 0 7 19; do
	expect_stderr_has "$admin/random$i"
done

testing 'several problems of one file'
fresh
recorded bad '\nmagic\nx\n\\xq\n\\xq\n\n'
ub --display
expect_status 2
expect_stderr_has "$admin/bad:1:1: package: is empty"
expect_stderr_has "$admin/bad:3:1: offset: 'x' is not a decimal number"
expect_stderr_has "$admin/bad:4:1: magic: byte 1"
expect_stderr_has "$admin/bad:5:1: mask: byte 1"
expect_stderr_has "$admin/bad:6:1: interpreter: is empty"

testing 'an installation replaces a broken file'
for kind in file fifo link; do
	fresh
	mkdir "$admin"
	case $kind in
	file) echo broken >"$admin/jar" ;;
	fifo) mkfifo "$admin/jar" ;;
	link) ln -s "$work/victim" "$admin/jar" ;;
	esac
	ub --install jar /bin/sh --magic PK
	expect_status 0
	check 'a file now' test -f "$admin/jar" -a ! -L "$admin/jar"
	expect_no_file victim
done
testing 'a directory in the place of a file is an error'
fresh
mkdir -p "$admin/jar"
ub --install jar /bin/sh --magic PK
expect_status 2
expect_stdout ''
expect_stderr "update-binfmts: $admin: cannot put 'jar' in place: Is a\
 directory"
expect_rules
check 'nothing is left over' [ "$(ls -A "$admin")" = jar ]

# Leftovers -------------------------------------------------------------------

testing 'leftovers of a killed run'
fresh
recorded jar "$full"
for name in .jar.tmp-1-0 .new.tmp-12345-3 ".$(printf '%0200d' 0).tmp-9-9"; do
	echo half >"$admin/$name"
done
ub --display
expect_status 0
expect_stderr ''
check 'readers see one format' [ "$(grep -c '^[^ ]' "$captured/out")" -eq 1 ]
check 'and remove nothing' [ "$(find "$admin" -type f | wc -l)" -eq 4 ]
ub --enable jar
expect_status 0
expect_silent
check 'a writer sweeps them' [ "$(ls -A "$admin")" = jar ]

testing 'other hidden files are not ours'
echo mine >"$admin/.keep"
ub --install new /bin/sh --extension new
expect_status 0
check 'kept' [ "$(cat "$admin/.keep")" = mine ]
ub --display
expect_status 0
expect_stderr ''

done_testing
