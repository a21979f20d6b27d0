#!/bin/sh
# Of the formats that match a file the kernel takes the one with the higher
# priority, then with more significant bits, then with the earlier name; in
# whatever order they came.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# install NAME [OPTION]...: an interpreter of that name.
install() {
	_format=$1
	shift
	program "$_format"
	ub --install "$_format" "$work/$_format" "$@"
	expect_status 0
	expect_stderr ''
}

test_specific_first() {
	file f 'ABCDEF'
	file g 'ABCXXX'
	file h 'ABXXXX'
	install special --magic ABCDEF
	install middle --magic ABC
	install general --magic AB
	expect_runs ./f "$work/special"
	expect_runs ./g "$work/middle"
	expect_runs ./h "$work/general"
	expect_order special middle general
	testing 'in the other order'
	ub --disable
	ub --enable general
	ub --enable middle
	ub --enable special
	expect_order special middle general
	expect_runs ./f "$work/special"
	testing 'all at once'
	ub --disable
	ub --enable
	expect_order special middle general
	testing 'the one in the middle'
	ub --disable middle
	expect_runs ./g "$work/general"
	ub --enable middle
	expect_order special middle general
	expect_runs ./g "$work/middle"
}

# Only what can match the same file has to move.
test_others_stay() {
	install other --magic XYZ
	install special --magic ABC
	install general --magic AB
	expect_order special general other
	install more --magic XY
	expect_order other more special general
}

test_significant_bits() {
	file f 'ABCDEF'
	file f.ext 'ABCDEF'
	# 28, 24 and 20 bits; in f.ext also 24, and an earlier name.
	install c --magic ABCD --mask '\xff\xff\xff\x0f'
	install b --magic ABC
	install d --magic XBXXXF --mask '\x00\xff\x00\x00\x0f\xff'
	expect_runs ./f "$work/c"
	expect_order c b d
	ub --remove c x
	expect_runs ./f "$work/b"
	install a --extension ext
	expect_runs ./f.ext "$work/a"
	install e --extension ext2
	file f.ext2 'ABCDEF'
	expect_runs ./f.ext2 "$work/e"
	ub --remove a x
	install z --extension ext
	expect_runs ./f.ext "$work/b"
}

test_name() {
	file f 'ABCDEF'
	install z --magic AxC --mask '\xff\x00\xff'
	install m --magic ABx --mask '\xff\xff\x00'
	install a --magic xBC --mask '\x00\xff\xff'
	expect_runs ./f "$work/a"
	expect_order a m z
	ub --disable
	ub --enable
	expect_order a m z
	install B --magic xBxD --mask '\x00\xff\x00\xff'
	expect_runs ./f "$work/B"
}

test_priority() {
	file f 'ABCDEF'
	install special --magic ABCDEF
	install general --magic AB --priority 1
	expect_runs ./f "$work/general"
	install special --magic ABCDEF --priority 2
	expect_runs ./f "$work/special"
	install special --magic ABCDEF
	expect_runs ./f "$work/general"
	install general --magic AB --priority -1
	expect_runs ./f "$work/special"
	ub --display general
	expect_stdout_has 'priority = -1'
	testing 'imported'
	format imported "interpreter $work/general" 'magic A' 'priority 3'
	ub --import
	expect_runs ./f "$work/general"
	expect_order imported special general
}

# A format that changes what it matches.
test_changing() {
	file f 'ABCDEF'
	install a --magic ABCDEF
	install b --magic ABC
	install a --magic AB
	expect_runs ./f "$work/b"
	expect_order b a
	install a --magic ABCD
	expect_runs ./f "$work/a"
	testing 'shared, and no longer'
	install b --magic ABCD
	install c --magic AB
	expect_runs ./f "$work/a"
	ub --remove b x
	expect_runs ./f "$work/a"
	expect_order a c
}

# What is disabled in the kernel has its place, and takes it when it is
# enabled.
test_disabled() {
	file f 'ABCDEF'
	install special --magic ABCDEF
	control special 0
	install general --magic AB
	expect_runs ./f "$work/general"
	ub --enable special
	expect_runs ./f "$work/special"
	expect_order special general
}

# A whole import, in the order of the names.
test_import() {
	program a b c d
	format a "interpreter $work/a" 'magic A'
	format b "interpreter $work/b" 'magic ABC'
	format c "interpreter $work/c" 'magic AB'
	format d "interpreter $work/d" 'extension d'
	ub --import
	expect_status 0
	expect_stdout_has '4 newly registered'
	expect_order b c a d
	file f 'ABC'
	file f.d 'ABC'
	expect_runs ./f "$work/b"
	expect_runs ./f.d "$work/b"
	ub --unimport c
	expect_order b a d
	ub --import
	expect_status 0
	expect_order b c a d
}

run_cases "$@"
