#!/bin/sh
# The command line: actions, options, abbreviations, and what is refused.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

hint='; update-binfmts --help shows all actions and options'

# refused MESSAGE ARGUMENT...: status 2, one message, nothing done.
refused() {
	message=$1
	shift
	testing "refused: $*"
	fresh
	ub "$@"
	expect_status 2
	expect_stdout ''
	expect_stderr "update-binfmts: $message"
	expect_no_file "$admin"
	expect_rules
}

refused "no action is given$hint"
refused "no action is given$hint" --test
refused "no action is given$hint" --package p
refused "no action is given$hint" jar
refused "no action is given$hint" -- --display
refused "unrecognized option '--frobnicate'" --frobnicate
refused "unrecognized option '--frobnicate=1'" --display --frobnicate=1
refused "invalid option -- 'x'" -x
refused "option '--di' is ambiguous; possibilities: '--display' '--disable'" \
	--di
refused "option '--magic' requires an argument" --install a /b --magic
refused "option '--package' requires an argument" --display --package
refused "option '--test' doesn't allow an argument" --display --test=yes
refused "option '--help' doesn't allow an argument" --help=yes
refused "--admindir needs the path of a directory$hint" --display --admindir=
refused "--importdir needs the path of a directory$hint" \
	--importdir '' --import
refused "--procdir needs the path of a directory$hint" --procdir= --enable

refused '--display and --enable: exactly one action can be given' \
	--display --enable
refused '--import and --import: exactly one action can be given' \
	--import a --import b
refused '--install and --remove: exactly one action can be given' \
	--install a /b --extension c --remove a /b

refused "--install takes NAME PATH$hint" --install
refused "--install takes NAME PATH$hint" --install a --extension b
refused "--install takes NAME PATH$hint" --install a /b c --extension b
refused "--remove takes NAME PATH$hint" --remove a
refused "--remove takes NAME PATH$hint" --remove a /b c
refused "--find takes PATH$hint" --find
refused "--find takes PATH$hint" --find a b
for action in import unimport display enable disable; do
	testing "refused: --$action a b"
	fresh
	ub --$action a b
	expect_refusal
	expect_stderr_has "update-binfmts: --$action takes at most one NAME"
done

# Values of a format go with --install, where each is given once.
for option in magic mask offset extension detector credentials preserve \
    fix-binary open-binary priority; do
	key=$(echo "$option" | tr - _)
	refused "$key goes with --install only$hint" --import a --$option 1
	refused "$key is given twice" --install a /b --$option 1 --$option=1
done
refused 'package is given twice' --import --package a --package a

testing 'no argument at all'
run "$UPDATE_BINFMTS"
expect_status 2
expect_stderr "update-binfmts: no action is given$hint"

testing 'the program under another name, or none'
run sh -c 'exec "$0"' "$UPDATE_BINFMTS"
expect_stderr "update-binfmts: no action is given$hint"
ln -s "$UPDATE_BINFMTS" 'odd name'
run ./'odd name' --frobnicate
expect_status 2
expect_stderr "update-binfmts: unrecognized option '--frobnicate'"

testing 'help'
fresh
ub --help
expect_status 0
expect_stderr ''
for option in install remove import unimport display enable disable find help \
    version magic mask offset extension detector credentials preserve \
    fix-binary open-binary priority package test quiet verbose admindir \
    importdir procdir; do
	expect_stdout_has "--$option"
done
check 'no line is longer than a terminal' \
	fails grep -q '.\{81\}' "$captured/out"
cp "$captured/out" help
testing 'help is given whatever else is asked'
ub --install a --help /b --display
expect_status 0
check 'the same text' cmp help "$captured/out"
expect_no_file "$admin"

testing 'version'
ub --version
expect_status 0
expect_stderr ''
check 'name and number' grep -qx 'update-binfmts (binfmts) [0-9][0-9.a-z~+-]*' \
	"$captured/out"
ub --vers --display nothing
expect_status 0

# Options stand anywhere, as one word or two, in full or not.
check_installed() {
	expect_status 0
	expect_silent
	expect_file "$admin/jar" <<-END
		openjdk
		magic
		4
		PK\\x03\\x04
		\\xff\\xff\\xff\\x0f
		$interpreter

		yes
		no
		yes
	END
	rule=':jar:M:4:PK\x03\x04:\xff\xff\xff\x0f:'
	expect_rules "$rule$interpreter:CF"
	fresh
}
fresh

testing 'options behind the action'
ub --install jar "$interpreter" --magic 'PK\x03\x04' \
	--mask '\xff\xff\xff\x0f' --offset 4 --package openjdk \
	--credentials yes --preserve no --fix-binary yes
check_installed

testing 'options in front of the action'
ub --fix-binary yes --preserve no --credentials yes --package openjdk \
	--offset 4 --mask '\xff\xff\xff\x0f' --magic 'PK\x03\x04' \
	--install jar "$interpreter"
check_installed

testing 'options with an equals sign'
ub --fix-binary=yes --preserve=no --install jar "$interpreter" \
	--credentials=yes --package=openjdk --offset=4 \
	--mask='\xff\xff\xff\x0f' --magic='PK\x03\x04'
check_installed

testing 'options between the arguments of the action'
ub --install --magic 'PK\x03\x04' jar --mask '\xff\xff\xff\x0f' --offset 4 \
	--package openjdk "$interpreter" --credentials yes --preserve no \
	--fix-binary yes
check_installed

testing 'options abbreviated'
ub --ins jar "$interpreter" --mag 'PK\x03\x04' --mas='\xff\xff\xff\x0f' \
	--off 4 --pac openjdk --cr yes --pres no --fix yes
check_installed

testing 'the action with an equals sign'
ub --install=jar "$interpreter" --magic 'PK\x03\x04' \
	--mask '\xff\xff\xff\x0f' --offset 4 --package openjdk \
	--credentials yes --preserve no --fix-binary yes
check_installed

testing 'arguments behind two dashes'
ub --magic 'PK\x03\x04' --mask '\xff\xff\xff\x0f' --offset 4 \
	--package openjdk --credentials yes --preserve no --fix-binary yes \
	--install -- jar "$interpreter"
check_installed

testing 'POSIXLY_CORRECT changes nothing'
POSIXLY_CORRECT=1
export POSIXLY_CORRECT
ub --install jar "$interpreter" --magic 'PK\x03\x04' \
	--mask '\xff\xff\xff\x0f' --offset 4 --package openjdk \
	--credentials yes --preserve no --fix-binary yes
check_installed
unset POSIXLY_CORRECT

testing 'an argument that begins like an option'
ub --display -- -x
expect_status 2
expect_stderr "update-binfmts: -x: name: '-x' starts with a dash"

testing 'the last of several directories counts'
fresh
mkdir other
ub --admindir other --install jar "$interpreter" --extension jar
expect_status 0
check 'in the last one' test -f other/jar
expect_no_file "$admin"

testing 'quiet keeps errors only'
fresh
ub --quiet --test --install jar /none --extension jar
expect_status 0
expect_silent
expect_no_file "$admin"
ub --quiet --disable nothing
expect_status 0
expect_silent
ub --quiet --enable nothing
expect_status 2
expect_stderr_has 'update-binfmts: nothing: not in the database'
ub --quiet --import
expect_status 0
expect_silent

testing 'verbose says what is done'
fresh
ub --verbose --install jar "$interpreter" --extension jar
expect_status 0
expect_stdout_has 'registered jar'
expect_stderr ''

done_testing
