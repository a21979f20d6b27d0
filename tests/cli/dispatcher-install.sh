#!/bin/sh
# binfmt-dispatcher: what it does when an interpreter is missing.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"
as_plain_user "$@"
begin
elf arm64 2 1 183
log=$work/log

# Every helper that is called by PATH would be here.
mkdir path
for name in pkexec apt-get dnf zenity xdg-terminal-exec sh; do
	printf '#!/bin/sh\necho "by PATH: %s" >>%s\n' $name "$log" >path/$name
	chmod 755 path/$name
done
# helper NAME [COMMAND]: logs how it was called, then runs the command.
helper() {
	cat >"$work/helpers/$1" <<-END
		#!/bin/sh
		echo "$1 \$*" >>"$log"
		${2-exit 0}
	END
	chmod 755 "$work/helpers/$1"
}

# A missing interpreter, which the package manager brings.
missing() {
	fresh_config
	rm -f "$work/brought" "$work/extra" "$log"
	: >"$log"
	config <<-END
		[defaults]
		interpreter = "brought"
		[interpreters.brought]
		name = "The Interpreter"
		path = "$work/brought"
		required_paths = ["$work/extra"]
		$*
	END
	printf '#!/bin/sh\necho brought "$@"\n' >interpreter.txt
	chmod 755 interpreter.txt
	bring="cp $work/interpreter.txt $work/brought; : >$work/extra"
	helper pkexec 'exec "$@"'
}

# asked ANSWER ARGUMENT...: with a terminal; its output goes to both streams.
asked() {
	_answer=$1
	shift
	printf '%s\n' "$_answer" >"$work/answer"
	run timeout -k 1 60 \
		script -qec "exec env PATH=$work/path:$PATH '$BINFMT_DISPATCHER' \
			--vendor-dir '$work/vendor' \
			--config '$work/etc/binfmt-dispatcher.toml' \
			--helper-dir '$work/helpers' $*" /dev/null <"$work/answer"
}

# dialog ARGUMENT...: with a display and no terminal.
dialog() {
	DISPLAY=:99 PATH=$work/path:$PATH bd "$@"
}

expect_log() {
	expect_file "$log"
}

apt='packages = { apt = ["emulator", "emulator-data"], dnf = ["other"] }'

# Nobody to ask ---------------------------------------------------------------

testing 'nobody to ask'
missing "$apt"
helper apt-get "$bring"
bd ./arm64
expect_status 126
expect_stdout ''
expect_stderr "binfmt-dispatcher: ./arm64: no interpreter can run this program \
for aarch64; The Interpreter: $work/brought, $work/extra are not there
binfmt-dispatcher: The Interpreter can be installed by root with: \
$work/helpers/apt-get install emulator emulator-data (there is nobody to ask)"
expect_log </dev/null

testing 'no package manager'
missing "$apt"
bd ./arm64
expect_status 126
expect_lines_of_stderr() {
	verdict "$1 lines" "$1 lines on stderr" \
		test "$(wc -l <"$captured/err")" -eq "$1"
}
expect_lines_of_stderr 1
testing 'not by dialog either'
helper zenity
dialog ./arm64
expect_status 126
expect_log </dev/null

# In a terminal ---------------------------------------------------------------

if ! command -v script >/dev/null; then
	skip 'in a terminal' 'script(1) is not installed'
else
	testing 'in a terminal, yes'
	missing "$apt"
	helper apt-get "$bring"
	asked y ./arm64 arg
	expect_status 0
	expect_stdout_has 'Install it now, with'
	expect_stdout_has 'brought ./arm64 arg'
	expect_log <<-END
		pkexec $work/helpers/apt-get install emulator emulator-data
		apt-get install emulator emulator-data
	END

	testing 'in a terminal, no'
	missing "$apt"
	helper apt-get "$bring"
	for answer in n '' maybe yesno; do
		asked "$answer" ./arm64
		expect_status 126
		expect_stdout_has 'it was declined'
	done
	expect_log </dev/null

	testing 'in a terminal, no pkexec'
	rm "$work/helpers/pkexec"
	asked y ./arm64
	expect_status 126
	expect_stdout_has 'pkexec is not there'
	expect_log </dev/null

	testing 'in a terminal, a failing installation'
	missing "$apt"
	helper apt-get 'exit 100'
	asked yes ./arm64
	expect_status 126
	expect_stdout_has 'the installation failed'
fi

# By dialog -------------------------------------------------------------------

testing 'by dialog, in a terminal of its own'
missing "$apt"
helper zenity
helper xdg-terminal-exec 'exec "$@"'
helper apt-get "$bring"
dialog ./arm64 arg
expect_status 0
expect_stdout 'brought ./arm64 arg'
expect_log <<-END
	zenity --question --title=binfmt-dispatcher --no-markup \
