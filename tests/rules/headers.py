#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every header compiles alone, with the compiler and the flags of this build.

  headers.py [--core-only] -- COMPILER FLAG...

A header that needs another one to be included first works by chance, until someone sorts includes.
"""

import subprocess
import sys
import tempfile
import unittest

import support

INCLUDE_ROOTS = ("core/include", "port/include", "platform/include")


def compile_alone(header, command, include_root=None):
    """The compiler's complaints about a file that includes `header` twice and nothing else."""
    source = f"#include <{header}>\n#include <{header}>\n"
    extra = [f"-I{include_root}"] if include_root else []
    result = subprocess.run([*command, *extra, "-fsyntax-only", "-x", "c++", "-"], input=source,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "" if result.returncode == 0 else result.stdout or "the compiler failed"


def headers(core_only):
    for include_root in INCLUDE_ROOTS[:1] if core_only else INCLUDE_ROOTS:
        for path in support.files(support.ROOT, [include_root], {".hpp", ".h"}):
            yield str(path.relative_to(support.ROOT / include_root))


class Headers(unittest.TestCase):
    """One test a header, made below."""


class Planted(unittest.TestCase):
    def check(self, text):
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, "planted.hpp", text)
            return compile_alone("planted.hpp", command, root)

    def test_a_header_that_needs_another_one_is_found(self):
        self.assertIn("size_t", self.check("#pragma once\nsize_t planted();\n"))

    def test_a_header_that_cannot_be_included_twice_is_found(self):
        self.assertIn("planted", self.check("struct planted {};\n"))

    def test_a_warning_is_an_error(self):
        self.assertIn("planted", self.check(
            "#pragma once\ninline char planted(int value) { return value; }\n"))

    def test_a_good_header_passes(self):
        self.assertEqual(self.check("#pragma once\n#include <stddef.h>\nsize_t planted();\n"), "")


def compiles(header):
    def test(self):
        complaints = compile_alone(header, command)
        self.assertFalse(complaints, complaints)

    return test


if __name__ == "__main__":
    command = sys.argv[sys.argv.index("--") + 1:]
    for header in headers("--core-only" in sys.argv):
        setattr(Headers, f"test_{header}", compiles(header))
    support.run("headers")
