#!/bin/sh
# --export: the rules of binfmt.d for what is recorded, in the order in which
# systemd-binfmt has to register them.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

testing 'nothing'
fresh
ub --export
expect_status 0
expect_silent
ub --export nothing
expect_status 2
expect_stdout ''
expect_stderr_has 'nothing: not in the database'

testing 'every kind'
ub --install magic "$interpreter" --magic 'A\x3aB\x00\xff' --offset 7
ub --install masked "$interpreter" --magic ABCD --mask '\xff\xfe\x00\xff'
ub --install ext "$interpreter" --extension foo
ub --install flags "$interpreter" --magic FLAGS --preserve yes \
	--open-binary yes
ub --install creds "$interpreter" --magic CREDS --credentials yes
ub --install fixed "$interpreter" --magic FIXED --fix-binary yes
ub --export
expect_status 0
expect_stderr ''
verdict 'six rules' 'six lines' test "$(wc -l <"$captured/out")" -eq 6
expect_stdout_has ":magic:M:7:A\\x3aB\\x00\\xff::$interpreter:"
expect_stdout_has ":masked:M:0:ABCD:\\xff\\xfe\\x00\\xff:$interpreter:"
expect_stdout_has ":ext:E:0:foo::$interpreter:"
expect_stdout_has ":flags:M:0:FLAGS::$interpreter:PO"
expect_stdout_has ":fixed:M:0:FIXED::$interpreter:F"
verdict 'credentials' 'the flag C' grep -q '^:creds:.*C$' "$captured/out"

testing 'one'
ub --export ext
expect_stdout ":ext:E:0:foo::$interpreter:"

testing 'only what is asked for'
ub --export --source=binfmt.d
expect_status 0
ub --export --source=nonsense
expect_status 2

testing 'other delimiters'
fresh
ub --install a:b "$interpreter" --extension e:x
cp "$interpreter" "$work/bin/in:ter|p"
ub --install delimited "$work/bin/in:ter|p" --magic 'a:b|c,d'
ub --export a:b
expect_stdout "|a:b|E|0|e:x||$interpreter|"
ub --export delimited
expect_stdout ",delimited,M,0,a:b|c\\x2cd,,$work/bin/in:ter|p,"

testing 'the one to be tried first is last'
fresh
ub --install general "$interpreter" --magic AB
ub --install special "$interpreter" --magic ABCD
ub --install urgent "$interpreter" --magic A --priority 5
ub --install same-b "$interpreter" --magic ABC
ub --export
sed 's/^:\([^:]*\):.*/\1/' "$captured/out" >"$work/names"
expect_file "$work/names" <<END
general
same-b
special
urgent
END

testing 'a detector'
fresh
cp "$interpreter" "$work/bin/detector"
ub --install detected "$interpreter" --magic DETE \
	--detector "$work/bin/detector"
ub --export
expect_status 0
expect_stdout ":detected:M:0:DETE::$RUN_DETECTORS:"
expect_stderr_has 'detected: binfmt.d cannot name a detector'

testing 'a shared spec'
fresh
ub --install one "$interpreter" --magic SAME
ub --install two "$interpreter" --magic 'S\x41ME' --preserve yes
ub --export
expect_status 0
verdict 'both' 'run-detectors twice' \
	test "$(grep -c "::$RUN_DETECTORS:P$" "$captured/out")" -eq 2
expect_stderr_has 'one: shares its files'
expect_stderr_has 'two: shares its files'

testing 'what is not to be registered'
fresh
ub --install one "$interpreter" --magic SAME --fix-binary yes
ub --install two "$interpreter" --magic SAME
ub --export
expect_stdout ":one:M:0:SAME::$interpreter:F"
expect_stderr_has 'two: left out'

testing 'a broken one'
fresh
ub --install good "$interpreter" --magic GOOD
echo broken >"$admin/bad"
ub --export
expect_status 2
expect_stdout ":good:M:0:GOOD::$interpreter:"
expect_stderr_has "$admin/bad"

testing 'changes nothing'
fresh
ub --install good "$interpreter" --magic GOOD
remember
ub --export
check 'nothing written' unchanged

done_testing
