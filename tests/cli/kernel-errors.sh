#!/bin/sh
# Each mistake that the kernel answers with "Invalid argument", or silently
# takes for something else, is named in a format file: line, column, field and
# reason; and what it accepts reaches it as it was meant.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

# import TEXT: of a format file f; the text is one of printf.
import() {
	fresh
	# shellcheck disable=SC2059
	printf "package p\ninterpreter $interpreter\n$1" >"$import/f"
	ub --import f
}

# refused WHAT PLACE MESSAGE TEXT
refused() {
	testing "refused: $1"
	import "$4"
	expect_refusal
	expect_stderr "update-binfmts: $import/f:$2: $3"
}

# accepted WHAT RULE TEXT: the rule from behind the name to the interpreter.
accepted() {
	testing "accepted: $1"
	import "$3"
	expect_status 0
	expect_stderr ''
	expect_rules ":f:$2:$interpreter:"
}

# warned WHAT PLACE MESSAGE RULE TEXT
warned() {
	testing "warned about: $1"
	import "$5"
	expect_status 0
	expect_stderr "update-binfmts: warning: $import/f:$2: $3"
	expect_rules ":f:$4:$interpreter:"
}

head='the kernel compares the first 256 of a file'
equal='they must be equally long'
digits='\x needs two hexadecimal digits, not'
dot='has a dot in it and can never match: the kernel compares what follows the'\
' last dot; write'
backslash='has a backslash that starts no \xHH and stands for itself; write'\
' \x5c if that is meant'
nul='is a raw NUL, where the kernel would cut the value off; write \x00'
decimal='is not a decimal number'
range='is not between 0 and 255'

# Offsets
accepted 'no offset' 'M:0:A:' 'magic A\n'
accepted 'an empty offset' 'M:0:A:' 'magic A\noffset \n'
accepted 'a sign' 'M:5:A:' 'offset +5\nmagic A\n'
accepted 'a leading zero' 'M:10:A:' 'offset 010\nmagic A\n'
accepted 'the end of the line' 'M:5:A:' 'offset 5 \t\r\nmagic A\n'
refused 'below zero' 3:8 "offset: '-1' $range" 'offset -1\nmagic A\n'
refused 'hexadecimal' 3:8 "offset: '0x10' $decimal" 'offset 0x10\nmagic A\n'
refused 'an overflow' 3:8 "offset: '4294967296' $range" \
	'offset 4294967296\nmagic A\n'
refused 'words' 4:10 "offset: 'two 3' $decimal" 'magic A\noffset   two 3\n'

# Where the magic ends
long=$(printf '%0256d' 0)
accepted 'up to the last byte' 'M:254:AB:' 'offset 254\nmagic AB\n'
accepted 'all bytes' "M:0:$long:" "magic $long\\n"
refused 'behind the last byte' 3:8 "offset: 255 bytes and a magic of 2 end at \
byte 257, and $head" 'offset 255\nmagic AB\n'
refused 'too many bytes' 3:7 "magic: has 257 bytes, and $head" \
	"magic 0$long\\n"
refused 'far away' 3:8 "offset: 256 bytes and a magic of 1 end at byte 257, \
and $head" 'offset 256\nmagic A\n'

# Escapes
accepted 'any case' 'M:0:\xab\xcd:' 'magic \\xAb\\xCD\n'
accepted 'a delimiter' 'M:0:A\x3aB:' 'magic A:B\n'
accepted 'a delimiter that is escaped' 'M:0:A\x3aB:' 'magic A\\x3aB\n'
accepted 'printable bytes' 'M:0:MZ P:' 'magic \\x4d\\x5a\\x20P\n'
accepted 'a backslash' 'M:0:\x5cA:' 'magic \\x5cA\n'
accepted 'NUL' 'M:0:\x00\x00\x03\xf3:' 'magic \\x00\\x00\\x03\\xf3\n'
accepted 'what starts comments' 'M:0:#x;:' 'magic #x;\n'
refused 'one digit' 3:8 "magic: byte 2: $digits '4:'" 'magic A\\x4:B\n'
refused 'no digit' 3:7 "magic: byte 1: $digits 'g1'" 'magic \\xg1\n'
refused 'the end' 3:11 "magic: byte 5: $digits '4'" 'magic \\x41\\x4\n'
warned 'another case' 3:7 "magic: $backslash" 'M:0:\x5cX41:' 'magic \\X41\n'
warned 'a newline of C' 3:7 "magic: $backslash" 'M:0:\x5cn:' 'magic \\n\n'
warned 'two backslashes' 3:7 "magic: $backslash" 'M:0:\x5c\x5cx41:' \
	'magic \\\\x41\n'
