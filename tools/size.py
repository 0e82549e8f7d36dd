#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Flash and RAM of each allocator at each check level, measured by linking.

  tools/size.py                 print the table
  tools/size.py --markdown      write docs/size.md
  tools/size.py --check         exit 1 if docs/size.md is stale; skipped where other compilers wrote it

Each probe (tools/size/probes) is a firmware that initialises one allocator, allocates and
deallocates; a firmware with the same startup that does nothing is subtracted.
"""

import argparse
import difflib
import json
import pathlib
import sys
import tempfile

import measure as measuring
from measure import (LEVELS, ROOT, Progress, compile_object, parallel, run, table_markdown,
                     table_text, write_autoconf)

# Code for a Cortex-M33 differs from that for a Cortex-M3 by a few bytes, which no column is worth.
TARGETS = {name: target for name, target in measuring.TARGETS.items() if name != "m33"}
DOCUMENT = ROOT / "docs" / "size.md"
OPTIMISE = "-Os"
BYTES = (("POOL_STATE_BITS", None), ("POOL_STATE_BYTES", 1))

# A probe, how it is named in the table, the levels at which it differs, its configuration.
PROBES = (
    ("pool", "pool<32>", LEVELS, ()),
    ("pool", "pool<32>, a byte a block", ("basic", "full"), BYTES),
    ("two_pools", "pool<32> and pool<40>", LEVELS, ()),
    ("lockfree_pool", "lockfree_pool<32>", LEVELS, ()),
    ("arena", "arena<>", LEVELS, ()),
    ("stack", "stack<>", LEVELS, ()),
    ("buddy", "buddy<16>", LEVELS, ()),
    ("slab", "slab, 8 size classes", LEVELS, ()),
    ("heap", "heap<65536>", LEVELS, ()),
    ("object_pool", "object_pool<T>", LEVELS, ()),
    ("slab_cache", "slab_cache<T>", LEVELS, ()),
    ("slab_provider", "slab_provider<T>", LEVELS, ()),
)

# The C API has one check level, the configuration's: kind, how it is named in the table.
C_PROBES = (("pool", "acre_pool"), ("lockfree_pool", "acre_lockfree_pool"), ("arena", "acre_arena"),
            ("stack", "acre_stack"), ("buddy", "acre_buddy"), ("slab", "acre_slab, 8 size classes"),
            ("heap", "acre_heap"))
C_LEVELS = {"none": (("CHECK_BASIC", None), ("CHECK_NONE", 1)), "basic": ()}

# What the project promises for Cortex-M3: flash of a program that has nothing but a pool, and RAM
# of the pool's control block.
GOALS = (("pool<32>", "none", "flash", 160), ("pool<32>", "basic", "flash", 320),
         ("pool<32>", "none", "control", 16), ("pool<32>", "basic", "control", 16),
         ("heap<65536>", "none", "control", 300), ("heap<65536>", "basic", "control", 300))


def sections(target, image):
    """(flash, ram) of an image: the region, the stack and notes are in neither."""
    sizes = {}
    for line in run([target.tool("size"), "-A", image]).splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[0].startswith("."):
            sizes[fields[0]] = int(fields[1])
    data = sizes.get(".data", 0)
    return sizes[".text"] + data, data + sizes.get(".bss", 0)


def control_block(target, image):
    """Bytes of the allocator object."""
    for line in run([target.tool("nm"), "-S", "-C", image]).splitlines():
        fields = line.split(maxsplit=3)
        if len(fields) == 4 and (fields[3] == "allocator" or fields[3].endswith("::slab_")):
            return int(fields[1], 16)
    raise RuntimeError(f"{image}: no allocator object found")


def configured(name, changes):
    """A name for what is built with `changes`: () or BYTES."""
    return f"{name}-bytes" if changes else name


class Builder:
    def __init__(self, directory):
        self.directory = directory
        self.common = {}

    def build_common(self, job):
        target, changes, source = job
        output = self.directory / target.name / configured("lib", changes) / f"{source.parent.name}-{source.stem}.o"
        autoconf = self.directory / configured("config", changes)
        return (target.name, changes), compile_object(target, source, output, OPTIMISE, autoconf)

    def link(self, target, probe, level, changes):
        name = configured(f"{probe}-{level}", changes)
        out = self.directory / target.name
        probe_object = compile_object(target, ROOT / "tools/size/probes" / f"{probe}.cpp",
                                      out / f"{name}.o", OPTIMISE,
                                      self.directory / configured("config", changes),
                                      [f"ACRE_SIZE_LEVEL={level}"])
        return self.link_image(target, [probe_object], changes, out / f"{name}.elf")

    def link_c(self, target, kind, level):
        """An image, and an object file with the control block."""
        out = self.directory / target.name / f"c-{kind}-{level}"
        autoconf = self.directory / f"config-c-{level}"
        source = ROOT / "port/src" / f"c_{kind}.cpp"
        defines = [f"ACRE_SIZE_LEVEL={level}", f"ACRE_SIZE_KIND=acre_{kind}",
                   f'ACRE_SIZE_SOURCE="{source}"']
        objects = [compile_object(target, file, out / f"{file.stem}.o", OPTIMISE, autoconf, defines)
                   for file in (ROOT / "tools/size/probes/c_api.cpp", source, ROOT / "port/src/c_terms.cpp")]
        control = compile_object(target, ROOT / "tools/size/probes/c_object.cpp", out / "control.o",
                                 OPTIMISE, autoconf, defines)
        return self.link_image(target, objects, (), out / "image.elf"), control

    def link_image(self, target, objects, changes, image):
        run([target.tool("g++"), *target.cpu_flags, *target.link_flags(1024, 0), *objects,
             *self.common[(target.name, changes)], "-lgcc", "-o", image])
        return image

    def measure(self, job):
        target, row = job
        if row is None:
            return (target.name, None), sections(target, self.link(target, "empty", "none", ()))
        probe, title, level, changes = row
        if changes is None:
            image, control = self.link_c(target, probe, level)
            return (target.name, (title, level)), (*sections(target, image),
                                                   control_block(target, control))
        image = self.link(target, probe, level, changes)
        return (target.name, (title, level)), (*sections(target, image),
                                               control_block(target, image))


def measure(directory, quiet):
    """{target: {(title, level): (flash, ram, control)}}, the empty firmware subtracted."""
    builder = Builder(directory)
    targets = list(TARGETS.values())
    for changes in ((), BYTES):
        write_autoconf(directory / configured("config", changes), changes)
    for level, changes in C_LEVELS.items():
        write_autoconf(directory / f"config-c-{level}", changes)
    library = [(t, changes, s) for t in targets for changes in ((), BYTES)
               for s in sorted((ROOT / "core/src").glob("*.cpp")) + t.platform_sources()]
    rows = [(probe, title, level, changes) for probe, title, levels, changes in PROBES
            for level in levels]
    rows += [(kind, title, level, None) for kind, title in C_PROBES for level in C_LEVELS]
    probes = [(t, row) for t in targets for row in (None, *rows)]
    progress = Progress("measuring sizes: files compiled and linked", len(library) + len(probes),
                        quiet)
    for configuration, output in parallel(builder.build_common, library, progress):
        builder.common.setdefault(configuration, []).append(output)
    raw = dict(parallel(builder.measure, probes, progress))
    progress.end()
    sizes = {}
    for target in targets:
        flash, ram = raw[(target.name, None)]
        sizes[target.name] = {
            (title, level): (v[0] - flash, v[1] - ram, v[2])
            for (name, key), v in raw.items() if name == target.name and key is not None
            for title, level in [key]}
    return sizes


def rows_of(sizes):
    rows = []
    named = [(title, levels) for _, title, levels, _ in PROBES]
    for title, levels in (*named, *((title, C_LEVELS) for _, title in C_PROBES)):
        for level in levels:
            cells = [title, level]
            for target in TARGETS:
                flash, ram, _ = sizes[target][(title, level)]
                cells += [flash, ram]
            rows.append([*cells, sizes["m3"][(title, level)][2]])
    return rows


HEADER = ["allocator", "checks"] + [
    f"{target.title} {what}" for target in TARGETS.values() for what in ("flash", "RAM")] + ["object"]


def goal_rows(sizes):
    rows = []
    for title, level, what, bound in GOALS:
        value = sizes["m3"][(title, level)][{"flash": 0, "control": 2}[what]]
        rows.append([title, level, what, value, f"≤ {bound}", "met" if value <= bound else "missed"])
    return rows


GOAL_HEADER = ["Cortex-M3", "checks", "what", "bytes", "goal", ""]

DOCUMENT_TEXT = """\
<!-- Written by tools/size.py --markdown. Do not edit; a test holds it equal to what the tool finds. -->
# Flash and RAM of each allocator

