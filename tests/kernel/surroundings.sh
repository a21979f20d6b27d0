#!/bin/sh
# Hostile surroundings: whatever stands where our files should be, whatever the
# environment says, the programs end in time, say what is wrong, and what is
# in order goes on working.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

ready() {
	program one two || exit
	cache=$(configured localstatedir)/cache/binfmts
	rundir=$(configured runstatedir)/binfmts
	ub --install good "$work/one" --magic GOOD
	ub --install too "$work/two" --magic GOOD --priority -1
	file file 'GOOD\n'
	cp -a "$admin" "$work/saved"
}

# put KIND PATH: something that does not belong there.
put() {
	rm -rf "$2"
	case $1 in
	'dangling link') ln -s /nonexistent/x "$2" ;;
	'link to a file') echo keep >"$work/victim" && ln -s "$work/victim" "$2" ;;
	'link to a device') ln -s /dev/zero "$2" ;;
	'link to itself') ln -s "${2##*/}" "$2" ;;
	fifo) mkfifo "$2" ;;
	directory) mkdir -p "$2/full" ;;
	file) echo rubbish >"$2" ;;
	'empty file') : >"$2" ;;
	'huge file') truncate -s 5G "$2" ;;
	'file of others') echo rubbish >"$2" && chown 1:1 "$2" ;;
	'file for all') echo rubbish >"$2" && chmod 666 "$2" ;;
	socket) python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$2" ;;
	esac
}

# for_each_kind COMMAND...: with the kind as its last argument.
for_each_kind() {
	for _kind in 'dangling link' 'link to a file' 'link to a device' \
	    'link to itself' fifo directory file 'empty file' 'huge file' \
	    'file for all' socket; do
		testing "a $_kind"
		"$@" "$_kind"
	done
	if awk '{ n += $3 } END { exit n == 1 }' /proc/self/uid_map; then
		testing 'a file of others'
		"$@" 'file of others'
	fi
}

# The status is 0 or 2, with 2 there is a message that names the path; and no
# file elsewhere was followed to and changed.
survived() {
	verdict "$2: status 0 or 2" 'status 0 or 2' \
		test "$status" -eq 0 -o "$status" -eq 2
	[ "$status" -ne 2 ] || verdict "$2: the message names it" "... $1 ..." \
		grep -q "$1" "$captured/err"
	[ ! -e "$work/victim" ] || verdict "$2: no link was followed" 'keep' \
		grep -qx keep "$work/victim"
}

in_database() {
	put "$1" "$admin/evil"
	ub --display
	survived evil --display
	expect_stdout_has 'good (enabled)'
	ub --enable
	survived evil --enable
	ub --sync
	survived evil --sync
	expect_runs ./file "$work/one"
	rm -rf "$admin/evil"
}

test_in_the_database() {
	ready
	for_each_kind in_database
}

in_place_of_lock() {
	put "$1" "$admin.lock"
	ub --install new "$work/one" --magic NEWS
	survived binfmts.lock --install
	ub --display
	expect_status 0
	expect_runs ./file "$work/one"
	rm -rf "$admin.lock"
	ub --remove new "$work/one"
	expect_status 0
}

test_in_place_of_the_lock() {
	ready
	for_each_kind in_place_of_lock
}

in_place_of_database() {
	put "$1" "$admin"
	ub --display
	survived "$admin" --display
	ub --enable
	survived "$admin" --enable
	ub --install new "$work/one" --magic NEWS
	survived "$admin" --install
	rm -rf "$admin"
	cp -a "$work/saved" "$admin"
	ub --enable
	expect_status 0
	control new -1 2>/dev/null
	expect_runs ./file "$work/one"
}

test_in_place_of_the_database() {
	ready
	for_each_kind in_place_of_database
}

# What is only remembered or can be made again is done without.
beside() {
	put "$1" "$rundir"
	put "$1" "$cache"
	ub --install new "$work/one" --magic NEWS
	expect_status 0
	expect_runs ./file "$work/one"
	ub --remove new "$work/one"
	expect_status 0
	survived binfmts --remove
	rm -rf "$rundir" "$cache"
}

test_in_place_of_what_is_remembered() {
	ready
	for_each_kind beside
}

to_import() {
	mkdir -p "$import"
	format right "interpreter $work/one" 'magic RIGHT'
	put "$1" "$import/evil"
	ub --import
	survived evil --import
	expect_stdout_lacks 'evil'
	ub --sync
	survived evil --sync
	check 'the other one is recorded' test -f "$admin/right"
	rm -rf "$import" "$admin/evil"
}

test_to_import() {
	ready
	for_each_kind to_import
}

