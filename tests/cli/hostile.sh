#!/bin/sh
# Some hundreds of hostile inputs: none may crash the programs, hang them, or
# change a file outside of the directories they are given; the status is 0 or 2,
# or 1 where that is an answer.
# Each group of inputs is one test, which counts them.
#
# shellcheck disable=SC1003,SC2016 # quotes and such are the point here

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

# What is outside: files that an escaping name would hit.
mkdir -p outside/deep/cwd
inside=$work/outside/deep
admin=$inside/admin import=$inside/import proc=$inside/proc
fresh
cd "$inside/cwd" || exit 1
for path in "$work/x" "$work/outside/x" "$inside/x" x; do
	echo canary >"$path"
done
printf 'PK\003\004rest' >pk

# All that is not given to the programs; of directories, that they are there.
outside() {
	find "$work" \( -path "$admin" -o -path "$import" -o -path "$proc" \
		-o -path "$admin.lock" \) -prune -o -type d -printf '%p %m\n' \
		-o -printf '%p %m %s %T@\n' | sort
}
outside >"$captured/outside"

inputs=0
wrong=0

# attack ARGUMENT...: one input.
attack() {
	inputs=$((inputs + 1))
	"$TEST_TOOLS/within" 10 "$UPDATE_BINFMTS" --admindir "$admin" \
		--importdir "$import" --procdir "$proc" "$@" \
		>"$captured/out" 2>"$captured/err" </dev/null
	status=$?
	line=
	read -r line <"$captured/err"
	case $status-$line-$* in
	0-- | 0--* | 0-'update-binfmts: warning: '*) ;;
	2-'update-binfmts: '*) ;;
	1-*--explain* | 1-*--check* | 1-*--ex* | 1-*--ch*) ;;
	*) strange "status $status" "$@" ;;
	esac
}

# strange WHAT ARGUMENT...
strange() {
	wrong=$((wrong + 1))
	[ $wrong -le 3 ] || return
	_command=$(printf '%s ' "$@" | cut -c 1-300)
	explain "hostile: $1" | not_ok "$subject: input $inputs"
}

