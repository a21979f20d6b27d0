# The one Makefile, for GNU make; it is run in the build directory, which may
# be another than the source tree (configure then links this file there).
#
#	make			the programs; in a clean clone configures first
#	make check		all tests; check-unit, -cli, -kernel, -fuzz: some
#	make deb-test		builds the Debian packages and tests them, as
#				root; DEB_CACHE=DIR keeps what that downloads
#	make demo		shows the main job on this kernel
#	make check-faults	kills and errors at each system call: minutes
#	make bench		what it costs, beside the least it can cost
#	make lint		man pages, shell files, C style, layers
#	make analyze		gcc -fanalyzer, clang-tidy, cppcheck: src is clean
#	make coverage		COVERAGE_LINES, COVERAGE_BRANCHES: percent that the
#				tests reach (configure --enable-coverage)
#	make check-mutants	MUTANTS a file: whether the tests notice them
#	make check-valgrind	unit tests, and VALGRIND_CLI of the others
#	make fuzz		FUZZ_SECONDS a target (configure --enable-fuzzing);
#				fuzz-NAME: one of them
#	make install uninstall	DESTDIR= is honoured
#	make install-dispatcher	binfmt-dispatcher and its formats, which the
#				former leave out; uninstall-dispatcher
#	make dist distcheck	the tarball, and whether it is complete
#	make clean distclean	maintainer-clean: also what autoconf made
#
# V=1 shows the commands in full.

srcdir = .
cleaning = clean distclean maintainer-clean
ifneq ($(filter-out $(cleaning),$(or $(MAKECMDGOALS),all)),)
# Missing or old: make remakes it by the rule below and starts over.
include config.mk
else
-include config.mk
endif

pkglibexecdir = $(libexecdir)/binfmts
man8dir = $(mandir)/man8
man5dir = $(mandir)/man5

