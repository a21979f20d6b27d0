#!/bin/sh
# --import and --unimport: the grammar of format files, what is taken for one,
# whose a format is, and the real files of Debian packages.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

# write NAME TEXT: a format file, of printf's escapes.
write() {
	# shellcheck disable=SC2059 # the text is ours
	printf "$2" >"$import/$1"
}

minimal="package p\ninterpreter /bin/sh\n"

# Grammar ---------------------------------------------------------------------

# same NAME TEXT: is the same as a plain file.
same() {
	testing "format file: $1"
	fresh
	write f "$2"
	ub --import f
	expect_status 0
	expect_silent
	expect_file "$admin/f" <<-\END
		p
		magic
		2
		PK x
		\xff\xff\xff\xff
		/bin/sh

		no
		yes

	END
}

same 'plain' "${minimal}magic PK x\noffset 2\nmask \\\\xff\\\\xff\\\\xff\\\\xff
credentials no\npreserve yes\n"
same 'another order' "preserve yes\nmask \\\\xff\\\\xff\\\\xff\\\\xff\noffset 2
magic PK x\ncredentials no\n$minimal"
same 'CRLF' "package p\r\ninterpreter /bin/sh\r\nmagic PK x\r\noffset 2\r
mask \\\\xff\\\\xff\\\\xff\\\\xff\r\ncredentials no\r\npreserve yes\r\n"
same 'tabs and blanks' "package\tp\ninterpreter \t  /bin/sh\t\nmagic\t\tPK x \t
\toffset   2   \n  mask  \\\\xff\\\\xff\\\\xff\\\\xff\n  credentials no
preserve\tyes\n"
same 'a byte order mark' "\357\273\277package p\ninterpreter /bin/sh
magic PK x\noffset 2\nmask \\\\xff\\\\xff\\\\xff\\\\xff\ncredentials no
preserve yes\n"
same 'upper case' "PACKAGE p\nInterpreter /bin/sh\nMAGIC PK x\nOffset 2
mAsK \\\\xff\\\\xff\\\\xff\\\\xff\nCredentials NO\nPRESERVE Yes\n"
same 'comments and blank lines' "# a comment\n\n${minimal}  # another\n\t\n#
magic PK x\noffset 2\nmask \\\\xff\\\\xff\\\\xff\\\\xff\ncredentials no
preserve yes\n#magic XX\n"
same 'no newline at the end' "${minimal}magic PK x\noffset 2
mask \\\\xff\\\\xff\\\\xff\\\\xff\ncredentials no\npreserve yes"
same 'keys without value' "${minimal}magic PK x\noffset 2\ndetector
mask \\\\xff\\\\xff\\\\xff\\\\xff\ncredentials no\nfix_binary \npreserve yes\n"

testing 'format file: all keys'
fresh
write f "${minimal}extension e\ndetector /bin/true\ncredentials no
preserve no\nfix_binary no\nopen_binary no\npriority 5\n"
ub --import f
expect_status 0
expect_silent
expect_file "$admin/f" <<\END
p
extension
0
e

/bin/sh
/bin/true
no
no
no
open_binary no
priority 5
END
expect_rules ":f:E:0:e::$RUN_DETECTORS:"

testing 'format file: blanks and a hash within values'
fresh
cp /bin/sh 'bin/a # b'
write f "package  my package \nextension #x y\ninterpreter $work/bin/a # b\n"
ub --import f
expect_status 0
expect_silent
check 'package' [ "$(sed -n 1p "$admin/f")" = 'my package' ]
check 'extension' [ "$(sed -n 4p "$admin/f")" = '#x y' ]
check 'interpreter' [ "$(sed -n 6p "$admin/f")" = "$work/bin/a # b" ]
expect_rules ":f:E:0:#x y::$work/bin/a # b:"

testing 'format file: a detector with blanks in its path'
fresh
cp /bin/true 'bin/my detector'
write f "${minimal}magic PK\ndetector $work/bin/my detector\n"
ub --import f
expect_status 0
expect_silent
check 'detector' [ "$(sed -n 7p "$admin/f")" = "$work/bin/my detector" ]

testing 'format file: a magic that begins with a hash'
fresh
write f "${minimal}magic # FASL\\\\x0a\n"
ub --import f
expect_status 0
expect_rules ':f:M:0:# FASL\x0a::/bin/sh:'

testing 'format file: the word yes in any case'
for word in yes YES Yes yEs; do
	fresh
	write f "${minimal}magic PK\npreserve $word\n"
	ub --import f
	expect_silent
	check "$word" [ "$(sed -n 9p "$admin/f")" = yes ]
done

