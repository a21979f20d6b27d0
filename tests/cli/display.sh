#!/bin/sh
# --display: exactly what it prints, and when it says that a format is enabled.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

none=

testing 'an empty database'
fresh
ub --display
expect_status 0
expect_silent
expect_no_file "$admin"
ub --display jar
expect_status 2
expect_stdout ''
expect_stderr_has 'update-binfmts: jar: not in the database'
mkdir "$admin"
ub --display
expect_status 0
expect_silent
expect_no_file "$admin.lock"

fresh
ub --install jar /bin/sh --magic 'PK\x03\x04' --package openjdk
ub --install love /bin/cat --extension love --preserve no
ub --install 'Blanks in it' /bin/cat --offset 007 --magic '\x00 \x09:' \
	--mask '\xFF\xff\xff\xff' --preserve yes --credentials yes \
	--fix-binary yes --open-binary yes --priority -100
ub --install cli /bin/sh --detector /bin/true --magic MZ --package mono

jar="jar (disabled):
     package = openjdk
        type = magic
      offset = 0
       magic = PK\\x03\\x04
        mask = $none
 interpreter = /bin/sh
    detector = $none"
blanks="Blanks in it (disabled):
     package = <local>
        type = magic
      offset = 7
       magic = \\x00 \\x09:
        mask = \\xFF\\xff\\xff\\xff
 interpreter = /bin/cat
    detector = $none
 credentials = yes
    preserve = yes
  fix_binary = yes
 open_binary = yes
    priority = -100"
love="love (disabled):
     package = <local>
        type = extension
      offset = 0
       magic = love
        mask = $none
 interpreter = /bin/cat
    detector = $none"
cli="cli (disabled):
     package = mono
        type = magic
      offset = 0
       magic = MZ
        mask = $none
 interpreter = /bin/sh
    detector = /bin/true"

testing 'one format'
ub --display jar
expect_status 0
expect_stderr ''
expect_stdout "$jar"
testing 'every value'
ub --display 'Blanks in it'
expect_stdout "$blanks"
testing 'an extension'
ub --display love
expect_stdout "$love"
testing 'a detector'
ub --display cli
expect_stdout "$cli"
testing 'all, in bytewise order'
ub --display
expect_status 0
expect_stderr ''
expect_stdout "$blanks
$cli
$jar
$love"
testing 'without binfmt_misc'
rm "$proc/register"
ub --display
expect_status 0
expect_stderr ''
expect_stdout "$blanks
$cli
$jar
$love"
testing 'by a user who may write nothing'
chmod 555 "$admin" "$proc"
rm "$admin.lock"
ub --display jar
expect_status 0
expect_stderr ''
expect_stdout "$jar"
expect_no_file "$admin.lock"

# State -----------------------------------------------------------------------

