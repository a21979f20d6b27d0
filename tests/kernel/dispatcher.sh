#!/bin/sh
# binfmt-dispatcher, run by the kernel: what it hands over, and what it refuses
# when the program has other credentials than its caller.

. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"

# Where the dispatcher that is tested looks.
root=$TOP_BUILDDIR/tests/stage/root
arm64='M::\x7fELF\x02\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00\xb7:'
arm64="$arm64"'\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00'
arm64="$arm64"'\x00\xfe\xff\xff'

# prepare FLAGS [LINE]...: a foreign program ./f, and show as its interpreter,
# with these keys.
prepare() {
	fresh_config
	cover "$root"
	mkdir -p "$root/lib/binfmt-dispatcher.d" "$root/etc"
	register ":arm64:$arm64:$BINFMT_DISPATCHER:$1"
	shift
	program show
	elf f 2 1 183
	{
		echo '[defaults]'
		echo 'interpreter = "show"'
		echo '[interpreters.show]'
		echo "path = \"$work/show\""
		printf '%s\n' "$@"
	} >"$root/lib/binfmt-dispatcher.d/10.toml"
	export SHOW=argv
}

# make_root: a chroot with what is needed to execute ./f in it; with sanitizers
# the dispatcher is not static and needs its libraries, too, and without /proc
# their exit status comes first.
make_root() {
	plain=yes
	mkdir -p root/bin
	cp "$TEST_TOOLS/exec-file" show "$BINFMT_DISPATCHER" root/bin
	cp -p f root/bin
	chroot root /bin/binfmt-dispatcher --version >/dev/null 2>&1 && return
	plain=no
	for _dir in usr lib lib64; do
		[ -d "/$_dir" ] || continue
		mkdir -p "root/$_dir"
		mount --bind "/$_dir" "root/$_dir"
	done
}

expect_own_status() {
	[ "$plain" = no ] || expect_status "$1"
}

# The kernel's view of it -----------------------------------------------------

test_arguments() {
	prepare POF
	exec_file ./f a 'b c' ''
	expect_argv "$work/show" ./f a 'b c' ''
	testing 'argv[0] is not wanted'
	exec_file -0 zero ./f a
	expect_argv "$work/show" ./f a
}

test_arguments_preserved() {
	prepare POF 'preserve_argv0 = true' 'args = ["-x"]'
	exec_file -0 zero ./f a
	expect_argv "$work/show" -x ./f zero a
	exec_file -0 '' ./f
	expect_argv "$work/show" -x ./f ''
	testing 'an option'
	sed -i 's/preserve_argv0 = true/preserve_argv0 = "-0"/' \
		"$root/lib/binfmt-dispatcher.d/10.toml"
	exec_file -0 zero ./f a
	expect_argv "$work/show" -x -0 zero ./f a
}

test_arguments_not_preserved() {
	prepare OF 'preserve_argv0 = true'
	exec_file -0 zero ./f a
	expect_argv "$work/show" ./f ./f a
}

# No argument is ever an option.
test_awkward_names() {
	prepare POF 'preserve_argv0 = true'
	for name in --help --version --explain --config=x -- - 'a b'; do
		testing "a file named '$name'"
		cp f "./$name"
		exec_file -0 zero -- "$name" --help a
		expect_argv "$work/show" "$name" zero --help a
		exec_file -0 --help -- "./$name" --config x
		expect_argv "$work/show" "./$name" --help --config x
	done
}

# Only flags of the kernel tell whether argv[0] is there.
test_flags() {
	for flags in '' P O PO F OF POF; do
		prepare "$flags" 'preserve_argv0 = "-0"'
		testing "flags '$flags'"
		exec_file -0 zero ./f a
		case $flags in
		*P*) expect_argv "$work/show" -0 zero ./f a ;;
		*) expect_argv "$work/show" -0 ./f ./f a ;;
		esac
		control arm64 -1
	done
}