Bytes that a firmware grows by when it uses one allocator: `init`, `allocate` and `deallocate`, once
each. Measured by linking two programs with the same startup, one that does this and one that does
nothing, and subtracting.

* **flash** is code, constants and the initial values of variables; **RAM** is initialised and zeroed
  variables. The region that the allocator manages is in neither.
* **object** is the (first) allocator object itself, the same on all three CPUs. The 4 bytes of RAM
  beside it are the pointer to the fault hook, once a program. At `basic` and `full` a pool also takes one
  bit a block out of its region (one byte where the table says so); buddy takes 4 bits a smallest
  block; slab a header and a bit an object in each slab.
* Calls of a pool are inlined where they are written, and so cost flash each time; set-up and fault
  report are shared. The row of two pools shows what a second one adds.
* `usage()`, `validate()`, `largest_free()` and `owns()` are not called, so they are not linked.
* The rows of `acre_` are the C API, whose sizes and size classes are arguments at run time: `create`,
  `allocate` and `free`. Their object lies in the region, so that it is not in RAM; a slab allocator's
  tables follow it there. `create` also writes what C++ has as constants.

{table}

## Goals

{goals}

## Method

`{optimise} -ffunction-sections -fdata-sections`, `-Wl,--gc-sections -nostdlib`, libgcc, no link-time
optimisation, no lock, no observer, no fault texts. Sizes of allocations are known at run time only,
types of the typed layers at compile time. The probes are in `tools/size/probes`.

