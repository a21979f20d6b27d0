#!/bin/sh
# Endless loops through run-detectors, which the kernel cannot see, are
# refused when they are executed, whoever made them; what only looks like one
# is not.


. "${TOP_SRCDIR:=.}/tests/kernel-lib.sh"

again='would be run through run-detectors again'

yes() {
	script "$work/yes" </dev/null
}

# install ARGUMENT...: although it is refused.
install() {
	ub --quiet --force --install "$@"
	expect_status 0
}

# refused NAME: the file ./f is, and that takes no time.
refused() {
	run timeout 5 "$TEST_TOOLS/exec-file" "$1"
	expect_status 126
	expect_lines 1
	expect_stderr_has "$again"
}

test_interpreter_is_a_file_of_its_format() {
	yes
	file f LOOP
	file interpreter LOOP
	install loop "$work/interpreter" --magic LOOP --detector "$work/yes"
	refused ./f
	expect_stderr "run-detectors: ./f: no interpreter can run this file; \
format loop: interpreter $work/interpreter $again"
}

test_interpreter_by_extension() {
	yes
	file f.loop text
	script interpreter.loop <<-\END
		echo "script: $@"
	END
	install loop "$work/interpreter.loop" --extension loop \
		--detector "$work/yes"
	refused ./f.loop
	testing 'under a name without extension'
	mv interpreter.loop interpreter
	install loop "$work/interpreter" --extension loop \
		--detector "$work/yes"
	exec_file ./f.loop arg
	expect_stdout 'script: ./f.loop arg'
}

# By its extension, while its interpreter would be the shell.
test_detector_is_a_file_of_its_format() {
	program show
	script yes.loop </dev/null
	file f.loop text
	install loop "$work/show" --extension loop \
		--detector "$work/yes.loop"
	refused ./f.loop
	expect_stderr "run-detectors: ./f.loop: no interpreter can run this \
file; format loop: detector $work/yes.loop $again"
}

# f is of format one, whose interpreter is of format two, whose interpreter is
# of format one.
test_through_another_format() {
	yes
	file f 'ONE'
	file interpreter1 'TWO'
	file interpreter2 'ONE'
	install one "$work/interpreter1" --magic ONE --detector "$work/yes"
	install two "$work/interpreter2" --magic TWO --detector "$work/yes"
	refused ./f
	testing 'through a direct entry'
	install two "$work/interpreter2" --magic TWO
	refused ./f
	testing 'through the interpreter of a script'
	printf '#! %s/interpreter2 arg\n' "$work" >interpreter1
	refused ./f
}

# A chain that ends is none.
test_chains_that_end() {
	yes
	program show
	file f 'ONE'
	file interpreter 'TWO'
	install one "$work/interpreter" --magic ONE --detector "$work/yes"
	install two "$work/show" --magic TWO --detector "$work/yes"
	exec_file ./f arg
	expect_status 0
	expect_stdout_has "argv [$work/show] [$work/interpreter] [./f] [arg]"
	testing 'the other format is not registered'
	file interpreter2 'ONE'
	install two "$work/interpreter2" --magic TWO --detector "$work/yes"
	refused ./f
	control two -1
	exec_file ./f
	expect_status 126
	expect_stderr_has 'cannot be executed: Exec format error'
	testing 'scripts are interpreters'
	script interpreter <<-\END
		echo "script: $@"
	END
	exec_file ./f arg
	expect_stdout 'script: ./f arg'
	testing 'and detectors'
	install one "$work/show" --magic ONE --detector "$work/interpreter"
	exec_file ./f arg
	expect_stdout_has "argv [$work/show] [./f] [arg]"
}

# The next one that matches is still tried.
test_next_one() {
	yes
	program show
	file f 'LOOP'
	file interpreter 'LOOP'
	install loop "$work/interpreter" --magic LOOP --detector "$work/yes"
	install other "$work/show" --magic LOOP
	expect_runs ./f "$work/show"
	expect_status 0
	expect_stderr ''
}

# What the kernel sees itself.
test_kernel_refuses() {
	file f 'LOOP'
	install loop "$work/f" --magic LOOP
	exec_file ./f
	expect_status 120
	expect_stderr_has 'Too many levels of symbolic links'
	yes
	testing 'a script that is its own interpreter'
	printf '#!%s/self\n' "$work" >self
	chmod 755 self
	file g 'SELF'
	install self "$work/self" --magic SELF --detector "$work/yes"
	exec_file ./g
	expect_status 126
}

run_cases "$@"
