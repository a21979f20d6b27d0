#!/bin/sh
# binfmt-dispatcher: how a program is handed over to its interpreter.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"
as_plain_user "$@"
begin
fresh_config
elf arm64 2 1 183
ln -s "$show" arm64-binfmt-P
ln -s "$show" -- -binfmt-P
export SHOW=argv

# show_as LINE...: the interpreter is show-exec, and has these keys.
show_as() {
	{
		echo '[defaults]'
		echo 'interpreter = "show"'
		echo '[interpreters.show]'
		printf '%s\n' "$@"
	} | config
}

# Command line ----------------------------------------------------------------

testing 'usage'
run "$BINFMT_DISPATCHER" --help
expect_status 0
expect_stdout_has 'Usage: binfmt-dispatcher'
expect_stderr ''
run "$BINFMT_DISPATCHER" --version
expect_status 0
expect_stdout_has 'binfmt-dispatcher (binfmts) '
run "$BINFMT_DISPATCHER"
expect_status 2
expect_stderr_has 'binfmt-dispatcher: no file is given'
run "$BINFMT_DISPATCHER" --frobnicate
expect_status 2
expect_stderr "binfmt-dispatcher: unrecognized option '--frobnicate'"
for size in 0 -1 4k '' 99999999999999999999; do
	run "$BINFMT_DISPATCHER" --page-size "$size" ./arm64
	expect_status 2
	expect_stderr_has "--page-size needs a number, not '$size'"
done

testing 'what is no program'
show_as "path = \"$show\""
bd ./nothing
expect_status 126
expect_stderr 'binfmt-dispatcher: ./nothing: No such file or directory'
bd .
expect_status 126
expect_stderr 'binfmt-dispatcher: .: is not a regular file'
mkfifo fifo
bd ./fifo
expect_status 126
: >empty
testing 'what is of no known machine goes to the default'
bd ./empty
expect_argv "$show" ./empty

# Arguments -------------------------------------------------------------------

testing 'arguments'
bd ./arm64
expect_argv "$show" ./arm64
bd ./arm64 a '' 'b c' --help -- -0
expect_argv "$show" ./arm64 a '' 'b c' --help -- -0
bd -- ./arm64 a
expect_argv "$show" ./arm64 a

testing 'preserve_argv0'
show_as "path = \"$show\"" 'preserve_argv0 = true'
bd ./arm64 a
expect_argv "$show" ./arm64 ./arm64 a
show_as "path = \"$show\"" 'preserve_argv0 = "-0"'
bd ./arm64 a
expect_argv "$show" -0 ./arm64 ./arm64 a
show_as "path = \"$work/arm64-binfmt-P\""
bd ./arm64 a
expect_argv "$work/arm64-binfmt-P" ./arm64 ./arm64 a
show_as "path = \"$work/arm64-binfmt-P\"" 'preserve_argv0 = false'
bd ./arm64 a
expect_argv "$work/arm64-binfmt-P" ./arm64 a
show_as "path = \"$work/-binfmt-P\""
bd ./arm64 a
expect_argv "$work/-binfmt-P" ./arm64 a

testing 'args'
show_as "path = \"$show\"" 'args = ["-L", "/sysroot", ""]'
bd ./arm64 a
expect_argv "$show" -L /sysroot '' ./arm64 a
show_as "path = \"$show\"" 'args = ["-x"]' 'preserve_argv0 = "-0"'
bd ./arm64 a
expect_argv "$show" -x -0 ./arm64 ./arm64 a

testing 'exit status'
show_as "path = \"$show\""
SHOW_STATUS=42 bd ./arm64
expect_status 42

# inherited COMMAND...: show-exec by the command, and without it.
inherited() {
	run "$@" "$show"
	cp "$captured/out" direct
	run "$@" "$BINFMT_DISPATCHER" --vendor-dir vendor \
		--config etc/binfmt-dispatcher.toml ./arm64
	expect_status 0
	check 'as without it' diff direct "$captured/out"
}