testing 'format file: empty'
fresh
write f ''
ub --import f
expect_refusal
expect_stderr_has "$import/f: package: is missing"
expect_stderr_has "$import/f: interpreter: is missing"
expect_stderr_has "$import/f: magic: is missing and so is extension"

testing 'format file: of 64 KiB, and of a byte more'
fresh
lines() {
	{
		write f "${minimal}magic PK\n"
		cat "$import/f"
		awk 'BEGIN { for (;;) printf "#%01022d\n", 0 }'
	} 2>/dev/null | head -c "$1" >padded
	mv padded "$import/f"
}
lines 65536
ub --import f
expect_status 0
check 'recorded' test -f "$admin/f"
lines 65537
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f: is larger than 65536 bytes"

# What is a format file -------------------------------------------------------

testing 'a symbolic link'
fresh
write real "${minimal}magic PK\n"
mv "$import/real" elsewhere
ln -s "$work/elsewhere" "$import/f"
ub --import f
expect_status 0
expect_silent
check 'recorded under the name of the link' test -f "$admin/f"

testing 'a file given by its path'
fresh
write f "${minimal}magic PK\n"
mkdir -p dir
mv "$import/f" dir/other
ub --import dir/other
expect_status 0
check 'recorded under its last part' test -f "$admin/other"
ub --import "$work/dir/other"
expect_status 0
ub --import ./dir/../dir/other
expect_status 0
check 'and nowhere else' [ "$(cd "$admin" && echo *)" = other ]
ub --unimport dir/other
expect_status 0
expect_silent
expect_no_file "$admin/other"

testing 'what is no regular file'
fresh
mkdir "$import/directory"
mkfifo "$import/fifo"
ln -s fifo "$import/link-to-fifo"
ln -s /dev/null "$import/null"
ln -s missing "$import/dangling"
ln -s loop "$import/loop"
write good "${minimal}magic PK\n"
write secret "${minimal}magic XX\n"
chmod 0 "$import/secret"
ub --import
expect_status 2
expect_stderr "update-binfmts: $import/dangling: there is no such file
update-binfmts: $import/directory: is a directory, not a regular file
update-binfmts: $import/fifo: is a fifo, not a regular file
update-binfmts: $import/link-to-fifo: is a fifo, not a regular file
update-binfmts: $import/loop: cannot open: Too many levels of symbolic links
update-binfmts: $import/null: is a device, not a regular file
update-binfmts: $import/secret: cannot open: Permission denied"
expect_stdout 'update-binfmts: 8 format files, 1 new or changed, 1 newly'\
' registered'
check 'the good one is recorded' [ "$(cd "$admin" && echo *)" = good ]
expect_rules ':good:M:0:PK::/bin/sh:'
for name in dangling directory fifo loop null secret; do
	ub --import $name
	testing "alone: $name"
	expect_status 2
	expect_stdout ''
	expect_stderr_has "update-binfmts: $import/$name: "
done

