#!/bin/sh
# --root DIR: the system below DIR.  Whatever links it holds, nothing outside
# is read or changed, and none of its programs is executed.

. "${TOP_SRCDIR:=.}/tests/lib.sh"

# The directories that configure was told, while we may read that.
# variables NAME...: their values, with a colon behind each.
variables() {
	for _variable in prefix exec_prefix datarootdir localstatedir \
	    sysconfdir importdir; do
		_value=$(sed -n "s/^$_variable = //p" \
			"$TOP_BUILDDIR/config.mk")
		eval "$_variable=\"$_value\""
	done
	for _variable; do
		eval "printf '%s:' \"\$$_variable\""
	done
}

: "${IMAGE_DIRECTORIES:=$(variables sysconfdir localstatedir importdir)}"
export IMAGE_DIRECTORIES
as_plain_user "$@"
begin

etc=$(echo "$IMAGE_DIRECTORIES" | cut -d : -f 1)
lib=$(echo "$IMAGE_DIRECTORIES" | cut -d : -f 2)/lib
share=$(echo "$IMAGE_DIRECTORIES" | cut -d : -f 3)
root=$work/outside/root
sentinel=$work/outside

# image: a system with nothing in it; and around it what must stay as it is.
image() {
	chmod -R u+rwx "$sentinel" 2>/dev/null
	rm -rf "$sentinel"
	mkdir -p "$root$etc/binfmt.d" "$root$etc/binfmts" "$root$lib" \
		"$root$share" "$root/usr/bin" "$root/usr/lib/binfmt.d" \
		"$root/run" "$sentinel/etc/binfmt.d" "$sentinel/admin" \
		"$sentinel/usr/share/binfmts"
	printf 'SECRET\n' >"$sentinel/secret"
	printf 'package SECRET\ninterpreter /SECRET\nmagic SECRET\n' \
		>"$sentinel/usr/share/binfmts/SECRET"
	printf ':SECRET:E::SECRET::/SECRET:\n' \
		>"$sentinel/etc/binfmt.d/SECRET.conf"
	printf 'SECRET\nmagic\n0\nSECRET\n\n/SECRET\n\n\n\n\n' \
		>"$sentinel/admin/SECRET"
	(cd "$sentinel" && list_outside) >"$captured/outside"
}

# All but what is below root.
list_outside() {
	find . -path ./root -prune -o -printf '%p %y %m %s %T@ %l\n' | sort
	find . -path ./root -prune -o -type f -exec cksum {} + | sort
}

# binfmts ARGUMENT...: on the image, with the directories of configure.
binfmts() {
	run "$TEST_TOOLS/within" 60 "$UPDATE_BINFMTS" --root "$root" "$@"
}

# contained: nothing outside was changed, and nothing of it was told.
contained() {
	(cd "$sentinel" && list_outside) >"$captured/after"
	verdict 'nothing outside has changed' 'no difference' \
		diff "$captured/outside" "$captured/after"
	expect_stdout_lacks SECRET
	expect_stderr_lacks SECRET
}

program() {
	mkdir -p "$(dirname "$root$1")"
	cp "$TEST_TOOLS/show-exec" "$root$1"
}

format() {
	_file=$root$share/$1
	shift
	printf '%s\n' 'package test' "$@" >"$_file"
}

# everything: each action that goes with --root, in turn.
everything() {
	_ended=yes
	for _action in --sync '--import x' \
	    '--install x /usr/bin/x --magic XXXX' \
	    '--display --source=all' --check '--export --source=all' \
	    --cat-config --unimport '--remove x x'; do
		# shellcheck disable=SC2086 # several words
		"$TEST_TOOLS/within" 20 "$UPDATE_BINFMTS" --root "$root" \
			$_action || [ $? -le 2 ] || _ended=$_action
	done >"$captured/out" 2>"$captured/err"
	status=$_ended
	_command='all actions'
	verdict 'each ends by itself' 'status 0, 1 or 2' \
		test "$_ended" = yes
	contained
}

# The ordinary case -----------------------------------------------------------

