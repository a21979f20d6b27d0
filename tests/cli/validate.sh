#!/bin/sh
# What is wrong with a format is found before anything is written, and the
# message names the field, the position and the reason: on the command line and
# in format files, where the line is named too.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin
fresh

one_of='a format has exactly one of them'
head='the kernel compares the first 256 of a file'

# On the command line ---------------------------------------------------------

# bad MESSAGES OPTION...: --install x with these is refused.
bad() {
	messages=$1
	shift
	testing "refused: $(printf %s "$*" | cut -c 1-60)"
	ub --install x "$interpreter" "$@"
	expect_refusal
	expect_stderr "$(echo "$messages" | sed 's/^/update-binfmts: x: /')"
}

bad "magic: is missing and so is extension; $one_of"
bad "extension: is given and so is magic; $one_of" --magic a --extension b
bad "extension: is given and so is magic; $one_of" --magic a --extension ''

bad 'magic: is empty' --magic ''
bad "magic: byte 1: \\x needs two hexadecimal digits, not ''" --magic '\x'
bad "magic: byte 1: \\x needs two hexadecimal digits, not '4'" --magic '\x4'
bad "magic: byte 1: \\x needs two hexadecimal digits, not '4:'" --magic '\x4:'
bad "magic: byte 1: \\x needs two hexadecimal digits, not 'g1'" --magic '\xg1'
bad "magic: byte 7: \\x needs two hexadecimal digits, not ' 1'" \
	--magic '\x41AB\x 1'
bad "magic: byte 2: \\x needs two hexadecimal digits, not '\\x'" \
	--magic 'a\x\x41'
long=$(printf '%0257d' 0)
bad "magic: has 257 bytes, and $head" --magic "$long"
bad "mask: has 1 bytes and magic has 2; they must be equally long" \
	--magic PK --mask '\xff'
bad "mask: has 4 bytes and magic has 1; they must be equally long" \
	--magic P --mask '0xff'
bad "mask: byte 5: \\x needs two hexadecimal digits, not 'fg'" \
	--magic PK --mask '\xff\xfg'
bad "mask: has 257 bytes and magic has 2; they must be equally long" \
	--magic PK --mask "$long"

for offset in x 0x10 -1x '1 ' ' 1' 1.0 1e2 + - ++1 '1,'; do
	bad "offset: '$offset' is not a decimal number" \
		--magic a --offset "$offset"
done
for offset in -1 2147483648 99999999999999999999999; do
	bad "offset: '$offset' is not between 0 and 255" \
		--magic a --offset "$offset"
done
bad "offset: 256 bytes and a magic of 1 end at byte 257, and $head" \
	--magic a --offset 256
bad "offset: 255 bytes and a magic of 2 end at byte 257, and $head" \
	--magic PK --offset 255
bad "offset: 2000000000 bytes and a magic of 1 end at byte 2000000001, and\
 $head" --magic a --offset 2000000000

# Of bytes that have to be escaped fewer fit than the kernel compares.
wide=$(printf '%0256d' 0 | sed 's/0/\\x00/g')
testing 'refused: too long a rule'
ub --install x "$interpreter" --magic "$wide" --mask "$wide"
expect_refusal
expect_stderr "update-binfmts: x: the rule takes $((2058 + ${#interpreter}))\
 bytes as a register string, and the kernel accepts 1920"

bad 'extension: is empty' --extension ''
bad 'extension: contains a slash' --extension a/b
bad "extension: '.jar' has a dot in it and can never match: the kernel compares\
 what follows the last dot; write 'jar'" --extension .jar
bad "extension: 'tar.gz' has a dot in it and can never match: the kernel\
 compares what follows the last dot; write 'gz'" --extension tar.gz
bad "extension: 'gz.' has a dot in it and can never match: the kernel compares\
 what follows the last dot; write 'what follows it'" --extension gz.
bad 'mask: goes with a magic, not with an extension
offset: goes with a magic, not with an extension' \
	--extension a --mask b --offset 0
bad 'extension: contains a newline, which the database cannot hold' \
	--extension 'a
b'

