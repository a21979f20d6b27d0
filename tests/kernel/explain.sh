#!/bin/sh
# --explain: its predictions are held against what really happens, and what it
# tells is what a person needs.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# What was fixed is remembered in /run, which is not ours.
hide_run() {
	mount -t tmpfs binfmts-test /run
}

# matrix TOOL LEAST: all of its cases, and that there are enough of them.
matrix() {
	hide_run
	mkdir cases
	"$TEST_TOOLS/$1" "$work/cases" "$admin" >"$captured/matrix"
	cat "$captured/matrix"
	! grep -q '^not ok' "$captured/matrix" || : >"$base/failed"
	_count=$(grep -c '^ok\|^not ok' "$captured/matrix")
	check "at least $2 cases" test "$_count" -ge "$2"
	check 'none left out' grep -Fqx "# $_count cases, $(
		grep -c '^not ok' "$captured/matrix"
	) disagree" "$captured/matrix"
}

test_matrix() {
	matrix explain-matrix 1000
}

test_programs() {
	matrix explain-programs 90
}

# explains STATUS FILE [OPTION]...
explains() {
	_expected=$1 _path=$2
	shift 2
	ub --explain "$_path" "$@"
	expect_status "$_expected"
	expect_stderr ''
}

# The verdict in the last line.
expect_verdict() {
	verdict "the last line is '$1'" "last: $1" \
		test "$(tail -n 1 "$captured/out")" = "$1"
}

test_story() {
	program show
	file f.ext 'MAGIC\n'
	register ":old:M::MA::$work/old:PF" 2>/dev/null
	register ":general:M::MA::$work/show:P"
	register ":other:E::jar::$work/show:"
	register ":near:M::MAGIX::$work/show:"
	register ":far:M::NONE::$work/show:"
	register ":off:M::MAGIC::$work/show:"
	control off 0
	explains 0 ./f.ext
	expect_stdout "./f.ext: a regular file of 6 bytes, mode 0755
binfmt_misc: enabled, 5 entries, in the order in which they are tried:
  disabled off -> $work/show: byte 0 on: MAGIC, 40 bits compared; from somebody else
  no       far -> $work/show: byte 0 is 4d, not 4e; from somebody else
  no       near -> $work/show: byte 4 is 43, not 58; the only one that differs; from somebody else
  no       other -> $work/show: its name ends otherwise, not in .jar; from somebody else
  YES      general -> $work/show P: byte 0 on: MA, 16 bits compared; from somebody else
./f.ext: handled by the entry general, with $work/show
$work/show: a native program
./f.ext: would run: $work/show ./f.ext ./f.ext ..."
	testing 'a later one'
	register ":newest:E::ext::$work/show:"
	explains 0 ./f.ext
	expect_stdout_has "  YES      newest -> $work/show: its name ends in .ext"
	expect_stdout_has "  later    general -> $work/show P: byte 0 on: MA"
	expect_verdict "./f.ext: would run: $work/show ./f.ext ..."
	testing 'a masked byte'
	register ":masked:M:1:A?I:\\xff\\x00\\x0f:$work/show:"
	explains 0 ./f.ext
	expect_stdout_has ' masked -> '"$work/show: byte 1 on: AGI, 12 bits"
}

test_failures() {
	program show
	file f MAGIC
	explains 1 ./f
	expect_verdict "./f: would not run: ./f is neither a native program \
nor a script, and no enabled entry matches it; a shell would take it for a \
shell script (ENOEXEC)"
	testing 'the interpreter is missing'
	register ":e:M::MAGIC::$work/missing:"
	explains 1 ./f
	expect_verdict "./f: would not run: the interpreter $work/missing: No \
such file or directory (ENOENT)"
	testing 'the registry is disabled'
	control status 0
	explains 1 ./f
	expect_stdout_has 'binfmt_misc: disabled, 1 entr'
	expect_stdout_has '(ENOEXEC)'
	control status 1
	control e -1
	testing 'O with a script'
	script interpreter </dev/null
	register ":e:M::MAGIC::$work/interpreter:O"
	explains 1 ./f
	expect_stdout_has 'with the flags O or C the next program must be a native'
	control e -1
	testing 'noexec'
	mkdir noexec
	mount -t tmpfs -o noexec binfmts-test noexec
	cp f noexec/f
	explains 1 noexec/f
	expect_verdict 'noexec/f: would not run: noexec/f cannot be executed: '\
'its filesystem is mounted with noexec (EACCES)'
	testing 'not executable'
	chmod 644 f
	explains 1 ./f
	expect_stdout_has 'it is not executable for this user (EACCES)'
	testing 'missing'
	explains 1 ./nowhere
	expect_verdict './nowhere: would not run: ./nowhere cannot be executed: '\
'No such file or directory (ENOENT)'
	testing 'too many in a row'
	for i in 1 2 3 4 5 6; do
		file "f$i" "LINK$i"
		register ":l$i:M::LINK$i::$work/f$((i - 1)):"
	done
	cp show f0
	explains 0 ./f5
	explains 1 ./f6
	expect_stdout_has 'more than 5 interpreters in a row (ELOOP)'
	testing 'not mounted'
	umount "$registry"
	explains 1 ./f6
	expect_stdout_has 'binfmt_misc: not mounted, 0 entries'
}

test_detectors() {
	program show other
	file f.ext MAGIC
	script yes </dev/null
	script no <<-\END
		exit 3
	END
	ub --install special "$work/other" --magic MAGIC --detector "$work/no"
	ub --install general "$work/show" --magic MA --detector "$work/yes" \
		--preserve yes
	explains 0 ./f.ext
	expect_stdout_has 'handled by the entry special, with run-detectors'
	expect_stdout_has \
		"  format special: $work/no declined with exit status 3 -> $work/other"
	expect_stdout_has \
		"  format general: $work/yes accepted -> $work/show, chosen"
	expect_stdout_has "note: $work/show is not told in AT_FLAGS"
	expect_verdict "./f.ext: would run: $work/show ./f.ext ./f.ext ..."
	testing 'none accepts'
	ub --remove general x
	explains 1 ./f.ext
	expect_verdict './f.ext: would not run: no detector accepts ./f.ext'
	testing 'find and explain agree'
	ub --find ./f.ext
	expect_stdout ''
}

# Whatever is in names and paths, a terminal sees no control characters.
test_strange_names() {
	program show
	name=$(printf 'f\033[31m \t"x')
	file "$name" MAGIC
	register ":a$(printf '\033')b:M::MAGIC::$work/show:"
	explains 0 "./$name"
	check 'no control characters' \
		fails grep -q "$(printf '\033')" "$captured/out"
	expect_stdout_has 'YES      a\x1bb -> '
	expect_verdict "./f\\x1b[31m \\x09\"x: would run: $work/show \
'./f\\x1b[31m \\x09\"x' ..."
}

run_cases "$@"
