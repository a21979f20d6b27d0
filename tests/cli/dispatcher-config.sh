#!/bin/sh
# binfmt-dispatcher: its configuration files, and what they choose.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/dispatcher-lib.sh"
as_plain_user "$@"
begin
interpreter one two three four
elf arm64 2 1 183
elf riscv 2 1 243

# three_interpreters: in a drop-in.
three_interpreters() {
	drop_in 10-interpreters <<-END
		[interpreters]
		one.path = "$work/one"
		two.path = "$work/two"
		three.path = "$work/three"
		gone.path = "$work/gone"
	END
}

# Files -----------------------------------------------------------------------

testing 'no configuration'
fresh_config
bd ./arm64
expect_status 127
expect_stdout ''
expect_stderr "binfmt-dispatcher: ./arm64: no interpreter is configured for \
it, machine aarch64; see binfmt-dispatcher.toml(5)"

testing 'drop-ins in the order of their names'
fresh_config
three_interpreters
for name in 20-b 15-z 20-a; do
	drop_in $name <<-END
		[defaults]
		interpreter = "$(echo $name | sed 's/20-b/two/; s/.*-.*/one/')"
	END
done
bd ./arm64
expect_stdout two
drop_in .99-hidden <<-END
	defaults.interpreter = "three"
END
cp "$work/vendor/.99-hidden.toml" "$work/vendor/99-no-suffix"
bd ./arm64
expect_stdout two

testing 'the administrator, then the user'
config <<-END
	defaults.interpreter = "one"
END
bd ./arm64
expect_stdout one
user_config <<-END
	defaults.interpreter = "three"
END
bd ./arm64
expect_stdout three
mkdir -p xdg/binfmt-dispatcher
echo 'defaults.interpreter = "two"' \
	>xdg/binfmt-dispatcher/binfmt-dispatcher.toml
XDG_CONFIG_HOME=$work/xdg bd ./arm64
expect_stdout two
testing 'a relative XDG_CONFIG_HOME does not count'
XDG_CONFIG_HOME=xdg bd ./arm64
expect_stdout three
testing '--user-config'
bd --user-config xdg/binfmt-dispatcher/binfmt-dispatcher.toml ./arm64
expect_stdout two

testing 'later wins, key by key'
fresh_config
drop_in 1 <<-END
	[interpreters.x]
	path = "$show"
	args = ["-a", "-b"]
	preserve_argv0 = true
	[defaults]
	interpreter = "x"
END
config <<-END
	[interpreters.x]
	args = ["-c"]
END
export SHOW=argv
bd ./arm64 arg
expect_argv "$show" -c ./arm64 ./arm64 arg

# What AsahiLinux documents, with other paths.
testing 'a configuration for the original'
fresh_config
: >rootfs.erofs
config <<-END
	[defaults]
	interpreter = "fex"
	log_level = "info"

	[muvm]
	path = "$work/four"

	[interpreters]

	[interpreters.box64]
	path = "$work/two"

	[interpreters.fex]
	name = "FEX"
	path = "$work/one"
	required_paths = ["$work/rootfs.erofs"]
	use_muvm = true

	[interpreters.qemu]
	name = "QEMU User space emulator"
	path = "$work/three"

	[binaries]

	[binaries.riscv]
	path = "$work/riscv"
	interpreter = "box64"
END
bd ./arm64
expect_status 0
expect_stdout one
expect_stderr 'binfmt-dispatcher: ./arm64: using FEX'
bd ./riscv
expect_stdout two
expect_stderr 'binfmt-dispatcher: ./riscv: using box64'

testing 'the vendor configuration'
fresh_config
cp "$TOP_SRCDIR/format-files/50-interpreters.toml" "$work/vendor"
cp "$TOP_SRCDIR/format-files/binfmt-dispatcher.toml" \
	"$work/etc/binfmt-dispatcher.toml"
bd --explain ./arm64
expect_stderr ''
expect_stdout_has 'interpreter = fex (FEX): is not for aarch64'
expect_stdout_has 'fallback = qemu-user (QEMU): '
testing 'every key of the example'
sed 's/^#\([a-z[]\)/\1/' "$TOP_SRCDIR/format-files/binfmt-dispatcher.toml" |
	config
bd --explain ./arm64
expect_stderr ''

testing 'the example of the manual'
sed -n '/^\.Bd -unfilled/,/^\.Ed/{/^\./d;p}' \
	"$TOP_SRCDIR/man/binfmt-dispatcher.toml.5" | config
check 'it is there' grep -q qemu-devel etc/binfmt-dispatcher.toml
bd --explain ./arm64
expect_stderr ''

# Mistakes --------------------------------------------------------------------

testing 'a broken file'
fresh_config
three_interpreters
drop_in 20-default <<-END
	defaults.interpreter = "one"
