#!/bin/sh
# --check: each kind of finding is found where there is reason for it, and
# nowhere else.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# What is remembered in /run, and the rules of this machine, are not ours.
prepare() {
	mount -t tmpfs binfmts-test /run
	for _directory in /etc /usr/local/lib /usr/lib; do
		[ ! -d "$_directory/binfmt.d" ] ||
			mount -t tmpfs binfmts-test "$_directory/binfmt.d"
	done
	program show other
	file one ONE
	ub --install one "$work/show" --magic ONE
	ub --install ext "$work/other" --extension ext
}

# expect_clean [NAME]
expect_clean() {
	ub --check "$@"
	expect_status 0
	expect_silent
}

# expect_finding NAME KIND TEXT [CHECKED]: this one and no other; the same as
# JSON, and when only that format is checked.
expect_finding() {
	ub --check
	expect_status 1
	expect_stderr ''
	expect_stdout "$1: $2: $3"
	ub --check --json
	expect_status 1
	expect_stderr ''
	# shellcheck disable=SC2016 # jq's variables
	verdict 'the same as JSON' "$1, $2, $3" jq -e --arg name "$1" \
		--arg kind "$2" --arg text "$3" '.clean == false and
		(.findings | length == 1) and (.findings[0] |
			(.name // "binfmt_misc") == $name and .kind == $kind and
			.text == $text)' "$captured/out"
}

expect_finding_of_one() {
	expect_finding "$@"
	ub --check "$1"
	expect_status 1
	expect_stdout "$1: $2: $3"
	expect_clean ext
}

test_clean() {
	prepare
	expect_clean
	expect_clean one
	ub --check --json
	expect_status 0
	expect_stdout '{"findings":[],"clean":true}'
	testing 'not there'
	ub --check nothing
	expect_status 2
	expect_stderr 'update-binfmts: nothing: not in the database, nor in '\
'binfmt.d'
	expect_stdout ''
	testing 'an entry of somebody else'
	register ":foreign:M::FOREIGN::$work/missing:"
	expect_clean
	testing 'nothing recorded'
	ub --remove one x
	ub --remove ext x
	expect_clean
	umount "$registry"
	expect_clean
}

test_programs() {
	prepare
	mv show moved
	expect_finding_of_one one missing-interpreter \
		"$work/show: No such file or directory"
	mkdir show
	expect_finding one missing-interpreter "$work/show: not a regular file"
	rmdir show
	: >show
	expect_finding one missing-interpreter "$work/show: not executable"
	mv moved show
	expect_clean
	testing 'a detector'
	cp show detector
	ub --install one "$work/show" --magic ONE --detector "$work/detector"
	expect_clean
	rm detector
	expect_finding_of_one one missing-detector \
		"$work/detector: No such file or directory"
}

# wants_loader FILE: a program whose loader there is not.
wants_loader() {
	_loader=$(head -c 4096 /bin/sh | tr '\0' '\n' |
		grep -a -m 1 '^/[a-z0-9/]*/ld-[-a-z0-9_.]*$')
	missing=$(echo "$_loader" | sed 's,/ld-,/XX-,')
	sed "s,$_loader,$missing," /bin/sh >"$1"
	chmod 755 "$1"
}

test_loader() {
	prepare
	wants_loader loaderless
	ub --install one "$work/loaderless" --magic ONE
	expect_finding_of_one one missing-loader \
		"interpreter $work/loaderless needs $missing: No such file or \
directory"
}

test_script_interpreter() {
	prepare
	script interpreter </dev/null
	ub --install one "$work/interpreter" --magic ONE
	expect_clean
	for option in open-binary credentials; do
		ub --install one "$work/interpreter" --magic ONE "--$option" yes
		expect_finding_of_one one script-interpreter \
			"$work/interpreter is a script, which the kernel \
refuses with credentials or open_binary"
	done
	ub --install one "$work/interpreter" --magic ONE --preserve yes
	expect_finding_of_one one script-interpreter "$work/interpreter is a \
script, and with preserve its arguments are not what it expects"
}

test_detectors() {
	prepare
	script yes </dev/null
	ub --install one "$work/show" --magic ONE --detector "$work/yes" \
		--preserve yes
	expect_finding_of_one one lost-flags 'served by run-detectors, so the '\
'interpreter gets neither AT_FLAGS nor AT_EXECFD'
	ub --install one "$work/show" --magic ONE --detector "$work/yes" \
		--open-binary yes
	expect_finding_of_one one lost-flags 'served by run-detectors, so the '\
'interpreter gets neither AT_FLAGS nor AT_EXECFD'
	format cred "interpreter $work/show" 'magic CRED' \
		"detector $work/yes" 'credentials yes'
	ub --install one "$work/show" --magic ONE
	ub --import cred
	expect_finding_of_one cred without-credentials \
		'served by run-detectors, so without credentials'
}

# differs RULE TEXT: the rest of the rule by which one is registered.
differs() {
	testing "$2"
	control one -1
	register ":one:M::$1"
	expect_finding_of_one one differs "$2"
}

test_registration() {
	prepare
	control one -1
	expect_finding_of_one one not-registered \
		'update-binfmts --enable one registers it'
	ub --enable one
	expect_clean
	testing 'disabled in the kernel'
	control one 0
	expect_finding_of_one one differs \
		'registered, but disabled in the kernel'
	control one 1
	differs "ONE::$work/show:P" "the kernel's flags are 'P', not ''"
	differs "ONE::$work/other:" \
		"the kernel runs $work/other, not $work/show"
	differs "TWO::$work/show:" "the kernel's entry matches other files"
	ub --enable one
	expect_clean
}

test_refused() {
	prepare
	format bad "interpreter $work/show" 'magic \x7fELF'
	ub --quiet --import bad
	ub --check
	expect_status 1
	expect_stdout_has 'bad: refused: it would capture update-binfmts itself'
	expect_clean ext
}

test_conflict() {
	prepare
	ub --quiet --install fixed "$work/other" --magic ONE --fix-binary yes
	expect_finding_of_one one conflict \
		'fixed has fix_binary for the same files'
	ub --remove fixed x
	ub --enable one
	expect_clean
	format both "interpreter $work/show" 'magic BOTH' \
		"detector $work/show" 'fix_binary yes'
	ub --quiet --import both
	expect_finding_of_one both conflict \
		'fix_binary and a detector exclude each other'
}

test_shadowed() {
	prepare
	register ":foreign:M::O::$work/other:"
	expect_finding_of_one one shadowed "the entry foreign, with \
$work/other, is tried earlier and takes all its files"
	testing 'a foreign one that is disabled'
	control foreign 0
	expect_clean
	control foreign 1
	testing 'tried earlier, but only for some'
	control foreign -1
	register ":foreign:M::ONE MORE::$work/other:"
	expect_clean
	testing 'tried later'
	control foreign -1
	control one -1
	register ":foreign:M::O::$work/other:"
	ub --enable one
	expect_clean
	testing 'our own with a priority'
	control foreign -1
	ub --install general "$work/other" --magic O --priority 1
	expect_finding_of_one one shadowed "the entry general, with \
$work/other, is tried earlier and takes all its files"
}

test_stale() {
	prepare
	ub --install one "$work/show" --magic ONE --fix-binary yes
	expect_clean
	cp show new
	mv new show
	expect_finding_of_one one stale \
		'the interpreter has been replaced since the kernel opened it'
	ub --display one
	expect_stdout_has 'state = stale: the interpreter has been replaced'
	expect_stdout_has 'one (enabled):'
	testing 'refreshed'
	ub --enable one
	expect_status 0
	expect_silent
	expect_clean
	expect_runs ./one "$work/show"
	testing 'by the other one'
	printf X >>other
	cp other new
	mv new show
	ub --enable
	expect_status 0
	expect_clean
	testing 'gone'
	rm show
	ub --check one
	expect_status 1
	expect_stdout_has "one: stale: the interpreter is gone, and the kernel goes"
	expect_stdout_has "one: missing-interpreter: $work/show: No such file"
	program show
	ub --enable one
	expect_clean
}

test_format_file() {
	prepare
	format imported "interpreter $work/show" 'magic IMPORTED'
	ub --import imported
	expect_clean
	format imported "interpreter $work/show" 'magic CHANGED'
	expect_finding_of_one imported format-file "$import/imported has \
changed; update-binfmts --import imported follows"
	ub --import imported
	expect_clean
	testing 'somebody else'"'"'s file of that name'
	format one "interpreter $work/show" 'magic OTHER'
	expect_clean
	rm "$import/imported"
	expect_clean
}

test_invalid() {
	prepare
	printf 'short\n' >"$admin/broken"
	ub --check
	expect_status 1
	expect_stdout_has "broken: invalid: $admin/broken"
	check 'one line' test "$(wc -l <"$captured/out")" -eq 1
	ub --check broken
	expect_status 1
	expect_stdout_has "broken: invalid: $admin/broken"
	expect_clean ext
}

test_leftovers() {
	prepare
	: >"$admin/.one.tmp-abcdef"
	expect_finding .one.tmp-abcdef leftover \
		"a file of a run that was killed, in $admin"
	expect_clean one
	rm "$admin/.one.tmp-abcdef"
	register ":.binfmts-tmp:M::X::$work/show:"
	expect_finding .binfmts-tmp leftover 'an entry of a run that was killed'
	expect_clean one
	testing 'the next one removes it'
	ub --enable one
	expect_clean
	expect_registered one ext
}

# One finding for the whole registry, not one for each format.
test_registry() {
	prepare
	control status 0
	ub --check
	expect_status 1
	expect_stdout_has \
		"binfmt_misc: disabled: disabled as a whole; write 1 to \
$registry/status"
	testing 'it is said once'
	check 'one line' test "$(wc -l <"$captured/out")" -eq 1
	control status 1
	expect_clean
	testing 'not mounted'
	umount "$registry"
	expect_finding binfmt_misc not-mounted "not mounted on $registry; \
update-binfmts --enable mounts it"
}

run_cases "$@"
