#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rules for linked firmware: no exception, RTTI, operator new, heap or exit-time symbol, and storage in
.bss and not in .data (where each byte is paid for twice, in flash and in RAM).

  firmware.py BUILD NM COMPILER FLAG...

Looked at: acre's libraries, and the ELF files of the build. The test images carry the firmware's
GoogleTest, whose fixtures are virtual as everywhere; nothing else is forgiven. The planted violations
are compiled with the build's compiler.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import support

FORBIDDEN = {
    "exceptions": r"_Unwind_|__cxa_(throw|rethrow|allocate_exception|begin_catch|end_catch)|"
                  r"__gxx_personality|__cxa_call_unexpected|_ZSt9terminatev",
    "RTTI": r"_ZT[IS]|__dynamic_cast|_ZTVN10__cxxabiv1",
    "operator new or delete": r"_Zn[wa]|_Zd[la]",
    "exit-time code": r"(__aeabi_|__cxa_)?atexit$|__cxa_finalize|__cxa_guard_|_GLOBAL__sub_D",
    "virtual functions": r"__cxa_pure_virtual|_ZTV",
    "a C heap": r"_?(malloc|free|calloc|realloc|sbrk)(_r)?$",
    "stdio": r"_?(v?f?s?n?printf|puts|fwrite)(_r)?$",
}

FORGIVEN_IN_TESTS = {"virtual functions", "operator new or delete"}

# An object in .data costs its size in flash too. Tables of a few words may be there.
DATA_OBJECT_MAX_BYTES = 64


def symbols(nm, path):
    """(name, kind, size) of each symbol; size is 0 where nm does not know it."""
    output = subprocess.run([nm, "--print-size", "--format=posix", str(path)], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        fields = line.split()
        if len(fields) >= 2:
            yield fields[0], fields[1], int(fields[3], 16) if len(fields) > 3 else 0


def forbidden_symbols(nm, path):
    found = []
    names = [name for name, _, _ in symbols(nm, path)]
    forgiven = FORGIVEN_IN_TESTS if any("7testing" in name for name in names) else set()
    for name in names:
        for what, pattern in FORBIDDEN.items():
            if what not in forgiven and re.match(pattern, name):
                found.append(f"{path.name}: {name} ({what})")
    return found


def big_data(nm, path):
    return [f"{path.name}: {name} has {size} bytes in .data" for name, kind, size in symbols(nm, path)
            if kind in "dDgG" and size > DATA_OBJECT_MAX_BYTES]


def images(build):
    yield build / "core" / "libacre_core.a"
    yield build / "platform" / "libacre_platform.a"
    for path in sorted(build.rglob("*.elf")):
        if "CMakeFiles" not in path.parts:
            yield path


class Firmware(unittest.TestCase):
    def test_the_build_has_images(self):
        self.assertGreater(len(list(images(build))), 2, f"no *.elf below {build}")


class Planted(unittest.TestCase):
    def compile(self, source):
        """Not linked: what an object file asks for, the image would have."""
        flags = [flag for flag in command[1:] if flag not in (
            "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-Werror")]
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = pathlib.Path(directory.name, "planted.o")
        subprocess.run([command[0], *flags, "-w", "-c", "-x", "c++", "-o", str(path), "-"],
                       input=source, text=True, check=True)
        return path

    def check(self, source, what):
        found = forbidden_symbols(nm, self.compile(source))
        self.assertTrue(any(what in line for line in found), found)

    def test_an_exception_is_found(self):
        self.check("void f() { throw 1; }", "exceptions")

    def test_a_handler_is_found(self):
        self.check("void g(); void f() { try { g(); } catch (...) {} }", "exceptions")

    def test_type_information_is_found(self):
        self.check("struct a { virtual ~a(); }; a::~a() {}", "RTTI")

    def test_a_virtual_function_is_found(self):
        self.check("struct a { virtual void f(); }; void a::f() {}", "virtual functions")

    def test_operator_new_is_found(self):
        self.check("int* f() { return new int; }", "operator new")

    def test_operator_delete_is_found(self):
        self.check("void f(int* p) { delete p; }", "operator new or delete")

    def test_a_destructor_at_exit_is_found(self):
        self.check("struct a { ~a(); }; a global;", "exit-time code")

    def test_a_guarded_static_is_found(self):
        self.check("struct a { a(); }; a& f() { static a one; return one; }", "exit-time code")

    def test_malloc_is_found(self):
        self.check('extern "C" void* malloc(unsigned); void* f() { return malloc(1); }', "a C heap")

    def test_printf_is_found(self):
        self.check('extern "C" int printf(const char*, ...); void f() { printf("%d", 1); }', "stdio")

    def test_a_test_image_is_forgiven_its_fixtures_only(self):
        text = "struct a { virtual void f(); }; void a::f() { throw 1; }"
        self.check(text, "virtual functions")
        found = "\n".join(forbidden_symbols(nm, self.compile("namespace testing {" + text + "}")))
        self.assertNotIn("virtual functions", found)
        self.assertIn("exceptions", found)

    def test_storage_in_data_is_found(self):
        text = "struct a { int head = 1; char bytes[256] = {}; }; a storage;"
        self.assertEqual(len(big_data(nm, self.compile(text))), 1)

    def test_storage_in_bss_is_no_violation(self):
        text = "struct a { int head = 0; char bytes[256] = {}; }; a storage; int small = 7;"
        self.assertEqual(big_data(nm, self.compile(text)), [])

    def test_plain_code_is_no_violation(self):
        text = "namespace n { int free_list; int f(int x) { return x / free_list; } }"
        self.assertEqual(forbidden_symbols(nm, self.compile(text)), [])


def keeps(rule, path):
    def test(self):
        found = rule(nm, path)
        self.assertFalse(found, "\n".join(found))

    return test


if __name__ == "__main__":
    build, nm, command = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    for image in images(build):
        setattr(Firmware, f"test_symbols_of_{image.stem}", keeps(forbidden_symbols, image))
        setattr(Firmware, f"test_storage_of_{image.stem}", keeps(big_data, image))
    support.run("firmware")
