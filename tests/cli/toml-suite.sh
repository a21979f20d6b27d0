#!/bin/sh
# The official conformance cases of TOML 1.0.0 (toml-test): every valid one
# gives the tree that its JSON says, every invalid one is refused with a place.
# They are looked for in TOML_TEST_DIR, or beside the source tree.
set -u

: "${TOP_SRCDIR:=.}" "${TOP_BUILDDIR:=.}"
: "${TEST_TOOLS:=$TOP_BUILDDIR/tests/tools}"
suite=${TOML_TEST_DIR:-$TOP_SRCDIR/../shared/toml-test}
tool=$TEST_TOOLS/toml-json
case $tool in
/*) ;;
*) tool=$PWD/$tool ;;
esac
list=files-toml-1.0.0

skip() {
	printf 'skip - toml suite: %s\n' "$1"
	exit 0
}

[ -r "$suite/$list" ] || skip "there is no $suite/$list"
if command -v python3 >/dev/null && python3 -c '' 2>/dev/null; then
	comparer=python
elif command -v jq >/dev/null; then
	comparer=jq
else
	skip 'neither python3 nor jq is there to compare with'
fi
if [ ! -x "$tool" ]; then
	printf 'not ok - toml suite: there is no %s\n' "$tool"
	exit 1
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$suite" || exit 1

# Both compare the pairs of files of which standard input has the names, in
# two columns; and print "ok" or "not ok" and the name of the first for each.

compare_python() {
	python3 -c '
import json, math, re, sys

def fraction(text):
    """12:00:00.50 and 12:00:00.5 are the same time."""
    return re.sub(r"\.(\d+)", lambda m: "." + m[1].rstrip("0"),
                  text).replace(".Z", "Z").rstrip(".")

def plain(tree):
    if isinstance(tree, list):
        return [plain(item) for item in tree]
    if set(tree) == {"type", "value"} and isinstance(tree["value"], str):
        kind, text = tree["type"], tree["value"]
        if kind == "integer":
            text = int(text)
        elif kind == "float":
            number = float(text)
            text = "nan" if math.isnan(number) else number
        elif kind.startswith(("date", "time")):
            text = fraction(text)
        return (kind, text)
    return {key: plain(item) for key, item in tree.items()}

def load(name):
    with open(name, encoding="utf-8", newline="") as file:
        return plain(json.load(file))

for line in sys.stdin:
    theirs, ours = line.rstrip("\n").split(" ", 1)
    try:
        same = load(ours) == load(theirs)
    except ValueError:
        same = False
    print("ok" if same else "not ok", "-", theirs)
'
}

compare_jq() {
	while read -r theirs ours; do
		if jq -en --slurpfile a "$ours" --slurpfile b "$theirs" '
			def fraction:
				gsub("(?<d>\\.[0-9]*?)0+(?![0-9])"; .d) |
				sub("\\.(?![0-9])"; "");
			def plain:
				if type == "array" then map(plain)
				elif (keys == ["type", "value"]) and
				    (.value | type) == "string" then
					if .type == "float" and
					    (.value | test("^[-+]?[0-9]")) then
						.value |= tonumber
					elif .type | test("^(date|time)") then
						.value |= fraction
					else . end
				else map_values(plain) end;
			($a[0] | plain) == ($b[0] | plain)' >/dev/null 2>&1
		then
			printf 'ok - %s\n' "$theirs"
		else
			printf 'not ok - %s\n' "$theirs"
		fi
	done
}

check_valid() {
	while read -r name; do
		case $name in
		valid/*.toml) ;;
		*) continue ;;
		esac
		number=$((number + 1))
		if "$tool" <"$name" >"$work/$number" 2>"$work/errors"; then
			printf '%s %s\n' "${name%.toml}.json" "$work/$number"
		else
			# No tree: it cannot be equal to the one that must be.
			printf '%s /dev/null\n' "${name%.toml}.json"
			sed "s|^-|# $name|" "$work/errors" >&2
		fi
	done <"$list" | "compare_$comparer"
}

check_invalid() {
	while read -r name; do
		case $name in
		invalid/*) ;;
		*) continue ;;
		esac
		"$tool" <"$name" >/dev/null 2>"$work/errors"
		status=$?
		error=
		read -r error <"$work/errors"
		case $status/$error in
		1/-:[1-9]*:[1-9]*:\ ?*) printf 'ok - %s\n' "$name" ;;
		*) printf 'not ok - %s: %d %s\n' "$name" "$status" "$error" ;;
		esac
	done <"$list"
}

number=0
{
	check_valid
	check_invalid
} >"$work/results"
cat "$work/results"

# Each case that is listed has been judged, and none was found wrong.
[ "$(grep -c '\.toml$' "$list")" -eq "$(wc -l <"$work/results")" ] || {
	echo 'not ok - toml suite: some cases were not run'
	exit 1
}
! grep -q '^not ok' "$work/results"
