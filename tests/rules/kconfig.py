#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The configuration: the checked-in default is what Kconfig generates, wrong values are refused with
words that help, edits survive a change of Kconfig, and stale defaults do not."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import support

ROOT = support.ROOT
TOOL = ROOT / "tools" / "kconfig.py"


class Build:
    """A build directory, as far as tools/kconfig.py is concerned."""

    def __init__(self, directory, kconfig=ROOT / "Kconfig"):
        self.config = pathlib.Path(directory, ".config")
        self.header = pathlib.Path(directory, "autoconf.h")
        self.kconfig = kconfig

    def run(self, *arguments):
        return subprocess.run([sys.executable, str(TOOL), *map(str, arguments)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def generate(self, *assignments, defconfig=None):
        arguments = ["generate", "--kconfig", self.kconfig, "--config", self.config,
                     "--header", self.header]
        for assignment in assignments:
            arguments += ["--set", assignment]
        if defconfig:
            arguments += ["--defconfig", defconfig]
        return self.run(*arguments)

    def savedefconfig(self):
        return self.run("savedefconfig", "--kconfig", self.kconfig, "--config", self.config).stdout

    def edit(self, old, new):
        text = self.config.read_text()
        assert old in text, (old, text)
        self.config.write_text(text.replace(old, new))


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.build = Build(self.directory)

    def good(self, *assignments, **options):
        result = self.build.generate(*assignments, **options)
        self.assertEqual(result.returncode, 0, result.stdout)
        return self.build.header.read_text()

    def bad(self, *assignments, says, **options):
        result = self.build.generate(*assignments, **options)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(says, result.stdout)
        self.assertNotIn("Traceback", result.stdout)


class Default(Case):
    def test_the_checked_in_header_is_what_kconfig_generates(self):
        self.assertEqual((ROOT / "core/default/acre/autoconf.h").read_text(), self.good())

    def test_a_header_that_differs_would_be_found(self):
        self.assertNotEqual((ROOT / "core/default/acre/autoconf.h").read_text(),
                            self.good("CONFIG_ACRE_SLAB=n"))

    def test_each_board_configures_the_same_without_kconfig(self):
        # The text overlay of tools/cmake/configuration.cmake against Kconfig's answer.
        script = self.directory / "overlay.cmake"
        source = (ROOT / "tools/cmake/configuration.cmake").read_text()
        function = re.search(r"function\(acre_overlay_autoconf.*?endfunction\(\)", source, re.S).group()
        defconfigs = sorted((ROOT / "boards").glob("*/defconfig"))
        self.assertGreaterEqual(len(defconfigs), 4)
        for defconfig in defconfigs:
            output = self.directory / "overlay.h"
            script.write_text(f'{function}\nfile(STRINGS "{defconfig}" lines)\n'
                              f'acre_overlay_autoconf("{ROOT}/core/default/acre/autoconf.h" '
                              f'"{output}" "${{lines}}")\n')
            subprocess.run(["cmake", "-P", str(script)], check=True)
            self.build = Build(self.directory / defconfig.parent.name)
            self.assertEqual(sorted(output.read_text().splitlines()),
                             sorted(self.good(defconfig=defconfig).splitlines()), defconfig)


class Strict(Case):
    def test_an_undefined_symbol_is_refused_with_a_suggestion(self):
        self.bad("CONFIG_ACRE_POOLS=y", says="did you mean CONFIG_ACRE_POOL?")

    def test_a_value_out_of_range_is_refused(self):
        self.bad("CONFIG_ACRE_SLAB_BYTES=64", says="range 128 to 65536")
        self.bad("CONFIG_ACRE_SLAB_BYTES=65537", says="range 128 to 65536")

    def test_a_value_of_the_wrong_type_is_refused(self):
        self.bad("CONFIG_ACRE_SLAB_BYTES=many", says="no value for CONFIG_ACRE_SLAB_BYTES")
        self.bad("CONFIG_ACRE_POOL=7", says="no value for CONFIG_ACRE_POOL")

    def test_an_unmet_dependency_is_refused(self):
        self.bad("CONFIG_ACRE_SLAB=n", "CONFIG_ACRE_SLAB_BYTES=512", says="depends on ACRE_SLAB")

    def test_two_answers_to_one_choice_are_refused(self):
        self.bad("CONFIG_ACRE_CHECK_NONE=y", "CONFIG_ACRE_CHECK_FULL=y", says="choice")

    def test_two_values_for_one_symbol_are_refused(self):
        self.bad("CONFIG_ACRE_POOL=y", "CONFIG_ACRE_POOL=n", says="assigned twice")

    def test_a_line_that_is_no_assignment_is_refused(self):
        self.bad("ACRE_POOL=y", says="not an assignment")

    def test_a_defconfig_is_checked_and_named_with_its_line(self):
        path = support.plant(self.directory, "defconfig", "# fine\nCONFIG_ACRE_NOTHING=y\n")
        self.bad(defconfig=path, says=f"{path}:2: CONFIG_ACRE_NOTHING")

    def test_a_config_that_was_edited_badly_is_refused(self):
        self.good()
        self.build.edit("CONFIG_ACRE_SLAB_BYTES=4096", "CONFIG_ACRE_SLAB_BYTES=1")
        self.bad(says="delete it")

    def test_a_kconfig_file_with_an_error_is_refused(self):
        path = support.plant(self.directory, "Kconfig", "config ACRE_X\n\tbool\n\tdefualt y\n")
        self.build.kconfig = path
        self.bad(says="Kconfig")


class Values(Case):
    def test_choices_exclude_each_other(self):
        header = self.good("CONFIG_ACRE_CHECK_FULL=y")
        self.assertIn("CONFIG_ACRE_CHECK_FULL 1", header)
        self.assertNotIn("CONFIG_ACRE_CHECK_BASIC", header)

    def test_the_command_line_wins_over_the_defconfig(self):
        path = support.plant(self.directory, "defconfig", "CONFIG_ACRE_SLAB_BYTES=512\n")
        self.assertIn("SLAB_BYTES 1024\n", self.good("CONFIG_ACRE_SLAB_BYTES=1024", defconfig=path))

    def test_the_command_line_may_turn_off_what_the_defconfig_configures(self):
        path = support.plant(self.directory, "defconfig", "CONFIG_ACRE_SLAB_BYTES=512\n")
        self.assertNotIn("SLAB", self.good("CONFIG_ACRE_SLAB=n", defconfig=path))

    def test_savedefconfig_gives_what_makes_the_same_configuration(self):
        header = self.good("CONFIG_ACRE_CHECK_FULL=y", "CONFIG_ACRE_SLAB_BYTES=1024")
        saved = self.build.savedefconfig()
        self.assertEqual(len(saved.split()), 2)
        path = support.plant(self.directory, "saved", saved)
        self.build = Build(self.directory / "again")
        self.assertEqual(self.good(defconfig=path), header)


class Edits(Case):
    """A person's edits of .config, against changes of what it was made from."""

    def setUp(self):
        super().setUp()
        self.build.kconfig = support.plant(
            self.directory, "Kconfig", (ROOT / "Kconfig").read_text())

    def change_kconfig(self, old, new):
        text = self.build.kconfig.read_text()
        self.assertIn(old, text)
        self.build.kconfig.write_text(text.replace(old, new))

    def test_an_unchanged_input_leaves_every_file_untouched(self):
        self.good()
        before = [path.stat().st_mtime_ns for path in (self.build.config, self.build.header)]
        self.good()
        self.assertEqual(
            before, [path.stat().st_mtime_ns for path in (self.build.config, self.build.header)])

    def test_an_edit_is_taken(self):
        self.good()
        self.build.edit("CONFIG_ACRE_SLAB_BYTES=4096", "CONFIG_ACRE_SLAB_BYTES=256")
        self.assertIn("SLAB_BYTES 256\n", self.good())

    def test_a_stale_default_does_not_survive_a_change_of_kconfig(self):
        self.good()
        self.change_kconfig("default 4096", "default 8192")
        self.assertIn("SLAB_BYTES 8192\n", self.good())

    def test_an_edit_survives_a_change_of_kconfig(self):
        self.good()
        self.build.edit("# CONFIG_ACRE_CHECK_FULL is not set", "CONFIG_ACRE_CHECK_FULL=y")
        self.build.edit("CONFIG_ACRE_CHECK_BASIC=y", "# CONFIG_ACRE_CHECK_BASIC is not set")
        self.change_kconfig("default 4096", "default 8192")
        header = self.good()
        self.assertIn("CHECK_FULL 1\n", header)
        self.assertIn("SLAB_BYTES 8192\n", header)
        self.assertIn("CHECK_FULL 1\n", self.good())  # and a second time

    def test_an_edit_survives_a_change_of_the_defconfig(self):
        path = support.plant(self.directory, "defconfig", "CONFIG_ACRE_SLAB_BYTES=512\n")
        self.good(defconfig=path)
        self.build.edit("CONFIG_ACRE_ARENA=y", "# CONFIG_ACRE_ARENA is not set")
        path.write_text("CONFIG_ACRE_SLAB_BYTES=1024\n")
        header = self.good(defconfig=path)
        self.assertIn("SLAB_BYTES 1024\n", header)
        self.assertNotIn("ARENA", header)

    def test_an_edit_of_a_symbol_that_is_gone_is_refused(self):
        self.good()
        self.build.edit("# CONFIG_ACRE_USAGE_COUNTERS is not set", "CONFIG_ACRE_USAGE_COUNTERS=y")
        self.change_kconfig("config ACRE_USAGE_COUNTERS", "config ACRE_COUNTERS")
        self.bad(says="CONFIG_ACRE_USAGE_COUNTERS is not defined")


class Symbols(Case):
    """Kconfig, config.hpp and CMake speak of the same options."""

    def defined(self):
        return set(re.findall(r"^config (ACRE_\w+)", (ROOT / "Kconfig").read_text(), re.M))

    def used(self):
        text = (ROOT / "core/include/acre/config.hpp").read_text()
        used = set(re.findall(r"CONFIG_(ACRE_\w+)", text))
        for path in support.files(ROOT, suffixes={"CMakeLists.txt"}):
            text = path.read_text()
            used |= set(re.findall(r"CONFIG_(ACRE_[A-Z_]+)\b", text))
            if "CONFIG_ACRE_${option}" in text:  # a loop over engines
                used |= {f"ACRE_{word.upper()}" for word in
                         re.search(r"foreach\(engine IN ITEMS ([\w ]+)\)", text).group(1).split()}
        return used

    def test_each_symbol_that_the_code_uses_is_defined(self):
        self.assertEqual(self.used() - {"ACRE_"} - self.defined(), set())

    def test_each_symbol_has_an_effect(self):
        # The last member of a choice is what is left when no other one is chosen.
        implied = {"ACRE_CHECK_BASIC", "ACRE_FAULT_REFUSE", "ACRE_POOL_STATE_BITS",
                   "ACRE_SLAB_METADATA_IN_SLAB", "ACRE_HEAP_ALIGN_NATURAL", "ACRE_IRQ_LOCK_MASK"}
        self.assertEqual(self.defined() - self.used() - implied, set())

    def test_each_symbol_has_help_that_says_when_to_turn_it_off(self):
        text = (ROOT / "Kconfig").read_text()
        for block in re.split(r"^(?=config )", text, flags=re.M)[1:]:
            name = block.split()[1]
            # A size is not turned off; it is made smaller.
            self.assertRegex(block, r"(?s)\thelp\n.*(Turn it off|turn it off|Make it smaller|then off)",
                             name)
            self.assertRegex(block, r"\t  Cost: ", name)


if __name__ == "__main__":
    support.run("kconfig")