# Prints the result of a group, and looks for what it has done elsewhere.
judged() {
	outside >"$captured/now"
	cmp -s "$captured/outside" "$captured/now" ||
		strange 'files outside have changed' "$(diff \
			"$captured/outside" "$captured/now")"
	# What is recorded can be read by everybody, and makes ten lines.
	for file in "$admin"/*; do
		[ -f "$file" ] && [ "$(wc -l <"$file")" -lt 10 ] &&
			strange 'a database file' "$file"
	done
	[ -z "$(find "$admin" -mindepth 1 ! -type f 2>/dev/null)" ] ||
		strange 'not only files in the database'
	[ $wrong -gt 0 ] || ok "$subject: $inputs inputs"
	inputs=0
	wrong=0
	fresh
}

# for_bytes COMMAND: with a byte and a letter in $text; each byte up to the
# letters, and from there on, where they are much the same, every third.
for_bytes() {
	n=1
	while [ $n -lt 256 ]; do
		# shellcheck disable=SC2059 # an octal escape
		text=$(printf "\\$((n / 64))$((n / 8 % 8))$((n % 8))b")
		"$@"
		if [ $n -lt 64 ]; then
			n=$((n + 1))
		else
			n=$((n + 3))
		fi
	done
}

# Names -----------------------------------------------------------------------

testing 'names that begin with each byte'
by_name() {
	attack --install "$text" /bin/sh --extension "e$n"
}
for_bytes by_name
attack --display
attack --enable
attack --disable
judged

testing 'names with each byte, for other actions'
by_name() {
	case $((n % 5)) in
	0) attack --remove "a$text" /bin/sh ;;
	1) attack --display "a$text" ;;
	2) attack --enable "a$text" ;;
	3) attack --import "a$text" ;;
	4) attack --unimport "a$text" ;;
	esac
}
for_bytes by_name
judged

testing 'names that lead elsewhere, or nowhere'
long=$(printf '%0255d' 0)
huge=$(head -c 100000 /dev/zero | tr '\0' A)
for name in '' . .. / // ./ ../ ../x ../../x ../../../x ../admin/x x/../x \
    "$work/x" /etc/passwd /proc/self/mem /dev/full /dev/zero /dev/tty \
    /proc/self/fd/0 - -- -x --display .lock .x.tmp-1-1 register status \
    register/ 'a b' ' ' '  a' 'a ' '*' '?' '[a]' '~' '~root' '$(touch y)' \
    '`touch y`' ';touch y' '|touch y' '%s%n%s%n' '%99999d' '\x2e\x2e\x2fx' \
    '\' '\\' "'" '"' "$long" "${long}0" "${long}/" "/$long" "$long/../x" \
    "$(printf '%04096d' 0)" "$huge" "$(printf 'a\nb')" "$(printf 'a\r')" \
    "$(printf '\033[2J')" "$(printf '\377\376')" "$(printf '\303')" \
    "$(printf '\342\200\256')" nul binfmts-temporary; do
	attack --install "$name" /bin/sh --magic PK
	attack --import "$name"
	attack --unimport "$name"
	attack --find "$name"
	attack --package "$name" --install owner /bin/sh --extension e
	case $((inputs / 5 % 4)) in
	0) attack --remove "$name" /bin/sh ;;
	1) attack --display "$name" ;;
	2) attack --explain "$name" ;;
	3) attack --check "$name" ;;
	esac
done
judged

testing 'directories that are none'
for name in '' . .. / /dev/null /dev/full /proc /proc/self/fd/1 /nonexistent \
    /nonexistent/x pk pk/ "$long" "${long}0" "$huge" '%s%n' "$(printf '\n')" \
    "$(printf 'a\nb')"; do
	[ "$name" != / ] || continue
	attack --display --admindir "$name" --procdir "$name"
	attack --test --enable --procdir "$name"
	attack --find pk --admindir "$name" --procdir "$name"
	attack --test --import --importdir "$name"
done
judged

# Values ----------------------------------------------------------------------

testing 'magic, mask, extension, and interpreter with each byte'
by_value() {
	case $((n % 2)) in
	0) attack --install x /bin/sh --magic "M$text" --mask "M$text" ;;
	1) attack --test --install x /bin/sh --magic "$text" ;;
	esac
	attack --test --install x "/$text" --extension "$text" \
		--detector "/$text"
}
for_bytes by_value
judged

testing 'each escape'
by_escape() {
	hex=$(printf %02x "$n")
	attack --test --install x /bin/sh --magic "\\x$hex" --mask "\\x$hex"
}
for_bytes by_escape
attack --test --install x /bin/sh --magic '\x00' --mask '\x00'
judged

testing 'broken escapes'
for text in '\' '\\' '\\\' 'a\' '\x' '\x0' '\x0g' '\xg0' '\x 0' '\x-1' '\x+1' \
    '\x\' '\x\x' '\x\x00' '\\x' '\\x0' '\\x00' '\\\x00' '\X00' '\0' '\00' \
    '\000' '\n' '\t' '\u0041' '\x{41}' '0x41' '%x' '%n' '\x4:' '\x:4' ':' \
    '::' ':::::::' '\x3a:' "$(printf '\\x4\nx')" "$(printf 'a\nb')" \
    "$(printf '\\x\3034')" '\x4１'; do
	attack --install x /bin/sh --magic "$text"
	attack --install x /bin/sh --magic "a$text" --mask "$text"
	attack --install x /bin/sh --magic "$text$text" --mask "$text"
	attack --install x /bin/sh --extension "$text"
	attack --install x "$text" --extension e
	attack --install x /bin/sh --extension e --detector "$text"
	attack --install x /bin/sh --magic a --offset "$text"
	attack --test --install x /bin/sh --magic a --preserve "$text" \
		--priority "$text" --package "$text"
done
judged

testing 'numbers'
for number in 0 -0 +0 00 1 007 255 256 257 65535 65536 2147483647 2147483648 \
    4294967295 4294967296 9223372036854775807 9223372036854775808 \
    18446744073709551615 18446744073709551616 -1 -2147483648 -2147483649 \
    -9223372036854775808 -9223372036854775809 1e9 0x1 0b1 inf nan ' 1' '1 ' \
    "$(printf '1\n')" "$(printf '\n1')" 1,0 1.0 ١ '' + - +- ++ \
    "$(printf '%05000d' 0)" "$(printf '%05000d' 1)"; do
	attack --test --install x /bin/sh --magic a --offset "$number"
	attack --test --install x /bin/sh --magic a --priority "$number"
	attack --test --install x /bin/sh --magic a --offset="$number" \
		--priority="$number" --mask "$number"
done
judged

testing 'lengths'
for length in 1 127 128 255 256 257 512 1880 1900 1921 4096 65536 100000; do
	text=$(head -c $length /dev/zero | tr '\0' A)
	attack --install x /bin/sh --magic "$text"
	attack --install x /bin/sh --magic "$text" --mask "$text" --offset 1
	attack --install x /bin/sh --extension "$text"
	attack --install x "/$text" --extension e
	attack --install x /bin/sh --extension e --detector "/$text"
	attack --install x /bin/sh --extension e --package "$text"
	attack --install x /bin/sh --extension e --preserve "$text"
	attack "--$text"
	attack "--magic=$text"
	attack --find "$text"
	attack --admindir "$text" --display
done
judged

# The command line ------------------------------------------------------------

testing 'options at random'
awk 'BEGIN {
	srand(20)
	n = split("--install --remove --import --unimport --display --enable" \
		" --disable --find --magic --mask --offset --extension" \
		" --detector --credentials --preserve --fix-binary --package" \
		" --test --quiet --verbose --open-binary --priority --help" \
		" --explain --check --adopt --json --force --source all" \
		" --sync --export --cat-config" \
		" --version --nothing -x -- - --i --ma --p --= =" \
		" a b PK /bin/sh pk yes no 1 -1 : .. x/y \\x00 \\xff\\xff" \
		" --magic=a --mask=\\xff --extension=e --offset=0" \
		" --install=jar --display=jar", words, " ")
	for (i = 0; i < 200; i++) {
		line = ""
		for (j = int(rand() * 9); j >= 0; j--)
			line = line " " words[1 + int(rand() * n)]
		print line
	}
}' >"$captured/lines"
while read -r line; do
	# shellcheck disable=SC2086 # several words
	attack $line
done <"$captured/lines"
judged

testing 'very many arguments'
# shellcheck disable=SC2046 # a word each
attack --install $(seq 20000)
# shellcheck disable=SC2046 # a word each
attack $(seq -f '--package=%g' 5000)
# shellcheck disable=SC2046 # a word each
attack $(seq 5000 | sed 's/.*/--test/') --display
judged

# Files -----------------------------------------------------------------------

# random_files DIRECTORY SEED: twenty of bytes, and twenty of words that mean
# something in the wrong places.
random_files() {
	awk -v directory="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		n = split("package interpreter magic mask offset extension" \
			" detector credentials preserve fix_binary priority" \
			" open_binary enabled disabled flags: bpf extension." \
			" /bin/sh \\x00 \\xff \\xzz PK yes no 0 12 256 -1 : #" \
			" \r \t \f \\ = . .. 504b ff POCF P Z", words, " ")
		for (i = 0; i < 20; i++) {
			file = directory "/b" seed "-" i
			for (j = int(rand() * 600); j > 0; j--)
				printf "%c", int(rand() * 256) >file
			printf "" >file
			close(file)
			file = directory "/w" seed "-" i
			for (j = int(rand() * 30); j >= 0; j--)
				printf "%s%s", words[1 + int(rand() * n)],
					rand() < 0.4 ? "\n" : " " >file
			close(file)
		}
	}'
}