bad 'package: is empty' --extension a --package ''
bad 'package: contains a newline, which the database cannot hold' \
	--extension a --package 'a
b'
bad 'detector: contains a newline, which the database cannot hold' \
	--extension a --detector '/a
b'
for option in credentials preserve fix-binary open-binary; do
	for word in 1 true y 'yes ' nö yesno; do
		bad "$(echo "$option" | tr - _): is neither yes nor no" \
			--extension a --$option "$word"
	done
done
for priority in x 101 -101 1.5 ' 1' 99999999999999999999; do
	bad 'priority: is not a number from -100 to 100' \
		--extension a --priority "$priority"
done

bad 'fix_binary: cannot go with a detector: the kernel would fix'\
' run-detectors, not the interpreter' \
	--extension a --detector "$interpreter" --fix-binary yes
bad 'credentials: cannot go with a detector: the file could be exchanged'\
' between detector and interpreter' \
	--extension a --detector "$interpreter" --credentials yes

bad "magic: byte 3: \\x needs two hexadecimal digits, not 'yy'
mask: byte 1: \\x needs two hexadecimal digits, not 'zz'
offset: 'q' is not a decimal number
credentials: is neither yes nor no
preserve: is neither yes nor no
priority: is not a number from -100 to 100" \
	--magic 'ab\xyy' --mask '\xzz' --offset q --credentials maybe \
	--preserve perhaps --priority high

testing 'refused: the interpreter'
ub --install x '' --extension a
expect_refusal
expect_stderr 'update-binfmts: x: interpreter: is empty'
ub --install x '/bin/a
b' --extension a
expect_refusal
expect_stderr 'update-binfmts: x: interpreter: contains a newline, which the'\
' database cannot hold'
ub --install x "/$(printf '%02000d' 0)" --extension a
expect_refusal
expect_stderr 'update-binfmts: x: the rule takes 2012 bytes as a register'\
' string, and the kernel accepts 1920'
ub --install x "/:|,!@%^&~=+*?\$<>()[]{}\`'\"_-. " --extension a
expect_refusal
expect_stderr 'update-binfmts: x: interpreter: name, interpreter and extension'\
' together use every byte that could separate the fields of a rule'

# bad_name NAME REASON: by every action that takes a name.
bad_name() {
	for action in install remove display enable disable; do
		testing "$action: refused: $(printf %s "$1" | cut -c 1-20)"
		case $action in
		install) ub --install "$1" "$interpreter" --extension a ;;
		remove) ub --remove "$1" "$interpreter" ;;
		*) ub --$action "$1" ;;
		esac
		expect_refusal
		expect_stderr_has ": name: $2"
		check 'one message' [ "$(wc -l <"$captured/err")" -eq 1 ]
	done
}

bad_name '' 'is empty'
bad_name . "'.' starts with a dot"
bad_name .. "'..' starts with a dot"
bad_name .hidden "'.hidden' starts with a dot"
bad_name ../escape "'../escape' starts with a dot"
bad_name a/b "'a/b' contains a slash"
bad_name /etc/passwd "'/etc/passwd' contains a slash"
bad_name register "'register' is reserved by the kernel"
bad_name status "'status' is reserved by the kernel"
bad_name 'a
b' "'a\\x0ab' contains a control character"
bad_name "$(printf 'a\033b')" "'a\\x1bb' contains a control character"
bad_name "$(printf 'a\177')" "'a\\x7f' contains a control character"
bad_name "$(printf '%0256d' 0)" 'has 256 bytes, and the kernel accepts 255'

# In a format file ------------------------------------------------------------

# file LINE...: imports a file of these, with package and interpreter in front.
file() {
	printf '%s\n' 'package p' "interpreter $interpreter" "$@" >"$import/f"
	ub --import f
}

# wrong MESSAGES LINE...: the file is refused.
wrong() {
	messages=$1
	shift
	testing "file refused: $(printf %s "$*" | cut -c 1-60)"
	file "$@"
	expect_refusal
	expect_stderr "$(echo "$messages" |
		sed "s|^|update-binfmts: $import/f|")"
}

