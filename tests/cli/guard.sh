#!/bin/sh
# Rules that would capture the programs that everything else needs: refused,
# or recorded and left unregistered, unless --force is given.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

# captures WHAT OPTION...: --install with these is refused, and names it.
captures() {
	what=$1
	shift
	testing "captures $what: $*"
	fresh
	ub --install x "$interpreter" "$@"
	expect_refusal
	expect_stderr_has "update-binfmts: x: refused: it would capture $what"
	expect_stderr_has '--force'
	check 'one message' [ "$(wc -l <"$captured/err")" -eq 1 ]
}

# The first bytes of native programs here, whatever they are.
head_of() {
	head -c "$1" "$UPDATE_BINFMTS" | od -An -v -tx1 | tr -d '\n' |
		sed 's/ /\\x/g'
}
native=$(head_of 4)
machine=$(head_of 20)

captures 'update-binfmts itself' --magic "$native"
captures 'update-binfmts itself' --magic LF --offset 2
captures 'update-binfmts itself' --magic 'xEx' --mask '\x00\xff\x00'
captures 'update-binfmts itself' --magic 'xx' --mask '\x00\x00'
captures 'update-binfmts itself' --magic '\x00' --mask '\x00' --offset 255
captures 'update-binfmts itself' --magic "$machine"
captures 'update-binfmts itself' --magic "$native" --fix-binary yes
captures 'update-binfmts itself' --magic "$native" --detector /bin/true
captures scripts --magic '#!'
captures scripts --magic '#!/bin/sh'
captures scripts --magic '!' --offset 1
testing 'native programs without magic at the front'
fresh
mask=$(printf '\\xff%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
ub --install x "$interpreter" --magic "$machine" \
	--mask "$mask\\x00\\x00\\xff\\xff"
expect_refusal

testing 'its own interpreter'
fresh
cp "$interpreter" bin/run.text
ub --install x "$work/bin/run.text" --extension text
expect_refusal
expect_stderr_has "would capture its own interpreter, $work/bin/run.text"
testing 'its own detector'
ub --install x /bin/sh --extension text --detector "$work/bin/run.text"
expect_refusal
expect_stderr_has "would capture its own detector, $work/bin/run.text"
testing "its own interpreter's interpreter"
printf '#!%s\n' "$work/bin/run.text" >bin/script
chmod 755 bin/script
ub --install x "$work/bin/script" --extension text
expect_refusal
expect_stderr_has "would capture its own interpreter, $work/bin/run.text"

testing 'what only looks like it'
fresh
ub --install x "$interpreter" --magic '\x7fELG'
expect_status 0
expect_silent
ub --install y "$interpreter" --magic '#?'
expect_status 0
ub --install z "$interpreter" --extension sh
expect_status 0
testing 'an ELF of a machine that does not exist'
zeros='\x00\x00\x00\x00\x00\x00\x00\x00\x00'
ub --install foreign "$interpreter" \
	--magic "\\x7fELF\\x01\\x01\\x01$zeros\\x02\\x00\\xed\\xfe"
expect_status 0
expect_silent

testing 'force'
fresh
ub --force --install x "$interpreter" --magic '#!'
expect_status 0
expect_stdout ''
expect_stderr_has 'warning: x: '
expect_stderr_has 'although it would capture scripts'
expect_rules ":x:M:0:#!::$interpreter:"
testing 'force is not remembered'
: >"$proc/register"
ub --enable x
expect_status 2
expect_stderr_has 'x: refused: it would capture scripts'
expect_rules
ub --enable
expect_status 0
expect_stderr_has 'warning: x: not registered: it would capture scripts'
expect_rules
ub --enable x --force
expect_status 0
expect_rules ":x:M:0:#!::$interpreter:"
testing 'force in a test'
fresh
ub --force --test --install x "$interpreter" --magic '#!'
expect_status 0
expect_stdout_has " :x:M:0:#!::$interpreter:"
expect_no_file "$admin"

testing 'an import is recorded, and left unregistered'
fresh
printf 'package p\ninterpreter /bin/cat\nmagic #!\n' >"$import/scripts"
printf 'package p\ninterpreter /bin/cat\nmagic good\n' >"$import/good"
ub --import scripts
expect_status 0
expect_stdout ''
expect_stderr_has 'warning: scripts: not registered: it would capture scripts'
check 'recorded' test -f "$admin/scripts"
expect_rules
ub --import
expect_status 0
expect_stderr_has 'warning: scripts: not registered: it would capture scripts'
expect_rules ':good:M:0:good::/bin/cat:'
ub --unimport
expect_status 0
check 'both are gone' [ -z "$(ls -A "$admin")" ]

testing 'a refused replacement leaves the old format'
fresh
ub --install x "$interpreter" --extension x
cp "$admin/x" old
: >"$proc/register"
ub --install x "$interpreter" --magic '#!'
expect_status 2
check 'unchanged' cmp old "$admin/x"
expect_rules

done_testing
