#!/bin/sh
# Several at a time, and runs that are killed: the database always holds the
# old or the new format, whole, and nothing else that a reader would see.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin
fresh

# Killed ----------------------------------------------------------------------

# The two contents that the file of a format may have, and nothing between.
database="$work/admin"
text() {
	printf 'p\nmagic\n0\n%s\n\n/bin/sh\n\n\n\n\n' "$1"
}
text OLD >old
text NEW >new

# state NAME: old, new, gone or torn.
state() {
	if [ ! -e "$database/$1" ]; then
		echo gone
	elif cmp -s old "$database/$1"; then
		echo old
	elif cmp -s new "$database/$1"; then
		echo new
	else
		echo torn
	fi
}

# kill_rounds COMMAND...: kills it at each of its system calls; before that
# prepare() brings the old state back, after it visible() looks.  Sets results
# to the states that were seen, in order.
kill_rounds() {
	results=
	round=0
	torn=0
	while :; do
		# With a sanitizer there are very many, most of them its own.
		if [ $round -lt 250 ]; then
			round=$((round + 1))
		else
			round=$((round + 7))
		fi
		prepare
		if [ "$traced" = yes ]; then
			GCOV_PREFIX=/dev/null "$TEST_TOOLS/fault-at" $round \
				"$@" >/dev/null 2>&1 || break # see lib.sh
		else
			GCOV_PREFIX=/dev/null "$TEST_TOOLS/fault-at" \
				-t $((round * 60)) "$@" >/dev/null 2>&1
			[ $round -lt 50 ] || break
		fi
		now=$(state jar)
		case " $results " in
		*" $now "*) ;;
		*) results="$results $now" ;;
		esac
		visible
		[ $round -lt 5000 ] || break
	done
	results=${results# }
}

# What a reader takes for a format is one: jar, or nothing.
visible() {
	for entry in "$database"/*; do
		case ${entry##*/} in
		jar | other | '*') ;;
		*) torn=$((torn + 1)) ;;
		esac
	done
}

traced=yes
"$TEST_TOOLS/fault-at" 1 true
if [ $? -eq 77 ]; then
	traced=no
	skip 'killed at each system call' 'processes cannot be traced here;'\
' killed after some time instead'
fi

prepare() {
	mkdir -p "$database"
	cp old "$database/jar"
	: >"$proc/register"
}
testing 'killed: replacing a format'
kill_rounds "$UPDATE_BINFMTS" --admindir "$database" --procdir "$proc" \
	--package p --install jar /bin/sh --magic NEW
verdict "old or new in $round rounds" 'old, or old then new' \
	[ "$results" = old -o "$results" = 'old new' -o "$results" = new ]
if [ "$traced" = yes ]; then
	check 'both have been seen' [ "$results" = 'old new' ]
	check 'many system calls' [ "$round" -gt 20 ]
fi
check 'nothing else is visible' [ "$torn" -eq 0 ]
ub --display
check 'a reader has one format' [ "$(grep -c '^[^ ]' "$captured/out")" -eq 1 ]
expect_stderr ''
ub --package p --install jar /bin/sh --magic NEW
expect_status 0
expect_silent
check 'the next run cleans up' [ "$(ls -A "$database")" = jar ]

prepare() {
	mkdir -p "$database"
	rm -f "$database/jar"
}
testing 'killed: a new format'
kill_rounds "$UPDATE_BINFMTS" --admindir "$database" --procdir "$proc" \
	--package p --install jar /bin/sh --magic NEW
verdict "gone or new in $round rounds" 'gone, or gone then new' \
	[ "$results" = gone -o "$results" = 'gone new' -o "$results" = new ]
check 'nothing else is visible' [ "$torn" -eq 0 ]

prepare() {
	mkdir -p "$database"
	cp old "$database/jar"
}
testing 'killed: removing a format'
kill_rounds "$UPDATE_BINFMTS" --admindir "$database" --procdir "$proc" \
	--package p --remove jar /bin/sh
