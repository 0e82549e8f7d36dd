#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every header compiles alone, with the compiler and the flags of this build.

  headers.py [--core-only | --freestanding] -- COMPILER FLAG...

A header that needs another one to be included first works by chance, until someone sorts includes. With
--freestanding, headers of ports that include what only hosts have are left out.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import support

FREESTANDING = {"stddef.h", "stdint.h"}
INCLUDE_ROOTS = ("core/include", "port/include", "platform/include")


def compile_alone(header, command, include_root=None):
    """The compiler's complaints about a file that includes `header` twice and nothing else."""
    source = f"#include <{header}>\n#include <{header}>\n"
    extra = [f"-I{include_root}"] if include_root else []
    result = subprocess.run([*command, *extra, "-fsyntax-only", "-x", "c++", "-"], input=source,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "" if result.returncode == 0 else result.stdout or "the compiler failed"


def needs_a_host(header, roots):
    """Whether it includes something that is neither ours nor a header of every freestanding compiler."""
    seen, waiting = set(), [header]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        paths = [path for path in (pathlib.Path(root, each) for root in roots) if path.is_file()]
        if paths:
            text = support.without_comments(paths[0].read_text())
            waiting += re.findall(r'#\s*include\s*[<"]([^>"]+)', text)
        elif each not in FREESTANDING and not each.startswith("acre/"):  # a build writes acre/autoconf.h
            return True
    return False


def headers(core_only, freestanding):
    roots = [support.ROOT / each for each in INCLUDE_ROOTS]
    for include_root in INCLUDE_ROOTS[:1] if core_only else INCLUDE_ROOTS:
        for path in support.files(support.ROOT, [include_root], {".hpp", ".h"}):
            header = str(path.relative_to(support.ROOT / include_root))
            if not (freestanding and header.startswith("acre/port/") and needs_a_host(header, roots)):
                yield header


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

    def test_a_header_for_hosts_is_told_from_others(self):
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, "acre/port/direct.hpp", "#include <vector>\n")
            support.plant(root, "acre/port/through.hpp", "#include <acre/port/direct.hpp>\n")
            support.plant(root, "acre/port/none.hpp", "#include <stddef.h>\n#include <acre/autoconf.h>\n")
            hosted = {name: needs_a_host(f"acre/port/{name}.hpp", [root])
                      for name in ("direct", "through", "none")}
        self.assertEqual(hosted, {"direct": True, "through": True, "none": False})

    def test_a_good_header_passes(self):
        self.assertEqual(self.check("#pragma once\n#include <stddef.h>\nsize_t planted();\n"), "")


def compiles(header):
    def test(self):
        complaints = compile_alone(header, command)
        self.assertFalse(complaints, complaints)

    return test


if __name__ == "__main__":
    command = sys.argv[sys.argv.index("--") + 1:]
    for header in headers("--core-only" in sys.argv, "--freestanding" in sys.argv):
        setattr(Headers, f"test_{header}", compiles(header))
    support.run("headers")