# What is in src and not of a program makes the archive; tests/check-layers has
# the list, by layer.
modules = $(sort $(filter-out paths options actions update-binfmts run-detectors \
	binfmt-dispatcher, \
	$(patsubst $(srcdir)/src/%.c,%,$(wildcard $(srcdir)/src/*.c))))

programs = src/update-binfmts src/run-detectors src/binfmt-dispatcher
stage = $(programs:src/%=tests/stage/%)
abs_stage = $(abs_builddir)/tests/stage
hidden = $(abs_stage)/root

man8 = $(filter-out %/binfmt-dispatcher.8,$(wildcard $(srcdir)/man/*.8))
man5 = $(filter-out %/binfmt-dispatcher.toml.5,$(wildcard $(srcdir)/man/*.5))

# Tests are found, not listed: as programs in the build tree, as scripts in
# the source tree.
sources = $(patsubst $(srcdir)/%.c,%,$(wildcard $(srcdir)/tests/$(1).c))
unit = $(call sources,unit/test-*)
tools = $(call sources,tools/*)
benches = $(call sources,bench/*)
drivers = $(patsubst $(srcdir)/%.c,%,$(shell \
	grep -ls '^\#include "' $(srcdir)/tests/tools/*.c))
fuzzers = $(call sources,fuzz/fuzz-*)
replays = $(fuzzers:tests/fuzz/fuzz-%=tests/fuzz/replay-%)
cli = $(sort $(wildcard $(srcdir)/tests/cli/*.sh))
kernel = $(sort $(wildcard $(srcdir)/tests/kernel/*.sh))
faults = $(sort $(wildcard $(srcdir)/tests/faults/*.sh))
foreign = $(sort $(wildcard $(srcdir)/tests/foreign/*.sh))
deb = $(sort $(wildcard $(srcdir)/tests/deb/*.sh))
deb_dir = $(abs_builddir)/tests/deb/made

.PHONY: all check check-unit check-cli check-kernel check-fuzz check-faults \
	check-mutants check-valgrind check-programs coverage \
	analyze analyze-gcc analyze-clang analyze-cppcheck deb-test demo bench \
	lint fuzz install uninstall install-dispatcher uninstall-dispatcher \
	dist distcheck $(cleaning)
.DELETE_ON_ERROR:
.SECONDARY:

all: $(programs)

# Configuration ---------------------------------------------------------------

ifneq ($(filter-out $(cleaning),$(or $(MAKECMDGOALS),all)),)
config.mk: $(srcdir)/configure $(srcdir)/src/config.mk.in
	if test -f config.status; then \
		./config.status --recheck && ./config.status; \
	else \
		$(srcdir)/configure; \
	fi

# autoreconf would want aclocal, which is automake's.
$(srcdir)/configure: $(srcdir)/configure.ac
	cd $(srcdir) && autoheader && autoconf && \
		rm -f configure~ src/config.h.in~ && touch configure
endif

# Compiling -------------------------------------------------------------------
# Explicit directories, not VPATH, which would also find the objects of
# another build in the source tree.

say = $(if $(filter 1,$(V)),,@printf '%-4s %s\n' $(1) $@;)
cppflags = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-I. -I$(srcdir)/src $(path_flags) $(CPPFLAGS)
compile = $(call say,CC) $(CC) $(MAIN_WARN) $(MAIN_HARD) $(EXTRA_FLAGS) \
	$(cppflags) $(CFLAGS) $(quiet) -MMD -MP -c -o $@ $<
helper_compile = $(call say,CC) $(HELPER_CC) $(HELPER_WARN) $(HELPER_HARD) \
	$(HELPER_EXTRA) $(cppflags) $(CFLAGS) -MMD -MP -c -o $@ $<
link = $(call say,LINK) $(CC) $(MAIN_HARD_LD) $(MAIN_PIE) $(EXTRA_FLAGS) \
	$(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(flush) $(libs) $(LIBS)
helper_link = $(call say,LINK) $(HELPER_CC) $(HELPER_HARD_LD) $(HELPER_EXTRA) \
	$(CFLAGS) $(LDFLAGS) $(HELPER_STATIC) -o $@ $(filter %.o %.a,$^) \
	$(if $(HELPER_DIR),,$(flush)) $(LIBS)

src/%.o: $(srcdir)/src/%.c config.mk
	@mkdir -p $(@D)
	$(compile)

src/helper/%.o: $(srcdir)/src/%.c config.mk
	@mkdir -p $(@D)
	$(helper_compile)

tests/%.o: $(srcdir)/tests/%.c config.mk
	@mkdir -p $(@D)
	$(compile)

# The one file that knows the directories, so the only one compiled twice: the
# programs in tests/stage look for run-detectors there, and for the dispatcher's
# configuration below its directory root, which tests hide with their own.
define path_flags_of
-DPKGLIBEXECDIR='"$(1)"' \
	-DSYSCONFDIR='"$(sysconfdir)"' \
	-DADMINDIR='"$(localstatedir)/lib/binfmts"' \
	-DCACHEDIR='"$(localstatedir)/cache/binfmts"' \
	-DRUNDIR='"$(runstatedir)/binfmts"' \
	-DIMPORTDIR='"$(importdir)"' \
	-DPROCDIR='"/proc/sys/fs/binfmt_misc"' \
	-DDISPATCHERDIR='"$(2)/lib/binfmt-dispatcher.d"' \
	-DDISPATCHERCONF='"$(3)/binfmt-dispatcher.toml"'
endef
src/paths.o src/helper/paths.o: \
	path_flags = $(call path_flags_of,$(pkglibexecdir),/usr,$(sysconfdir))
tests/stage/paths.o tests/stage/helper/paths.o: \
	path_flags = $(call path_flags_of,$(abs_stage),$(hidden),$(hidden)/etc)

tests/stage/paths.o: $(srcdir)/src/paths.c config.mk
	@mkdir -p $(@D)
	$(compile)

tests/stage/helper/paths.o: $(srcdir)/src/paths.c config.mk
	@mkdir -p $(@D)
	$(helper_compile)

# Counters are kept when a program goes on as another: see flush.c.
ifeq ($(coverage),yes)
flush_object = tests/coverage/flush.o
flush_flags = -Wl,--wrap=execve -Wl,--wrap=_exit
flush = $(if $(filter %.a,$^),$(flush_flags))
endif

src/libbinfmts.a: $(modules:%=src/%.o) $(flush_object)
src/helper/libbinfmts.a: $(modules:%=src/helper/%.o)
src/libbinfmts.a src/helper/libbinfmts.a:
	@rm -f $@
	$(call say,AR) $(AR) rc $@ $^

# Programs --------------------------------------------------------------------
# update-binfmts belongs to CC, what the kernel runs to HELPER_CC.  The archive
# does not hold paths.o: each program is given the one it should believe.

updater = src/update-binfmts.o src/options.o src/actions.o src/libbinfmts.a
src/update-binfmts: src/paths.o $(updater)
	$(link)
tests/stage/update-binfmts: tests/stage/paths.o $(updater)
	$(link)

h = $(HELPER_DIR)
detectors = src/$(h)run-detectors.o src/$(h)libbinfmts.a
src/run-detectors: src/$(h)paths.o $(detectors)
	$(helper_link)
tests/stage/run-detectors: tests/stage/$(h)paths.o $(detectors)
	$(helper_link)

dispatcher = src/$(h)binfmt-dispatcher.o src/$(h)libbinfmts.a
src/binfmt-dispatcher: src/$(h)paths.o $(dispatcher)
	$(helper_link)
tests/stage/binfmt-dispatcher: tests/stage/$(h)paths.o $(dispatcher)
	@mkdir -p $(@D)/root
	$(helper_link)

# Tests -----------------------------------------------------------------------

$(unit): tests/unit/test-%: \
		tests/unit/test-%.o tests/stage/paths.o src/libbinfmts.a
	$(link)
$(unit): libs = -lcmocka

# Without libFuzzer a target runs over the inputs that are kept.
tests/fuzz/%.o: quiet = -Wno-missing-prototypes -Wno-missing-declarations
$(replays): tests/fuzz/replay-%: tests/fuzz/fuzz-%.o tests/fuzz/replay.o \
		tests/stage/paths.o src/options.o src/libbinfmts.a
	$(link)
$(fuzzers): %: %.o tests/stage/paths.o src/options.o src/libbinfmts.a
	$(link)
$(fuzzers): libs = -fsanitize=fuzzer

# A tool that includes a header of src is a driver for what it tests.  The
# others are what the tests run: no sanitizers, and static where that works, so
# that they start in a bare file system too.
$(drivers): %: %.o tests/stage/paths.o src/libbinfmts.a
	$(link)
$(filter-out $(drivers),$(tools)): %: $(srcdir)/%.c config.mk
	@mkdir -p $(@D)
	$(call say,TOOL) $(CC) $(MAIN_WARN) $(MAIN_HARD) $(cppflags) $(CFLAGS) \
		-MMD -MP -MF $@.d $(LDFLAGS) $(MAIN_STATIC) -o $@ $<

# What is measured beside the programs: linked as update-binfmts is, or as the
# helpers are.
bench_static = tests/bench/nothing tests/bench/trampoline
$(filter-out $(bench_static),$(benches)): %: %.o
	$(link)
tests/bench/%.helper.o: $(srcdir)/tests/bench/%.c config.mk
	@mkdir -p $(@D)
	$(helper_compile)
tests/bench/nothing: tests/bench/empty.helper.o
	$(helper_link)
tests/bench/trampoline: tests/bench/trampoline.helper.o
	$(helper_link)

# A report of a sanitizer ends a program with a status that is never its own.
run_in_test_environment = \
	UPDATE_BINFMTS=$(abs_builddir)/tests/stage/update-binfmts \
	RUN_DETECTORS=$(abs_builddir)/tests/stage/run-detectors \
	BINFMT_DISPATCHER=$(abs_builddir)/tests/stage/binfmt-dispatcher \
	TEST_TOOLS=$(abs_builddir)/tests/tools \
	TOP_SRCDIR=$(abs_srcdir) TOP_BUILDDIR=$(abs_builddir) \
	ASAN_OPTIONS=exitcode=99 LSAN_OPTIONS=exitcode=99 \
	UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
run_tests = $(run_in_test_environment) $(srcdir)/tests/run
replay_all = $(foreach name,$(fuzzers:tests/fuzz/fuzz-%=%), \
	'tests/fuzz/replay-$(name) $(srcdir)/tests/fuzz/corpus/$(name)')

check-programs: $(programs) $(stage) $(tools)
check: check-programs $(unit) $(replays)
	@$(run_tests) $(srcdir)/tests/check-layers $(unit) $(replay_all) \
		$(cli) $(kernel) $(foreign)
check-unit: check-programs $(unit)
	@$(run_tests) $(unit)
check-fuzz: $(replays)
	@$(run_tests) $(replay_all)
check-cli: check-programs
	@$(run_tests) $(cli)
check-kernel: check-programs
	@$(run_tests) $(kernel) $(foreign)
check-faults: check-programs
	@TEST_LIMIT=1800 $(run_tests) $(faults)
deb-test: dist check-programs
	@DEB_DIR=$(deb_dir) $(srcdir)/tests/deb/prepare $(distname).tar.gz
	@DEB_DIR=$(deb_dir) $(run_tests) $(deb)

demo: check-programs
	@$(run_in_test_environment) $(srcdir)/tests/demo
bench: check-programs $(benches) tests/bench/nothing
	@$(run_in_test_environment) $(srcdir)/tests/bench/bench

# Other users, and others than root, add to the counters: the files are there
# from the start, for all to write.  Helpers of a compiler of their own, as
# HELPER_CC says, have none.
COVERAGE_LINES ?= 95
COVERAGE_BRANCHES ?= 85
ifeq ($(coverage),yes)
coverage: check-programs $(unit) $(replays)
	find src tests -name '*.gcda' -delete
	find src tests -name '*.gcno' | sed 's/gcno$$/gcda/' | \
		xargs sh -c 'touch "$$@" && chmod 666 "$$@"' sh
	$(run_tests) $(unit) $(replay_all) $(cli) $(kernel) $(foreign) || \
		touch coverage.failed
	gcovr --root $(srcdir) --filter $(abs_srcdir)/src/ \
		--object-directory . --exclude-unreachable-branches \
		--exclude-throw-branches --print-summary \
		--fail-under-line $(COVERAGE_LINES) \
		--fail-under-branch $(COVERAGE_BRANCHES) src tests/stage
	@if test -f coverage.failed; then \
		rm coverage.failed; echo 'coverage: tests failed' >&2; exit 1; \
	fi
else
coverage:
	@echo 'coverage: configure with --enable-coverage first' >&2; exit 1
endif

# Valgrind 3.19 does not know openat2(2), which --root takes, nor all that
# process.c calls: what depends on these is left to the sanitizers.
VALGRIND_NOT ?= binfmtd database detect file override process registry tree
VALGRIND_CLI ?= display export find import install json switch usage
check-valgrind: check-programs $(unit)
	@ln -sf $(abs_srcdir)/tests/valgrind tests/stage/valgrind-update-binfmts
	@TEST_WRAPPER=$(abs_srcdir)/tests/valgrind $(run_tests) \
		$(filter-out $(VALGRIND_NOT:%=tests/unit/test-%),$(unit))
	@$(run_in_test_environment) \
		VALGRIND_PROGRAM=$(abs_stage)/update-binfmts \
		UPDATE_BINFMTS=$(abs_stage)/valgrind-update-binfmts \
		$(srcdir)/tests/run \
		$(VALGRIND_CLI:%=$(srcdir)/tests/cli/%.sh)

MUTANTS ?= 60
mutants_flags = -fsanitize=address,undefined -fno-sanitize-recover=all
check-mutants: check-programs $(unit)
	@MUTANTS=$(MUTANTS) $(run_in_test_environment) $(srcdir)/tests/mutants \
		$(srcdir) '$(CC) $(MAIN_HARD) $(mutants_flags) $(cppflags) $(CFLAGS)' \
		'$(CC) $(MAIN_HARD_LD) $(MAIN_PIE) $(mutants_flags) $(LDFLAGS)'

# What src/.clang-tidy leaves out, it says why.  The others: gcc takes the name
# of a format for NULL where check.c prints findings that have none (the null
# pointers are clang's to find).  Of cppcheck's, variableScope and
# redundantContinue are not our style, unusedStructMember are an ABI or a union
# to cast, and ctuuninitvar takes a struct that a function fills for one that it
# reads.
analyzed = $(filter-out $(srcdir)/src/paths.c,$(wildcard $(srcdir)/src/*.c))
analyze_all = printf '%s\n' $(analyzed) | xargs -n 1 -P $$(nproc)
CLANG_TIDY ?= clang-tidy
analyze: analyze-gcc analyze-clang analyze-cppcheck
analyze-gcc: config.mk
	$(analyze_all) $(CC) $(MAIN_WARN) -Werror $(cppflags) $(CFLAGS) \
		-fanalyzer -Wno-analyzer-null-argument -c -o /dev/null
analyze-clang: config.mk
	$(analyze_all) sh -c '$(CLANG_TIDY) --quiet --warnings-as-errors="*" \
		"$$1" -- -std=c11 $(cppflags)' sh
analyze-cppcheck: config.mk
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,style,performance,portability \
		--suppress=variableScope --suppress=redundantContinue \
		--suppress=unusedStructMember --suppress=ctuuninitvar \
		--suppress=missingIncludeSystem \
		-D_GNU_SOURCE -I. -I$(srcdir)/src $(analyzed)

# New inputs and crashes are kept in tests/fuzz/found until distclean.
FUZZ_SECONDS ?= 60
fuzz_each = $(fuzzers:tests/fuzz/fuzz-%=fuzz-%)
.PHONY: $(fuzz_each)
ifeq ($(fuzzing),yes)
fuzz: $(fuzz_each)
$(fuzz_each): fuzz-%: tests/fuzz/fuzz-%
	@mkdir -p tests/fuzz/found/$*/inputs
	tests/fuzz/fuzz-$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
		-max_len=70000 -artifact_prefix=tests/fuzz/found/$*/ \
		tests/fuzz/found/$*/inputs $(srcdir)/tests/fuzz/corpus/$*
else
fuzz:
	@echo 'fuzz: configure with CC=clang --enable-fuzzing first' >&2; exit 1
endif

# Scripts are known by their name or their first line.
lint:
	cd $(srcdir) && find man -name '*.[58]' -exec mandoc -Tlint -Wwarning {} +
	cd $(srcdir) && find .ci debian format-files tests -type f -size -200k \
		! -path 'tests/fuzz/*' -exec awk \
		'FNR == 1 && (FILENAME ~ /\.sh$$/ || /^#!.*[\/ ](ba)?sh( |$$)/) \
		{ print FILENAME } { nextfile }' {} + | \
		xargs shellcheck -x -e SC1090,SC1091,SC2317
	cd $(srcdir) && find src tests -name '*.[ch]' -exec \
		clang-format --dry-run -Werror {} +
	$(srcdir)/tests/check-layers

# Installing ------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(pkglibexecdir)
	install -m 755 src/update-binfmts $(DESTDIR)$(sbindir)
	install -m 755 src/run-detectors $(DESTDIR)$(pkglibexecdir)
	install -d $(DESTDIR)$(man8dir) $(DESTDIR)$(man5dir)
	$(if $(man8),install -m 644 $(man8) $(DESTDIR)$(man8dir))
	$(if $(man5),install -m 644 $(man5) $(DESTDIR)$(man5dir))

uninstall:
	rm -f $(DESTDIR)$(sbindir)/update-binfmts
	rm -f $(DESTDIR)$(pkglibexecdir)/run-detectors
	rm -f $(patsubst %,$(DESTDIR)$(man8dir)/%,$(notdir $(man8)))
	rm -f $(patsubst %,$(DESTDIR)$(man5dir)/%,$(notdir $(man5)))
	-rmdir $(DESTDIR)$(pkglibexecdir)

# It takes over foreign programs from what else is registered for them, so that
# nobody gets it unasked.  Formats of what the machine itself runs stay out.
formatdir = $(srcdir)/format-files
dispatcherdir = /usr/lib/binfmt-dispatcher.d
exampledir = $(datarootdir)/doc/binfmt-dispatcher/examples

install-dispatcher: src/binfmt-dispatcher
	install -d $(DESTDIR)$(pkglibexecdir) $(DESTDIR)$(importdir) \
		$(DESTDIR)$(dispatcherdir) $(DESTDIR)$(exampledir) \
		$(DESTDIR)$(man8dir) $(DESTDIR)$(man5dir)
	install -m 755 src/binfmt-dispatcher $(DESTDIR)$(pkglibexecdir)
	set -e; formats=$$($(formatdir)/formats select src/binfmt-dispatcher); \
	for format in $$formats; do \
		sed 's,^interpreter .*,interpreter $(pkglibexecdir)/binfmt-dispatcher,' \
			$(formatdir)/$$format \
			>$(DESTDIR)$(importdir)/$$format; \
		chmod 644 $(DESTDIR)$(importdir)/$$format; \
	done
	install -m 644 $(formatdir)/50-interpreters.toml \
		$(DESTDIR)$(dispatcherdir)
	install -m 644 $(formatdir)/binfmt-dispatcher.toml \
		$(DESTDIR)$(exampledir)
	install -m 644 $(srcdir)/man/binfmt-dispatcher.8 \
		$(DESTDIR)$(man8dir)
	install -m 644 $(srcdir)/man/binfmt-dispatcher.toml.5 \
		$(DESTDIR)$(man5dir)

uninstall-dispatcher:
	rm -f $(DESTDIR)$(pkglibexecdir)/binfmt-dispatcher
	rm -f $(patsubst $(formatdir)/%,$(DESTDIR)$(importdir)/%,$(wildcard \
		$(formatdir)/binfmt-dispatcher-*))
	rm -f $(DESTDIR)$(dispatcherdir)/50-interpreters.toml
	rm -f $(DESTDIR)$(exampledir)/binfmt-dispatcher.toml
	rm -f $(DESTDIR)$(man8dir)/binfmt-dispatcher.8
	rm -f $(DESTDIR)$(man5dir)/binfmt-dispatcher.toml.5
	-rmdir $(DESTDIR)$(exampledir) $(DESTDIR)$(dispatcherdir)
	-rmdir $(DESTDIR)$(datarootdir)/doc/binfmt-dispatcher
	-rmdir $(DESTDIR)$(pkglibexecdir)

# The same commit gives the same bytes.  With files that git does not know,
# for trying before a commit, and without those it ignores.
distname = binfmts-$(VERSION)
dist: config.mk
	test -e $(srcdir)/.git || { echo 'dist: not in a clone' >&2; exit 1; }
	set -e; cd $(srcdir); \
	epoch=$$(git log -1 --format=%ct 2>/dev/null || echo 0); \
	{ git ls-files -z -co --exclude-standard; \
		printf 'configure\0src/config.h.in\0'; } | LC_ALL=C sort -z | \
	tar --transform 's,^,$(distname)/,S' --format=ustar \
		--owner=root:0 --group=root:0 --mode=u+rw,go=rX \
		--mtime=@$${SOURCE_DATE_EPOCH:-$$epoch} \
		--no-recursion --null -T - -cf $(abs_builddir)/$(distname).tar
	gzip -9nf $(distname).tar

# What the distribution has to pass.
DISTCHECK_TARGETS = check

# Out of a read-only tree: builds, passes its tests, installs, and then leaves
# nothing behind.  Root can write to it all the same, so the tree is compared.
distcheck: dist
	if test -d distcheck.tmp; then chmod -R u+w distcheck.tmp; fi
	rm -rf distcheck.tmp
	mkdir -p distcheck.tmp/build
	tar -xzf $(distname).tar.gz -C distcheck.tmp
	chmod -R a-w distcheck.tmp/$(distname)
	set -ex; cd distcheck.tmp; \
	list() { find $(distname) -printf '%p %m %s %T@\n' | sort; }; \
	list >before; \
	cd build; \
	../$(distname)/configure $(DISTCHECK_CONFIGURE_FLAGS); \
	$(MAKE) --no-print-directory; \
	$(MAKE) --no-print-directory $(DISTCHECK_TARGETS); \
	$(MAKE) --no-print-directory install install-dispatcher \
		DESTDIR="$$PWD/../root"; \
	$(MAKE) --no-print-directory uninstall uninstall-dispatcher \
		DESTDIR="$$PWD/../root"; \
	$(MAKE) --no-print-directory distclean; \
	cd ..; \
	test -z "$$(find root ! -type d)"; \
	test -z "$$(ls -A build)"; \
	list | diff before -
	chmod -R u+w distcheck.tmp
	rm -rf distcheck.tmp
	@echo '$(distname).tar.gz is complete'

# Cleaning --------------------------------------------------------------------

clean:
	rm -f $(programs) src/*.[oad] src/*.gc[dn][ao]
	rm -f $(unit) $(tools) $(fuzzers) $(replays)
	rm -f $(benches) $(bench_static)
	rm -f tests/*/*.[od] tests/*/*.gc[dn][ao]
	rm -rf src/helper tests/stage tests/deb/made coverage.failed

distclean: clean
	rm -f config.h config.log config.mk config.status
	rm -rf autom4te.cache tests/fuzz/found
	if test $(srcdir) != .; then \
		rm -f Makefile; \
		for dir in tests/* tests src; do \
			test ! -d $$dir || rmdir $$dir; \
		done; \
	fi

maintainer-clean: distclean
	cd $(srcdir) && rm -f configure src/config.h.in

-include $(wildcard src/*.d src/helper/*.d tests/*/*.d tests/stage/helper/*.d)
