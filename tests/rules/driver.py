#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The driver ./acre: what it says about wrong use and missing packages, and how it counts tests. A
report that cannot say "failed" would make every other test worthless."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import support

ACRE = support.ROOT / "acre"

GOOGLETEST = """\
[==========] Running 3 tests from 1 test suite.
[  PASSED  ] 2 tests.
[==========] 3 tests from 1 test suite ran. (0 ms total)
[  PASSED  ] {passed} tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] pool.skipped
"""
GOOGLETEST_FAILED = """\
[  FAILED  ] pool.breaks, where TypeParam = int (0 ms)
[==========] 3 tests from 1 test suite ran. (0 ms total)
[  PASSED  ] 2 tests.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] pool.breaks, where TypeParam = int
"""


class Report(unittest.TestCase):
    def report(self, *entries, state="ran", others=""):
        """The report on one build named host, whose CTest entries are (status, output)."""
        with tempfile.TemporaryDirectory() as root:
            cases = "".join(
                f'<testcase name="t{index}" status="{status}"><system-out>{output}</system-out>'
                "</testcase>" for index, (status, output) in enumerate(entries))
            support.plant(root, "build/host/junit.xml", f"<testsuite>{cases}</testsuite>")
            results = support.plant(root, "results.tsv", f"host\t{state}\t1500\tbuild/host/junit.xml\n{others}")
            done = subprocess.run(
                [sys.executable, support.ROOT / "tools/test_report.py", root, results], text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout, done.stdout.splitlines()[-1]

    def test_programs_of_googletest_are_counted_test_by_test(self):
        self.assertEqual(self.report(("run", GOOGLETEST.format(passed=2)))[::2],
                         (0, "2 passed, 0 failed"))

    def test_a_failed_test_of_googletest_is_counted_and_named(self):
        code, text, last = self.report(("fail", GOOGLETEST_FAILED), state="failed")
        self.assertEqual((code, last), (1, "2 passed, 1 failed"))
        self.assertIn("FAILED host: t0: pool.breaks\n", text)

    def test_the_closing_line_of_firmware_is_counted(self):
        for more in ("", ", 3 death checks not run"):
            output = f"noise\nmicrobit/pool_test: 41 passed, 0 failed, 2 skipped{more}\n"
            code, text, last = self.report(("run", output))
            self.assertEqual((code, last), (0, "41 passed, 0 failed"))
            self.assertIn("2 skipped", text)

    def test_failures_of_firmware_are_counted_and_named(self):
        output = ("/a path/pool_test.cpp:7: failed in pool.breaks\n"
                  "microbit/pool_test: 4 passed, 1 failed, 0 skipped\n")
        code, text, last = self.report(("fail", output), state="failed")
        self.assertEqual((code, last), (1, "4 passed, 1 failed"))
        self.assertIn("FAILED host: t0: pool.breaks\n", text)

    def test_a_program_without_tests_of_its_own_is_one_test(self):
        self.assertEqual(self.report(("run", "hello\n"))[::2], (0, "1 passed, 0 failed"))

    def test_an_image_that_ran_no_test_is_a_failure(self):
        code, text, last = self.report(("run", "microbit/pool_test: 0 passed, 0 failed, 0 skipped\n"))
        self.assertEqual((code, last), (1, "0 passed, 1 failed"))
        self.assertIn("ran no test", text)

    def test_a_program_that_stopped_in_the_middle_is_a_failure(self):
        output = "[==========] Running 3 tests from 1 test suite.\n[ RUN      ] pool.first\n"
        for status in ("run", "fail"):
            self.assertEqual(self.report(("run", "ok"), (status, output))[::2],
                             (1, "1 passed, 1 failed"), status)

    def test_a_program_that_ends_badly_after_its_tests_is_a_failure(self):
        output = "microbit/pool_test: 41 passed, 0 failed, 2 skipped\nLeakSanitizer: detected\n"
        self.assertEqual(self.report(("fail", output), state="failed")[::2],
                         (1, "41 passed, 1 failed"))

    def test_a_program_that_did_not_run_is_a_failure(self):
        self.assertEqual(self.report(("notrun", ""))[::2], (1, "0 passed, 1 failed"))

    def test_a_build_that_failed_is_a_failure_even_with_an_old_report(self):
        for state in ("configure-failed", "build-failed"):
            self.assertEqual(self.report(("run", "ok"), state=state)[::2],
                             (1, "0 passed, 1 failed"), state)

    def test_a_build_without_tests_is_a_failure(self):
        self.assertEqual(self.report()[::2], (1, "0 passed, 1 failed"))

    def test_a_build_that_cannot_run_here_is_named_and_counts_nothing(self):
        code, text, last = self.report(
            ("run", "ok"), others="windows-i686\tnot-run\t10\tthere is no 32-bit Wine\n")
        self.assertEqual((code, last), (0, "1 passed, 0 failed"))
        self.assertRegex(text, "windows-i686 +built, not run: there is no 32-bit Wine")

    def test_builds_of_which_none_could_run_are_no_success(self):
        self.assertEqual(self.report(state="not-run")[0], 1)

    def test_builds_are_added_up(self):
        code, _, last = self.report(("run", "ok"), others="microbit\tbuild-failed\t10\t\n")
        self.assertEqual((code, last), (1, "1 passed, 1 failed"))


class Usage(unittest.TestCase):
    def acre(self, *arguments, **options):
        return subprocess.run([ACRE, *arguments], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)

    def test_wrong_use_is_said_and_ends_with_2(self):
        for arguments, says in (
            (["frobnicate"], "there is no command 'frobnicate'"),
            (["test", "everything"], "test does not know 'everything'"),
            (["test", "host", "boards"], "takes one argument"),
            (["demo", "--board", "toaster"], "there is no board 'toaster'"),
            (["demo", "--board"], "needs a name"),
            (["defconfig", "toaster"], "neither a board"),
            (["defconfig"], "needs one NAME"),
            (["menuconfig", "--bord", "host"], "unknown option"),
            (["install", "--prefix"], "needs a directory"),
            (["install", "here"], "install does not know"),
            (["package", "everything"], "package takes no"),
            (["format", "everything"], "format does not know"),
        ):
            result = self.acre(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(says, result.stdout)
            self.assertIn("./acre help", result.stdout)

    def test_help_lists_every_command(self):
        text = self.acre("help").stdout
        self.assertEqual(text, self.acre().stdout)
        for command in ("demo test bench size certify menuconfig defconfig savedefconfig install package "
                        "format lint clean help").split():
            self.assertIn(f"./acre {command}", text)

    def test_no_colours_without_a_terminal(self):
        self.assertNotIn("\x1b", self.acre("help").stdout + self.acre("frobnicate").stdout)

    def test_it_can_be_called_from_anywhere_and_through_a_link(self):
        with tempfile.TemporaryDirectory() as directory:
            link = pathlib.Path(directory, "a link")
            link.symlink_to(ACRE)
            done = subprocess.run([link, "help"], cwd=directory, stdout=subprocess.PIPE, text=True)
            self.assertEqual((done.returncode, "./acre demo" in done.stdout), (0, True))


@unittest.skipIf(os.geteuid() != 0, "installing asks for root")
class Clone(unittest.TestCase):
    """A root with nothing but the driver and a header, and a PATH of its own."""

    TOOLS = ("bash env date nproc dirname readlink mkdir tail tr xargs find sort wc cat rm grep "
             "touch chmod sleep sed cut sha1sum").split()

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name, "a clone")
        self.bin = pathlib.Path(directory.name, "bin")
        self.bin.mkdir()
        for tool in self.TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        support.plant(self.root, "core/include/acre/x.hpp", "#pragma once\n")
        shutil.copy(ACRE, self.root)

    def stub(self, name, text):
        support.plant(self.bin, name, f"#!/bin/bash\n{text}\n").chmod(0o755)

    def acre(self, *arguments, **environment):
        return subprocess.run([self.root / "acre", *arguments], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"PATH": str(self.bin), **environment})