--text=./arm64 needs The Interpreter, which is not installed.

	Install it now, with
	$work/helpers/apt-get install emulator emulator-data?
	xdg-terminal-exec $work/helpers/pkexec $work/helpers/apt-get install \
emulator emulator-data
	pkexec $work/helpers/apt-get install emulator emulator-data
	apt-get install emulator emulator-data
END

testing 'by dialog, a terminal that returns early'
missing "$apt"
helper zenity "case \$* in *'not installed yet'*) $bring;; esac"
helper xdg-terminal-exec
helper apt-get
dialog ./arm64
expect_status 0
expect_stdout 'brought ./arm64'

testing 'by dialog, and the installation is given up'
missing "$apt"
helper zenity "case \$* in *'not installed yet'*) exit 1;; esac"
helper xdg-terminal-exec
helper apt-get
dialog ./arm64
expect_status 126

testing 'by dialog, without such a terminal'
missing "$apt"
helper zenity
helper apt-get "$bring"
dialog ./arm64
expect_status 0
expect_stdout 'brought ./arm64'
check 'nobody is asked twice' \
	grep -qx 'apt-get install -y emulator emulator-data' "$log"

testing 'by dialog, no'
missing "$apt"
helper zenity 'exit 1'
helper xdg-terminal-exec 'exec "$@"'
helper apt-get "$bring"
dialog ./arm64
expect_status 126
expect_stderr_has 'it was declined'
check 'nothing else is run' fails grep -v -e '^zenity' -e '^$' -e '^Install' \
	-e "^$work/helpers/apt-get" "$log"

testing 'by dialog, no pkexec'
missing "$apt"
helper zenity
helper apt-get "$bring"
rm "$work/helpers/pkexec"
dialog ./arm64
expect_status 126
check 'it says so' grep -q '^zenity --error' "$log"

testing 'no zenity'
missing "$apt"
helper apt-get "$bring"
dialog ./arm64
expect_status 126
expect_stderr_has 'zenity is not there to ask'
expect_log </dev/null

# Package managers ------------------------------------------------------------

# manages COMMAND...: what it is, in the end, that is run.
manages() {
	helper zenity
	helper xdg-terminal-exec 'exec "$@"'
	dialog ./arm64
	expect_status 0
	expect_stdout 'brought ./arm64'
	verdict "$1" "in the log: $*" grep -Fqx -e "$*" "$log"
}

testing 'dnf with packages'
missing "$apt"
helper dnf "$bring"
manages dnf install other
testing 'dnf with paths'
missing
helper dnf "$bring"
manages dnf install "$work/brought" "$work/extra"
testing 'dnf where apt-get has no package'
missing
helper apt-get 'exit 1'
helper dnf "$bring"
manages dnf install "$work/brought" "$work/extra"
testing 'dnf, and paths of a user'
missing
helper dnf "$bring"
helper zenity
user_config <<-END
	interpreters.brought.required_paths = ["$work/my.rpm"]
END
dialog ./arm64
expect_status 126
expect_log </dev/null
testing 'dnf with packages, and paths of a user'
missing "$apt"
helper dnf "$bring"
user_config <<-END
	interpreters.brought.required_paths = ["$work/extra"]
END
manages dnf install other
testing 'a configured command'
missing '' '
		[package_manager]
		command = ["'"$work"'/helpers/zypper", "in"]'
helper dnf 'exit 1'
helper zypper "$bring"
manages zypper in "$work/brought" "$work/extra"
testing 'a configured command and its packages'
missing 'packages.zypper = ["package"]
		[package_manager]
		command = ["'"$work"'/helpers/zypper", "in"]'
helper zypper "$bring"
manages zypper in package
testing 'a configured command that is not there'
missing 'packages.apt = ["package"]
		[package_manager]
		command = ["'"$work"'/helpers/zypper", "in"]'
helper apt-get "$bring"
bd ./arm64
expect_status 126

testing 'the first that can be installed'
missing 'fallback = ["second"]
		[interpreters.second]
		path = "'"$work"'/second"
		packages.apt = ["second"]'
helper apt-get "printf '#!/bin/sh\necho second\n' >$work/second
	chmod 755 $work/second"
helper zenity
helper xdg-terminal-exec 'exec "$@"'
dialog ./arm64
expect_status 0
expect_stdout second

testing 'signals are left as they were'
missing "$apt"
helper zenity
helper apt-get "cp $show $work/brought; : >$work/extra"
run env DISPLAY=:99 SHOW='signals children fds' \
	"$TEST_TOOLS/exec-file" -b 17 -i 17 "$BINFMT_DISPATCHER" \
	--vendor-dir vendor --config etc/binfmt-dispatcher.toml \
	--helper-dir helpers ./arm64 </dev/null
expect_status 0
expect_stdout 'signals ignored 17 blocked 17
children none
fds 0 1 2'

testing 'nothing of PATH'
check 'nothing has been run by PATH' fails grep -q 'by PATH' "$log"

done_testing
