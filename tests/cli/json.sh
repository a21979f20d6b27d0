#!/bin/sh
# --json: one document, which any program can read, whatever bytes there are in
# names and paths; and it says the same as what a person is told.

. "${TOP_SRCDIR:=.}/tests/lib.sh"
as_plain_user "$@"
begin

if ! command -v jq >/dev/null; then
	skip json 'there is no jq(1)'
	done_testing
fi

# is FILTER [ARG]...: of the document that came, which is one line of UTF-8.
is() {
	_filter=$1
	shift
	verdict "$_filter" 'one document of UTF-8, and this is true in it' \
		document "$_filter" "$@"
}

document() {
	_filter=$1
	shift
	[ "$(wc -l <"$captured/out")" -eq 1 ] &&
		iconv -f UTF-8 -t UTF-8 <"$captured/out" >/dev/null &&
		jq -es "$@" "length == 1 and (.[0] | $_filter)" "$captured/out"
}

# json STATUS OPTION...
json() {
	_expected=$1
	shift
	ub "$@" --json
	expect_status "$_expected"
	expect_stderr ''
}

nothing_set='"credentials":false,"preserve":false,"fix_binary":false,'\
'"open_binary":false'

testing 'display'
fresh
json 0 --display
expect_stdout '{"formats":[]}'
ub --install magic "$interpreter" --magic 'P\x4b' --mask '\xff\xf0' --offset 3
ub --install plain "$interpreter" --magic '\x00'
ub --install ext "$interpreter" --extension ext --detector "$interpreter" \
	--preserve yes --priority -3 --package some
entry magic "$interpreter" '' 'offset 3' 'magic 504b' 'mask fff0'
json 0 --display
is 'keys == ["formats"]'
is '.formats | map([.name, .enabled]) ==
	[["ext", false], ["magic", true], ["plain", false]]'
is '[.formats[] | keys - ["offset", "magic", "mask", "extension"]] | unique ==
	[["credentials", "detector", "enabled", "fix_binary", "interpreter",
	"masked", "name", "open_binary", "origin", "override", "package",
	"preserve", "priority", "source", "state", "type"]]'
json 0 --display magic
expect_stdout '{"formats":[{"name":"magic","enabled":true,"origin":"database",'\
'"package":null,'\
'"type":"magic","offset":3,"magic":"504b","mask":"fff0","interpreter":"'\
"$interpreter\",\"detector\":null,$nothing_set,\"priority\":0,\
\"source\":null,\"override\":null,\"masked\":false,\"state\":null}]}"
json 0 --display plain
is '.formats[0] | .magic == "00" and .mask == null and .offset == 0'
json 0 --display ext
is '.formats[0] | .type == "extension" and .extension == "ext" and
	.detector == .interpreter and .preserve and .priority == -3 and
	.package == "some" and (has("magic") | not)'

testing 'display: a state'
entry magic "$interpreter" 'P' 'offset 3' 'magic 504b' 'mask fff0'
json 0 --display magic
is '.formats[0] | .enabled == false and (.state | startswith("differs: "))'

testing 'display: what the kernel has'
entry foreign /some/where 'PF' 'offset 0' 'magic 0a0d'
json 0 --display foreign --source=kernel
is '.formats[0] | .package == null and .origin == "kernel" and .state == "foreign" and
	.preserve and .fix_binary and .magic == "0a0d" and .enabled'
ub --display nothing --json
expect_status 2
expect_stdout ''
expect_stderr_has 'nothing: not in the database'

testing 'find'
printf 'xxxPK' >file
entry magic "$interpreter" '' 'offset 3' 'magic 504b' 'mask fff0'
json 0 --find file
expect_stdout "{\"path\":\"file\",\"interpreters\":[\"$interpreter\"]}"
printf 'none' >none
json 0 --find none
expect_stdout '{"path":"none","interpreters":[]}'
ub --find missing --json
expect_status 2
expect_stdout ''

testing 'explain'
chmod 755 file none
json 0 --explain ./file
is 'keys == ["argv", "candidates", "entries", "error", "file", "notes", "path",
	"reason", "registry", "runs", "steps", "unknown"]'
is '.runs and .error == null and .reason == null and .path == "./file" and
	.registry == "enabled"'
# shellcheck disable=SC2016 # a variable of jq
is '.argv[-3:] == [$i, "./file", "..."]' --arg i "$interpreter"
is '.entries | map(select(.wins)) | map([.name, .enabled, .matches, .flags]) ==
	[["magic", true, true, ""]]'
is '(.entries | map(.name) | sort) == ["foreign", "magic"] and
	.steps[0] == {path: "./file", kind: "entry", entry: "magic"} and
	(.steps | map(.kind) | .[1:]) == ["script", "native"]'