testing 'importing'
image
program /usr/bin/one
format one 'interpreter /usr/bin/one' 'magic ONE1'
binfmts --import
expect_status 0
expect_stderr ''
check 'is recorded below' test -f "$root$lib/binfmts/one"
contained

testing 'the lock is beside the database'
check 'below' test -f "$root$lib/binfmts.lock"

testing 'installing'
binfmts --install two /usr/bin/one --magic TWO2 --package p
expect_status 0
check 'is recorded below' test -f "$root$lib/binfmts/two"
binfmts --install three /bin/sh --magic THREE
expect_stderr_has 'interpreter /bin/sh: No such file'
contained

testing 'displaying'
printf ':rule:E::rul::/usr/bin/one:P\n' >"$root/usr/lib/binfmt.d/r.conf"
printf 'preserve yes\n' >"$root$etc/binfmts/two"
binfmts --display
expect_status 0
expect_stdout_has 'one (disabled):'
expect_stdout_has 'rule (disabled):'
expect_stdout_has 'source = /usr/lib/binfmt.d/r.conf:1'
expect_stdout_has "override = $etc/binfmts/two"
expect_stdout_lacks 'state ='

testing 'exporting'
binfmts --export --source=database,binfmt.d
expect_status 0
expect_stdout_has ':one:M:0:ONE1::/usr/bin/one:'
expect_stdout_has ':two:M:0:TWO2::/usr/bin/one:P'
expect_stdout_has ':rule:E:0:rul::/usr/bin/one:P'

testing 'printing the files'
printf '# nothing\n:r2:E::x::/x:' >"$root$etc/binfmt.d/s.conf"
ln -s /dev/null "$root$etc/binfmt.d/t.conf"
printf ':hidden:E::x::/x:\n' >"$root/usr/lib/binfmt.d/t.conf"
binfmts --cat-config
expect_status 0
expect_stdout_has '# /usr/lib/binfmt.d/r.conf'
expect_stdout_has "# $etc/binfmt.d/s.conf"
expect_stdout_has ':r2:E::x::/x:'
expect_stdout_lacks hidden

testing 'syncing'
format one 'interpreter /usr/bin/one' 'magic ONE1' 'priority 4'
format four 'interpreter /usr/bin/one' 'magic FOUR'
binfmts --test --sync
expect_status 0
expect_no_file "$root$lib/binfmts/four"
binfmts --sync
expect_status 0
expect_stdout_has '1 imported, 1 updated, 0 dropped, 0 registered'
cd "$root" || exit 1
remember
binfmts --sync
expect_stdout_has 'nothing else to do'
check 'a second run writes nothing' unchanged
cd "$work" || exit 1
rm "$root$share/one"
binfmts --sync
expect_stdout_has 'one: dropped'
expect_no_file "$root$lib/binfmts/one"
check 'what was installed stays' test -f "$root$lib/binfmts/two"
contained

testing 'removing'
binfmts --remove two /usr/bin/one --package p
expect_status 0
expect_no_file "$root$lib/binfmts/two"
binfmts --unimport
expect_status 0
expect_no_file "$root$lib/binfmts/four"

testing 'directories are below, too'
mkdir -p "$root/srv/import"
printf '%s\n' 'package p' 'interpreter /usr/bin/one' 'magic SRV1' \
	>"$root/srv/import/srv"
binfmts --admindir /srv/admin --importdir /srv/import --import
expect_status 0
check 'is recorded there' test -f "$root/srv/admin/srv"
binfmts --admindir srv/admin/ --importdir srv/import/ --import srv
expect_status 0
binfmts --admindir /srv/admin --import /srv/import/srv
expect_status 0
contained

testing 'no such directory'
run "$UPDATE_BINFMTS" --root "$work/nothing" --display
expect_status 2
expect_stderr_has "$work/nothing: cannot open"
run "$UPDATE_BINFMTS" --root "$sentinel/secret" --display
expect_status 2
run "$UPDATE_BINFMTS" --root '' --display
expect_status 2
expect_no_file "$work/nothing"

testing 'a relative one'
cd "$root/.." || exit 1
run "$UPDATE_BINFMTS" --root root --display
expect_status 0
expect_stdout_has 'rule (disabled):'
run "$UPDATE_BINFMTS" --root root/usr/.. --display
expect_stdout_has 'rule (disabled):'
cd "$work" || exit 1

