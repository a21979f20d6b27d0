#!/bin/sh
# How run-detectors is called: by the kernel, for files whatever they are
# called, in scripts and chroots, for files with other credentials; or by hand.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

# two_formats [OPTION]...: that share a magic; the second one, which has these
# options, is accepted.
two_formats() {
	program one two
	script no <<-\END
		exit 1
	END
	ub --install one "$work/one" --magic SHARED --detector "$work/no"
	expect_status 0
	ub --install two "$work/two" --magic SHARED "$@"
	expect_status 0
	export SHOW='argv'
}

# Names that look like options, executed by a path, in the current directory,
# and as found in PATH.  $1 is what argv[0] becomes.
awkward_names() {
	for name in --help -h --version --admindir=x --admindir --procdir -- \
		- 'a b' '*' ''; do
		[ -n "$name" ] || name=run-detectors
		testing "a file named '$name'"
		file "./$name" SHARED
		exec_file -0 zero -- "./$name" --help arg
		expect_status 0
		expect_stdout "argv [$work/two] [./$name] $1[--help] [arg]"
		exec_file -0 zero -- "$name" -x
		expect_status 0
		expect_stdout "argv [$work/two] [$name] $1[-x]"
		exec_file -0 zero -- "$name"
		expect_status 0
		expect_stdout "argv [$work/two] [$name]${1:+ ${1% }}"
		run env "PATH=$work:$PATH" timeout 60 "$name" arg
		expect_status 0
		expect_stdout "argv [$work/two] [$work/$name] ${1:+[$name] }[arg]"
	done
}

test_awkward_names() {
	two_formats
	awkward_names ''
}

test_awkward_names_preserved() {
	two_formats --preserve yes
	awkward_names '[zero] '
}

# The arguments are not run-detectors' either, whatever they look like, and
# argv[0] is whatever it is.
test_awkward_arguments() {
	two_formats
	file f SHARED
	exec_file -0 --help ./f --admindir=/nonexistent --procdir /nonexistent
	expect_stdout "argv [$work/two] [./f] [--admindir=/nonexistent] \
[--procdir] [/nonexistent]"
	exec_file -0 '' ./f
	expect_stdout "argv [$work/two] [./f]"
	exec_file -0 "$RUN_DETECTORS" ./f
	expect_stdout "argv [$work/two] [./f]"
	testing 'many'
	# shellcheck disable=SC2046 # a word each
	exec_file ./f $(seq 20000)
	expect_stdout "argv [$work/two] [./f] $(seq -f '[%.0f]' -s ' ' 20000)"
}

test_by_hand() {
	two_formats
	file f SHARED
	run "$RUN_DETECTORS" --help
	expect_status 0
	expect_stdout_has 'Usage: run-detectors'
	run "$RUN_DETECTORS" --version
	expect_status 0
	expect_stdout_has 'run-detectors (binfmts)'
	run "$RUN_DETECTORS"
	expect_status 2
	expect_lines 1
	run "$RUN_DETECTORS" --unknown
	expect_status 2
	run "$RUN_DETECTORS" ./f --help
	expect_status 0
	expect_stdout "argv [$work/two] [./f] [--help]"
	testing 'a link, a relative path'
	ln -s "$RUN_DETECTORS" link
	run ./link --version
	expect_status 0
	expect_stdout_has 'run-detectors (binfmts)'
	run env "PATH=$work:$PATH" link -- ./f --version
	expect_stdout "argv [$work/two] [./f] [--version]"
	testing 'other directories'
	mkdir proc other
	echo enabled | tee proc/register >proc/status
	echo enabled >proc/two
	run "$RUN_DETECTORS" --procdir proc --admindir "$admin" ./f
	expect_stdout "argv [$work/two] [./f]"
	run "$RUN_DETECTORS" --procdir=proc --admindir=other ./f
	expect_status 127
	expect_stderr \
		'run-detectors: ./f: no enabled format matches this file'
	testing 'nothing is registered'
	ub --disable
	expect_status 0
	run "$RUN_DETECTORS" ./f
	expect_status 127
	expect_lines 1
}

# Chains ------------------------------------------------------------------------

# A script whose interpreter is a file of a detected format; and with what the
# kernel adds, what the interpreter gets is what it would get directly.
test_scripts() {
	file f SHARED
	for preserve in no yes; do
		testing "a script, preserve $preserve"
		program two
		rm -f interpreter
		printf '#!%s/f option\n' "$work" >s
		chmod 755 s
		ub --install two "$work/two" --magic SHARED \
			--preserve "$preserve"
		export SHOW=argv
		exec_file -0 zero ./s arg
		directly=$(cat "$captured/out")
		check 'it runs directly' grep -q "$work/f. .option" \
			"$captured/out"
		two_formats --preserve "$preserve"
		expect_entry two enabled "$RUN_DETECTORS" \
			"$([ "$preserve" = no ] || echo P)" \
			'offset 0' 'magic 534841524544'
		exec_file -0 zero ./s arg
		expect_status 0
		expect_stdout "$directly"
		ub --remove one one
		ub --remove two two
	done
}