END
config <<-END
	[defaults]
	interpreter = two
END
bd ./arm64
expect_status 0
expect_stdout one
expect_stderr_has "binfmt-dispatcher: $work/etc/binfmt-dispatcher.toml:2:15: "
expect_stderr_has "toml: skipped, because it is not valid TOML"

testing 'unknown keys and wrong values'
config <<-END
	frobnicate = 1
	[defaults]
	interpeter = "two"
	interpreter = 5
	log_level = "loud"
	[interpreters.one]
	path = "relative"
	required_paths = ["/a", 5]
	[interpreters.half]
	name = "Half"
	[binaries.one]
	path = "/x"
	emulator = "two"
	[machines.pdp11]
	interpreter = "one"
	[machines.arm64]
	interpreter = "nobody"
END
bd ./arm64
expect_status 0
expect_stdout one
at="binfmt-dispatcher: warning: $work/etc/binfmt-dispatcher.toml"
expect_stderr "$at:1:1: unknown key 'frobnicate'; ignored
$at:3:1: defaults: unknown key 'interpeter'; ignored
$at:4:15: interpreter: must be a string, not an integer; ignored
$at:5:13: log_level: is none of off, error, warn, info, debug, trace; ignored
$at:7:8: path: is not an absolute path: relative; ignored
$at:8:25: required_paths: must be a string, not an integer; ignored
$at:13:1: binaries: unknown key 'emulator'; ignored
$at:14:11: machines: no machine 'pdp11' is known; ignored
$at:9:15: interpreters.half has no path; it cannot be used
$at:16:11: machines.aarch64 wants interpreter nobody, and there is none; ignored
$at:11:11: binaries.one has no interpreter; ignored"

testing 'not a file'
fresh_config
three_interpreters
echo 'defaults.interpreter = "one"' | drop_in 20
mkdir "$work/vendor/30.toml"
mkfifo "$work/etc/binfmt-dispatcher.toml"
bd ./arm64
expect_status 0
expect_stdout one
expect_stderr_has '30.toml: is not a regular file; skipped'
expect_stderr_has 'binfmt-dispatcher.toml: is not a regular file; skipped'

testing 'too large'
rm "$work/etc/binfmt-dispatcher.toml"
head -c 300000 /dev/zero | tr '\0' '#' | config
bd ./arm64
expect_status 0
expect_stdout one
expect_stderr_has 'is larger than 262144 bytes; skipped'

testing 'what a user may not say'
fresh_config
three_interpreters
user_config <<-END
	[defaults]
	interpreter = "one"
	[interpreters.one]
	packages = { apt = ["x"] }
	[package_manager]
	command = ["/bin/true"]
END
bd ./arm64
expect_stdout one
expect_stderr_has ":4:1: interpreters: 'packages' is not taken from a user's"
expect_stderr_has ":6:1: package_manager: 'command' is not taken from a user's"

testing 'a file that others can write'
fresh_config
three_interpreters
echo 'defaults.interpreter = "one"' | config
chmod 666 "$work/etc/binfmt-dispatcher.toml"
bd ./arm64
expect_status 0
expect_stdout one
expect_stderr_has 'used all the same'

# Log level -------------------------------------------------------------------

testing 'log level'
fresh_config
three_interpreters
config <<-END
	unknown = 1
	[defaults]
	interpreter = "one"
	log_level = "error"
END
bd ./arm64
expect_stdout one
expect_stderr ''
BINFMT_DISPATCHER_LOG_LEVEL=WARN bd ./arm64
expect_stderr_has 'unknown key'
BINFMT_DISPATCHER_LOG_LEVEL=debug bd ./arm64 x
expect_stderr_has 'using one'
expect_stderr_has "argv[2] = x"
BINFMT_DISPATCHER_LOG_LEVEL=loud bd ./arm64
expect_stdout one
BINFMT_DISPATCHER_LOG_LEVEL=off bd ./riscv
expect_stderr ''

# Choice ----------------------------------------------------------------------

# chooses FILE INTERPRETER
chooses() {
	testing "choice for $1"
	bd "$1"
	expect_status 0
	expect_stdout "$2"
}

mkdir -p games/old/bin games/new opt
for file in games/old/bin/a games/old/b games/new/c games/d games.e opt/f; do
	cp arm64 $file
done
ln -s ../games/old/b opt/link
ln -s games alias
fresh_config
three_interpreters
config <<-END
	[defaults]
	interpreter = "one"
	[binaries]
	below = { path = "$work/games/", interpreter = "two" }
	exact = { path = "$work/games/old/b", interpreter = "three" }
	nothing = { path = "$work/games/new/c", interpreter = "nobody" }