warned 'octal digits' 3:7 "magic: $backslash" 'M:0:\x5c177ELF:' \
	'magic \\177ELF\n'
refused 'a raw NUL' 3:8 "magic: byte 2 $nul" 'magic A\000B\n'
refused 'a leading raw NUL' 3:7 "magic: byte 1 $nul" 'magic \000B\n'

# Masks
accepted 'no mask' 'M:0:AB:' 'magic AB\nmask \n'
accepted 'a mask' 'M:0:AB:\xff\x0f' 'magic AB\nmask \\xff\\x0f\n'
accepted 'bits outside' 'M:0:\xff\xff:\xf0\xf0' \
	'magic \\xff\\xff\nmask \\xf0\\xf0\n'
refused 'a short mask' 4:6 "mask: has 1 bytes and magic has 2; $equal" \
	'magic AB\nmask \\xff\n'
refused 'a long mask' 3:6 "mask: has 3 bytes and magic has 2; $equal" \
	'mask \\xff\\xff\\xff\nmagic AB\n'
refused 'digits of C' 4:6 "mask: has 4 bytes and magic has 1; $equal" \
	'magic A\nmask 0xff\n'
refused 'a bad mask' 4:10 "mask: byte 5: $digits 'zz'" \
	'magic AB\nmask \\xff\\xzz\n'
refused 'a raw NUL in a mask' 4:10 "mask: byte 5 $nul" \
	'magic AB\nmask \\xff\000\n'

# Extensions
accepted 'an extension' 'E:0:jar:' 'extension jar\n'
accepted 'escapes are none' 'E:0:\x41:' 'extension \\x41\n'
accepted 'an inner blank' 'E:0:a b:' 'extension a b\n'
refused 'no extension' 3:10 'extension: is empty' 'extension \n'
refused 'a slash' 3:11 'extension: contains a slash' 'extension a/b\n'
warned 'a leading dot' 3:11 "extension: '.foo' $dot 'foo'" 'E:0:.foo:' \
	'extension .foo\n'
warned 'an inner dot' 3:11 "extension: 'tar.gz' $dot 'gz'" 'E:0:tar.gz:' \
	'extension tar.gz\n'

# The whole
accepted 'carriage returns' 'M:0:A:' 'magic A\r\n'
wide=$(printf '%0256d' 0 | sed 's/0/\\\\xff/g')
testing 'refused: more bytes than the kernel accepts'
import "magic $wide\\nmask $wide\\n"
expect_refusal
expect_stderr_has "$import/f: the rule takes "
expect_stderr_has ' bytes as a register string, and the kernel accepts 1920'
wide=$(printf '%0229d' 0 | sed 's/0/\\\\xff/g')
testing 'accepted: as many as it does'
import "magic $wide\\nmask $wide\\n"
expect_status 0
check 'in one write' test "$(wc -l <"$proc/register")" -eq 0

# Names and interpreters, which choose the delimiter
rule_with() {
	testing "delimiter: $1"
	fresh
	cp "$interpreter" "$work/bin/$2"
	ub --install "$1" "$work/bin/$2" --magic 'A|:'
	expect_status 0
	expect_stderr ''
	expect_rules "$3"
	rm "$work/bin/$2"
}

rule_with a:b plain "|a:b|M|0|A\\x7c:||$work/bin/plain|"
rule_with plain a:b "|plain|M|0|A\\x7c:||$work/bin/a:b|"
rule_with 'a|b' a:b ",a|b,M,0,A|:,,$work/bin/a:b,"
rule_with 'a b' 'c d' ":a b:M:0:A|\\x3a::$work/bin/c d:"
testing 'delimiter: none is left'
fresh
name=':|,!@%^&~=+*?$<>()[]{}`"_-. '"'"
cp "$interpreter" "$work/bin/$name"
ub --install x "$work/bin/$name" --magic A
expect_refusal
expect_stderr_has 'x: interpreter: name, interpreter and extension together use'

testing 'an interpreter of a thousand characters'
fresh
deep=$work/bin
while [ ${#deep} -lt 1000 ]; do
	deep=$deep/a-directory-with-quite-a-long-name
	mkdir "$deep"
done
cp "$interpreter" "$deep/interpreter"
ub --install x "$deep/interpreter" --magic A
expect_status 0
expect_silent
expect_rules ":x:M:0:A::$deep/interpreter:"

done_testing