json 1 --explain ./none
is '.runs == false and .error == "ENOEXEC" and .argv == ["./none", "..."] and
	(.reason | length > 20)'
json 1 --explain ./missing
is '.runs == false and .error == "ENOENT" and
	(.entries | map(.matches or .wins) | any | not)'

testing 'explain: candidates'
ub --quiet --remove magic x
ub --install magic "$interpreter" --magic PK --offset 3 --detector /bin/false
ub --install other "$interpreter" --magic P --offset 3 --detector /bin/true
entry magic "$RUN_DETECTORS" '' 'offset 3' 'magic 504b'
entry other "$RUN_DETECTORS" '' 'offset 3' 'magic 50'
json 0 --explain ./file
is '.candidates | map([.name, .accepted, .chosen]) ==
	[["magic", false, false], ["other", true, true]]'
is '.candidates[0] | keys == ["accepted", "chosen", "detector", "interpreter",
	"name", "verdict"]'
is '.candidates[0].verdict == "declined with exit status 1" and
	.steps[0].kind == "run-detectors"'

testing 'check'
rm "$proc"/magic "$proc"/other "$proc"/foreign
json 1 --check --source=database
is 'keys == ["clean", "findings"] and .clean == false'
is '[.findings[] | keys] | unique == [["kind", "name", "text"]]'
is '.findings | map(select(.kind == "not-registered")) | map(.name) ==
	["ext", "magic", "other", "plain"]'

# Any bytes -----------------------------------------------------------------------

hex() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# shellcheck disable=SC2016 # variables of jq
same='def same(key; before; before_hex):
	if $valid then .[key] == before + $text and (has(key + "_hex") | not)
	else .[key + "_hex"] == before_hex + $hex and (.[key] | test("\ufffd"))
	end; '

# are FILTER: which can use same(KEY; TEXT; HEX): the value is TEXT and then
# the bytes, or that is in hexadecimal digits beside it.
are() {
	is "$same$1" --argjson valid "$valid" --arg text "$bytes" \
		--arg hex "$bytes_hex" --arg place "$place" \
		--arg place_hex "$place_hex"
}

# any WHAT VALID TEXT: as the name of a file, of an interpreter, and of an entry
# of the kernel; VALID tells whether it is UTF-8.
# shellcheck disable=SC2016 # variables of jq
any() {
	testing "bytes: $1"
	valid=$2 bytes=$3
	rm -rf bytes
	mkdir bytes
	bytes_hex=$(hex "$bytes")
	place=bytes/ place_hex=62797465732f
	printf 'BYTES\n' >"$place$bytes"
	chmod 755 "$place$bytes"
	fresh
	entry "$bytes" "$interpreter" '' 'offset 0' 'magic 4259544553'
	json 0 --explain "$place$bytes"
	are 'same("path"; $place; $place_hex) and .runs and .entries[0].wins and
		(.entries[0] | same("name"; ""; ""))'
	json 0 --find "$place$bytes"
	are 'same("path"; $place; $place_hex) and (.interpreters | length == 1)'
	json 0 --display --source=kernel
	are '.formats[0] | same("name"; ""; "")'
	case $bytes in
	*'
'*) return ;;
	esac
	testing "bytes in a format: $1"
	place=$work/bytes/i place_hex=$(hex "$work/bytes/i")
	cp "$interpreter" "$place$bytes"
	ub --install format "$place$bytes" --magic BYTES --package "p$bytes" \
		--detector "$place$bytes"
	expect_status 0
	rm "$place$bytes"
	json 0 --display format
	are '.formats[0] | same("interpreter"; $place; $place_hex) and
		same("detector"; $place; $place_hex) and
		same("package"; "p"; "70")'
	json 1 --check --source=database
	is '.findings | map(.kind) | contains(["missing-interpreter"])'
}

any 'quotes, backslashes, blanks' true ' a"b\c\u0041\ "'
any 'a newline' true 'a
b'
any 'control characters' true "$(printf 'a\001\033[31m\177\037\tb')"
any 'JSON' true '","x":{}],'
any 'UTF-8' true "$(printf \
	'\303\244 \342\202\254 \360\235\204\236 \357\277\277 \364\217\277\277')"
any 'Latin-1' false "$(printf 'gr\374n')"
any 'a lone continuation' false "$(printf 'a\200b')"
any 'a sequence that is cut' false "$(printf 'a\342\202')"
any 'overlong ones' false "$(printf '\300\257 \340\200\200 \360\200\200\200')"
any 'a surrogate' false "$(printf 'a\355\240\200b')"
any 'beyond Unicode' false "$(printf '\364\220\200\200 \370\210\200\200\200')"
any 'all of them' false "$(printf '"\\\001\377\376\303\244\342\202')"

done_testing