# warned MESSAGES LINE...: it is taken, with a warning.
warned() {
	messages=$1
	shift
	testing "file warned about: $(printf %s "$*" | cut -c 1-60)"
	file "$@"
	expect_status 0
	expect_stdout ''
	expect_stderr "$(echo "$messages" |
		sed "s|^|update-binfmts: warning: $import/f|")"
	check 'recorded' test -f "$admin/f"
	fresh
}

wrong ": magic: is missing and so is extension; $one_of" ''
wrong ":4:11: extension: is given and so is magic; $one_of" \
	'magic a' 'extension b'
wrong ':3:6: magic: is empty' 'magic'
wrong ':3:6: magic: is empty' 'magic   '
wrong ":3:9: magic: byte 3: \\x needs two hexadecimal digits, not 'yy'" \
	'magic ab\xyy'
wrong ":3:12: magic: byte 3: \\x needs two hexadecimal digits, not '4'" \
	"$(printf 'magic \t\t ab\\x4  ')"
wrong ":3:7: magic: has 257 bytes, and $head" "magic $long"
wrong ':4:6: mask: has 1 bytes and magic has 2; they must be equally long' \
	'magic PK' 'mask x'
wrong ":4:8: offset: '0x10' is not a decimal number" 'magic a' 'offset 0x10'
wrong ":4:8: offset: '-5' is not between 0 and 255" 'magic a' 'offset -5'
wrong ":3:8: offset: 256 bytes and a magic of 1 end at byte 257, and $head" \
	'offset 256' 'magic a'
wrong ':3:10: extension: is empty' 'extension'
wrong ':3:11: extension: contains a slash' 'extension a/b'
wrong ':4:10: priority: is not a number from -100 to 100' \
	'magic a' 'priority 1000'
wrong ":3:7: magic: byte 1: \\x needs two hexadecimal digits, not 'q1'
:4:10: mask: byte 5: \\x needs two hexadecimal digits, not ''
:6:8: offset: 'ten' is not a decimal number
:8:10: priority: is not a number from -100 to 100" \
	'magic \xq1' 'mask \xff\x' '# a comment' 'offset ten' '' 'priority low'
wrong ": the rule takes $((2058 + ${#interpreter})) bytes as a register string,\
 and the kernel accepts 1920" "magic $wide" "mask $wide"

testing 'file refused: without package and interpreter'
echo 'magic a' >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f: package: is missing
update-binfmts: $import/f: interpreter: is missing"
printf 'magic a\npackage\ninterpreter \t\n' >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f:2:8: package: is empty
update-binfmts: $import/f:3:12: interpreter: is empty"
printf 'magic a\npackage :\ninterpreter /bin/sh\n' >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f:2:9: package: ':' stands for formats\
 that the administrator installed"

testing 'file refused: a relative interpreter with credentials'
printf 'magic a\npackage p\ncredentials yes\ninterpreter bin/x\n' >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f:4:13: interpreter: is a relative path,\
 which with credentials lets anybody choose the program"

testing 'file refused: raw NUL bytes'
printf 'package p\ninterpreter /bin/sh\nmagic a\000b\n' >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f:3:8: magic: byte 2 is a raw NUL, where\
 the kernel would cut the value off; write \\x00"
printf 'package p\nextension a\ninterpreter /bin/\000sh\n' >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f:3:13: interpreter: contains a NUL byte"

testing 'file refused: too long a line'
{
	printf 'package p\ninterpreter /bin/sh\n# %04096d\nmagic a\n' 0
} >"$import/f"
ub --import f
expect_status 2
expect_stderr "update-binfmts: $import/f:3: the line has 4098 bytes, more than\
 4096"

warned ":4:13: credentials: is neither yes nor no; taken as no" \
	'magic a' 'credentials maybe'
warned ":3:10: preserve: is neither yes nor no; taken as no
:5:12: fix_binary: is neither yes nor no; taken as no" \
	'preserve true' 'magic a' 'fix_binary 1'
warned ":4:6: mask: goes with a magic, not with an extension; ignored
:5:8: offset: goes with a magic, not with an extension; ignored" \
	'extension a' 'mask b' 'offset 12'