END
chooses ./arm64 one
chooses games/d two
chooses games/old/bin/a two
chooses games/old/b three
chooses games/new/c two
chooses games.e one
chooses opt/link three
chooses alias/old/b three

testing 'a directory without a slash, by a link, and the longer one'
config <<-END
	[defaults]
	interpreter = "one"
	[binaries]
	longer = { path = "$work/alias/old", interpreter = "three" }
	below = { path = "$work/games", interpreter = "two" }
END
chooses games/old/bin/a three
chooses games/d two
chooses games.e one

config <<-END
	[defaults]
	interpreter = "one"
	[binaries]
	glob = { path = "$work/games/*/b*", interpreter = "two" }
	set = { path = "$work/opt/[ef]", interpreter = "three" }
END
chooses games/old/b two
chooses games/old/bin/a one
chooses games/new/c one
chooses opt/f three
chooses opt/link two

cp arm64 'games/[x]*'
config <<-END
	[defaults]
	interpreter = "one"
	[binaries]
	literal = { path = "$work/games/[x]*", interpreter = "two" }
END
chooses 'games/[x]*' two

config <<-END
	[defaults]
	interpreter = "one"
	[machines]
	arm64.interpreter = "two"
	[binaries.x]
	path = "$work/games"
	interpreter = "three"
END
chooses ./arm64 two
chooses ./riscv one
chooses games/d three

testing 'fallback'
config <<-END
	[defaults]
	interpreter = "a"
	log_level = "info"
	[interpreters.a]
	path = "$work/gone"
	fallback = ["b", "c", "nobody"]
	[interpreters.b]
	path = "$work/one"
	required_paths = ["$work/lost"]
	fallback = ["a", "d"]
	[interpreters.c]
	path = "$work/two"
	[interpreters.d]
	path = "$work/three"
	machines = ["x86"]
END
bd ./arm64
expect_status 0
expect_stdout two
expect_stderr_has "a: $work/gone is not there"
expect_stderr_has "b: $work/lost is not there"
expect_stderr_has "d: is not for aarch64"
expect_stderr_has 'using c'

testing 'the name of the machine'
config <<-END
	[defaults]
	interpreter = "any"
	[interpreters.any]
	path = "$work/%m"
	required_paths = ["$work/%m"]
	args = ["-L", "/%m/%%m/%x/%"]
	fallback = ["one"]
END
ln -s "$show" aarch64
bd ./arm64 a
expect_argv "$work/aarch64" -L '/aarch64/%m/%x/%' ./arm64 a
bd ./riscv
expect_stdout one
elf unknown 2 1 1234
bd ./unknown
expect_stdout one
bd --explain ./unknown
expect_stdout_has 'interpreter = any (any): is not for such a program'

testing 'one run'
config <<-END
	[defaults]
	interpreter = "two"
END
BINFMT_DISPATCHER_INTERPRETER=one bd ./arm64
expect_stdout one
BINFMT_DISPATCHER_INTERPRETER=nobody bd ./arm64
expect_status 127
expect_stderr_has 'wants interpreter nobody, and none is configured'
BINFMT_DISPATCHER_INTERPRETER='' bd ./arm64
expect_stdout two

testing 'nothing usable'
config <<-END
	[defaults]
	interpreter = "gone"
END
bd ./arm64
expect_status 126
expect_stdout ''
expect_stderr "binfmt-dispatcher: ./arm64: no interpreter can run this program \
for aarch64; gone: $work/gone is not there"

# Explaining ------------------------------------------------------------------

testing '--explain'
config <<-END
	[defaults]
	interpreter = "gone"
	[interpreters]
	gone.fallback = ["two"]
	two.use_muvm = true
END
bd --explain ./arm64 arg
expect_status 0
expect_stderr ''
expect_stdout " configuration = $work/vendor/10-interpreters.toml: read
 configuration = $work/etc/binfmt-dispatcher.toml: read
 configuration = $HOME/.config/binfmt-dispatcher/binfmt-dispatcher.toml: \
not there
          file = ./arm64
      resolved = $work/arm64
       machine = aarch64
     chosen by = the default in $work/etc/binfmt-dispatcher.toml:2
   interpreter = gone (gone): $work/gone is not there
      fallback = two (two): is used
          muvm = is not used, since a page has 4096 bytes
       argv[0] = $work/two
       argv[1] = ./arm64
       argv[2] = arg"
bd --explain ./nothing
expect_status 2
expect_stderr_has './nothing: No such file or directory'
BINFMT_DISPATCHER_INTERPRETER=three bd --explain ./arm64
expect_stdout_has 'chosen by = BINFMT_DISPATCHER_INTERPRETER in the environment'
config </dev/null
bd --explain ./arm64
expect_status 1

done_testing
