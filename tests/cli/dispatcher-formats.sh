#!/bin/sh
# The format files of binfmt-dispatcher: made of their table, imported, and
# matching what they must and nothing else.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"
as_plain_user "$@"
begin
files=$TOP_SRCDIR/format-files
table=$files/machines

testing 'the files'
mkdir made
check 'can be made' "$files/formats" generate made
for file in "$files"/binfmt-dispatcher-* made/*; do
	name=${file##*/}
	check "$name is as the table says" cmp "made/$name" "$files/$name"
done
check 'with another interpreter' "$files/formats" generate made /opt/x
check 'it is in them' grep -qx 'interpreter /opt/x' made/binfmt-dispatcher-arm

# Those that are not native here; nothing of update-binfmts' guard is needed.
testing 'the selection'
"$files/formats" select "$BINFMT_DISPATCHER" >selected
check 'there are some' test -s selected
for file in "$files"/binfmt-dispatcher-*; do
	grep -qx "${file##*/}" selected || echo "${file##*/}"
done >left
check 'some are left out' test -s left
run "$files/formats" select /etc/passwd
expect_status 1
run "$files/formats" select
expect_status 2

# left_out CLASS DATA MACHINE NAME...: where that is native.
left_out() {
	elf native "$1" "$2" "$3"
	testing "where machine $3 is native"
	shift 3
	"$files/formats" select native >selected.there
	for file in "$files"/binfmt-dispatcher-*; do
		grep -qx "${file##*/}" selected.there ||
			echo "${file##*/binfmt-dispatcher-}"
	done >left.there
	printf '%s\n' "$@" >expected
	check "left out: $*" diff expected left.there
}

left_out 2 1 62 x86 x86_64
left_out 1 1 3 x86 x86_64
left_out 2 1 183 aarch64
left_out 1 1 40 aarch64 arm
left_out 2 1 243 riscv64
left_out 2 1 21 ppc64le
left_out 2 2 22 s390x
left_out 1 2 47787 microblaze microblaze-old
left_out 1 2 8 mips mips64 mipsn32

# Registered, on files in the place of the kernel's; the rules are there in
# the end, one a line that the program wrote.
testing 'importing'
fresh
mkdir -p "$import"
while read -r name; do
	sed "s,^interpreter .*,interpreter $interpreter," "$files/$name" \
		>"$import/$name"
done <selected
ub --import
expect_status 0
expect_stderr_lacks 'error'
ub --display
check 'all of them' test "$(grep -c '^binfmt-dispatcher-.*:$' \
	"$captured/out")" -eq "$(wc -l <selected)"

# matching FILE: the formats whose magic is in it, decoded here.
matching() {
	od -An -v -tu1 -N64 "$1" | awk -v files="$files" -v table="$table" '
	{
		for (i = 1; i <= NF; i++)
			b[n++] = $i
	}
	function hex(text) {
		return 16 * (index("0123456789abcdef", substr(text, 1, 1)) - 1) \
			+ index("0123456789abcdef", substr(text, 2, 1)) - 1
	}
	function decode(text, into,  count) {
		while (text != "") {
			if (substr(text, 1, 2) == "\\x") {
				into[count++] = hex(substr(text, 3, 2))
				text = substr(text, 5)
			} else {
				into[count++] = 0 + ascii[substr(text, 1, 1)]
				text = substr(text, 2)
			}
		}
		return count
	}
	function and(x, y,  bit, sum) {
		for (bit = 1; bit < 256; bit *= 2)
			if (int(x / bit) % 2 && int(y / bit) % 2)
				sum += bit
		return sum + 0
	}
	function matches(name,  file, line, magic, mask, m, k, count, i) {
		file = files "/binfmt-dispatcher-" name
		while ((getline line <file) > 0) {
			if (line ~ /^magic /)
				magic = substr(line, 7)
			if (line ~ /^mask /)
				mask = substr(line, 6)
		}
		close(file)
		count = decode(magic, m)
		if (decode(mask, k) != count)
			return 0
		for (i = 0; i < count; i++)
			if (and(b[i], k[i]) != and(m[i], k[i]))
				return 0
		return 1
	}
	END {
		ascii["E"] = 69
		ascii["L"] = 76
		ascii["F"] = 70
		while ((getline <table) > 0)
			if (/^[^#]/ && matches($1))
				print $1
	}'
}

# expect_matches FORMAT: of the file tried, this one and no other; '' none.
expect_matches() {
	printf '%s' "${1:+$1
}" >expected
	matching tried >came
	check "${2:-matches $1}" diff expected came
}

# poke OFFSET OCTAL: changes a byte of the file tried.
poke() {
	# shellcheck disable=SC2059
	printf "\\$2" | dd of=tried bs=1 seek="$1" conv=notrunc 2>/dev/null
}

testing 'matching'
while read -r name bits order machine flags _; do
	case $name in '#'* | '') continue ;; esac
	class=$((bits / 32)) data=1 flags_at=36
	[ "$order" = LE ] || data=2 flags_at=39
	testing "a program for $name"
	for type in 2 3; do
		elf tried $class $data "$machine" $type
		if [ "$flags" != - ]; then
			poke $flags_at "$(printf '%03o' "$flags")"
		fi
		expect_matches "$name" "of type $type"
	done
	poke 7 003
	expect_matches "$name" 'OSABI 3'
	poke 8 101
	poke 9 111
	poke 10 002
	expect_matches "$name" 'an AppImage, ABI version and padding'
	poke 7 011
	expect_matches '' 'not FreeBSD'
	poke 7 377
	expect_matches '' 'not standalone'
	for type in 0 1 4; do
		elf tried $class $data "$machine" $type
		expect_matches '' "not of type $type"
	done
	elf tried $class $data "$machine" 2
	poke 6 002
	expect_matches '' 'not another version'
done <"$table"

testing 'native programs'
for program in /bin/sh /bin/true "$BINFMT_DISPATCHER" "$(command -v awk)"; do
	head -c 64 "$program" >tried
	matching tried | sed 's/^/binfmt-dispatcher-/' >came
	check "$program matches nothing selected" \
		fails grep -qFx -f selected came
done

done_testing