verdict "old or gone in $round rounds" 'old, or old then gone' \
	[ "$results" = old -o "$results" = 'old gone' -o "$results" = gone ]
check 'nothing else is visible' [ "$torn" -eq 0 ]

# Of many files each is the old or the new one.
testing 'killed: importing many'
rm -rf "$database"
mkdir -p "$database"
for name in jar other; do
	printf 'package p\ninterpreter /bin/sh\nmagic NEW\n' >"$import/$name"
done
for name in a b c d; do
	printf 'package p\ninterpreter /bin/sh\nextension %s\n' $name \
		>"$import/other$name"
done
visible() {
	case $(state jar)-$(state other) in
	*torn*) torn=$((torn + 1)) ;;
	esac
}
prepare() {
	rm -f "$database"/*
	cp old "$database/jar"
	cp old "$database/other"
}
kill_rounds "$UPDATE_BINFMTS" --admindir "$database" --procdir "$proc" \
	--importdir "$import" --import
verdict "old or new in $round rounds" 'old, or old then new' \
	[ "$results" = old -o "$results" = 'old new' -o "$results" = new ]
check 'none is torn' [ "$torn" -eq 0 ]
ub --import
expect_status 0
check 'the next run does the rest' [ "$(cd "$database" && echo .[!.]* *)" = \
	'.[!.]* jar other othera otherb otherc otherd' ]

# Locked ----------------------------------------------------------------------

testing 'the lock is held by another'
fresh
ub --install jar /bin/sh --magic PK
flock "$admin.lock" sleep 1 &
sleep 0.2
ub --display jar
expect_status 0
check 'readers do not wait' fails flock -n "$admin.lock" true
ub --test --install new /bin/sh --magic XY
check 'nor does --test' fails flock -n "$admin.lock" true
ub --install new /bin/sh --extension new
expect_status 0
expect_silent
check 'recorded after it was given back' flock -n "$admin.lock" true
wait $!

testing 'many writers at once'
fresh
i=0
pids=
while [ $i -lt 20 ]; do
	"$UPDATE_BINFMTS" --admindir "$admin" --procdir "$proc" \
		--install "f$i" /bin/sh --extension "e$i" >"out$i" 2>&1 &
	pids="$pids $!"
	i=$((i + 1))
done
bad=0
for pid in $pids; do
	wait "$pid" || bad=$((bad + 1))
done
check 'each has succeeded' [ $bad -eq 0 ]
check 'silently' [ -z "$(cat out*)" ]
check 'all are there' [ "$(find "$admin" -type f | wc -l)" -eq 20 ]
i=0
while [ $i -lt 20 ]; do
	[ "$(sed -n 4p "$admin/f$i")" = "e$i" ] || bad=$((bad + 1))
	grep -qF ":f$i:E:0:e$i::/bin/sh:" "$proc/register" || bad=$((bad + 1))
	i=$((i + 1))
done
check 'and right' [ $bad -eq 0 ]
ub --display
expect_status 0
check 'and shown' [ "$(grep -c 'disabled' "$captured/out")" -eq 20 ]

testing 'readers beside a writer'
fresh
mkdir "$admin"
printf ':\nmagic\n0\nPK\n\n/bin/sh\n\n\n\n\n' >"$admin/jar"
(
	i=0
	while [ $i -lt 30 ]; do
		for program in /bin/cat /bin/sh; do
			"$UPDATE_BINFMTS" --admindir "$admin" \
				--procdir "$proc" --install jar $program \
				--magic PK
		done
		i=$((i + 1))
	done
) >writer 2>&1 &
writer=$!
bad=0
i=0
while [ $i -lt 50 ]; do
	ub --display
	{ [ "$status" -eq 0 ] && [ ! -s "$captured/err" ] &&
		[ "$(grep -c interpreter "$captured/out")" -eq 1 ]; } ||
		bad=$((bad + 1))
	i=$((i + 1))
done
wait $writer
check 'the writer has succeeded' [ ! -s writer ]
check 'the readers have always seen one format' [ $bad -eq 0 ]

done_testing
