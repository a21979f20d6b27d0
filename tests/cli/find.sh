#!/bin/sh
# --find: the interpreters that would really be tried.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

# install NAME INTERPRETER OPTION...: and it is shown as registered, directly.
install() {
	name=$1
	path=$2
	shift 2
	ub --install "$name" "$path" "$@"
	[ "$status" -eq 0 ] || explain 'to install' | not_ok "install $name"
}

# found FILE [INTERPRETER...]
found() {
	file=$1
	shift
	ub --find "$file"
	expect_status 0
	expect_stderr ''
	expect_stdout "$(printf '%s\n' "$@")"
}

printf 'PK\003\004rest' >jar
printf 'nothing of the kind' >text
printf 'PK' >short
: >empty
cp jar prog.love

testing 'nothing is known'
fresh
found jar
expect_no_file "$admin"
found empty

testing 'recorded, but not registered'
install jar /bin/sh --magic 'PK\x03\x04'
found jar

testing 'registered'
entry jar /bin/sh '' 'offset 0' 'magic 504b0304'
found jar /bin/sh
found "$work/jar" /bin/sh
ln -s jar link
found link /bin/sh
found text
found short
found empty

testing 'disabled in the kernel'
sed 's/^enabled/disabled/' "$proc/jar" >t && mv t "$proc/jar"
found jar
entry jar /bin/sh '' 'offset 0' 'magic 504b0304'
echo disabled >"$proc/status"
found jar
echo enabled >"$proc/status"
mv "$proc/register" register
found jar
mv register "$proc/register"

testing "the kernel's entry counts, not the database"
entry jar /bin/cat '' 'offset 0' 'magic 504b0304'
found jar /bin/cat
entry foreign /bin/foreign '' 'offset 0' 'magic 504b030472'
found jar /bin/foreign
rm "$proc/foreign"
printf 'enabled\nnonsense\n' >"$proc/aaa"
printf 'enabled\nbpf handler\n' >"$proc/bpf"
found jar /bin/cat
rm "$proc/aaa" "$proc/bpf"

testing 'extensions'
fresh
install love /bin/cat --extension love
entry love /bin/cat '' 'extension .love'
found prog.love /bin/cat
cp jar PROG.LOVE
found PROG.LOVE
mkdir dir.love
cp jar dir.love/jar
found dir.love/jar
found ./dir.love/../prog.love /bin/cat
cp jar .love
found .love /bin/cat
cp jar a.love.b
found a.love.b
: >empty.love
found empty.love /bin/cat

testing 'short files are padded with NUL'
fresh
install nul /bin/cat --magic 'PK\x00\x00'
entry nul /bin/cat '' 'offset 0' 'magic 504b0000'
found short /bin/cat
found jar
testing 'masks and offsets'
fresh
entry masked /bin/cat '' 'offset 1' 'magic 4bff04' 'mask ff00ff'
found jar /bin/cat
found text

testing 'the more significant entry wins'
fresh
for name in a b c; do
	case $name in
	a) bytes=50 ;;
	b) bytes=504b03 ;;
	c) bytes=504b ;;
	esac
	entry $name /bin/$name '' 'offset 0' "magic $bytes"
done
found jar /bin/b

# Behind run-detectors --------------------------------------------------------

for answer in 0 1; do
	cat >bin/detector$answer <<-END
		#!/bin/sh
		echo "detector was given: \$*"
		echo "and says $answer" >&2
		exit $answer
	END