# Only root's lock counts, and nobody else can have it.
test_lock_of_others() {
	needs_root || return
	ready
	run setpriv --reuid 1000 --regid 1000 --clear-groups \
		flock -n "$admin.lock" true
	verdict 'another user cannot lock it' 'a failure' test "$status" -ne 0
}

# What a user, or a broken shell, can have in the environment.
test_environment() {
	ready
	while IFS= read -r _setting; do
		testing "with $_setting"
		run env "$_setting" "$TEST_TOOLS/within" 20 "$UPDATE_BINFMTS" \
			--admindir "$admin" --display good
		expect_status 0
		expect_stdout_has 'good (enabled)'
		run env "$_setting" "$TEST_TOOLS/exec-file" ./file
		verdict 'the file is executed' "by one" \
			grep -Fq "[$work/one] [./file]" "$captured/out"
	done <<-END
		IFS=/
		TZ=/dev/zero
		TZ=:/etc/shadow
		LOCPATH=$work
		LC_ALL=tr_TR.UTF-8
		LANG=xx_YY
		LANGUAGE=/../../x
		NLSPATH=$work/%N
		GCONV_PATH=$work
		POSIXLY_CORRECT=1
		MALLOC_PERTURB_=165
		GLIBC_TUNABLES=glibc.malloc.check=3
		TMPDIR=/nonexistent
		PATH=
		HOME=
		DPKG_MAINTSCRIPT_PACKAGE=
		GETCONF_DIR=$work
		LD_LIBRARY_PATH=/nonexistent
		LD_BIND_NOW=1
	END
}

# Set-user-ID files: not through run-detectors, whatever the index says.
test_credentials() {
	needs_root || return
	ready
	chmod 4755 file
	ub --install good "$work/one" --magic GOOD --credentials yes
	ub --remove too "$work/two"
	register ":more:M::GOOD::$RUN_DETECTORS:C"
	run setpriv --reuid 1000 --regid 1000 --clear-groups \
		"$TEST_TOOLS/exec-file" ./file
	expect_status 126
	expect_stderr_has 'refused'
	expect_stdout_lacks "[$work/one]"
}

# No name of a file is an option, for the kernel's call.
test_names_like_options() {
	ready
	# shellcheck disable=SC2016 # nothing is to be expanded
	for _like in --help --version -- - -h '--admindir=x' '--procdir' ' ' \
	    '$(true)' '`true`' '*' '%s%n'; do
		testing "a file named $_like"
		cp file "./$_like" || continue
		run env PATH="$work" "$TEST_TOOLS/exec-file" "./$_like"
		verdict 'is executed' 'by one' \
			grep -Fq "[$work/one] [./$_like]" "$captured/out"
		(cd / && "$TEST_TOOLS/exec-file" "$work/$_like") \
			>"$captured/out" 2>"$captured/err"
		verdict 'is executed from elsewhere' 'by one' \
			grep -Fq "[$work/one]" "$captured/out"
	done
}

# Detectors that do everything but their work.
detector_case() {
	script "$work/detector"
	rm -rf "$cache"
	ub --enable
	_before=$(date +%s)
	exec_file ./file
	verdict "the file is executed by $1" "by $1" \
		grep -Fq "[$work/$1] [./file]" "$captured/out"
	verdict 'in time' '15 seconds' \
		test $(($(date +%s) - _before)) -le 15
}

test_detectors() {
	ready
	ub --remove too "$work/two"
	ub --install good "$work/one" --magic GOOD --detector "$work/detector" \
		--priority 1
	ub --install too "$work/two" --magic GOOD
	testing 'one that fills its output'
	detector_case one <<-\END
		head -c 50000000 /dev/zero
		exit 0
	END
	testing 'one that fills its error output'
	detector_case one <<-\END
		head -c 5000000 /dev/zero >&2
		exit 0
	END
	for _signal in HUP INT QUIT ABRT KILL SEGV PIPE ALRM TERM USR1 XCPU; do
		testing "one that ends by $_signal"
		detector_case two <<-END
			ulimit -c 0
			kill -$_signal \$\$
		END
	done
	testing 'one that stops itself'
	detector_case two <<-\END
		kill -STOP $$
	END
	testing 'one that closes everything'
	detector_case one <<-\END
		exec 0<&- 1>&- 2>&-
		exit 0
	END
	testing 'one that goes elsewhere'
	detector_case one <<-\END
		cd /
		umask 777
		exit 0
	END
	testing 'one that leaves a child in a session of its own'
	detector_case one <<-\END
		setsid sleep 30 >/dev/null 2>&1 </dev/null &
		exit 0
	END
	testing 'one that ignores all signals and hangs'
	detector_case two <<-\END
		trap '' HUP INT TERM ALRM
		while :; do sleep 100; done
	END
	testing 'one that executes itself'
	detector_case two <<-\END
		exec "$0" "$@"
	END
}

run_cases "$@"
