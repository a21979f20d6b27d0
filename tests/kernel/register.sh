#!/bin/sh
# What --install registers is what the kernel has; a file then runs, and no
# longer once the format is disabled or removed.  And each flag gives the
# interpreter what it should.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# cycle FILE OTHER SPEC...: the way of a format, from --install to --remove.
# FILE is of the format, OTHER is not.
cycle() {
	_file=$1 _other=$2
	shift 2
	program show
	ub --install cycle "$work/show" "$@"
	expect_status 0
	expect_silent
	expect_state cycle enabled ''
	expect_runs "$_file" "$work/show"
	exec_file "$_other"
	expect_not_executable
	ub --find "$_file"
	expect_stdout "$work/show"
	ub --find "$_other"
	expect_stdout ''
	ub --disable cycle
	expect_status 0
	expect_registered
	expect_state cycle disabled ''
	exec_file "$_file"
	expect_not_executable
	ub --find "$_file"
	expect_stdout ''
	ub --enable cycle
	expect_status 0
	expect_registered cycle
	expect_runs "$_file" "$work/show"
	ub --remove cycle "$work/show"
	expect_status 0
	expect_registered
	exec_file "$_file"
	expect_not_executable
	check 'the database is empty' rmdir "$admin"
}

test_magic() {
	file magic 'MAGIC and more'
	file other 'MAGIX and more'
	cycle ./magic ./other --magic MAGIC
	ub --install m1 "$work/show" --magic 'M\x41\x00\x3a'
	expect_entry m1 enabled "$work/show" '' 'offset 0' 'magic 4d41003a'
}

test_short_file() {
	file magic 'MA'
	file other 'MAX'
	cycle ./magic ./other --magic 'MA\x00\x00'
}

test_mask() {
	file magic '\101\102Z\104'
	file other '\101\302Z\104'
	cycle ./magic ./other --magic 'AbCD' --mask '\xff\xdf\x00\xff'
	ub --install m1 "$work/show" --magic 'AB' --mask '\x0f\xf0'
	expect_entry m1 enabled "$work/show" '' 'offset 0' 'magic 4142' \
		'mask 0ff0'
}

test_offset() {
	file magic '0123456789MAGIC'
	file other 'MAGIC6789MAGIC'
	cycle ./magic ./other --magic MAGIC --offset 10
	ub --install m1 "$work/show" --magic AB --offset 254
	expect_entry m1 enabled "$work/show" '' 'offset 254' 'magic 4142'
}

test_extension() {
	file program.ext 'anything'
	file program.Ext 'anything'
	cycle ./program.ext ./program.Ext --extension ext
	ub --install e1 "$work/show" --extension 'e x:t'
	expect_status 0
	expect_entry e1 enabled "$work/show" '' 'extension .e x:t'
	file 'f.e x:t' ''
	expect_runs './f.e x:t' "$work/show"
}

# What the path is called counts, not what it leads to.
test_extension_of_path() {
	mkdir dir.ext
	file program.ext 'text'
	file program 'text'
	file .ext 'text'
	ln -s program link.ext
	ln -s program.ext link
	cp program dir.ext
	program show
	ub --install e "$work/show" --extension ext
	for path in program.ext ./.ext "$work/link.ext"; do
		expect_runs "$path" "$work/show"
		ub --find "$path"
		expect_stdout "$work/show"
	done
	for path in ./program ./link dir.ext/program; do
		exec_file "$path"
		expect_not_executable
		ub --find "$path"
		expect_stdout ''
	done
	testing 'a descriptor has no extension'
	exec_file -d program.ext
	expect_not_executable
}

test_delimiters() {
	program 'a:b' 'all:|,!'
	file f 'C:X'
	ub --install colon "$work/a:b" --magic 'C\x3aX'
	expect_status 0
	expect_entry colon enabled "$work/a:b" '' 'offset 0' 'magic 433a58'
	expect_runs ./f "$work/a:b"
	ub --install 'many:' "$work/all:|,!" --magic 'C:X0\x0a'
	expect_status 0
	expect_entry 'many:' enabled "$work/all:|,!" '' 'offset 0' \
		'magic 433a58300a'
	file g 'C:X0\n'
	expect_runs ./g "$work/all:|,!"
}

# 256 bytes of a file count; the register string is the narrower limit.
test_longest() {
	program show
	raw=$(printf '%0256d' 0 | tr 0 A)
	file f "$raw"
	ub --install longest "$work/show" --magic "$raw"
	expect_status 0
	expect_runs ./f "$work/show"
	name=$(printf '%0255d' 0)
	ub --install "$name" "$work/show" --magic LN
	expect_status 0
	check 'a name of 255 bytes' test -e "$registry/$name"
}

# Flags -----------------------------------------------------------------------

# flagged FLAGS OPTION...: installs; the entry has these flags.
flagged() {
	_flags=$1
	shift
	program show
	file f 'FLAG'
	ub --install flag "$work/show" --magic FLAG "$@"
	expect_status 0
	expect_silent
	expect_entry flag enabled "$work/show" "$_flags" 'offset 0' \
		'magic 464c4147'
}

