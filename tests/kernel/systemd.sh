#!/bin/sh
# Side by side with systemd-binfmt, on the same directories: the same entries
# in the same order.  Where it misbehaves the other tests say what is expected.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/sources-lib.sh"

peer=
for _peer in /lib/systemd/systemd-binfmt /usr/lib/systemd/systemd-binfmt; do
	[ ! -x "$_peer" ] || peer=$_peer
done

needs_peer() {
	if [ -z "$peer" ]; then
		skip "$subject" 'there is no systemd-binfmt'
		return 1
	fi
	replace_sources
}

# both [FILE]...: what it registers, and what we do; expectations may follow
# about ours.
both() {
	clear_kernel
	"$peer" "$@" >"$captured/peer" 2>&1
	kernel_text >"$captured/theirs"
	clear_kernel
	ub --enable --source=binfmt.d "$@"
	kernel_text >"$captured/ours"
	if [ -s "$captured/theirs" ] &&
	    cmp -s "$captured/theirs" "$captured/ours"; then
		ok "$subject: as systemd-binfmt does it"
	else
		{
			explain ''
			sed 's/^/systemd-binfmt: /' "$captured/peer"
			diff "$captured/theirs" "$captured/ours"
		} | not_ok "$subject: as systemd-binfmt does it"
	fi
}

# all_registered NUMBER: of entries.
all_registered() {
	verdict "$1 entries" "$1 entries" \
		test "$(grep -c '^interpreter ' "$captured/ours")" -eq "$1"
	expect_status 0
}

# Rules of the Debian packages of the field, without the files of the programs,
# so without F.
test_packages() {
	needs_peer || return
	rules "$lib_d/binfmtc.conf" \
		':assembler:M::/*BINFMTASM\x3a::/usr/bin/binfmtasm:' \
		':binfmtc:M::/*BINFMTC\x3a::/usr/bin/binfmtc-interpreter:' \
		':binfmtcxx:M:://BINFMTCXX\x3a::/usr/bin/binfmtcxx:' \
		':gcj:M:://BINFMTGCJ\x3a::/usr/bin/binfmtgcj-interpreter:' \
		':f77:M::c\x20BINFMTF\x3a::/usr/bin/binfmtf-interpreter:' \
		':f95:M::\x21\x20BINFMTF95\x3a::/usr/bin/binfmtf95:'
	rules "$lib_d/hatari.conf" ':hatari:M::\x60\x1a::/usr/bin/hatari:'
	rules "$lib_d/sbcl.conf" \
		':binfmt:M::# FASL\x0a::/usr/lib/sbcl/sbcl-run:'
	rules "$lib_d/love.conf" ':love:E::love::/usr/bin/love:'
	rules "$lib_d/python3.11.conf" \
		':python3.11:M::\xa7\x0d\x0d\x0a::/usr/bin/python3.11:'
	rules "$lib_d/llvm-14-runtime.conf" \
		':llvm-14-runtime.binfmt:M::BC::/usr/bin/lli-14:'
	rules "$lib_d/wine" 'package wine' 'interpreter /usr/bin/wine' \
		'magic MZ'
	rules "$lib_d/wine.conf" ':wine:M::MZ::/usr/bin/wine:'
	rules "$lib_d/ape.conf" ':APE:M::MZqFpD::/usr/bin/ape:' \
		':APE-jart:M::jartsr::/usr/bin/ape:'
	rules "$lib_d/appimage.conf" \
		':appimage-type1:M:8:AI\x01::/usr/bin/AppImageLauncher:' \
		':appimage-type2:M:8:AI\x02::/usr/bin/AppImageLauncher:'
	rules "$lib_d/box64.conf" ":box64:M::\
\\x7f\\x45\\x4c\\x46\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\
\\x00\\x02\\x00\\xb7\\x00:\
\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\x00\\x00\\x00\\xff\\xff\\xff\\xff\
\\xff\\xfe\\xff\\xff\\xff:/usr/bin/box64:"
	rules "$lib_d/self.conf" \
		':SELF:M:0:SQLite format 3\x00\x10\x00:\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00:/usr/bin/self:'
	both
	all_registered 18
}

