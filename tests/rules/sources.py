#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rules for the text of the sources. Each rule is a function from a tree to its violations; each has a
test that the project keeps it, and a test that a planted violation is found."""

import re
import tempfile
import unittest

import support

# Rows of core, lowest first: a header includes its own row or rows below. A new header has to be put
# into a row here, so that its place is a decision.
ROWS = {
    "terms": "call_guard check_level concepts config fault layout mutex_lock observers policies region "
             "sources status usage allocator_ref workload",
    "engine": "",  # engine/*.hpp and src/*.cpp
    "shell": "basic_allocator",
    "allocators": "pool lockfree_pool lockfree_buckets remote_inbox arena stack buddy slab heap slab_cache "
                  "size_classes",
    "compose": "fallback size_router growing reclaiming certified deferred per_core_pool",
    "typed": "typed unique_ptr object_pool slab_provider",
    "everything": "acre",
}
RANK = {"detail": 0, **{row: rank for rank, row in enumerate(ROWS, 1)}}
ROW_OF = {name: row for row, names in ROWS.items() for name in names.split()}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LANGUAGE_HEADERS = {"stddef.h", "stdint.h"}

SPDX = "SPDX-License-Identifier: MIT"
SPDX_SUFFIXES = support.CXX_SUFFIXES | {
    ".ld", ".py", ".sh", ".cmake", "CMakeLists.txt", "Kconfig", ".clang-format", ".clang-tidy", "acre",
}

CONFIG_FILES = {"core/include/acre/config.hpp", "core/include/acre/detail/abi.hpp",
                "core/default/acre/autoconf.h"}


def row_of(name):
    """The row of <acre/NAME>, or None where no row has been chosen."""
    if name.startswith("detail/"):
        return "detail"
    if name.startswith("engine/"):
        return "engine"
    return ROW_OF.get(name.removesuffix(".hpp"))


def includes(path):
    for number, line in enumerate(support.without_comments(path.read_text()).splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def core_layers(root):
    """core includes <stddef.h>, <stdint.h> and its own rows, downwards only."""
    found = []
    for path in support.files(root, ["core/include", "core/src"]):
        place = path.relative_to(root)
        if place.parts[1] == "src":
            row = "engine"
        else:
            row = row_of("/".join(place.parts[3:]))
        if row is None:
            found.append(f"{place}: is in no row: choose one in tests/rules/sources.py")
            continue
        for number, kind, name in includes(path):
            if kind == "<" and (name in LANGUAGE_HEADERS or name == "acre/autoconf.h"):
                continue
            target = row_of(name.removeprefix("acre/")) if name.startswith("acre/") else None
            if kind == '"' or target is None:
                found.append(f"{place}:{number}: core may not include {name}")
            elif RANK[target] > RANK[row]:
                found.append(f"{place}:{number}: {row} includes {name}, which is in {target}")
    return found


def outer_layers(root):
    """platform knows the terms of core at most; port knows core, but no platform."""
    found = []
    for path in support.files(root, ["platform", "port"]):
        place = path.relative_to(root)
        for number, _, name in includes(path):
            if not name.startswith("acre/"):
                continue
            inside = name.removeprefix("acre/")
            own = inside.startswith(place.parts[0] + "/")
            if place.parts[0] == "platform" and not own and row_of(inside) != "terms":
                found.append(f"{place}:{number}: platform may not include {name}")
            if place.parts[0] == "port" and inside.startswith("platform/"):
                found.append(f"{place}:{number}: port may not include {name}")
    return found


def config_symbols(root):
    """C++ sees CONFIG_ macros in config.hpp and detail/abi.hpp only."""
    found = []
    for path in support.files(root):
        place = path.relative_to(root)
        if str(place) in CONFIG_FILES:
            continue
        for number, line in enumerate(support.without_comments(path.read_text()).splitlines(), 1):
            if re.search(r"\bCONFIG_[A-Z]", line):
                found.append(f"{place}:{number}: {line.strip()}")
    return found


def abi_namespace(root):
    """core and port are in the inline namespace of detail/abi.hpp, whose name is a macro: in a header that
    does not include it, it would be a namespace called ACRE_ABI, and nothing would tell."""
    found = []
    for path in support.files(root, ["core/include", "core/src", "port"]):
        text = support.without_comments(path.read_text())
        opened = re.findall(r"^namespace (acre\b.*?) \{", text, re.MULTILINE)
        for name in opened:
            if not name.startswith("acre::inline ACRE_ABI"):
                found.append(f"{path.relative_to(root)}: {name} is not acre::inline ACRE_ABI")
        if opened and path.suffix == ".hpp" and "acre/detail/abi.hpp" not in [name for _, _, name in includes(path)]:
            found.append(f"{path.relative_to(root)}: does not include <acre/detail/abi.hpp>")
    return found


def abi_version(root):
    """The number in the namespace is the first of the project's version."""
    project = re.search(r"project\(acre VERSION (\d+)", (root / "CMakeLists.txt").read_text())
    name = re.search(r"v(\d+)##", (root / "core/include/acre/detail/abi.hpp").read_text())
    if project.group(1) == name.group(1):
        return []
    return [f"CMakeLists.txt says {project.group(1)}, detail/abi.hpp v{name.group(1)}"]


def licence_lines(root):
    """Each source says its licence in its first three lines."""
    return [str(path.relative_to(root)) for path in support.files(root, suffixes=SPDX_SUFFIXES)
            if SPDX not in "\n".join(path.read_text().splitlines()[:3])]


