#!/bin/sh
# The completion of update-binfmts(8) for bash: what is offered for a command
# line whose last word is being typed.

# Bash expands what is in single quotes here.
# shellcheck disable=SC2016

. "${TOP_SRCDIR:=.}/tests/lib.sh"

if ! command -v bash >/dev/null; then
	skip "$subject" 'bash is not installed'
	exit 0
fi
begin
fresh

# complete WORD...: prints what is offered, sorted, a line each.
cat >driver <<'END'
set -u
. "$COMPLETION"
COMP_WORDS=(update-binfmts "$@")
COMP_CWORD=$#
_update_binfmts
[ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort
END
COMPLETION=$TOP_SRCDIR/debian/binfmts.bash-completion
export COMPLETION

# offers EXPECTED WORD...: just these words, with blanks between them.
offers() {
	_offers=$1
	shift
	testing "update-binfmts $*"
	run bash driver "$@"
	expect_status 0
	expect_stderr ''
	_words=$(tr '\n' ' ' <"$captured/out")
	verdict "offers ${_offers:-nothing}" "these words: $_offers" \
		[ "${_words% }" = "$_offers" ]
}

mkdir -p "$admin" other/deep tree/etc/binfmt.d tree/usr/lib/binfmt.d \
	tree/var/lib/binfmts tree/usr/share/binfmts
printf '%s\n' : magic 0 PK '' /usr/bin/jexec '' '' '' '' >"$admin/jar"
printf '%s\n' : extension 0 py '' /usr/bin/python3 '' '' '' '' \
	>"$admin/python3"
: >"$admin/.jar.tmp-1-0"
: >"$import/jar"
: >"$import/wine"
: >"$import/wine.dpkg-new"
: >"$proc/jar"
: >"$proc/strange"
: >other/file
: >other/odd\ name
: >tree/var/lib/binfmts/love
: >tree/usr/share/binfmts/wine
printf '%s\n' '# :comment:' ';x;' '' '  :love:E::love::/bin/a:' 'junk' \
	',llvm.binfmt,M,,BC,,/bin/b,' ':-dash:E::d::/bin/c:' \
	>tree/etc/binfmt.d/a.conf
echo ':hidden:E::h::/bin/d:' >tree/usr/lib/binfmt.d/a.conf
printf ':sbcl:E::s::/bin/e:\r\n:last:E::l::/bin/f:' \
	>tree/usr/lib/binfmt.d/b.conf
echo ':other:E::o::/bin/g:' >tree/usr/lib/binfmt.d/wine

testing 'the file'
check 'can be loaded by a shell with strict options' \
	bash -euc '. "$COMPLETION"; complete -p update-binfmts'
check 'runs no external command' \
	env PATH=/nonexistent "$(command -v bash)" -euc '. "$COMPLETION"
		COMP_WORDS=(update-binfmts --display "")
		COMP_CWORD=2
		_update_binfmts'

# Actions and options.
offers '--disable --display' --di
offers '--import --importdir' --import
offers '--priority' --install a /b --prio
offers '--fix-binary --force' --install a /b --f
offers '--find --fix-binary --force' --f
offers '' --display --magic
offers '--package --preserve --priority --procdir' --install a /b --p
offers '--json' --explain ./x --j
offers '--json' --sync --j
offers '--root' --export --r
offers '' --enable --r
offers '--sync' --sy
offers '--cat-config' --cat
offers '--explain --export --extension' --ex
offers '' --frobnicate

# The help text and the completion know the same options.
for option in $("$UPDATE_BINFMTS" --help | grep -o '^  --[a-z-]*'); do
	offers_option=$(bash driver "$option" | grep -x -e "$option")
	testing "update-binfmts $option"
	check 'is offered' test "$offers_option" = "$option"
done

# Values.
offers 'no yes' --install a /b --preserve ''
offers 'yes' --install a /b --fix-binary y
offers 'yes' --install a /b --fix-binary = y
offers 'no yes' --install a /b --credentials =
offers '--preserve=yes' --install a /b --preserve=y
offers 'yes' --install a /b --fix y
offers 'all binfmt.d database kernel' --display --source ''
offers 'database,all database,binfmt.d database,kernel' \
	--display --source database,
offers 'binfmt.d' --enable --source b
offers 'binfmt.d' --enable --source = b
offers '--source=binfmt.d' --enable --source=b
offers 'other/deep' --display --root other/
offers 'other/deep' --admindir other/
offers 'other/deep' --display --admindir = other/
offers '' --install a /b --priority ''

# Names.
for action in display enable disable check remove install; do
	offers 'jar python3' --admindir "$admin" --$action ''
done
offers 'jar' --admindir "$admin" --display j
offers 'jar' --admindir = "$admin" --display j
offers 'jar' "--admindir=$admin" --display j
offers 'jar' "--admindir=\"$admin\"" --display j
offers 'jar' --display --admindir "$admin" j
offers 'jar' --admindir "$admin" --display = j
offers '--display=jar' --admindir "$admin" --display=j
offers 'jar' --admindir "$admin" --disp -- j
offers '' --admindir "$admin" --display -- -
offers '' --admindir "$work/none" --display ''
offers 'jar wine' --importdir "$import" --import ''
offers 'jar jar python3 wine' --importdir "$import" --admindir "$admin" \
	--unimport ''
offers 'other/deep other/file other/odd name' --import other/
offers '/usr/bin/jexec' --admindir "$admin" --remove jar ''
offers 'strange' --admindir "$admin" --procdir "$proc" --adopt ''
offers 'jar python3 strange' --admindir "$admin" --procdir "$proc" \
	--source kernel --display ''

# Rules of binfmt.d.  Only the completion takes --root with all actions; here it
# leads to other directories.
for action in display enable disable check export; do
	offers 'last llvm.binfmt love sbcl' --root tree --$action ''
done
for action in install remove; do
	offers 'love' --root tree --$action ''
done
offers 'wine' --root tree/ --import ''
offers 'last llvm.binfmt love' --root tree --admindir /none --display l
offers 'jar python3' --admindir "$admin" --source database --display ''
for action in enable disable; do
	offers 'a.conf' --root tree --$action --source=binfmt.d a.c
	offers 'b.conf' --root tree --$action --source = binfmt.d a.conf b.c
	offers 'other/deep other/file other/odd name' \
		--$action --source binfmt.d other/
	offers 'last llvm.binfmt love' \
		--root tree --source=database,binfmt.d --$action l
done

: >"$admin/two words"
offers 'two\ words' --admindir "$admin" --display t
offers 'two words' --admindir "$admin" --display "'two w"

# Files.
for action in find explain; do
	offers 'other/file' --$action other/f
done
offers 'other/file' --install a other/f
offers 'other/file' --install a /b --detector other/f

# More than an action takes.
testing 'update-binfmts --display jar'
run bash driver --admindir "$admin" --display jar ''
expect_status 0
expect_stdout_has '--json'
expect_stdout_lacks 'python3'

done_testing