# The files of packages as they are, where the data for tests has them.
test_package_files() {
	needs_peer || return
	_data=$TOP_SRCDIR/../shared/formats/binfmt.d
	if [ ! -d "$_data" ]; then
		skip "$subject" 'the files of packages are not here'
		return
	fi
	for _file in "$_data"/*; do
		sed 's/F$//' "$_file" >"$lib_d/$(basename "$_file")"
	done
	both
	all_registered 8
}

test_flags() {
	needs_peer || return
	program fixed
	rules "$lib_d/a.conf" ":p:M::PPPP::$work/fixed:P" \
		":o:M::OOOO::$work/fixed:O" \
		":c:M::CCCC::$work/fixed:C" \
		":f:M::FFFF::$work/fixed:F" \
		":all:M::ALL::$work/fixed:FPOC" \
		":twice:M::TW::$work/fixed:PP" \
		':gone:M::GONE::/nonexistent/x:F'
	both
	expect_status 2
	expect_stderr_has gone
	expect_stderr_lacks 'Invalid argument'
	verdict '6 entries' '6 entries' \
		test "$(grep -c '^interpreter ' "$captured/ours")" -eq 6
}

test_precedence() {
	needs_peer || return
	rules "$etc_d/a.conf" ':a:E::a::/etc:'
	rules "$run_d/a.conf" ':a:E::a::/run:' ':hidden:E::h::/run:'
	rules "$run_d/b.conf" ':b:E::b::/run:'
	rules "$local_d/b.conf" ':b:E::b::/local:' ':hidden:E::h::/local:'
	rules "$local_d/c.conf" ':c:E::c::/local:'
	rules "$lib_d/a.conf" ':a:E::a::/lib:' ':hidden:E::h::/lib:'
	rules "$lib_d/c.conf" ':c:E::c::/lib:'
	rules "$lib_d/d.conf" ':d:E::d::/lib:'
	both
	all_registered 4
	expect_entry a enabled /etc '' 'extension .a'
	expect_entry b enabled /run '' 'extension .b'
	expect_entry c enabled /local '' 'extension .c'
	expect_entry d enabled /lib '' 'extension .d'
	expect_order d c b a
}

test_masks() {
	needs_peer || return
	for name in null empty; do
		rules "$lib_d/$name.conf" ":$name:E::$name::/lib:"
	done
	ln -s /dev/null "$etc_d/null.conf"
	: >"$run_d/empty.conf"
	ln -s /dev/null "$lib_d/nothing.conf"
	rules "$lib_d/z.conf" ':z:E::z::/lib:'
	both
	all_registered 1
	testing 'hidden by one that says nothing'
	echo '# nothing' >"$etc_d/z.conf"
	rules "$lib_d/y.conf" ':y:E::y::/lib:'
	both
	all_registered 1
}

# Of names bytewise, whatever the directory.
test_order() {
	needs_peer || return
	for name in 10 9 A Z a-b a.b a_b ab z zz; do
		rules "$lib_d/$name.conf" ":$name:M::SAME::/lib/$name:"
	done
	rules "$etc_d/m.conf" ':m1:M::SAME::/m1:' ':m2:M::SAMES::/m2:' \
		':m3:M::S::/m3:' ':m4:E::x::/m4:'
	both
	all_registered 14
	expect_order zz z m4 m3 m2 m1 ab a_b a.b a-b Z A 9 10
}

test_names() {
	needs_peer || return
	rules "$lib_d/a.conf~" ':backup:E::a::/x:'
	rules "$lib_d/.hidden.conf" ':dot:E::a::/x:'
	rules "$lib_d/a.conf.dpkg-new" ':new:E::a::/x:'
	rules "$lib_d/.conf" ':conf:E::a::/x:'
	rules "$lib_d/a.CONF" ':upper:E::a::/x:'
	rules "$lib_d/with blank.conf" ':blank:E::a::/x:'
	rules "$lib_d/-dash.conf" ':dash:E::b::/x:'
	both
	all_registered 2
}

test_lines() {
	needs_peer || return
	_long=$(printf '%0200d' 0)
	{
		printf '# comment\n; another\n\n  \t\n'
		printf '  # comment behind blanks\n'
		printf ':crlf:E::crlf::/x:\r\n'
		printf '  \t:blanks:E::blanks::/x:P \t\n'
		printf '\r\n'
		printf ':long:M::%s::/%s:\n' "$_long" "$_long$_long$_long"
		printf '#%01000000d\n' 0
		printf ':end:E::end::/x:'
	} >"$lib_d/a.conf"
	both
	all_registered 4
}

test_delimiters() {
	needs_peer || return
	# shellcheck disable=SC1003 # it ends in one
	rules "$lib_d/a.conf" ',comma,E,,a:a,,/x,' '|bar|M||a:b||/x:y|P' \
		'xheyxMxx\x41Axx/yx' '-dash-E--d--/y-' '\back\E\\b\\/y\' \
		'%percent%E%%p%%/y%' '!no!E!!n!!/n!' 'aletteraEaalaa/ya' \
		'=eq=M=0=\x41=\xff=/y=P' '1one1E11o11/y1' '"q"E""q""/y"'
	both
	expect_status 0
	expect_stderr ''
}

# Broken ones among others: all others are registered.
test_broken() {
	needs_peer || return
	rules "$lib_d/a.conf" ':first:E::first::/x:' 'nonsense' ':' '::' \
		':short:E' ':type:X::a::/x:' ':lower:e::a::/x:' \
		':offset:M:x:a::/x:' ':deep:M:256:a::/x:' \
		':mask:M::ab:\xff:/x:' ':escape:M::\xg0::/x:' \
		':empty:M::::/x:' ':slash/slash:E::a::/x:' ':register:E::a::/x:' \
		':status:E::a::/x:' ':flags:E::a::/x:Q' ':inter:E::a:::' \
		':ext:E::a/b::/x:' ':more:E::a::/x:P:' ':..:E::a::/x:' \
		':last:E::last::/x:'
	rules "$lib_d/b.conf" 'package p' 'interpreter /x' 'magic MZ'
	rules "$lib_d/c.conf" ':third:E::third::/x:'
	both
	expect_status 2
	verdict '3 entries' '3 entries' \
		test "$(grep -c '^interpreter ' "$captured/ours")" -eq 3
	expect_stderr_lacks 'Invalid argument'
	for _line in 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
		expect_stderr_has "$lib_d/a.conf:$_line:"
	done
	expect_stderr_lacks "$lib_d/a.conf:1:"
	expect_stderr_lacks "$lib_d/a.conf:21:"
	expect_stderr_has "$lib_d/b.conf:1:"
}

test_duplicates() {
	needs_peer || return
	rules "$lib_d/a.conf" ':dup:M::AAAA::/first:' ':other:M::AA::/x:' \
		':dup:M::AAA::/second:'
	rules "$lib_d/b.conf" ':twin:M::AAAA::/x:' ':triple:M::AAAA::/z:'
	rules "$lib_d/c.conf" ':other:M::AA::/y:P'
	both
	all_registered 4
	expect_order other triple twin dup
	expect_entry dup enabled /second '' 'offset 0' 'magic 414141'
}

# What was there of that name is replaced, and moves to the front.
test_again() {
	needs_peer || return
	rules "$lib_d/a.conf" ':a:M::AAAA::/x:' ':b:M::AAA::/x:'
	both
	all_registered 2
	expect_order b a
	ub --enable --source=binfmt.d
	expect_status 0
	expect_order b a
	testing 'one has changed'
	rules "$lib_d/a.conf" ':a:M::AAAA::/y:' ':b:M::AAA::/x:'
	ub --enable --source=binfmt.d
	expect_order b a
	expect_entry a enabled /y '' 'offset 0' 'magic 41414141'
}

# Given files replace what has their names and leave the others.
test_files() {
	needs_peer || return
	rules "$lib_d/a.conf" ':a:E::a::/lib:'
	rules "$lib_d/b.conf" ':b:E::b::/lib:'
	rules "$etc_d/b.conf" ':b:E::b::/etc:'
	rules "$work/own.conf" ':own:E::own::/x:' ':b:E::bb::/own:'
	both a.conf
	all_registered 1
	both b.conf
	expect_entry b enabled /etc '' 'extension .b'
	both "$lib_d/b.conf"
	expect_entry b enabled /lib '' 'extension .b'
	both b.conf "$work/own.conf" a.conf
	all_registered 3
	expect_order a b own
	testing 'others stay'
	clear_kernel
	register ':other:E::o::/o:'
	ub --enable --source=binfmt.d a.conf
	expect_registered a other
	testing 'relative paths, which systemd-binfmt does not find'
	clear_kernel
	ub --enable --source=binfmt.d ./own.conf
	expect_status 0
	expect_registered b own
	clear_kernel
	ub --enable --source=binfmt.d own.conf
	expect_status 0
	expect_registered b own
	testing 'no such file'
	clear_kernel
	ub --enable --source=binfmt.d a.conf nothing.conf
	expect_status 2
	expect_stderr_has nothing.conf
	expect_registered a
}

# --export, given to systemd-binfmt, is what we have registered ourselves.
test_export() {
	needs_peer || return
	program show
	_deep=$(printf '\\x%02x' 1 2 3 0 255 254 10 13 58 92)
	ub --install plain "$work/show" --magic 'PL:A\x3aIN'
	ub --install masked "$work/show" --magic "$_deep" \
		--mask '\xff\xfe\x00\xff\xff\xff\xff\xff\xff\x20' --offset 7
	ub --install preserve "$work/show" --extension pre --preserve yes
	ub --install fixed "$work/show" --magic FIXED --fix-binary yes
	ub --install open "$work/show" --magic OPEN --open-binary yes
	ub --install creds "$work/show" --magic CRED --credentials yes
	ub --install 'n:a me' "$work/show" --extension 'e:x'
	ub --install special "$work/show" --magic PLA --priority 3
	ub --install general "$work/show" --magic P
	ub --install '#hash' "$work/show" --magic '# hash'
	ub --install ';semi' "$work/show" --magic '; semi'
	ub --install é "$work/show" --magic 'é\xe9'
	ub --disable
	is_mounted || mount -t binfmt_misc binfmt_misc "$registry"
	ub --enable
	kernel_text >"$captured/ours"
	ub --export
	expect_status 0
	expect_stderr ''
	cp "$captured/out" "$lib_d/export.conf"
	clear_kernel
	run "$peer"
	expect_status 0
	kernel_text >"$captured/theirs"
	verdict 'the same entries in the same order' 'no difference' \
		diff "$captured/ours" "$captured/theirs"
	verdict '12 entries' '12 entries' \
		test "$(grep -c '^interpreter ' "$captured/theirs")" -eq 12
	testing 'one of them'
	clear_kernel
	ub --export masked
	cp "$captured/out" "$lib_d/export.conf"
	run "$peer"
	expect_registered masked
	testing 'exported and read back by ourselves'
	ub --export
	cp "$captured/out" "$work/export.conf"
	clear_kernel
	run "$UPDATE_BINFMTS" --admindir "$work/none" --enable \
		--source=binfmt.d ./export.conf
	expect_status 0
	kernel_text >"$captured/theirs"
	verdict 'the same entries in the same order' 'no difference' \
		diff "$captured/ours" "$captured/theirs"
}

# What it prints, in its order; the header of a file is its path.
test_cat_config() {
	needs_peer || return
	rules "$lib_d/a.conf" ':a:E::a::/lib:'
	rules "$lib_d/b.conf" '# comment' ':b:E::b::/lib:'
	rules "$etc_d/a.conf" ':a:E::a::/etc:'
	"$peer" --cat-config 2>&1 | grep -v '^$' >"$captured/theirs"
	ub --cat-config
	expect_status 0
	grep -v '^$' "$captured/out" >"$captured/ours"
	verdict 'as systemd-binfmt does it' 'no difference' \
		diff "$captured/theirs" "$captured/ours"
}

run_cases "$@"