{compilers}

To measure again: `./acre size`; to write this page: `tools/size.py --markdown`.
"""


def compilers():
    return "\n".join(f"* {t.title}: {t.compiler_version()}, `{' '.join(t.cpu_flags)}`"
                     for t in TARGETS.values())


def document(sizes):
    return DOCUMENT_TEXT.format(table=table_markdown(HEADER, rows_of(sizes), left=2),
                                goals=table_markdown(GOAL_HEADER, goal_rows(sizes), left=3),
                                optimise=OPTIMISE, compilers=compilers())


def as_json(sizes):
    return {
        "optimise": OPTIMISE,
        "compilers": {t.name: t.compiler_version() for t in TARGETS.values()},
        "sizes": [{"target": target, "allocator": title, "checks": level, "flash": v[0],
                   "ram": v[1], "object": v[2]}
                  for target, table in sizes.items() for (title, level), v in table.items()],
    }


def check(directory, quiet):
    """Ends with the line of counts that the project's test report reads."""
    missing = [t.tool("g++") for t in TARGETS.values() if not t.has_compiler()]
    if missing:
        print(f"docs/size.md cannot be checked: no {', '.join(dict.fromkeys(missing))} here")
        print("docs/size: 0 passed, 0 failed, 1 skipped")
        return 0
    old = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    if old and compilers() not in old:
        print("docs/size.md was written with other compilers than those here, which are:\n"
              + compilers())
        print("docs/size: 0 passed, 0 failed, 1 skipped")
        return 0
    new = document(measure(directory, quiet))
    if old == new:
        print("docs/size: 1 passed, 0 failed, 0 skipped")
        return 0
    print("docs/size.md is stale:")
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), "docs/size.md",
                                     "what is measured now", lineterm="", n=0):
        print("  " + line)
    print("run tools/size.py --markdown and commit the page")
    print("docs/size: 0 passed, 1 failed, 0 skipped")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--markdown", action="store_true", help="write docs/size.md")
    parser.add_argument("--check", action="store_true",
                        help="print nothing but whether docs/size.md is stale")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIRECTORY",
                        help="build there and leave the images, to look into them")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="acre-size-") as scratch:
        directory = arguments.keep or pathlib.Path(scratch)
        if arguments.check:
            return check(directory, arguments.quiet)
        for target in TARGETS.values():
            target.require_compiler()
        sizes = measure(directory, arguments.quiet)

    print(f"Bytes over an empty firmware, {OPTIMISE}, no link-time optimisation; "
          "object: the allocator itself\n")
    print(table_text(HEADER, rows_of(sizes), left=2))
    print()
    print(table_text(GOAL_HEADER, goal_rows(sizes), left=3))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(as_json(sizes), indent=1) + "\n")
        print(f"\nwritten: {arguments.json}")
    if arguments.markdown:
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(document(sizes))
        print(f"\nwritten: {DOCUMENT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
