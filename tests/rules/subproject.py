#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""acre as a subproject of tests/consumer: it builds, its flags stay its own, and it brings no tests.

  subproject.py CMAKE COMPILER
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import support

CONSUMER = support.ROOT / "tests" / "consumer"

LEAKY = """\
# SPDX-License-Identifier: MIT
add_library(acre_core INTERFACE)
add_library(acre::core ALIAS acre_core)
add_library(acre::port ALIAS acre_core)
add_library(acre::platform ALIAS acre_core)
target_include_directories(acre_core INTERFACE "{include}" "{default}")
{leak}
"""


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.build = pathlib.Path(directory.name, "a build")

    def run_command(self, *command):
        return subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def configure(self, way, *options, source=support.ROOT):
        return self.run_command(
            cmake, "-G", "Ninja", "-S", CONSUMER, "-B", self.build, f"-DACRE_AS={way}",
            f"-DACRE_SOURCE={source}", f"-DCMAKE_CXX_COMPILER={compiler}",
            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", *options)

    def good(self, result):
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def consumer_flags(self):
        """What the product's file is compiled with, beyond its own paths."""
        entries = json.loads((self.build / "compile_commands.json").read_text())
        [command] = [entry["command"] for entry in entries
                     if pathlib.Path(entry["file"]).parent == CONSUMER]
        return [word for word in command.split() if word.startswith(("-W", "-f", "-O", "-g", "-m"))]

    def registered(self):
        """The names of all tests that the product has."""
        output = self.good(self.run_command(
            pathlib.Path(cmake).with_name("ctest"), "--test-dir", self.build, "--show-only=json-v1"))
        return [test["name"] for test in json.loads(output[output.index("{"):])["tests"]]

    def leaky(self, leak):
        root = self.build.parent / "leaky"
        support.plant(root, "CMakeLists.txt", LEAKY.format(
            leak=leak, include=support.ROOT / "core/include", default=support.ROOT / "core/default"))
        return root


class Subproject(Case):
    def check(self, way):
        self.good(self.configure(way))
        self.good(self.run_command(cmake, "--build", self.build))
        self.assertEqual(self.consumer_flags(), [])
        self.assertEqual(self.registered(), ["consumer"])
        self.good(self.run_command(self.build / "consumer"))

    def test_add_subdirectory(self):
        self.check("add_subdirectory")

    def test_fetch_content(self):
        self.check("FetchContent")

    def test_a_header_written_by_hand_configures_it(self):
        header = support.plant(self.build.parent, "my.h", "#define CONFIG_ACRE_POOL 1\n")
        self.good(self.configure("add_subdirectory", f"-DACRE_AUTOCONF={header}"))
        self.good(self.run_command(cmake, "--build", self.build))
        objects = {path.name for path in self.build.rglob("*.o")}
        self.assertIn("pool_checked.cpp.o", objects)
        self.assertNotIn("slab.cpp.o", objects)

    def test_a_missing_header_is_an_error(self):
        self.assertIn("there is no file",
                      self.configure("add_subdirectory", "-DACRE_AUTOCONF=/no/such.h").stdout)

    def test_it_builds_without_kconfig(self):
        output = self.good(self.configure(
            "add_subdirectory", "-DACRE_KCONFIG=OFF", "-DACRE_CONFIG=CONFIG_ACRE_SLAB=n"))
        self.assertIn("core/default/acre/autoconf.h", output)
        self.good(self.run_command(cmake, "--build", self.build))
        self.assertFalse(list(self.build.rglob("slab.cpp.o")))

    def test_an_option_of_the_product_is_checked(self):
        result = self.configure("add_subdirectory", "-DACRE_CONFIG=CONFIG_ACRE_NOTHING=y")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("CONFIG_ACRE_NOTHING is not defined", result.stdout)

    def test_a_change_of_the_configuration_is_seen_by_the_next_build(self):
        self.good(self.configure("add_subdirectory"))
        self.good(self.run_command(cmake, "--build", self.build))
        self.assertIn("no work to do", self.good(self.run_command(cmake, "--build", self.build)))
        config = self.build / "acre" / ".config"
        config.write_text(config.read_text().replace(
            "CONFIG_ACRE_SLAB_BYTES=4096", "CONFIG_ACRE_SLAB_BYTES=512"))
        self.good(self.run_command(cmake, "--build", self.build))
        self.assertIn("SLAB_BYTES 512", (self.build / "acre/generated/acre/autoconf.h").read_text())

    def test_an_unknown_board_is_an_error_that_names_the_known_ones(self):
        result = self.configure("add_subdirectory", "-DACRE_BOARD=toaster")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("microbit", result.stdout)


class Planted(Case):
    def test_a_changed_variable_is_found(self):
        root = self.leaky('set(CMAKE_CXX_FLAGS "-Wall" PARENT_SCOPE)')
        self.assertIn("acre changed CMAKE_CXX_FLAGS", self.configure(
            "add_subdirectory", source=root).stdout)

    def test_a_cached_build_type_is_found(self):
        root = self.leaky('set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)')
        self.assertIn("acre changed CMAKE_BUILD_TYPE", self.configure(
            "FetchContent", source=root).stdout)

    def test_testing_that_is_turned_on_is_found(self):
        self.assertIn("acre changed BUILD_TESTING", self.configure(
            "add_subdirectory", source=self.leaky("include(CTest)")).stdout)

    def test_a_flag_in_an_interface_is_found(self):
        root = self.leaky("target_compile_options(acre_core INTERFACE -Wall)")
        self.good(self.configure("add_subdirectory", source=root))
        self.assertEqual(self.consumer_flags(), ["-Wall"])

    def test_a_test_is_found(self):
        root = self.leaky("enable_testing()\nadd_test(NAME planted COMMAND true)")
        self.good(self.configure("add_subdirectory", source=root))
        self.assertIn("planted", self.registered())


if __name__ == "__main__":
    cmake, compiler = sys.argv[1:]
    support.run("subproject")