test_inherited() {
	prepare POF
	SHOW='execfd flags fds signals children environment program' \
		run env -i SHOW='execfd flags fds signals children environment' \
		"$TEST_TOOLS/exec-file" -i 13 -b 10 ./f </dev/null
	cp "$captured/out" through
	SHOW='execfd flags fds signals children environment' \
		run env -i SHOW='execfd flags fds signals children environment' \
		"$TEST_TOOLS/exec-file" -i 13 -b 10 ./show </dev/null
	check 'as without it' diff "$captured/out" through
}

test_closed_descriptors() {
	prepare POF
	export SHOW='argv fds'
	# shellcheck disable=SC2016 # for the other shell
	run sh -c 'exec 0<&-; exec ./show a' <&-
	cp "$captured/out" direct
	# shellcheck disable=SC2016 # for the other shell
	run sh -c 'exec 0<&-; exec ./f a' <&-
	expect_status 0
	sed 's,\[./show\],['"$work/show"'] [./f],' direct >expected
	check 'they stay closed' diff expected "$captured/out"
}

test_by_descriptor() {
	prepare POF 'preserve_argv0 = true'
	exec_file -d -0 zero ./f a
	expect_status 0
	expect_stdout_has "[$work/show] [/dev/fd/"
	expect_stdout_has '] [zero] [a]'
}

# Its interpreter could not open it.
test_unreadable() {
	needs_root || return
	prepare POF
	chmod 111 f
	exec_file -u 1000 ./f a
	expect_status 126
	expect_stderr "binfmt-dispatcher: ./f: may be executed and not read, but \
its interpreter has to read it"
}

test_user_file() {
	prepare POF
	program other
	user_config <<-END
		interpreters.show.path = "$work/other"
	END
	exec_file ./f
	expect_argv "$work/other" ./f
	BINFMT_DISPATCHER_LOG_LEVEL=info exec_file ./f
	expect_stderr_has 'using show'
}

test_binaries() {
	prepare POF
	program other
	mkdir dir
	cp f dir
	ln -s dir/f link
	cat >"$root/etc/binfmt-dispatcher.toml" <<-END
		interpreters.other.path = "$work/other"
		[binaries.dir]
		path = "$work/dir/"
		interpreter = "other"
	END
	exec_file ./f
	expect_argv "$work/show" ./f
	exec_file dir/f
	expect_argv "$work/other" dir/f
	exec_file ./link
	expect_argv "$work/other" ./link
}

test_chroot() {
	prepare POF
	make_root
	testing 'a chroot without configuration, without /proc'
	run chroot root /bin/exec-file /bin/f a
	expect_own_status 127
	expect_stderr_has '/bin/f: no interpreter is configured for it'
	testing 'and with one of its own'
	mkdir -p "root/$root/lib/binfmt-dispatcher.d"
	sed 's,^path.*,path = "/bin/show",' \
		"$root/lib/binfmt-dispatcher.d/10.toml" \
		>"root/$root/lib/binfmt-dispatcher.d/10.toml"
	run chroot root /bin/exec-file /bin/f a
	expect_argv /bin/show /bin/f a
}

# With other credentials ------------------------------------------------------

# prepare_secure FLAGS [LINE]...: ./f is root's, and set-user-ID.
prepare_secure() {
	needs_root || return 1
	prepare "$@"
	chmod 4755 f
	chmod 755 "$work"
}

test_secure() {
	prepare_secure POCF 'preserve_argv0 = true' || return
	export SHOW='ids argv'
	exec_file -u 1000 -0 zero ./f a
	expect_status 0
	expect_stdout_has 'ids uid 1000 euid 0 '
	expect_stdout_has ' secure 1'
	expect_stdout_has "argv [$work/show] [/proc/self/fd/"
	expect_stdout_has '] [zero] [a]'
	testing 'what it leads to'
	script reader <<-\END
		echo "$(head -c 4 "$1" | tail -c 3)"
	END
	sed -i "s,^path.*,path = \"$work/reader\"," \
		"$root/lib/binfmt-dispatcher.d/10.toml"
	exec_file -u 1000 ./f
	expect_stdout ELF
}

