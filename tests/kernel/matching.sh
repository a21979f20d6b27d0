#!/bin/sh
# What we think about rules and files is what the kernel does: which format a
# file is run by, which register strings are accepted, and what an entry looks
# like.  On things made from a seed, so always the same ones.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# agrees COMMAND...: with what it says as the name of the test.
agrees() {
	run timeout -k 1 120 "$@"
	verdict "$(tail -n 1 "$captured/out")" 'no disagreement' \
		test "$status" -eq 0
}

test_matching() {
	for seed in 1 2 3; do
		mkdir "$seed"
		agrees "$TEST_TOOLS/match-oracle" "$work/$seed" \
			"$TEST_TOOLS/exit-number" "$seed"
	done
}

test_register_strings() {
	program show
	agrees "$TEST_TOOLS/rule-oracle" "$work/show" 1
}

run_cases "$@"