# state STATUS-WORD [STATE]: how the first format is shown.
state() {
	ub --display jar
	expect_status 0
	expect_stderr ''
	check "$1" [ "$(head -n 1 "$captured/out")" = "jar ($1):" ]
	if [ $# -gt 1 ]; then
		check 'state' [ "$(tail -n +9 "$captured/out")" = \
			"       state = $2" ]
	else
		check 'nothing to say' [ "$(wc -l <"$captured/out")" -eq 8 ]
	fi
}

fresh
ub --install jar /bin/sh --magic 'PK\x03\x04'

testing 'registered as recorded'
entry jar /bin/sh '' 'offset 0' 'magic 504b0304'
state enabled
testing 'registered with a mask of all ones, which is none'
entry jar /bin/sh '' 'offset 0' 'magic 504b0304' 'mask ffffffff'
state enabled
testing 'registered, with a line of a newer kernel'
entry jar /bin/sh '' 'offset 0' 'magic 504b0304' 'news of tomorrow'
state enabled
testing 'registered, but disabled'
sed 's/^enabled/disabled/' "$proc/jar" >text && mv text "$proc/jar"
state disabled 'differs: registered, but disabled in the kernel'
testing 'registered, but binfmt_misc is disabled'
entry jar /bin/sh '' 'offset 0' 'magic 504b0304'
echo disabled >"$proc/status"
state disabled 'differs: registered, but binfmt_misc as a whole is disabled in'\
' the kernel'
rm "$proc/status"
testing 'no status that could be read'
state enabled
echo enabled >"$proc/status"

testing 'another interpreter'
entry jar /bin/cat '' 'offset 0' 'magic 504b0304'
state disabled 'differs: the kernel runs /bin/cat, not /bin/sh'
testing 'run-detectors, which is not needed'
entry jar "$RUN_DETECTORS" '' 'offset 0' 'magic 504b0304'
state disabled "differs: the kernel runs $RUN_DETECTORS, not /bin/sh"
testing 'another magic'
entry jar /bin/sh '' 'offset 0' 'magic 504b0305'
state disabled "differs: the kernel's entry matches other files"
testing 'another offset'
entry jar /bin/sh '' 'offset 1' 'magic 504b0304'
state disabled "differs: the kernel's entry matches other files"
testing 'another mask'
entry jar /bin/sh '' 'offset 0' 'magic 504b0304' 'mask ffffff00'
state disabled "differs: the kernel's entry matches other files"
testing 'an extension instead'
entry jar /bin/sh '' 'extension .jar'
state disabled "differs: the kernel's entry matches other files"
testing 'other flags'
entry jar /bin/sh 'POC' 'offset 0' 'magic 504b0304'
state disabled "differs: the kernel's flags are 'POC', not ''"
testing 'a BPF program'
printf 'enabled\nbpf handler\nflags: \n' >"$proc/jar"
state disabled "differs: the kernel's entry is a BPF program"

testing 'what is no text of an entry'
for text in '' 'enabled' \
    'on\ninterpreter /bin/sh\nflags: \noffset 0\nmagic 504b0304\n' \
    'enabled\nflags: \ninterpreter /bin/sh\noffset 0\nmagic 504b0304\n' \
    'enabled\ninterpreter /bin/sh\nflags: x\noffset 0\nmagic 504b0304\n' \
    'enabled\ninterpreter /bin/sh\nflags: \noffset 0\nmagic 504b030\n' \
    'enabled\ninterpreter /bin/sh\nflags: \noffset 0\nmagic zz\n' \
    'enabled\ninterpreter /bin/sh\nflags: \noffset 300\nmagic 50\n' \
    'enabled\ninterpreter /bin/sh\nflags: \nmagic 50\n' \
    'enabled\ninterpreter /bin/sh\nflags: \n' \
    'enabled\ninterpreter /bin/sh\nflags: P\nmagic 00\nflags: \noffset 0\n' \
    'enabled\ninterpreter \nflags: \noffset 0\nmagic 504b0304\n' \
    'enabled\ninterpreter /bin/s\000h\nflags: \noffset 0\nmagic 504b0304\n'; do
	# shellcheck disable=SC2059 # the text is ours
	printf "$text" >"$proc/jar"
	state disabled "differs: the kernel's entry cannot be read"
done
for kind in directory fifo link; do
	rm -rf "$proc/jar"
	case $kind in
	directory) mkdir "$proc/jar" ;;
	fifo) mkfifo "$proc/jar" ;;
	link) ln -s status "$proc/jar" ;;
	esac
	state disabled "differs: the kernel's entry cannot be read"
done
rm "$proc/jar"

testing 'flags as the kernel shows them'
fresh
ub --install jar /bin/sh --magic 'PK\x03\x04' --credentials yes --preserve yes \
	--fix-binary yes
entry jar /bin/sh POCF 'offset 0' 'magic 504b0304'
ub --display jar
check 'C implies O' [ "$(head -n 1 "$captured/out")" = 'jar (enabled):' ]
entry jar /bin/sh PF 'offset 0' 'magic 504b0304'
ub --display jar
expect_stdout_has "state = differs: the kernel's flags are 'PF', not 'PCF'"

testing 'an extension'
fresh
ub --install love /bin/sh --extension love
entry love /bin/sh '' 'extension .love'
ub --display love
check 'enabled' [ "$(head -n 1 "$captured/out")" = 'love (enabled):' ]

testing 'a format with a detector'
fresh
ub --install jar /bin/sh --magic 'PK\x03\x04' --detector /bin/true
entry jar "$RUN_DETECTORS" '' 'offset 0' 'magic 504b0304'
ub --display jar
check 'enabled' [ "$(head -n 1 "$captured/out")" = 'jar (enabled):' ]
expect_stdout_lacks state
entry jar /bin/sh '' 'offset 0' 'magic 504b0304'
ub --display jar
expect_stdout_has "state = differs: the kernel runs /bin/sh, not $RUN_DETECTORS"

testing "somebody else's entries are not shown"
entry foreign /bin/sh '' 'extension .foreign'
ub --display
expect_stdout_lacks foreign
ub --display foreign
expect_status 2
expect_stdout ''

testing 'control characters and bytes of other encodings'
fresh
cp /bin/sh "$(printf 'bin/a\tb\303\244')"
ub --install "$(printf 'gr\303\274n')" \
	"$(printf '%s/bin/a\tb\303\244' "$work")" \
	--magic "$(printf '\033[1m')" --package "$(printf 'p\033')"
expect_status 0
ub --display
expect_stdout "$(printf 'gr\303\274n') (disabled):
     package = p\\x1b
        type = magic
      offset = 0
       magic = \\x1b[1m
        mask = $none
 interpreter = $work/bin/a\\x09b$(printf '\303\244')
    detector = $none"

done_testing