warned ":3:11: extension: 'tar.gz' has a dot in it and can never match: the\
 kernel compares what follows the last dot; write 'gz'" 'extension tar.gz'
warned ":3:1: unknown key 'colour'; ignored" 'colour blue' 'magic a'
warned ":4:1: unknown key '=x'; ignored" 'magic a' '=x'
warned ":5:1: magic: is given again; line 3 is ignored" \
	'magic a' 'preserve no' 'magic b'
warned ":3:7: magic: has a backslash that starts no \\xHH and stands for\
 itself; write \\x5c if that is meant" 'magic \\x41'

testing 'a repeated key: the last one counts'
file 'magic a' 'magic b' 'package q'
check 'its value' [ "$(sed -n 4p "$admin/f")" = b ]
check 'its value' [ "$(sed -n 1p "$admin/f")" = q ]
fresh

testing 'ignored values are not recorded'
file 'extension a' 'mask b' 'offset 12' 'preserve maybe'
expect_file "$admin/f" <<END
p
extension
0
a

$interpreter


no

END
fresh

testing 'a relative interpreter in a file is a warning'
printf 'magic a\npackage p\ninterpreter bin/interpreter\n' >"$import/f"
ub --import f
expect_status 0
expect_stderr "update-binfmts: warning: $import/f:3:13: interpreter: is a\
 relative path, which means another program in every directory"

testing 'a detector with fix_binary or credentials is recorded'
fresh
file 'magic a' "detector $interpreter" 'fix_binary yes'
expect_status 0
expect_stderr 'update-binfmts: warning: f: recorded, but not registered:'\
' fix_binary and a detector exclude each other'
expect_rules
check 'recorded' [ "$(sed -n 10p "$admin/f")" = yes ]
fresh
file 'magic a' "detector $interpreter" 'credentials yes'
expect_status 0
expect_stderr 'update-binfmts: warning: f: served by run-detectors, and so'\
' without credentials, which it cannot hand on'
expect_rules ":f:M:0:a::$RUN_DETECTORS:"
check 'recorded' [ "$(sed -n 8p "$admin/f")" = yes ]

testing 'what goes through run-detectors is said'
fresh
file 'magic a' "detector $interpreter" 'preserve yes' 'open_binary yes'
expect_status 0
expect_stderr_has 'warning: f: served by run-detectors, and so without the open'
expect_stderr_has 'warning: f: served by run-detectors, which hands on argv[0]'
expect_rules ":f:M:0:a::$RUN_DETECTORS:P"

# One or many -----------------------------------------------------------------

testing 'many: the good ones are done'
fresh
format() {
	name=$1
	shift
	printf '%s\n' 'package p' "interpreter $interpreter" "$@" \
		>"$import/$name"
}
format good1 'magic ONE'
format bad1 'magic \xzz'
format good2 'magic TWO'
format bad2 'offset x' 'magic a'
printf 'nonsense\n' >"$import/bad3"
ln -s nowhere "$import/bad4"
ub --import
expect_status 2
check 'those and no others' [ "$(cd "$admin" && echo *)" = 'good1 good2' ]
expect_rules ":good2:M:0:TWO::$interpreter:" ":good1:M:0:ONE::$interpreter:"
expect_stderr_has "$import/bad1:3:7: magic: byte 1"
expect_stderr_has "$import/bad2:3:8: offset: 'x' is not a decimal number"
expect_stderr_has "warning: $import/bad3:1:1: unknown key 'nonsense'"
expect_stderr_has "$import/bad3: package: is missing"
expect_stderr_has "$import/bad3: interpreter: is missing"
expect_stderr_has "$import/bad4: there is no such file"
expect_stdout 'update-binfmts: 6 format files, 2 new or changed, 2 newly'\
' registered'

testing 'one: a bad one changes nothing'
ub --install good1 "$interpreter" --package p --magic 'O\x'
expect_status 2
check 'the old one is there' [ "$(sed -n 4p "$admin/good1")" = ONE ]
format good1 'magic \x'
ub --import good1
expect_status 2
check 'the old one is there' [ "$(sed -n 4p "$admin/good1")" = ONE ]

done_testing
