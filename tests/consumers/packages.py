#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The packages that cpack makes: a C product is built with what is in each, and runs.

  packages.py BUILD CMAKE C_COMPILER

BUILD is a build of the shared libraries, for packages with those of a static build, too.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rules"))
import support

HERE = pathlib.Path(__file__).resolve().parent
debian = unittest.skipIf(shutil.which("dpkg-shlibdeps") is None, "Debian's packages need dpkg-shlibdeps")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def good(self, result):
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def pack(self, generator, name="packages"):
        """The files of the packages."""
        where = self.directory / name
        self.good(run(pathlib.Path(cmake).with_name("cpack"), "--config", build / "CPackConfig.cmake",
                      "-G", generator, "-B", where, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}))
        return sorted(path for path in where.iterdir() if path.is_file())

    def use(self, prefix, shared):
        """Builds and runs tests/consumers/find_package_c with what lies at `prefix`."""
        product = self.directory / f"product {shared}"
        self.good(run(cmake, "-G", "Ninja", "-S", HERE / "find_package_c", "-B", product,
                      f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_C_COMPILER={compiler}",
                      f"-DBUILD_SHARED_LIBS={shared}"))
        self.assertIn(str(prefix), (product / "CMakeCache.txt").read_text())
        self.good(run(cmake, "--build", product))
        self.assertIn("0 failures", self.good(run(product / "product")))

    def same_again(self, generator):
        def digests(name):
            return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.pack(generator, name)}

        self.assertEqual(digests("once"), digests("again"))


class Archive(Case):
    def test_it_holds_both_kinds_of_library_and_can_be_used_where_it_is_unpacked(self):
        [archive] = self.pack("TGZ")
        place = self.directory / "a place"
        shutil.unpack_archive(archive, place)
        [prefix] = place.iterdir()
        for shared in ("OFF", "ON"):
            self.use(prefix, shared)

    def test_the_same_is_made_again(self):
        self.same_again("TGZ")


@debian
class Debian(Case):
    def field(self, package, name):
        return self.good(run("dpkg-deb", "--field", package, name)).strip()

    def test_they_can_be_used_where_they_are_unpacked(self):
        for package in self.pack("DEB"):
            self.good(run("dpkg-deb", "--extract", package, self.directory / "root"))
        for shared in ("OFF", "ON"):
            self.use(self.directory / "root/usr", shared)

    def test_what_programs_run_with_is_a_package_by_itself(self):
        development, runtime = self.pack("DEB")
        self.assertEqual(self.field(runtime, "Package"), "libacre0.1")
        self.assertIn("libc6", self.field(runtime, "Depends"))
        files = self.good(run("dpkg-deb", "--contents", runtime))
        self.assertIn("libacre_port.so.0.1.0", files)
        self.assertNotIn("include", files)
        self.assertEqual(self.field(development, "Package"), "libacre-dev")
        self.assertEqual(self.field(development, "Depends"), "libacre0.1 (= 0.1.0)")

    def test_the_dynamic_linker_and_other_packages_are_told_of_the_libraries(self):
        runtime = self.pack("DEB")[1]
        self.good(run("dpkg-deb", "--control", runtime, self.directory / "control"))
        self.assertIn("ldconfig", (self.directory / "control/triggers").read_text())
        self.assertIn("libacre_core 0.1 libacre0.1 (>= 0.1.0)\n", (self.directory / "control/shlibs").read_text())

    def test_the_same_is_made_again(self):
        self.same_again("DEB")


if __name__ == "__main__":
    build, cmake, compiler = pathlib.Path(sys.argv[1]), *sys.argv[2:]
    sys.argv[1:] = []
    support.run("packages")
