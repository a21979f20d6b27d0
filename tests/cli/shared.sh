#!/bin/sh
# Formats that match the same files: which of them the kernel gets, and how.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

same='matches the same files, and with fix_binary only one of them can be; a'\
' higher priority decides which'

# The line of a format's rule in the last run with --test.
rule_of() {
	grep "^ .$1[^a-z]" "$captured/out" | tail -n 1
}

testing 'a second one: both go through run-detectors'
fresh
ub --install one /bin/sh --magic 'P\x4b'
entry one /bin/sh '' 'offset 0' 'magic 504b'
: >"$proc/register"
ub --install two /bin/cat --magic PK --offset 0 --mask '\xff\xff'
expect_status 0
expect_silent
check 'the new one' grep -qF ":two:M:0:PK:\\xff\\xff:$RUN_DETECTORS:" \
	"$proc/register"
check 'the old one' grep -qF ":one:M:0:PK::$RUN_DETECTORS:" "$proc/register"

testing 'sharing is shown as what it is'
entry one "$RUN_DETECTORS" '' 'offset 0' 'magic 504b'
entry two "$RUN_DETECTORS" '' 'offset 0' 'magic 504b' 'mask ffff'
ub --display
expect_stdout_has 'one (enabled):'
expect_stdout_has 'two (enabled):'
expect_stdout_lacks state

testing 'the second leaves: the first is direct again'
: >"$proc/register"
ub --remove two /bin/cat
expect_status 0
check 'direct' grep -qF ':one:M:0:PK::/bin/sh:' "$proc/register"

testing 'the same is decided on bytes under masks'
fresh
ub --install base /bin/sh --magic 'AB\x00C' --mask '\xff\x0f\x00\xff'
for options in '--magic A\x42\xffC --mask \xff\x0f\x00\xff' \
    '--magic A\xf2\x00C --mask \xff\x0f\x00\xff' \
    '--magic A2zCz --mask \xff\x0f\x00\xff\x00'; do
	# shellcheck disable=SC2086 # several words
	ub --test --install other /bin/cat $options
	expect_status 0
	check 'shared' [ "$(rule_of other | grep -c "$RUN_DETECTORS")" -eq 1 ]
done
for options in '--magic AB\x00C' '--magic AC\x00C --mask \xff\x0f\x00\xff' \
    '--magic AB\x00C --mask \xff\x0f\x00\x7f' \
    '--magic AB\x00C --mask \xff\x0f\x00\xff --offset 1' '--extension ABC'; do
	# shellcheck disable=SC2086 # several words
	ub --test --install other /bin/cat $options
	expect_status 0
	check 'not shared' \
		[ "$(rule_of other | grep -c "$RUN_DETECTORS")" -eq 0 ]
done
testing 'a mask that leaves out the ends is an offset'
ub --install offset /bin/sh --magic PK --offset 2
ub --test --install padded /bin/sh --magic 'xyPKz' \
	--mask '\x00\x00\xff\xff\x00'
check 'shared' [ "$(rule_of padded | grep -c "$RUN_DETECTORS")" -eq 1 ]
testing 'extensions'
ub --install ext /bin/sh --extension foo
ub --test --install ext2 /bin/sh --extension foo
check 'shared' [ "$(rule_of ext2 | grep -c "$RUN_DETECTORS")" -eq 1 ]
ub --test --install ext2 /bin/sh --extension Foo
check 'not shared' [ "$(rule_of ext2 | grep -c "$RUN_DETECTORS")" -eq 0 ]

testing 'P when any member wants it'
fresh
ub --install one /bin/sh --magic PK --preserve yes
: >"$proc/register"
ub --install two /bin/cat --magic PK --preserve no
expect_status 0
expect_stdout ''
expect_stderr 'update-binfmts: warning: one: served by run-detectors, which'\
' hands on argv[0] but cannot say so in AT_FLAGS'
check 'P' grep -qF ":two:M:0:PK::$RUN_DETECTORS:P" "$proc/register"

testing 'credentials are never shared'
fresh
ub --install one /bin/sh --magic PK
ub --install two /bin/cat --magic PK --credentials yes
expect_status 2
expect_stdout ''
expect_stderr 'update-binfmts: two: credentials: another format matches the'\
' same files, so run-detectors would stand between, which cannot hand them on'
expect_no_file "$admin/two"
printf 'package p\ninterpreter /bin/cat\nmagic PK\ncredentials yes\n' \
	>"$import/two"
