#!/bin/sh
# What is on the disk when: each action that writes flushes files and directory
# in the order that survives a power cut, and once for many.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/faults-lib.sh"

# flushes ARGUMENT...: the order is right; sets $counts.
flushes() {
	reset
	strace -y -o "$work/trace" "$UPDATE_BINFMTS" --admindir "$admin" \
		--importdir "$import" "$@" >"$captured/out" 2>"$captured/err"
	run "$TOP_SRCDIR/tests/faults/power-order" "$admin" "$work/trace"
	verdict 'in the order that survives' 'nothing wrong' \
		test "$status" -eq 0
	counts=$(tail -n 1 "$captured/out")
	ok "$subject: $counts"
}

test_order() {
	needs_strace || return
	for_each_action flushes
}

# Of a hundred files, one flush for all.
test_bulk() {
	needs_strace || return
	program one
	old_kernel() { nothing_registered; }
	for number in $(seq 100); do
		format "f$number" "interpreter $work/one" "magic M$number:"
	done
	mkdir -p "$admin"
	action 'import a hundred' --import
	flushes --import
	expect_counts 'fsync=[0-2] syncfs=1 renames=100 removals=0'
	action 'sync a hundred' --sync
	flushes --sync
	expect_counts 'fsync=[0-2] syncfs=1 renames=100 removals=0'
	for number in $(seq 100); do
		format "f$number" "interpreter $work/one" "magic N$number:"
	done
	cp -a "$work/new/." "$admin"
	action 'unimport a hundred' --unimport
	flushes --unimport
	expect_counts 'fsync=0 syncfs=0 renames=0 removals=100'
}

expect_counts() {
	verdict "$1" "$1, not $counts" expr "$counts" : "$1\$"
}

run_cases "$@"