# An interpreter that is a file of a detected format, with every combination
# of what both want.
test_interpreters() {
	file f FIRST
	file interpreter SHARED
	for preserve in 'no no' 'no yes' 'yes no' 'yes yes'; do
		testing "an interpreter, preserve $preserve"
		program two
		ub --install first "$work/interpreter" --magic FIRST \
			--preserve "${preserve% *}"
		ub --install two "$work/two" --magic SHARED \
			--preserve "${preserve#* }"
		export SHOW=argv
		exec_file -0 zero ./f arg
		directly=$(cat "$captured/out")
		check 'it runs directly' grep -q "$work/interpreter. ..*./f" \
			"$captured/out"
		two_formats --preserve "${preserve#* }"
		exec_file -0 zero ./f arg
		expect_status 0
		expect_stdout "$directly"
		ub --remove one one
		ub --remove two two
	done
}

# Credentials -------------------------------------------------------------------

# The registry never makes such a rule; somebody's hand can.
test_other_credentials() {
	needs_root || return
	two_formats
	ub --disable one
	ub --disable two
	mkdir suid
	mount -t tmpfs -o mode=755 binfmts-test suid
	file suid/user SHARED
	file suid/group SHARED
	file suid/none SHARED
	chmod 4755 suid/user
	chmod 2755 suid/group
	cp "$RUN_DETECTORS" rd
	ub --enable one
	ub --enable two
	control one -1
	register ":one:M::SHARED::$work/rd:C"
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
	for file in user group; do
		[ "$file" = user ] || ! is_sanitized || continue
		testing "another $file"
		exec_file -u 1000 "suid/$file"
		expect_status 126
		expect_stdout ''
		expect_lines 1
		expect_stderr_has 'run-detectors: refused'
	done
	testing 'the same user'
	exec_file -u 1000 suid/none
	expect_status 0
	expect_stdout "argv [$work/two] [suid/none]"
	testing 'without C'
	control one -1
	register ":one:M::SHARED::$work/rd:"
	SHOW='argv ids' exec_file -u 1000 suid/user
	expect_stdout "argv [$work/two] [suid/user]
ids uid 1000 euid 1000 gid 1000 egid 1000 secure 0"
}

# Chroots -----------------------------------------------------------------------

# Makes $work/root a file system with little in it but what is needed to start
# a program, run-detectors, and the database.
make_root() {
	mkdir root
	mount -t tmpfs -o mode=755 binfmts-test root
	for part in /usr /bin /lib /lib32 /lib64 /libx32; do
		if [ -L "$part" ]; then
			cp -P "$part" root
		elif [ -d "$part" ]; then
			mkdir "root$part"
			mount --rbind "$part" "root$part"
		fi
	done
	for part in "$admin" "$work" "${RUN_DETECTORS%/*}"; do
		mkdir -p "root$part"
	done
	mount --bind "${RUN_DETECTORS%/*}" "root${RUN_DETECTORS%/*}"
	cp -R "$admin/." "root$admin"
	cp "$work/one" "$work/two" "root$work"
	file root/f SHARED
	cp "$TEST_TOOLS/exec-file" root
}

test_chroot() {
	two_formats
	cp one no
	make_root
	cp no "root$work"
	echo data >data
	export SHOW='argv stdin fds'
	testing 'a chroot without /proc and /dev'
	check 'there is no /proc' test ! -e root/proc
	run chroot root /exec-file /f arg <data
	# Sanitizers want to know their name, and warn.
	sed -i '/^==[0-9]*==WARNING: reading exec/d' "$captured/err"
	expect_status 0
	expect_stdout "argv [$work/one] [/f] [arg]
stdin data
fds 0 1 2"
	expect_stderr "argv [$work/no] [/f]
stdin empty
fds 0 1 2"
	testing 'a file that looks like an option'
	file root/--help SHARED
	run chroot root /exec-file -- --help <data
	expect_stdout_has "argv [$work/one] [--help]"
	testing 'with /dev/null'
	mkdir root/dev
	: >root/dev/null
	mount --bind /dev/null root/dev/null
	run chroot root /exec-file /f arg <data
	expect_stdout_has 'stdin data'
	expect_stderr_has 'stdin empty'
	! is_sanitized || return
	testing 'an empty database'
	rm "root$admin"/*
	run chroot root /exec-file /f
	expect_status 127
	expect_stderr 'run-detectors: /f: no enabled format matches this file'
	rmdir "root$admin"
	run chroot root /exec-file /f
	expect_status 127
}

run_cases "$@"
