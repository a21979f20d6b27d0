# shellcheck shell=sh disable=SC2034,SC2154 # what lib.sh has, and is had here
# For the scripts about binfmt-dispatcher, behind lib.sh: a configuration in
# $work, which config, drop_in and user_config write from standard input, and
# bd, which runs the program on it.

show=$TEST_TOOLS/show-exec

unset DISPLAY WAYLAND_DISPLAY XDG_CONFIG_HOME
unset BINFMT_DISPATCHER_INTERPRETER BINFMT_DISPATCHER_LOG_LEVEL

# No configuration at all, and no helper programs.
fresh_config() {
	rm -rf "${work:?}/vendor" "${work:?}/etc" "${work:?}/home" \
		"${work:?}/helpers"
	mkdir -p "$work/vendor" "$work/etc" "$work/home" "$work/helpers"
	HOME=$work/home
	export HOME
}

config() {
	cat >"$work/etc/binfmt-dispatcher.toml"
}

# drop_in NAME
drop_in() {
	cat >"$work/vendor/$1.toml"
}

user_config() {
	mkdir -p "$HOME/.config/binfmt-dispatcher"
	cat >"$HOME/.config/binfmt-dispatcher/binfmt-dispatcher.toml"
}

# The program by hand, with standard input from nowhere.
bd() {
	run timeout -k 1 60 "$BINFMT_DISPATCHER" --vendor-dir "$work/vendor" \
		--config "$work/etc/binfmt-dispatcher.toml" \
		--helper-dir "$work/helpers" "$@" </dev/null
}

# elf PATH CLASS DATA MACHINE [TYPE]: the header of a program, in octal: class
# 1 or 2 for 32 or 64 bits, data 1 or 2 for little or big endian.
elf() {
	_type=${5:-2} _high=$(($4 / 256)) _low=$(($4 % 256))
	if [ "$3" -eq 1 ]; then
		_half="$_type 0 $_low $_high"
	else
		_half="0 $_type $_high $_low"
	fi
	{
		printf '\177ELF'
		# shellcheck disable=SC2059,SC2086 # a word each
		printf "$(printf '\\%03o' "$2" "$3" 1 0 0 0 0 0 0 0 0 0 $_half)"
		head -c 44 /dev/zero
	} >"$1" && chmod 755 "$1"
}

# interpreter NAME...: programs in $work that print their names.
interpreter() {
	for _name; do
		printf '#!/bin/sh\necho %s\n' "$_name" >"$work/$_name"
		chmod 755 "$work/$_name"
	done
}

# expect_argv ARGUMENT...: what show-exec shows of itself.
expect_argv() {
	_line=argv
	for _argument; do
		_line="$_line [$_argument]"
	done
	expect_status 0
	expect_stdout "$_line"
}