testing 'format files at random'
for seed in 1 2 3 4; do
	random_files "$import" $seed
done
attack --import
attack --test --import
for file in "$import"/?1-* "$import"/?2-*; do
	attack --import "$file"
done
for file in "$import"/?3-*; do
	attack --unimport "${file##*/}"
done
attack --sync
attack --sync
attack --unimport
judged

testing 'format files that are cut off, or too long'
printf 'package p\ninterpreter /bin/sh\nmagic PK\\x03\\x04\nmask \\xff\\xff%s' \
	"\\xff\\xff
offset 0
credentials yes
" >whole
size=$(wc -c <whole)
length=0
while [ $length -le "$size" ]; do
	head -c $length whole >"$import/cut"
	attack --import cut
	length=$((length + 2))
done
rm whole
for key in package interpreter magic mask offset extension detector priority \
    preserve nonsense; do
	printf '%s %s\n' $key "$huge" >"$import/long"
	attack --import long
	printf '%s %s\n' $key "$(printf %s "$huge" | head -c 4000)" \
		>"$import/long"
	attack --import long
	printf '%s\n' "$key" >"$import/long"
	attack --import long
done
head -c 66000 /dev/zero >"$import/nul"
attack --import nul
head -c 65536 /dev/zero >"$import/nul"
attack --import nul
head -c 65536 /dev/zero | tr '\0' '\n' >"$import/lines"
attack --import lines
seq -f 'key%g' 9000 | head -c 65536 >"$import/keys"
attack --import keys
for name in /dev/null /dev/zero /dev/full /dev/tty /proc/self/mem /dev/stdin \
    /proc/self/environ /proc/self/maps /proc/self/exe /etc/shadow "$inside"; do
	attack --import "$name"
	ln -sf "$name" "$import/link"
	attack --import link
