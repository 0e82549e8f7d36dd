#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an installed acre is, and what it refuses.

  installed.py STAGE CMAKE COMPILER

STAGE holds what was installed for /opt/acre, with static and with shared libraries.
"""

import _ctypes
import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rules"))
import support

HERE = pathlib.Path(__file__).resolve().parent
LIBRARIES = ("acre_core", "acre_port")
# Mangled: a name in namespace acre, a member of something there, or a guard or a table of one.
EXPORTED = re.compile(r"^(acre_\w+|_Z(GV|T[HSVIW])?Z*(N[KVROr]*)?4acre.*)$")

# What a library has for itself alone, although a header may declare it.
PRIVATE = re.compile(r"(\b(c::refuse_handle|slab_list::\w+|port::detail::(after_fork|before_fork|"
                     r"can_be_unloaded|discard_values|end_thread|find_values|install_hooks|make_values|"
                     r"release_arrays|remove_hooks))\()")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


def exports(library):
    """(type, name) of each symbol that programs can link to."""
    output = run("nm", "--dynamic", "--defined-only", "--format=posix", library).stdout
    return [(line.split()[1], line.split()[0].partition("@")[0]) for line in output.splitlines()]


def strong(archive):
    """Names of the functions and variables that a static library defines, but for inline ones."""
    output = run("nm", "--defined-only", "--format=posix", archive).stdout
    return {line.split()[0] for line in output.splitlines() if len(line.split()) > 1 and line.split()[1] in "TDBR"}


def leaks(library):
    return [name for _, name in exports(library) if not EXPORTED.match(name)]


def dynamic(library, tag):
    """The values of a tag of the dynamic section."""
    output = run("readelf", "--dynamic", "--wide", library).stdout
    return re.findall(rf"\({tag}\).*\[(.*)\]", output)


def mentions(directory, words):
    """The files in which one of the words stands."""
    return [path for path in sorted(directory.rglob("*")) if path.is_file()
            and any(word.encode() in path.read_bytes() for word in words)]


class Files(unittest.TestCase):
    def test_every_header_of_core_is_there(self):
        for header in support.files(support.ROOT, ["core/include"]):
            self.assertTrue((prefix / header.relative_to(support.ROOT / "core")).is_file(), header)

    def test_nothing_knows_where_it_was_built_or_lies(self):
        self.assertEqual(mentions(stage, [str(support.ROOT), str(stage.parent), "/opt/acre"]), [])

    def test_what_knows_where_it_was_built_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            path = support.plant(directory, "a/x.cmake", f'set(x "{support.ROOT}/core")')
            self.assertEqual(mentions(pathlib.Path(directory), [str(support.ROOT)]), [path])

    def test_licence_and_configuration_are_there(self):
        self.assertIn("MIT", (prefix / "share/doc/acre/LICENSE").read_text())
        self.assertIn("CONFIG_ACRE_HOSTED 1", (prefix / "include/acre/autoconf.h").read_text())


class Shared(unittest.TestCase):
    def test_only_what_is_acres_is_exported(self):
        for name in LIBRARIES:
            library = prefix / f"lib/lib{name}.so"
            self.assertGreater(len(exports(library)), 50)
            self.assertEqual(leaks(library), [])

    def test_all_that_a_program_may_call_is_exported(self):
        """Else mark it ACRE_API, or name it in PRIVATE."""
        for name in LIBRARIES:
            exported = {symbol for _, symbol in exports(prefix / f"lib/lib{name}.so")}
            hidden = strong(prefix / f"lib/lib{name}.a") - exported
            names = run("c++filt", *hidden).stdout.splitlines() if hidden else []
            self.assertEqual([each for each in names if not PRIVATE.search(each)], [])
            self.assertEqual(bool(names), name == "acre_port")

    def test_what_leaks_is_found(self):
        with tempfile.TemporaryDirectory() as directory:
            source = support.plant(directory, "x.cpp", "int leak; namespace acre { int good; int f() { return 0; } }")
            library = pathlib.Path(directory, "x.so")
            self.assertEqual(run(compiler, "-shared", "-fPIC", "-o", library, source).returncode, 0)
            self.assertEqual(leaks(library), ["leak"])

    def test_the_name_has_the_version_of_the_binary_interface(self):
        for name in LIBRARIES:
            self.assertEqual(dynamic(prefix / f"lib/lib{name}.so", "SONAME"), [f"lib{name}.so.0.1"])

    def test_they_need_no_cxx_library(self):
        for name in LIBRARIES:
            needed = dynamic(prefix / f"lib/lib{name}.so", "NEEDED")
            self.assertLessEqual(set(needed), {"libc.so.6", "libgcc_s.so.1", "libacre_core.so.0.1"})

    def test_what_is_thread_local_is_reached_without_a_call_that_could_allocate(self):
        self.assertNotIn("__tls_get_addr", run("nm", "--dynamic", prefix / "lib/libacre_port.so").stdout)

    def test_they_can_be_loaded_and_unloaded_by_a_program_that_runs(self):
        library = ctypes.CDLL(str(prefix / "lib/libacre_port.so"))
        self.assertEqual(library.acre_version(), 1000)
        self.assertIn("libacre_core", pathlib.Path("/proc/self/maps").read_text())
        _ctypes.dlclose(library._handle)
        self.assertNotIn("libacre", pathlib.Path("/proc/self/maps").read_text())


class Configurations(unittest.TestCase):
    """A program that is compiled for another configuration than the libraries are."""

    def link(self, *changes, libraries=("-lacre_core",)):
        """Compiles and links with a header in which lines were exchanged."""
        text = (prefix / "include/acre/autoconf.h").read_text()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        with tempfile.TemporaryDirectory() as directory:
            support.plant(directory, "acre/autoconf.h", text)
            return run(compiler, "-std=c++20", f"-I{directory}", f"-I{prefix}/include",
                       support.ROOT / "tests/consumer/main.cpp", f"-L{prefix}/lib", *libraries,
                       "-o", f"{directory}/product")

    def test_the_same_links(self):
        result = self.link()
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_what_changes_types_does_not_link_and_its_name_says_what_it_is(self):
        for libraries in (("-lacre_core",), ("-l:libacre_core.a",)):
            result = self.link(("CONFIG_ACRE_HEAP_ALIGN_NATURAL", "CONFIG_ACRE_HEAP_ALIGN_8"), libraries=libraries)
            self.assertNotEqual(result.returncode, 0)
            self.assertRegex(result.stdout, r"undefined reference to `acre::\w*_align8\w*::")

    def test_what_changes_no_type_links(self):
        self.assertEqual(self.link(("CONFIG_ACRE_SLAB_BYTES 4096", "CONFIG_ACRE_SLAB_BYTES 512")).returncode, 0)


class FindPackage(unittest.TestCase):
    """What it finds; and what it refuses, before anything is built, with the reason."""

    def find(self, call, *options):
        with tempfile.TemporaryDirectory() as directory:
            support.plant(directory, "CMakeLists.txt",
                          f"cmake_minimum_required(VERSION 3.25)\nproject(product CXX)\n{call}\n"
                          'message(STATUS "found: ${acre_FOUND} ${CONFIG_ACRE_HEAP_MAX_BYTES}")\n'
                          "if(acre_FOUND)\n  get_target_property(type acre::port TYPE)\n"
                          '  message(STATUS "found: ${type}")\nendif()\n')
            return run(cmake, "-G", "Ninja", "-S", directory, "-B", f"{directory}/build",
                       f"-Dacre_DIR={prefix}/lib/cmake/acre", f"-DCMAKE_CXX_COMPILER={compiler}", *options)

    def refused(self, why, call, *options):
        result = self.find(call, *options)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(why, re.sub(r"\s+", " ", result.stdout))

    def test_a_configuration_that_it_has_is_found(self):
        result = self.find("find_package(acre REQUIRED)", "-DACRE_CONFIG=CONFIG_ACRE_PORT_STD=y;"
                           "CONFIG_ACRE_CHECK_FULL=n;# CONFIG_ACRE_SMP is not set")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("found: 1 65536", result.stdout)

    def test_the_kind_of_library_is_chosen(self):
        for call, option, kind in (("", "OFF", "STATIC"), ("", "ON", "SHARED"),
                                   ("COMPONENTS static", "ON", "STATIC"), ("COMPONENTS shared", "OFF", "SHARED")):
            result = self.find(f"find_package(acre REQUIRED {call})", f"-DBUILD_SHARED_LIBS={option}")
            self.assertIn(f"found: {kind}_LIBRARY", result.stdout)

    def test_another_configuration(self):
        for assignment, has in (("CONFIG_ACRE_HEAP_MAX_BYTES=512", "CONFIG_ACRE_HEAP_MAX_BYTES=65536"),
                                ("CONFIG_ACRE_CHECK_FULL=y", "CONFIG_ACRE_CHECK_FULL=n"),
                                ("CONFIG_ACRE_PORT_STD=n", "CONFIG_ACRE_PORT_STD=y")):
            self.refused(f"ACRE_CONFIG says {assignment}, and it was built with {has}",
                         "find_package(acre REQUIRED)", f"-DACRE_CONFIG={assignment}")

    def test_what_is_no_option(self):
        self.refused('"HEAP" is no assignment', "find_package(acre REQUIRED)", "-DACRE_CONFIG=HEAP")

    def test_a_component_that_there_is_not(self):
        self.refused("component wings: there is no such component",
                     "find_package(acre REQUIRED COMPONENTS core wings)")

    def test_a_component_that_is_optional_is_not_refused(self):
        result = self.find("find_package(acre REQUIRED OPTIONAL_COMPONENTS wings)\n"
                           'message(STATUS "wings: ${acre_wings_FOUND}")')
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("wings: FALSE", result.stdout)

    def test_two_kinds_in_one_project(self):
        self.refused("component shared: the static libraries are in use already",
                     "find_package(acre REQUIRED COMPONENTS static)\nfind_package(acre REQUIRED COMPONENTS shared)")
        result = self.find("find_package(acre REQUIRED COMPONENTS shared)\nfind_package(acre REQUIRED)")
        self.assertIn("found: SHARED_LIBRARY", result.stdout)

    def test_another_version(self):
        self.refused("0.2", "find_package(acre 0.2 REQUIRED)")
        self.refused("version: 0.1.0", "find_package(acre 0.0 REQUIRED)")

    def test_who_only_asks_goes_on(self):
        result = self.find("find_package(acre QUIET COMPONENTS wings)")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("found: 0", result.stdout)


if __name__ == "__main__":
    stage, cmake, compiler = pathlib.Path(sys.argv[1]), *sys.argv[2:]
    sys.argv[1:] = []
    prefix = stage / "opt/acre"
    support.run("installed")