class Packages(Clone):
    """clang-format is missing, and apt-get is a stub."""

    def format(self, **environment):
        return self.acre("format", **environment)

    def test_a_missing_package_is_named_and_installed(self):
        self.stub("apt-get", f'echo "$*" >>"{self.root}/calls"; [[ $1 == update ]] || '
                             f'{{ printf "#!/bin/bash\\n" >"{self.bin}/clang-format"; '
                             f'chmod 755 "{self.bin}/clang-format"; }}')
        result = self.format(CI="true")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, r"missing:\n +clang-format +checks the layout")
        calls = (self.root / "calls").read_text()
        self.assertEqual(calls, "update\ninstall --yes --no-install-recommends clang-format\n")
        self.assertNotIn("missing", self.format().stdout)

    def test_a_failed_installation_is_an_error_that_names_the_command(self):
        self.stub("apt-get", "echo no network; exit 100")
        result = self.format()
        self.assertEqual(result.returncode, 1)
        self.assertIn("no network", result.stdout)
        self.assertIn("apt-get install --yes --no-install-recommends clang-format", result.stdout)

    def test_an_installation_that_brings_nothing_is_an_error(self):
        self.stub("apt-get", "exit 0")
        self.assertIn("is installed, but clang-format is not there", self.format().stdout)

    def test_without_apt_get_it_says_what_is_needed(self):
        result = self.format()
        self.assertEqual(result.returncode, 1)
        self.assertIn("there is no apt-get here", result.stdout)
        self.assertIn("clang-format", result.stdout)