test_no_flags() {
	flagged ''
	exec_file -0 zero ./f one 'two three' ''
	expect_stdout "argv [$work/show] [./f] [one] [two three] []
flags 0
execfn ./f
execfd none"
	SHOW='fds program cwd' exec_file ./f
	expect_stdout "fds 0 1 2
program $work/show
cwd $work"
}

test_preserve() {
	flagged P --preserve yes
	exec_file -0 zero ./f one
	expect_stdout "argv [$work/show] [./f] [zero] [one]
flags 0x1
execfn ./f
execfd none"
	ub --display flag
	expect_stdout_has '    preserve = yes'
}

test_open_binary() {
	flagged O --open-binary yes
	exec_file ./f one
	expect_stdout "argv [$work/show] [./f] [one]
flags 0
execfn ./f
execfd 3 $work/f at 0"
	testing 'the lowest free descriptor'
	SHOW=execfd exec_file ./f 3</dev/null
	expect_stdout "execfd 4 $work/f at 0"
	testing 'a file that cannot be read'
	needs_root || return
	program show
	chmod 111 f
	SHOW='argv execfd ids' exec_file -u 1000 ./f
	expect_stdout "argv [$work/show] [./f]
execfd 3 $work/f at 0
ids uid 1000 euid 1000 gid 1000 egid 1000 secure 0"
}

test_credentials() {
	needs_root || return
	# Where set-user-ID counts for sure.
	mkdir suid
	mount -t tmpfs -o mode=755 binfmts-test suid
	flagged OC --credentials yes
	cp f suid/f
	chmod 4755 suid/f
	export SHOW='ids execfd'
	exec_file -u 1000 suid/f
	expect_stdout "ids uid 1000 euid 0 gid 1000 egid 1000 secure 1
execfd 3 $work/suid/f at 0"
	testing 'without credentials'
	ub --install flag "$work/show" --magic FLAG --credentials no
	expect_status 0
	exec_file -u 1000 suid/f
	expect_stdout "ids uid 1000 euid 1000 gid 1000 egid 1000 secure 0
execfd none"
}

test_fix_binary() {
	flagged F --fix-binary yes
	SHOW='argv program' exec_file ./f one
	expect_stdout "argv [$work/show] [./f] [one]
program $work/show"
	testing 'fixed: renamed away'
	mv show show.old
	program show
	SHOW=program exec_file ./f
	expect_stdout "program $work/show.old"
	testing 'fixed: removed'
	rm show.old show
	SHOW=program exec_file ./f
	expect_stdout "program $work/show.old (deleted)"
	testing 'fixed: replaced by the same command'
	program show
	ub --disable flag
	ub --enable flag
	expect_status 0
	SHOW=program exec_file ./f
	expect_stdout "program $work/show"
}

test_all_flags() {
	flagged POCF --preserve yes --open-binary yes --credentials yes \
		--fix-binary yes
	exec_file -0 zero ./f
	expect_stdout "argv [$work/show] [./f] [zero]
flags 0x1
execfn ./f
execfd 3 $work/f at 0"
	expect_state flag enabled ''
}

# Replacing -------------------------------------------------------------------

test_replacing() {
	program one two
	file f 'MAGIC'
	file g 'OTHER'
	ub --install format "$work/one" --magic MAGIC
	ub --install format "$work/two" --magic MAGIC --preserve yes
	expect_status 0
	expect_entry format enabled "$work/two" P 'offset 0' 'magic 4d41474943'
	expect_registered format
	expect_runs ./f "$work/two"
	ub --install format "$work/two" --magic OTHER
	expect_status 0
	expect_runs ./g "$work/two"
	exec_file ./f
	expect_not_executable
	ub --install format "$work/two" --extension other
	expect_status 0
	expect_entry format enabled "$work/two" '' 'extension .other'
	expect_registered format
}

# The name under which an entry is registered while it is replaced can be too
# long for the rule; that is no reason not to replace it.
test_replacing_the_longest() {
	file f "$(printf '%0256d' 0 | tr 0 A)"
	path=$work
	while [ "${#path}" -lt 1100 ]; do
		path=$path/$(printf '%0200d' 0)
	done
	path=$path/$(printf "%0$((1398 - ${#path} - 2 - 5))d" 0)
	mkdir -p "$path"
	for interpreter in "$path/first" "$path/other"; do
		cp "$TEST_TOOLS/show-exec" "$interpreter"
		ub --install n "$interpreter" --magic "$(cat f)" \
			--mask "$(tr A '~' <f)"
		expect_status 0
		expect_runs ./f "$interpreter"
		expect_registered n
	done
	check 'this is the longest rule' \
		test "$(ub --test --install n "$path/other/" \
			--magic "$(cat f)" --mask "$(tr A '~' <f)" 2>&1; \
			grep -c 1921 "$captured/err")" -eq 1
}

run_cases "$@"