: >"$proc/register"
ub --import two
expect_status 0
expect_stderr 'update-binfmts: warning: two: served by run-detectors, and so'\
' without credentials, which it cannot hand on'
check 'no C' grep -qE ":two:M:0:PK::$RUN_DETECTORS:(:|$)" "$proc/register"
check 'recorded as asked' [ "$(sed -n 8p "$admin/two")" = yes ]
testing 'a second one takes credentials away, and says so'
fresh
ub --install one /bin/sh --magic PK --credentials yes
ub --install two /bin/cat --magic PK
expect_status 0
expect_stderr 'update-binfmts: warning: one: served by run-detectors, and so'\
' without credentials, which it cannot hand on'

testing 'fix_binary first: the second is recorded only'
fresh
ub --install one /bin/sh --magic PK --fix-binary yes
expect_rules ':one:M:0:PK::/bin/sh:F'
: >"$proc/register"
entry one /bin/sh F 'offset 0' 'magic 504b'
ub --install two /bin/cat --magic PK
expect_status 0
expect_stdout ''
expect_stderr "update-binfmts: warning: two: recorded, but not registered: one\
 $same"
expect_rules
ub --display two
expect_stdout_has 'one has fix_binary for the same files'
expect_stdout_has 'two (disabled):'
ub --display one
expect_stdout_has 'one (enabled):'
expect_stdout_lacks state

testing 'fix_binary second: it takes the place of the first'
fresh
ub --install one /bin/sh --magic PK
entry one /bin/sh '' 'offset 0' 'magic 504b'
: >"$proc/register"
ub --install two /bin/cat --magic PK --fix-binary yes
expect_status 0
expect_stderr "update-binfmts: warning: one: recorded, but not registered: two\
 $same"
expect_rules ':two:M:0:PK::/bin/cat:F'
check 'the first is told to go' [ "$(head -c 2 "$proc/one")" = -1 ]

testing 'two with fix_binary: by priority, then by name'
fresh
ub --install b /bin/sh --magic PK --fix-binary yes
ub --install a /bin/cat --magic PK --fix-binary yes
expect_status 0
expect_stderr "update-binfmts: warning: b: recorded, but not registered: a\
 $same"
ub --install c /bin/cat --magic PK --fix-binary yes --priority 1
expect_status 0
expect_stderr_has "warning: a: recorded, but not registered: c $same"
expect_stderr_has "warning: b: recorded, but not registered: c $same"

testing 'a higher priority without fix_binary wins'
fresh
ub --install fixed /bin/sh --magic PK --fix-binary yes
: >"$proc/register"
ub --install plain /bin/cat --magic PK --priority 1
expect_status 0
expect_stderr "update-binfmts: warning: fixed: recorded, but not registered:\
 plain $same"
expect_rules ':plain:M:0:PK::/bin/cat:'

testing 'removing the one with fix_binary brings back the others'
fresh
ub --install one /bin/sh --magic PK
ub --install two /bin/cat --magic PK --fix-binary yes
entry two /bin/cat F 'offset 0' 'magic 504b'
: >"$proc/register"
ub --remove two /bin/cat
expect_status 0
expect_rules ':one:M:0:PK::/bin/sh:'

# Order -----------------------------------------------------------------------

testing 'order: priority, bits, name; the first is registered last'
fresh
ub --install general /bin/sh --magic A
ub --install bits /bin/sh --magic 'ABC' --mask '\xff\x01\x00'
ub --install second /bin/sh --magic AAA
ub --install first /bin/sh --magic ABA
ub --install late /bin/sh --magic AAAAAA --priority -1
ub --install early /bin/sh --magic B --mask '\x0f' --priority 1
ub --install ext /bin/sh --extension xy
: >"$proc/register"
ub --enable
expect_status 0
expect_rules ':late:M:0:AAAAAA::/bin/sh:' ':general:M:0:A::/bin/sh:' \
	':bits:M:0:ABC:\xff\x01\x00:/bin/sh:' ':ext:E:0:xy::/bin/sh:' \
	':second:M:0:AAA::/bin/sh:' ':first:M:0:ABA::/bin/sh:' \
	':early:M:0:B:\x0f:/bin/sh:'

testing 'order: a late general one moves the specific one'
fresh
ub --install specific /bin/sh --magic ABC
entry specific /bin/sh '' 'offset 0' 'magic 414243'
: >"$proc/register"
ub --install general /bin/sh --magic A
expect_status 0
check 'general, then specific' [ "$(grep -o ':[a-z]*:M' "$proc/register" |
	sed 1q)" = :general:M ]
check 'the specific one again' grep -qF ':specific:M:0:ABC::/bin/sh:' \
	"$proc/register"

done_testing