class Continued(Clone):
    """`test host` has three presets. CMake and CTest are stubs, which say what they are called for; one preset fails
    where there is a file named `broken`."""

    def setUp(self):
        super().setUp()
        support.plant(self.root, "tools/test_report.py", (support.ROOT / "tools/test_report.py").read_text())
        for tool in "ninja g++ clang++ make pkg-config".split():
            self.stub(tool, "exit 0")
        self.calls = self.bin / "calls"
        self.broken = self.bin / "broken"
        self.stub("cmake", "exit 0")
        # ctest --test-dir BUILD ... --output-junit REPORT ...
        self.stub("ctest", f'''
            while (($#)); do
              case $1 in --test-dir) build=$2 ;; --output-junit) report=$2 ;; esac
              shift
            done
            mkdir -p "$build"
            echo "${{build##*/}}" >>"{self.calls}"
            status=run
            if [[ ${{build##*/}} == host-clang && -e "{self.broken}" ]]; then status=fail; fi
            echo "<testsuite><testcase name=\'t\' status=\'$status\'/></testsuite>" >"$report"
            [[ $status == run ]]''')

    def run_tests(self, *arguments):
        self.calls.write_text("")
        done = self.acre("test", *arguments)
        return done.returncode, self.calls.read_text().split(), done.stdout

    def test_what_passed_is_not_run_again(self):
        self.broken.touch()
        code, ran, text = self.run_tests("host")
        self.assertEqual((code, ran), (1, ["host", "host-clang", "host-asan"]), text)
        code, ran, text = self.run_tests("continue")
        self.assertEqual((code, ran), (1, ["host-clang"]), text)
        self.broken.unlink()
        code, ran, text = self.run_tests("continue")
        self.assertEqual((code, ran), (0, ["host-clang"]), text)
        self.assertEqual(text.splitlines()[-1], "3 passed, 0 failed")
        self.assertEqual(self.run_tests("host")[:2], (0, ["host", "host-clang", "host-asan"]))

    def test_a_run_that_was_interrupted_goes_on(self):
        self.run_tests("host")
        results = self.root / "build/log/results.tsv"
        results.write_text(results.read_text().splitlines(True)[0])
        code, ran, text = self.run_tests("continue")
        self.assertEqual((code, ran), (0, ["host-clang", "host-asan"]), text)
        self.assertEqual(text.splitlines()[-1], "3 passed, 0 failed")

    def test_what_other_sources_passed_is_worth_nothing(self):
        self.run_tests("host")
        support.plant(self.root, "core/include/acre/x.hpp", "#pragma once\n// new\n")
        code, ran, text = self.run_tests("continue")
        self.assertEqual((code, ran), (1, []))
        self.assertIn("begin anew", text)

    def test_there_must_be_something_to_continue(self):
        code, ran, text = self.run_tests("continue")
        self.assertEqual((code, ran), (1, []))
        self.assertIn("nothing to continue", text)


if __name__ == "__main__":
    support.run("driver")