# Nothing of the user's: neither file nor environment, and nobody is asked.
test_secure_user() {
	prepare_secure POCF || return
	program evil
	user_config <<-END
		defaults.log_level = "trace"
		interpreters.show.path = "$work/evil"
	END
	chown -R 1000:1000 "$HOME"
	mkdir -p xdg
	cp -R "$HOME/.config/binfmt-dispatcher" xdg
	cat >>"$root/lib/binfmt-dispatcher.d/10.toml" <<-END
		[interpreters.evil]
		path = "$work/evil"
	END
	run env XDG_CONFIG_HOME="$work/xdg" BINFMT_DISPATCHER_INTERPRETER=evil \
		BINFMT_DISPATCHER_LOG_LEVEL=trace SHOW=program \
		"$TEST_TOOLS/exec-file" -u 1000 ./f
	expect_status 0
	expect_stdout "program $work/show"
	expect_stderr ''
	testing 'and without other credentials it is looked at'
	chmod 755 f
	SHOW=program exec_file -u 1000 ./f
	expect_status 0
	expect_stdout "program $work/evil"
}

test_secure_missing() {
	prepare_secure POCF 'packages.apt = ["x"]' || return
	rm show
	DISPLAY=:99 exec_file -u 1000 ./f
	expect_status 126
	expect_stdout ''
	expect_lines 1
	expect_stderr_has "show: $work/show is not there"
}

test_secure_configuration() {
	prepare_secure POCF || return
	program evil
	cat >"$root/etc/binfmt-dispatcher.toml" <<-END
		interpreters.show.path = "$work/evil"
	END
	export SHOW=program
	testing 'of root'
	exec_file -u 1000 ./f
	expect_stdout "program $work/evil"
	testing 'of another user'
	chown 1000 "$root/etc/binfmt-dispatcher.toml"
	exec_file -u 1000 ./f
	expect_status 0
	expect_stdout "program $work/show"
	expect_stderr_has "$root/etc/binfmt-dispatcher.toml: does not belong to \
root; skipped"
	chmod 755 f
	exec_file -u 1000 ./f
	expect_stdout "program $work/evil"
	expect_stderr_has 'does not belong to root; used all the same'
	chmod 4755 f
	for mode in 664 646; do
		testing "of mode $mode"
		chown 0 "$root/etc/binfmt-dispatcher.toml"
		chmod "$mode" "$root/etc/binfmt-dispatcher.toml"
		exec_file -u 1000 ./f
		expect_stdout "program $work/show"
		expect_stderr_has 'can be written by others; skipped'
	done
	chmod 644 "$root/etc/binfmt-dispatcher.toml"
	testing 'in a directory that others can write'
	chmod 777 "$root/etc"
	exec_file -u 1000 ./f
	expect_stdout "program $work/show"
	expect_stderr_has "$root/etc/: the directory can be written by others"
	chmod 755 "$root/etc"
	chmod 777 "$root/lib/binfmt-dispatcher.d"
	exec_file -u 1000 ./f
	expect_status 127
	expect_stderr_has 'the directory can be written by others; skipped'
}

# A program in a virtual machine cannot be given an open file.
test_secure_muvm() {
	prepare_secure POCF 'use_muvm = true' || return
	exec_file -u 1000 ./f
	if [ "$(getconf PAGE_SIZE)" -eq 4096 ]; then
		expect_status 0
	else
		expect_status 126
	fi
}

# Without /proc there is no name for the open file.
test_secure_without_proc() {
	prepare_secure POCF || return
	make_root
	mkdir -p "root/$root/lib/binfmt-dispatcher.d"
	sed 's,^path.*,path = "/bin/show",' \
		"$root/lib/binfmt-dispatcher.d/10.toml" \
		>"root/$root/lib/binfmt-dispatcher.d/10.toml"
	run chroot root /bin/exec-file -u 1000 /bin/f a
	expect_own_status 126
	expect_stderr_has 'without /proc it cannot be handed over'
	testing 'something else in the place of /proc'
	mkdir -p root/proc/self/fd
	for fd in 3 4 5 6 7 8 9; do
		ln root/bin/f "root/proc/self/fd/$fd"
	done
	run chroot root /bin/exec-file -u 1000 /bin/f a
	expect_own_status 126
	expect_stderr_has 'without /proc it cannot be handed over'
}

run_cases "$@"
