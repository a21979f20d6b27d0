#!/bin/sh
# The examples of the man pages do what the pages say.
#
# In the section EXAMPLES of a page each `.Bd -literal` is one of these:
#
#  - The content of a file, when the line before it is `.Pa /FILE` (a colon may
#    follow).  A file below /var/lib or /proc must be there and have this
#    content; any other is created with it.
#  - Otherwise a session.  A line that starts with `# ` or `$ ` is a command,
#    as root or as anybody.  It goes on in the next line behind a backslash, a
#    `|` or a `&&`, and where a single quote is open.  The lines up to the next
#    command are what it prints.  It must exit with 0.
#
# All of a page is done in order, in one registry.  White space at the end of
# lines, and standard error, do not count.
#
# Here plain files stand for binfmt_misc, so that commands which need the kernel
# to answer are left out; tests/kernel/man-examples.sh runs this file for all,
# in a namespace.  Arguments are the pages, instead of all that there are.

# Functions are called by name.

# shellcheck source=tests/lib.sh
. "${TOP_SRCDIR:=.}/tests/lib.sh"
: "${examples_with:=plain files}"

# Prepares a page: NUMBER.path and NUMBER.text for a file, NUMBER.command and
# NUMBER.text for a command, in the directory $steps.
extract() {
	awk -v steps="$steps" '
	function plain(s) {
		gsub(/\\\(aq/, "\047", s)
		gsub(/\\\(dq/, "\"", s)
		gsub(/\\\(ga/, "`", s)
		gsub(/\\\(ti/, "~", s)
		gsub(/\\\(ha/, "^", s)
		gsub(/\\-/, "-", s)
		gsub(/\\&/, "", s)
		gsub(/\\e/, "\\", s)
		return s
	}
	function step(kind) {
		name = sprintf("%s/%03d", steps, ++count)
		printf "" >(name ".text")
		file = name "." kind
	}
	function goes_on(s) {
		return s ~ /(\\|\||&&)$/ || gsub(/\047/, "", s) % 2 == 1
	}
	/^\.Sh / { examples = ($2 == "EXAMPLES") }
	!examples { next }
	/^\.Bd -literal/ {
		literal = 1
		more = session = 0
		if (before ~ /^\.Pa \//) {
			split(before, words, " ")
			step("path")
			print plain(words[2]) >file
			close(file)
		} else
			session = 1
		next
	}
	/^\.Ed/ { literal = 0 }
	literal && /^\./ {
		print FILENAME ":" FNR ": a request within a display" \
			>"/dev/stderr"
		exit 1
	}
	literal {
		line = plain($0)
		if (more)
			command = command "\n" line
		else if (session && line ~ /^[#$] /) {
			step("command")
			command = substr(line, 3)
		} else {
			if (count == 0) {
				print FILENAME ":" FNR ": what is this?" \
					>"/dev/stderr"
				exit 1
			}
			print line >(name ".text")
			next
		}
		more = goes_on(command)
		if (!more)
			print command >file
	}
	{ before = $0 }
	' "$1"
}

# For sed: any text, as a pattern or a replacement.
quote() {
	printf '%s' "$1" | sed 's/[]\/&.*^$[]/\\&/g'
}

# Where the pages and this test have things.  In the kernel's own registry
# the database is where the programs expect it.
detectors=/usr/libexec/binfmts/run-detectors

inward() {
	here="s/$(quote "$detectors")/@detectors@/g
		s/$(quote /srv/)/@root@&/g
		s/$(quote /usr/share/binfmts)/@root@&/g
		s/$(quote /usr/local/)/@root@&/g"
	[ "$examples_with" = kernel ] || here="$here
		s/$(quote /var/lib/binfmts)/@root@&/g
		s/$(quote /proc/sys/fs/)/@root@&/g"
	sed "$here
		s/@root@/$(quote "$work/root")/g
		s/@detectors@/$(quote "$RUN_DETECTORS")/g"
}

# The entry that keeps the registry in its place is not on the page.
outward() {
	sed "/ man-examples-marker /d
		s/: enabled, [0-9]* entr[a-z]*/: enabled, N entries/
		s/$(quote "$RUN_DETECTORS")/$(quote "$detectors")/g
		s/$(quote "$work/root")//g
		s/[ 	]*$//"
}

# The program, as the pages call it.
make_program() {
	mkdir -p "$work/bin"
	if [ "$examples_with" = kernel ]; then
		directories=
	else
		directories="--admindir $(quoted "$admin") \
			--procdir $(quoted "$proc")"
	fi
	cat >"$work/bin/update-binfmts" <<-END
		#!/bin/sh
		[ "\$1" != --root ] ||
			exec timeout -k 1 60 $(quoted "$UPDATE_BINFMTS") "\$@"
		exec timeout -k 1 60 $(quoted "$UPDATE_BINFMTS") \
			--importdir $(quoted "$import") $directories "\$@"
	END
	chmod 755 "$work/bin/update-binfmts"
	PATH=$work/bin:$PATH
}

# For the shell: any text as one word.
quoted() {
	printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# What only the kernel can tell, or do.
needs_kernel() {
	[ "$examples_with" != kernel ] || return 1
	case $1 in
	*--root*) return 1 ;;
	*/proc/sys/* | *run-detectors* | ./*) return 0 ;;
	*--find* | *--explain* | *--check* | *--adopt* | *--source*) return 0 ;;
	*--sync*) return 0 ;;
	esac
	return 1
}

# How the output of a command depends on the stand-in.
as_displayed() {
	if [ "$examples_with" = kernel ]; then
		cat
	else
		sed 's/ (enabled):$/ (disabled):/
			s/[0-9]* formats*, [0-9]* \([a-z ]* registered\)$/N \1/'
	fi
}

same_output() {
	outward <"$1" | as_displayed >"$captured/expected"
	outward <"$captured/out" | as_displayed >"$captured/came"
	cmp -s "$captured/expected" "$captured/came"
}

do_file() {
	path=$(cat "$1.path")
	! needs_kernel "$path" || return 0
	real=$(printf '%s\n' "$path" | inward)
	case $path in
	/var/lib/* | /proc/*)
		run cat "$real"
		verdict "$path" "$(cat "$1.text")" same_output "$1.text"
		;;
	*)
		mkdir -p "$(dirname "$real")"
		inward <"$1.text" >"$real"
		;;
	esac
}

do_command() {
	! needs_kernel "$(cat "$1.command")" || return 0
	shown=$(head -n 1 "$1.command")
	run sh -c "$(inward <"$1.command")"
	verdict "$shown: status" 'status 0' [ "$status" -eq 0 ]
	verdict "$shown: output" "$(cat "$1.text")" same_output "$1.text"
}

# do_page FILE
do_page() {
	testing "$(basename "$1")"
	steps=$work/steps.$(basename "$1")
	rm -rf "$work/root"
	mkdir -p "$steps" "$work/home" "$work/root/usr/local" \
		"$work/root/var/lib"
	fresh
	cd "$work/home" || exit 1
	check 'the examples can be read' extract "$1"
	for text in "$steps"/*.text; do
		[ -e "$text" ] || return 0
		[ "$examples_with" != kernel ] || [ -e "$marker" ] || {
			echo 'the registry is not ours any more' |
				not_ok "$subject"
			done_testing
		}
		if [ -e "${text%.text}.path" ]; then
			do_file "${text%.text}"
		else
			do_command "${text%.text}"
		fi
	done
}

# A root that becomes somebody else may lose sight of the source tree.
become_plain_user() {
	[ "$(id -u)" -eq 0 ] || return 0
	copy=$(mktemp -d) || exit 1
	chmod 755 "$copy"
	cp "$TOP_SRCDIR"/man/*.[58] "$copy"
	MAN_PAGES=$copy
	export MAN_PAGES
	(as_plain_user "$@")
	result=$?
	rm -rf "$copy"
	exit "$result"
}

: "${MAN_PAGES:=$TOP_SRCDIR/man}" "${marker:=}"
[ "$examples_with" = kernel ] || become_plain_user "$@"
[ $# -gt 0 ] || set -- "$MAN_PAGES"/*.[58]
begin
import=$work/root/usr/share/binfmts
if [ "$examples_with" != kernel ]; then
	admin=$work/root/var/lib/binfmts
	proc=$work/root/proc/sys/fs/binfmt_misc
fi
make_program
for page; do
	do_page "$page"
done
done_testing
