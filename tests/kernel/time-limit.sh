#!/bin/sh
# A detector that does not answer.  In a script of its own, since it takes as
# long as a detector may take.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

test_time_limit() {
	program slow fast
	# Neither it nor its children listen.
	script hanging <<-END
		trap '' INT TERM HUP
		echo started >&2
		sleep 300 &
		echo "\$\$ \$!" >>"$work/pids"
		sleep 300
	END
	file f SLOW
	ub --install slow "$work/slow" --magic SLOW --detector "$work/hanging"
	# The same at the same time, with one more format to go on with.
	mkdir -p other proc
	cp "$admin/slow" other
	sed "s,$work/slow,$work/fast,; s,$work/hanging,," "$admin/slow" \
		>other/then
	echo enabled | tee proc/register proc/status proc/slow >proc/then
	SHOW=argv "$RUN_DETECTORS" --admindir other --procdir proc ./f \
		>then.out 2>&1 &
	start=$(date +%s%N)
	exec_file ./f
	took=$((($(date +%s%N) - start) / 1000000))
	expect_status 127
	expect_stdout ''
	expect_stderr "started
run-detectors: ./f: no interpreter can run this file; format slow: detector \
$work/hanging did not answer within 10 seconds"
	check "it took ten seconds, not $took ms" \
		test "$took" -ge 10000 -a "$took" -lt 14000
	wait
	while read -r pid child; do
		check 'nothing of it is left' is_gone "$pid"
		check 'nothing of it is left' is_gone "$child"
	done <pids
	testing 'the next format is tried'
	run cat then.out
	expect_stdout "started
argv [$work/fast] [./f]"
}

run_cases "$@"