for action in --enable '--enable x' --disable '--disable x' '--find /bin/sh' \
    '--explain /bin/sh' '--adopt x'; do
	testing "not with $action"
	# shellcheck disable=SC2086 # several words
	binfmts $action
	expect_status 2
	expect_stdout ''
	expect_stderr_has '--root'
	contained
done

# Hostile trees ---------------------------------------------------------------

# hostile NAME TARGET: everything, with a link to TARGET in each place that is
# looked at.
hostile() {
	testing "$1: the database"
	image
	ln -s "$2" "$root$lib/binfmts"
	everything
	testing "$1: the parent of the database"
	image
	rmdir "$root$lib"
	ln -s "$2" "$root$lib"
	everything
	testing "$1: the format files"
	image
	rmdir "$root$share"
	ln -s "$2" "$root$share"
	everything
	testing "$1: the rules and overrides"
	image
	rmdir "$root$etc/binfmt.d" "$root$etc/binfmts"
	ln -s "$2" "$root$etc/binfmt.d"
	ln -s "$2" "$root$etc/binfmts"
	everything
	testing "$1: all files"
	image
	mkdir "$root$lib/binfmts"
	ln -s "$2" "$root$lib/binfmts/x"
	ln -s "$2" "$root$lib/binfmts.lock"
	ln -s "$2" "$root$share/x"
	ln -s "$2" "$root$etc/binfmts/x"
	ln -s "$2" "$root$etc/binfmt.d/x.conf"
	everything
	testing "$1: the programs"
	image
	ln -s "$2" "$root/usr/bin/x"
	format x 'interpreter /usr/bin/x' 'magic XXXX' 'detector /usr/bin/x'
	everything
}

for target in / .. ../../../../../.. "$sentinel/admin" \
    "$sentinel/usr/share/binfmts" "$sentinel/etc/binfmt.d" \
    "$sentinel/secret" ../../../secret /../../secret \
    /proc/self/cwd/outside/admin /proc/self/root"$sentinel/admin" \
    /proc/self/fd/3 /dev/stdin binfmts x /nonexistent \
    /../outside/admin; do
	hostile "$target" "$target"
done

testing 'links of the process, where proc is a link'
image
ln -s /proc "$root/proc"
ln -s "/proc/self/root$sentinel/admin" "$root$lib/binfmts"
everything

testing 'nothing is created through a dangling link'
image
ln -s "$sentinel/new" "$root$lib/binfmts"
binfmts --install x /usr/bin/x --magic XXXX
expect_status 2
expect_no_file "$sentinel/new"
expect_no_file "$sentinel/new.lock"
contained

testing 'a link that stays inside is followed'
image
mkdir -p "$root/srv/real"
ln -s /srv/real "$root$lib/binfmts"
binfmts --install x /usr/bin/x --magic XXXX
expect_status 0
check 'recorded' test -f "$root/srv/real/x"
check 'the lock stands there' test -f "$root/srv/real.lock"
contained

testing 'other kinds of files'
image
mkdir "$root$lib/binfmts"
for directory in "$root$lib/binfmts" "$root$share" "$root$etc/binfmts"; do
	mkfifo "$directory/fifo"
	mkdir "$directory/directory"
done
mkfifo "$root$etc/binfmt.d/fifo.conf" "$root/usr/bin/x"
format x 'interpreter /usr/bin/x' 'magic XXXX'
everything

testing 'no program of it is executed'
image
cat >"$root/usr/bin/x" <<END
#!/bin/sh
touch "$sentinel/executed"
END
chmod 755 "$root/usr/bin/x"
format x 'interpreter /usr/bin/x' 'magic XXXX' 'detector /usr/bin/x'
everything
expect_no_file "$sentinel/executed"

# Checking --------------------------------------------------------------------