testing 'what is inherited'
export SHOW='environment execfd fds signals children cwd umask'
inherited env -i A=b SHOW="$SHOW" "$TEST_TOOLS/exec-file" -b 10 -i 17 -i 13 7>&1 </dev/null
testing 'closed descriptors stay closed'
# shellcheck disable=SC2016 # for the other shell
inherited env -i SHOW="$SHOW" sh -c 'exec 0<&-; exec "$@"' sh
# shellcheck disable=SC2016 # for the other shell
inherited env -i SHOW="$SHOW" sh -c 'exec 0<&- 1>&2 2>&-; exec "$@"' sh
export SHOW=argv

testing 'a file that can be executed and not read'
chmod 111 arm64
bd ./arm64
expect_status 126
expect_stderr 'binfmt-dispatcher: ./arm64: Permission denied'
chmod 755 arm64

# Interpreters ----------------------------------------------------------------

testing 'a script as interpreter'
cat >script <<-END
	#! $show -s
END
chmod 755 script
show_as "path = \"$work/script\"" 'preserve_argv0 = true'
bd ./arm64 a
expect_argv "$show" -s "$work/script" ./arm64 ./arm64 a

testing 'an interpreter for another machine'
elf riscv 2 1 243
show_as "path = \"$work/riscv\"" 'fallback = ["other"]' \
	'[interpreters.other]' "path = \"$show\""
bd ./arm64 a
expect_argv "$show" ./arm64 a
BINFMT_DISPATCHER_LOG_LEVEL=info bd ./arm64
expect_stderr_has "$work/riscv is itself a program for another machine"
printf '#!%s\n' "$work/riscv" >script
bd ./arm64 a
expect_argv "$show" ./arm64 a
testing 'the program as its own interpreter'
show_as "path = \"$work/arm64\""
bd ./arm64
expect_status 126
expect_stderr_has "$work/arm64 is the program itself"
cat >own <<-END
	#!/bin/sh
END
chmod 755 own
show_as "path = \"$work/own\""
bd ./own
expect_status 126
expect_stderr_has "$work/own is the program itself"

testing 'an interpreter that cannot be executed'
: >plain
show_as "path = \"$work/plain\"" 'fallback = ["dir", "text", "loop"]' \
	'[interpreters]' "dir.path = \"$work/etc\"" \
	"text.path = \"$work/text\"" "loop.path = \"$work/loop\""
printf 'no program\n' >text
chmod 755 text
ln -s loop loop
bd ./arm64
expect_status 126
expect_stderr "binfmt-dispatcher: ./arm64: no interpreter can run this program \
for aarch64; show: $work/plain cannot be executed: Permission denied; \
dir: $work/etc cannot be executed: Permission denied; \
text: $work/text cannot be executed: Exec format error; \
loop: $work/loop is not there"

# Virtual machine -------------------------------------------------------------

testing 'muvm'
ln -s "$show" muvm
interpreter one
cat >>etc/binfmt-dispatcher.toml <<-END
	[muvm]
	path = "$work/muvm"
	[interpreters.one]
	path = "$work/one"
	use_muvm = true
	args = ["-x"]
	preserve_argv0 = true
END
export BINFMT_DISPATCHER_INTERPRETER=one
bd --page-size 16384 ./arm64 a
expect_argv "$work/muvm" -- "$work/one" -x ./arm64 ./arm64 a
bd --page-size 4096 ./arm64 a
expect_stdout one
BINFMT_DISPATCHER_LOG_LEVEL=info bd --page-size 65536 ./arm64
expect_stderr_has 'using one with muvm'
testing 'without muvm'
rm muvm
bd --page-size 4096 ./arm64 a
expect_stdout one
bd --page-size 16384 ./arm64 a
expect_status 126
expect_stderr_has "one: $work/muvm is not there"

done_testing