done
judged

testing 'database files at random'
mkdir "$admin"
for seed in 5 6 7; do
	random_files "$admin" $seed
done
for action in --display --enable --disable --import --unimport '--find pk' \
    --check '--json --display' '--json --check' '--json --explain pk' \
    --sync --export '--test --sync' \
    '--display b5-1' '--enable w6-1' '--disable b7-1' '--remove w5-0 /x' \
    '--install b6-0 /bin/sh --magic PK' '--test --enable'; do
	# shellcheck disable=SC2086 # several words
	attack $action
done
inputs=$((inputs + 120))
rm -r "$admin"
mkdir "$admin"
judged

testing "the kernel's entries at random"
mkdir "$admin"
for seed in 8 9 10; do
	random_files "$proc" $seed
	for file in "$proc"/?"$seed"-*; do
		printf 'p\nmagic\n0\nPK\n\n/bin/sh\n\n\n\n\n' \
			>"$admin/${file##*/}"
	done
done
for file in "$proc"/w*; do
	{
		printf 'enabled\ninterpreter /bin/sh\nflags: \n'
		cat "$file"
	} >t
	cat t >"$file"
	rm t
done
head -c 2000000 /dev/zero >"$proc/b8-0"
for action in --display '--find pk' --check '--explain pk' '--json --display' \
    '--display --source all' '--adopt w8-2' '--adopt b8-2' '--json --check' \
    '--test --enable' --enable '--enable w8-1' \
    '--disable b9-1' --disable '--remove w9-2 /bin/sh' \
    '--install new /bin/sh --magic PK'; do
	# shellcheck disable=SC2086 # several words
	attack $action
done
inputs=$((inputs + 120))
for text in '' disabled '\0' '1\n' '%s'; do
	# shellcheck disable=SC2059 # the text is ours
	printf "$text" >"$proc/status"
	attack --display
	attack --find pk
done
judged

# run-detectors ---------------------------------------------------------------

# detect ARGUMENT...: the status may be any of those that are documented.
detect() {
	inputs=$((inputs + 1))
	"$TEST_TOOLS/within" 10 "$DETECTORS" --admindir "$admin" \
		--procdir "$proc" "$@" >"$captured/out" 2>"$captured/err" \
		</dev/null
	status=$?
	case $status in
	2 | 126 | 127) [ -s "$captured/err" ] ||
		strange 'no message' "run-detectors $*" ;;
	*) strange "status $status" "run-detectors $*" ;;
	esac
}

testing 'run-detectors'
mkdir "$admin"
random_files "$admin" 11
random_files "$proc" 12
printf 'p\nmagic\n0\nPK\n\n/nonexistent\n\n\n\n\n' >"$admin/jar"
printf 'enabled\n' >"$proc/jar"
mkfifo "$inside/cwd/fifo"
for name in '' . .. / /dev/null /dev/zero /dev/full /dev/tty "$long" \
    "${long}0" "$huge" pk "$work/x" fifo /etc/shadow '%s%n' -x --help=x \
    --admindir= '--' "$(printf 'a\nb')" "$admin/b11-1" "$admin/w11-1"; do
	detect "$name"
	detect -- "$name" "$name"
	detect --procdir "$name" pk
	detect --admindir "$name" pk
done
for file in "$admin"/* "$proc"/*; do
	detect "$file"
done
rm -r "$admin" fifo
judged

done_testing