# elf PATH [LOADER]: a program, static or with a loader.
elf() {
	mkdir -p "$(dirname "$root$1")"
	python3 - "$root$1" "${2-}" <<-\END
		import struct, sys
		path, loader = sys.argv[1], sys.argv[2].encode()
		head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
		    "<HHIQQQIHHHHHH", 2, 62, 1, 0x400000, 64, 0, 0, 64, 56,
		    1 if loader else 0, 0, 0, 0)
		if loader:
		    head += struct.pack("<IIQQQQQQ", 3, 4, 120, 120, 120,
		        len(loader) + 1, len(loader) + 1, 1)
		open(path, "wb").write(head + loader + b"\0")
	END
	chmod 755 "$root$1"
}

# checked STATUS: the format x, and what there is to say.
checked() {
	binfmts --check x
	expect_status "$1"
	[ "$1" -ne 0 ] || expect_stdout ''
	contained
}

check_image() {
	testing "checking: $1"
	image
	shift
	format x 'interpreter /usr/bin/x' 'magic XXXX' "$@"
	binfmts --import
}

check_image 'no interpreter'
checked 1
expect_stdout_has 'x: missing-interpreter: /usr/bin/x: No such file'

check_image 'a static one'
elf /usr/bin/x
checked 0

check_image 'not executable'
elf /usr/bin/x
chmod 644 "$root/usr/bin/x"
checked 1
expect_stdout_has 'not executable'

check_image 'without its loader'
elf /usr/bin/x /lib/ld-x.so
checked 1
expect_stdout_has 'x: missing-loader: '
expect_stdout_has /lib/ld-x.so

check_image 'with its loader'
elf /usr/bin/x /lib/ld-x.so
elf /lib/ld-x.so
checked 0

check_image 'the loader is outside'
loader=$(find /lib64/ld-linux* /lib/ld-linux* 2>/dev/null | head -n 1)
if [ -n "$loader" ]; then
	elf /usr/bin/x "$loader"
	checked 1
	expect_stdout_has 'x: missing-loader: '
else
	skip "$subject" 'there is no loader here'
fi

check_image 'a link of the system'
ln -s "$TEST_TOOLS/show-exec" "$root/usr/bin/x"
checked 1
expect_stdout_has 'missing-interpreter'

check_image 'an absolute link below'
elf /opt/x/bin/x
ln -s /opt/x/bin/x "$root/usr/bin/x"
checked 0

check_image 'a script'
printf '#!/bin/interp -x\n' >"$root/usr/bin/x"
chmod 755 "$root/usr/bin/x"
checked 1
expect_stdout_has '/bin/interp'
elf /bin/interp
checked 0

check_image 'fixed, and only in this system' 'fix_binary yes'
rm "$root$share/x"
format x "interpreter $TEST_TOOLS/show-exec" 'magic XXXX' 'fix_binary yes'
binfmts --import x
binfmts --check x
case $(od -An -tx1 -j16 -N1 "$TEST_TOOLS/show-exec")$(
	readelf -l "$TEST_TOOLS/show-exec" 2>/dev/null | grep -c INTERP) in
*0) expect_status 0 ;;
*) skip "$subject" 'no static program here' ;;
esac

if [ -n "$loader" ]; then
	testing 'checking: fixed, and not static'
	format x 'interpreter /bin/sh' 'magic XXXX' 'fix_binary yes'
	binfmts --import x
	binfmts --check x
	expect_status 1
	expect_stdout_has 'missing-loader: interpreter /bin/sh is not static'
	testing 'checking: not fixed, and only in this system'
	format x 'interpreter /bin/sh' 'magic XXXX'
	binfmts --import x
	checked 1
	expect_stdout_has 'missing-interpreter'
fi

check_image 'a missing detector' 'detector /usr/bin/detect'
elf /usr/bin/x
checked 1
expect_stdout_has 'x: missing-detector: /usr/bin/detect'
expect_stdout_has 'run-detectors: No such file'

check_image 'a rule'
elf /usr/bin/y /lib/ld-y.so
printf ':y:M::YYYY::/usr/bin/y:F\n' >"$root/usr/lib/binfmt.d/y.conf"
elf /usr/bin/x
binfmts --check
expect_status 1
expect_stdout_has 'y: missing-loader'
elf /lib/ld-y.so
binfmts --check
expect_status 0
binfmts --check --json
expect_stdout_has '"clean":true'

done_testing
