#!/bin/sh
# The files of binfmt.d as far as a plain user can replace them: below --root.

. "${TOP_SRCDIR:=.}/tests/lib.sh"

# Where /etc is to be, while we may read that.
: "${IMAGE_ETC:=$(sed -n 's/^sysconfdir = //p' "$TOP_BUILDDIR/config.mk")}"
export IMAGE_ETC
as_plain_user "$@"
begin

root=$work/root
etc_d=$IMAGE_ETC/binfmt.d run_d=/run/binfmt.d
local_d=/usr/local/lib/binfmt.d lib_d=/usr/lib/binfmt.d
overrides=$IMAGE_ETC/binfmts

image() {
	rm -rf "$root"
	for _directory in "$etc_d" "$run_d" "$local_d" "$lib_d" \
	    "$overrides" /usr/bin; do
		mkdir -p "$root$_directory"
	done
	cp "$TEST_TOOLS/show-exec" "$root/usr/bin/x"
}

# rules FILE LINE...
rules() {
	_file=$root$1
	shift
	printf '%s\n' "$@" >"$_file"
}

binfmts() {
	run "$TEST_TOOLS/within" 60 "$UPDATE_BINFMTS" --root "$root" "$@"
}

# broken COLUMN TEXT RULE: of a rule on line 3, the message.
broken() {
	printf '# one\n\n%s\n:good:E::good::/usr/bin/x:\n' "$3" \
		>"$root$lib_d/a.conf"
	binfmts --display
	_subject=$subject
	testing "$_subject: $3"
	expect_status 2
	expect_stdout_has 'good (disabled):'
	expect_stderr "update-binfmts: $lib_d/a.conf:3:$1: $2"
	binfmts --check
	expect_status 1
	expect_stdout_has "$lib_d/a.conf:3"
	testing "$_subject"
}

testing 'nothing'
image
binfmts --display
expect_status 0
expect_silent
binfmts --cat-config
expect_status 0
expect_silent
rm -r "$root$lib_d" "$root$etc_d"
echo >"$root$etc_d"
binfmts --display
expect_silent

testing 'the directories'
image
rules "$etc_d/a.conf" ':a:E::etc::/usr/bin/x:'
rules "$run_d/a.conf" ':a:E::run::/usr/bin/x:'
rules "$run_d/b.conf" ':b:E::run::/usr/bin/x:'
rules "$local_d/b.conf" ':b:E::loc::/usr/bin/x:'
rules "$local_d/c.conf" ':c:E::loc::/usr/bin/x:'
rules "$lib_d/c.conf" ':c:E::lib::/usr/bin/x:'
rules "$lib_d/d.conf" ':d:E::lib::/usr/bin/x:'
binfmts --export --source=binfmt.d
expect_status 0
expect_stdout ':a:E:0:etc::/usr/bin/x:
:b:E:0:run::/usr/bin/x:
:c:E:0:loc::/usr/bin/x:
:d:E:0:lib::/usr/bin/x:'
binfmts --cat-config
expect_stdout "# $etc_d/a.conf
:a:E::etc::/usr/bin/x:

# $run_d/b.conf
:b:E::run::/usr/bin/x:

# $local_d/c.conf
:c:E::loc::/usr/bin/x:

# $lib_d/d.conf
:d:E::lib::/usr/bin/x:"

testing 'the order of the files stays'
image
rules "$lib_d/10.conf" ':z:M::ABCD::/usr/bin/x:' ':y:M::A::/usr/bin/x:'
rules "$etc_d/9.conf" ':x:M::AB::/usr/bin/x:'
binfmts --export --source=binfmt.d
expect_stdout ':z:M:0:ABCD::/usr/bin/x:
:y:M:0:A::/usr/bin/x:
:x:M:0:AB::/usr/bin/x:'

testing 'a priority'
echo 'priority 1' >"$root$overrides/z"
binfmts --export --source=binfmt.d
expect_stdout ':y:M:0:A::/usr/bin/x:
:x:M:0:AB::/usr/bin/x:
:z:M:0:ABCD::/usr/bin/x:'

testing 'masked files'
image
rules "$lib_d/a.conf" ':a:E::a::/usr/bin/x:'
rules "$lib_d/b.conf" ':b:E::b::/usr/bin/x:'
ln -s /dev/null "$root$etc_d/a.conf"
: >"$root$run_d/b.conf"
binfmts --display
expect_status 0
expect_silent
binfmts --cat-config
expect_stdout "# $etc_d/a.conf (masked)

# $run_d/b.conf (masked)"