done
printf '#!/bin/sh\nkill -9 $$\n' >bin/killed
printf '#!/bin/sh\nexec cat\n' >bin/reads
# shellcheck disable=SC2016 # for the detector
printf '#!/bin/sh\n[ "$1" = jar ] && [ $# -eq 1 ]\n' >bin/arguments
chmod 755 bin/*

# shared NAME...: they are registered, all with the same magic.
shared() {
	for name; do
		entry "$name" "$RUN_DETECTORS" '' 'offset 0' 'magic 504b0304'
	done
}

# found_behind FILE [INTERPRETER...]: detectors may say things on stderr.
found_behind() {
	file=$1
	shift
	ub --find "$file"
	expect_status 0
	expect_stdout "$(printf '%s\n' "$@")"
}

testing 'a detector that accepts'
fresh
install jar /bin/one --magic 'PK\x03\x04' --detector "$work/bin/detector0"
shared jar
found_behind jar /bin/one
expect_stderr 'detector was given: jar
and says 0'
testing 'a detector that declines'
install jar /bin/one --magic 'PK\x03\x04' --detector "$work/bin/detector1"
shared jar
found_behind jar
testing 'detectors that do not work'
for detector in /none/such "$work" "$work/text" "$work/bin/killed" detector0; do
	install jar /bin/one --magic 'PK\x03\x04' --detector "$detector"
	shared jar
	found_behind jar
done
testing 'a detector that reads its standard input'
install jar /bin/one --magic 'PK\x03\x04' --detector "$work/bin/reads"
shared jar
run sh -c 'echo input | "$0" "$@"' "$UPDATE_BINFMTS" --admindir "$admin" \
	--procdir "$proc" --find jar
expect_status 0
expect_stdout /bin/one
testing 'what a detector is given'
install jar /bin/one --magic 'PK\x03\x04' --detector "$work/bin/arguments"
shared jar
found_behind jar /bin/one
found_behind ./jar
testing 'a detector with blanks in its path'
cp bin/detector0 'bin/my detector'
install jar /bin/one --magic 'PK\x03\x04' --detector "$work/bin/my detector"
shared jar
found_behind jar /bin/one

testing 'those with a detector first, by name, then those without'
fresh
install a-plain /bin/plain --magic 'PK\x03\x04'
install b-no /bin/no --magic 'PK\x03\x04' --detector "$work/bin/detector1"
install c-yes /bin/yes2 --magic 'PK\x03\x04' --detector "$work/bin/detector0"
install d-yes /bin/yes3 --magic 'PK\x03\x04' --detector "$work/bin/detector0"
install e-plain /bin/plain2 --magic 'PK\x03\x04'
shared a-plain b-no c-yes d-yes e-plain
found_behind jar /bin/yes2 /bin/yes3 /bin/plain /bin/plain2
testing 'those that are disabled in the kernel do not count'
for name in a-plain c-yes; do
	sed 's/^enabled/disabled/' "$proc/$name" >t && mv t "$proc/$name"
done
found_behind jar /bin/yes3 /bin/plain2
rm "$proc/d-yes"
found_behind jar /bin/plain2

testing 'priority before all'
fresh
install a /bin/one --magic 'PK\x03\x04' --detector "$work/bin/detector0"
install b /bin/two --magic 'PK\x03\x04' --priority 1
shared a b
found_behind jar /bin/two /bin/one

testing 'the less specific ones behind'
fresh
install general /bin/general --magic PK
install special /bin/special --magic 'PK\x03\x04' \
	--detector "$work/bin/detector1"
entry general /bin/general '' 'offset 0' 'magic 504b'
shared special
found_behind jar /bin/general

testing 'the program of an entry that only looks like run-detectors'
entry special "$RUN_DETECTORS/" '' 'offset 0' 'magic 504b0304'
found_behind jar "$RUN_DETECTORS/"

testing 'a broken file of the database hurts nobody'
fresh
install jar /bin/one --magic 'PK\x03\x04' --detector "$work/bin/detector0"
shared jar bad
echo bad >"$admin/bad"
found_behind jar /bin/one

testing 'control characters in a path'
fresh
entry jar "$(printf '/bin/a\tb')" '' 'offset 0' 'magic 504b0304'
found jar '/bin/a\x09b'

# What cannot be read ---------------------------------------------------------

fresh
entry jar /bin/sh '' 'offset 0' 'magic 504b0304'
testing 'a missing file'
ub --find nothing
expect_status 2
expect_stdout ''
expect_stderr 'update-binfmts: nothing: cannot read: No such file or directory'
ub --find ''
expect_status 2
expect_stderr 'update-binfmts: : cannot read: No such file or directory'
ub --find jar/jar
expect_status 2
expect_stderr 'update-binfmts: jar/jar: cannot read: Not a directory'
testing 'a file that may not be read'
cp jar secret
chmod 0 secret
ub --find secret
expect_status 2
expect_stdout ''
expect_stderr 'update-binfmts: secret: cannot read: Permission denied'
testing 'what is no regular file'
mkfifo fifo
found .
found /
found fifo
found /dev/null
found /dev/zero
if command -v python3 >/dev/null; then
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
	found socket
fi
testing 'a directory that ends like an extension'
entry love /bin/cat '' 'extension .love'
found dir.love

done_testing