testing 'a socket'
if command -v python3 >/dev/null; then
	fresh
	(cd "$import" && python3 -c 'import socket
socket.socket(socket.AF_UNIX).bind("socket")')
	ub --import
	expect_status 2
	expect_stderr "update-binfmts: $import/socket: is a socket or a device,\
 not a regular file"
else
	skip 'a socket' 'there is no python3'
fi

testing 'what editors and dpkg leave behind'
fresh
write jar "${minimal}magic PK\n"
for name in jar~ jar.dpkg-new jar.dpkg-old jar.dpkg-dist jar.dpkg-tmp .jar \
    .jar.swp '.#jar'; do
	echo nonsense >"$import/$name"
done
ub --import
expect_status 0
expect_stderr ''
expect_stdout 'update-binfmts: 1 format file, 1 new or changed, 1 newly'\
' registered'
check 'one format' [ "$(ls -A "$admin")" = jar ]

testing 'names that no format can have'
fresh
write good "${minimal}magic PK\n"
write -dash "${minimal}magic PQ\n"
write status "${minimal}magic PR\n"
write 'a
b' "${minimal}magic PS\n"
ub --import
expect_status 2
expect_stderr "update-binfmts: $import/-dash: name: '-dash' starts with a dash
update-binfmts: $import/a\\x0ab: name: 'a\\x0ab' contains a control character
update-binfmts: $import/status: name: 'status' is reserved by the kernel"
check 'the good one is recorded' [ "$(ls -A "$admin")" = good ]

testing 'a record that cannot be put in place does not stop the others'
fresh
for name in a b c; do
	write $name "${minimal}magic $name$name\n"
done
mkdir -p "$admin/b"
ub --import
expect_status 2
expect_stderr_has "$admin"
expect_stderr_has 'Is a directory'
check 'those before and behind are recorded' test -f "$admin/a" -a -f "$admin/c"
check 'and registered' grep -qF ':a:M:0:aa::/bin/sh:' "$proc/register"
check 'both' grep -qF ':c:M:0:cc::/bin/sh:' "$proc/register"
check 'the broken one is not' fails grep -qF ':b:' "$proc/register"
check 'nothing is left over' [ "$(ls -A "$admin")" = 'a
b
c' ]

testing 'a missing file'
fresh
ub --import nothing
expect_refusal
expect_stderr "update-binfmts: $import/nothing: there is no such file"
ub --import dir/nothing
expect_refusal
expect_stderr 'update-binfmts: dir/nothing: there is no such file'

testing 'the name of a file is no way out'
fresh
write good "${minimal}magic PK\n"
for name in . .. "$import/.." dir/ /; do
	ub --import "$name"
	expect_refusal
done
check 'nothing but what was there' [ "$(echo *)" = \
	'admin admin.lock bin dir elsewhere import proc' ]

testing 'a missing import directory'
fresh
rm -r "$import"
ub --import
expect_status 0
expect_stderr ''
ub --unimport
expect_status 0
expect_stderr ''

testing 'an import directory that cannot be read'
fresh
chmod 0 "$import"
ub --import
expect_status 2
expect_stderr "update-binfmts: $import: cannot read the directory: Permission denied"
chmod 755 "$import"
rm -r "$import"
: >"$import"
ub --import
expect_status 2
expect_stderr "update-binfmts: $import: cannot read the directory: Not a directory"

# Forms of calls --------------------------------------------------------------

testing 'as maintainer scripts call it'
fresh
write jar "package openjdk\ninterpreter /bin/sh\nmagic PK\n"
ub --import jar
expect_status 0
expect_silent
check 'the package of the file' [ "$(head -n 1 "$admin/jar")" = openjdk ]
ub --package other --import jar
expect_status 0
expect_silent
check 'whatever --package says' [ "$(head -n 1 "$admin/jar")" = openjdk ]
ub --package other --remove jar /bin/sh
expect_status 0
expect_stderr_has 'belongs to package openjdk, not to package other'
check 'not removed' test -f "$admin/jar"
ub --package openjdk --remove jar /bin/sh
expect_status 0
expect_no_file "$admin/jar"
ub --import
expect_status 0
check 'imported' test -f "$admin/jar"
ub --unimport jar
expect_status 0
expect_silent
expect_no_file "$admin/jar"
ub --unimport jar
expect_status 0
expect_stdout ''
expect_stderr 'update-binfmts: warning: jar: not in the database'

testing 'importing all, and again, and back'
fresh
write a "${minimal}magic AA\n"
write b "package q\ninterpreter /bin/sh\nextension b\n"
ub --import
expect_status 0
expect_stdout 'update-binfmts: 2 format files, 2 new or changed, 2 newly'\
' registered'
# The more significant one is registered last, and so is tried first.
expect_rules ':b:E:0:b::/bin/sh:' ':a:M:0:AA::/bin/sh:'
entry a /bin/sh '' 'offset 0' 'magic 4141'
entry b /bin/sh '' 'extension .b'
: >"$proc/register"
ub --import
expect_status 0
expect_stdout 'update-binfmts: 2 format files, 0 new or changed, 0 newly'\
' registered'
expect_rules
ub --install local /bin/sh --extension local
ub --unimport
expect_status 0
expect_stderr ''
expect_stdout 'update-binfmts: 2 format files, 2 formats removed'
check 'the local one stays' [ "$(ls -A "$admin")" = local ]
check 'the entries are told to go' [ \
	"$(head -c 2 "$proc/a")$(head -c 2 "$proc/b")" = -1-1 ]
ub --unimport
expect_status 0
expect_stdout 'update-binfmts: 2 format files, 0 formats removed'

testing 'a changed file replaces'
fresh
write jar "${minimal}magic PK\n"
ub --import jar
entry jar /bin/sh '' 'offset 0' 'magic 504b'
write jar "package p\ninterpreter /bin/cat\nmagic PK\n"
: >"$proc/register"
ub --import jar
expect_status 0
expect_silent
check 'recorded' [ "$(sed -n 6p "$admin/jar")" = /bin/cat ]
check 'registered' grep -qF ':jar:M:0:PK::/bin/cat:' "$proc/register"

# Ownership -------------------------------------------------------------------

testing 'over a local format: kept'
fresh
write jar "${minimal}magic PK\n"
ub --install jar /bin/cat --magic MINE
cp "$admin/jar" jar.before
: >"$proc/register"
ub --import jar
expect_status 0
expect_stdout ''
expect_stderr 'update-binfmts: warning: jar: belongs to the administrator;'\
' kept as it is'
check 'unchanged' cmp jar.before "$admin/jar"
expect_rules
ub --package : --import jar
expect_status 0
check 'unchanged' cmp jar.before "$admin/jar"
ub --import
expect_status 0
check 'unchanged' cmp jar.before "$admin/jar"
ub --unimport jar
expect_status 0
expect_stderr 'update-binfmts: warning: jar: belongs to the administrator,'\
' not to package p; not removed'
check 'unchanged' cmp jar.before "$admin/jar"
rm "$import/jar"
ub --unimport jar
expect_status 0
check 'unchanged, without the file too' cmp jar.before "$admin/jar"

testing "over another package's format: kept"
fresh
write jar "${minimal}magic PK\n"
ub --package q --install jar /bin/cat --magic MINE
cp "$admin/jar" jar.before
ub --import jar
expect_status 0
expect_stderr 'update-binfmts: warning: jar: belongs to package q; kept as it'\
' is'
check 'unchanged' cmp jar.before "$admin/jar"
ub --unimport jar
expect_status 0
expect_stderr 'update-binfmts: warning: jar: belongs to package q,'\
' not to package p; not removed'
check 'unchanged' cmp jar.before "$admin/jar"

testing 'unimport when the format file has gone'
fresh
write jar "${minimal}magic PK\n"
ub --import jar
rm "$import/jar"
ub --unimport jar
expect_status 0
expect_silent
expect_no_file "$admin/jar"

testing 'unimport when the format file is broken'
fresh
write jar "${minimal}magic PK\n"
ub --import jar
write jar "package p\nmagic \\\\xzz\n"
ub --unimport jar
expect_status 0
expect_stderr_has "warning: $import/jar:2:7: magic: "
expect_no_file "$admin/jar"

# Without a kernel ------------------------------------------------------------

testing 'binfmt_misc is not there: recorded, one warning'
fresh
rm "$proc/register"
write a "${minimal}magic AA\n"
write b "${minimal}magic BB\n"
ub --import
expect_status 0
expect_stderr "update-binfmts: warning: $proc: binfmt_misc is not mounted, so\
 only the database was changed; update-binfmts --enable makes the kernel follow"
check 'recorded' [ "$(cd "$admin" && echo *)" = 'a b' ]
rm -r "$proc"
write c "${minimal}magic CC\n"
ub --import c
expect_status 0
check 'one message' [ "$(wc -l <"$captured/err")" -eq 1 ]
check 'recorded' [ "$(cd "$admin" && echo *)" = 'a b c' ]
ub --unimport a
expect_status 0
ub --unimport
expect_status 0
check 'all are gone' [ -z "$(ls -A "$admin")" ]

testing 'register cannot be written: recorded, one warning'
fresh
chmod 444 "$proc/register"
write a "${minimal}magic AA\n"
write b "${minimal}magic BB\n"
ub --import
expect_status 0
expect_stderr "update-binfmts: warning: $proc: cannot open 'register':\
 Permission denied; the registry belongs to another user or user namespace"
check 'recorded' [ "$(cd "$admin" && echo *)" = 'a b' ]

# The real ones ---------------------------------------------------------------

formats=${FORMATS_DIR:-$TOP_SRCDIR/../shared/formats}/binfmts
if [ -r "$formats/jarwrapper" ]; then
	testing 'format files of Debian packages'
	fresh
	import=$formats
	# Their interpreters need not be installed here.
	ub --import
	expect_status 0
	expect_stderr_lacks 'unknown key'
	expect_stdout_has "$(find "$formats" -type f | wc -l) format files"
	for file in "$formats"/*; do
		name=${file##*/}
		testing "of Debian: $name"
		check 'recorded' test -f "$admin/$name"
		for key in package magic offset mask interpreter; do
			value=$(sed -n "s/^$key //p" "$file" | sed 's/ *$//')
			case $key in
			package) line=1 ;;
			magic) line=4 ;;
			offset) line=3 value=${value:-0} ;;
			mask) line=5 ;;
			interpreter) line=6 ;;
			esac
			check "$key" [ "$(sed -n "${line}p" "$admin/$name")" = \
				"$value" ]
		done
		check 'registered' grep -qF ":$name:M:0:" "$proc/register"
	done
	testing 'format files of Debian packages'
	ub --display
	expect_status 0
	expect_stderr ''
	check 'all are shown' [ "$(grep -c 'abled):$' "$captured/out")" -eq \
		"$(find "$formats" -type f | wc -l)" ]
	ub --unimport
	expect_status 0
	check 'all are gone' [ -z "$(ls -A "$admin")" ]
else
	skip 'format files of Debian packages' "there is no $formats"
fi

done_testing