testing 'a link that leads nowhere'
image
rules "$lib_d/a.conf" ':a:E::a::/usr/bin/x:'
ln -s /nonexistent "$root$etc_d/a.conf"
binfmts --cat-config
expect_status 0
expect_stderr_has "$etc_d/a.conf: leads to a file that does not exist"
rm "$root$etc_d/a.conf"
ln -s "../..$lib_d/a.conf" "$root$etc_d/a.conf"
binfmts --display
expect_status 0
expect_stdout_has "source = $etc_d/a.conf:1"

testing 'the message'
image
broken 2 "name: is not closed: no ':' follows" ':'
broken 2 "name: is empty" '::E::x::/x:'
broken 2 "name: 'a/b' contains a slash" ':a/b:E::x::/x:'
broken 2 "name: 'register' is reserved by the kernel" ':register:E::x::/x:'
broken 4 "type: 'Z' is neither M (magic) nor E (extension)" ':a:Z::x::/x:'
broken 6 "offset: '0x1' is not a decimal number" ':a:M:0x1:x::/x:'
broken 6 "offset: '-1' is not between 0 and 255" ':a:M:-1:x::/x:'
broken 7 'magic: is empty' ':a:M::::/x:'
broken 8 "magic: byte 2: \\x needs two hexadecimal digits, not 'zz'" \
	':a:M::A\xzz::/x:'
broken 10 'mask: has 1 bytes and magic has 2; they must be equally long' \
	':a:M::AB:x:/x:'
broken 7 "extension: 'a/b' contains a slash" ':a:E::a/b::/x:'
broken 10 'interpreter: is empty' ':a:E::x:::'
broken 10 "interpreter: is not closed: no ':' follows" ':a:E::x::/x'
broken 13 "flags: 'p' is none of P, O, C, F, T, L, D" ':a:E::x::/x:p'
broken 13 "flags: ':' is none of P, O, C, F, T, L, D" ':a:E::x::/x::'
broken 15 "flags: 'x' is none of P, O, C, F, T, L, D" '  :a:E::x::/x:x'

testing 'rules beside formats'
image
rules "$lib_d/a.conf" ':both:E::x::/usr/bin/x:' ':rule:E::y::/usr/bin/x:'
mkdir -p "$root/admin"
binfmts --admindir /admin --install both /usr/bin/x --extension z
binfmts --admindir /admin --install recorded /usr/bin/x --extension r
binfmts --admindir /admin --display --source=database,binfmt.d
expect_status 0
grep '(' "$captured/out" >"$work/names"
expect_file "$work/names" <<END
both (disabled):
recorded (disabled):
rule (disabled):
END
binfmts --admindir /admin --display --source=binfmt.d
grep '(' "$captured/out" >"$work/names"
expect_file "$work/names" <<END
rule (disabled):
END
binfmts --admindir /admin --display --source=database
expect_stdout_lacks 'rule ('
binfmts --admindir /admin --display rule
expect_status 0
expect_stdout_has 'package = <binfmt.d>'
expect_stdout_has "source = $lib_d/a.conf:2"
binfmts --admindir /admin --check both
expect_status 1
expect_stdout "both: binfmt.d: $lib_d/a.conf:1 has another rule of that name; \
the database's counts"

testing 'JSON'
binfmts --admindir /admin --display --json rule
expect_status 0
expect_stdout_has '"origin":"binfmt.d","package":null'
expect_stdout_has "\"source\":\"$lib_d/a.conf:2\""

testing 'usage'
binfmts --cat-config x
expect_status 2
binfmts --cat-config --source=binfmt.d
expect_status 2
binfmts --display --source=nothing
expect_status 2
expect_stderr_has '--source takes a list of database, binfmt.d, kernel, all'
binfmts --display --source=
expect_status 2
binfmts --sync x
expect_status 2

testing 'given files, by a plain user'
fresh
printf ':own:E::own::%s:\n:bad:\n' "$interpreter" >"$work/own.conf"
ub --test --enable --source=binfmt.d "$work/own.conf"
expect_status 2
expect_stdout_has " :own:E:0:own::$interpreter:"
expect_stderr_has "$work/own.conf:2:6: type: is not closed"
ub --enable --source=binfmt.d ./own.conf
expect_rules ":own:E:0:own::$interpreter:"
ub --enable --source=binfmt.d nothing.conf
expect_status 2
expect_stderr_has 'nothing.conf: there is no such file'
ub --enable --source=binfmt.d,database own.conf
expect_status 2

done_testing