def language(root):
    """core has no virtual function, exception, RTTI or thread-local variable."""
    words = re.compile(r"\b(virtual|throw|try|catch|dynamic_cast|typeid|thread_local)\b")
    found = []
    for path in support.files(root, ["core/include", "core/src"]):
        for number, line in enumerate(support.without_comments(path.read_text()).splitlines(), 1):
            bad = words.search(re.sub(r'"(\\.|[^"\\])*"', '""', line))
            if bad:
                found.append(f"{path.relative_to(root)}:{number}: {bad.group()}")
    return found


def pragma_once(root):
    """Headers are protected in one way, and not found under a wrong root by chance."""
    return [str(path.relative_to(root)) for path in support.files(root, suffixes={".hpp", ".h"})
            if "#pragma once" not in path.read_text()]


HEAD = f"// {SPDX}\n#pragma once\n"
PLANTED = [
    # rule, file, text, what the violation must mention
    (core_layers, "core/include/acre/engine/x.hpp", "#include <acre/pool.hpp>", "engine includes"),
    (core_layers, "core/include/acre/detail/x.hpp", "#include <acre/status.hpp>", "detail includes"),
    (core_layers, "core/include/acre/pool.hpp", "#include <acre/typed.hpp>", "in typed"),
    (core_layers, "core/include/acre/pool.hpp", "#include <cstddef>", "may not include cstddef"),
    (core_layers, "core/include/acre/pool.hpp", "# include <string.h>", "may not include string.h"),
    (core_layers, "core/src/pool.cpp", "#include <acre/platform/irq.hpp>", "may not include"),
    (core_layers, "core/src/pool.cpp", "#include <acre/port/mmap.hpp>", "may not include"),
    (core_layers, "core/src/pool.cpp", '#include "pool.hpp"', "may not include"),
    (core_layers, "core/src/pool.cpp", "#include <acre/basic_allocator.hpp>", "in shell"),
    (core_layers, "core/include/acre/surprise.hpp", "", "in no row"),
    (outer_layers, "platform/host/x.cpp", "#include <acre/pool.hpp>", "platform may not"),
    (outer_layers, "port/include/acre/port/x.hpp", "#include <acre/platform/irq.hpp>", "port may not"),
    (config_symbols, "core/src/pool.cpp", "#ifdef CONFIG_ACRE_POOL\n#endif", "CONFIG_ACRE_POOL"),
    (config_symbols, "tests/unit/x.cpp", "int x = CONFIG_ACRE_SLAB_BYTES;", "CONFIG_ACRE_SLAB"),
    (abi_namespace, "core/src/pool.cpp", "namespace acre {\n}", "acre is not"),
    (abi_namespace, "port/src/x.cpp", "namespace acre::port {\n}", "acre::port is not"),
    (abi_namespace, "port/include/acre/port/x.hpp", "namespace acre::inline ACRE_ABI::port {\n}", "does not include"),
    (language, "core/src/pool.cpp", "struct a { virtual void f(); };", "virtual"),
    (language, "core/src/pool.cpp", "void f() { throw 1; }", "throw"),
]


class Sources(unittest.TestCase):
    """One test a rule, made below."""


class Planted(unittest.TestCase):
    def test_a_file_without_licence_is_found(self):
        for name in ("core/src/x.cpp", "tools/x.py", "boards/x/link.ld", "port/CMakeLists.txt"):
            with tempfile.TemporaryDirectory() as root:
                support.plant(root, name, "\n\n\n\n" + SPDX)
                self.assertEqual(licence_lines(support.pathlib.Path(root)), [name])

    def test_a_header_without_pragma_once_is_found(self):
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, "core/include/acre/x.hpp", "")
            self.assertEqual(pragma_once(support.pathlib.Path(root)), ["core/include/acre/x.hpp"])

    def test_comments_and_strings_are_no_violations(self):
        text = HEAD + '// virtual throw CONFIG_ACRE_X #include <cstddef>\n/* try\n#include <new>\n*/\n'
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, "core/include/acre/pool.hpp", text + 'const char* t = "catch it";\n')
            for rule in (core_layers, config_symbols, language, licence_lines, pragma_once):
                self.assertEqual(rule(support.pathlib.Path(root)), [])

    def test_another_version_is_found(self):
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, "CMakeLists.txt", "project(acre VERSION 1.0.0)")
            support.plant(root, "core/include/acre/detail/abi.hpp", "v0##pool")
            self.assertEqual(len(abi_version(support.pathlib.Path(root))), 1)

    def test_a_directory_that_is_generated_is_not_searched(self):
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, "build/x.cpp", "int x = CONFIG_ACRE_POOL;")
            self.assertEqual(config_symbols(support.pathlib.Path(root)), [])

    def test_rules_see_the_project(self):
        self.assertGreater(len(list(support.files(support.ROOT, ["core/include"]))), 20)
        self.assertGreater(len(list(support.files(support.ROOT, ["platform"]))), 10)


def keeps(rule):
    def test(self):
        found = rule(support.ROOT)
        self.assertFalse(found, "\n".join([rule.__doc__, *found]))

    return test


def finds(rule, name, text, mention):
    def test(self):
        with tempfile.TemporaryDirectory() as root:
            support.plant(root, name, HEAD + text + "\n")
            found = rule(support.pathlib.Path(root))
            self.assertEqual(len(found), 1, found)
            self.assertIn(mention, found[0])

    return test


for rule in (core_layers, outer_layers, config_symbols, abi_namespace, abi_version, licence_lines, language,
             pragma_once):
    setattr(Sources, f"test_{rule.__name__}", keeps(rule))
for index, (rule, *planted) in enumerate(PLANTED):
    setattr(Planted, f"test_{rule.__name__}_planted_{index}", finds(rule, *planted))

if __name__ == "__main__":
    support.run("sources")
