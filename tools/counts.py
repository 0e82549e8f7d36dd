#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the instructions of each allocator's calls, exactly, under QEMU.

  tools/counts.py                     the table for Cortex-M3 at -O2
  tools/counts.py --markdown          also for M0 and RV32; writes docs/instructions.md
  tools/counts.py --cross-check       compares the counter with a trace of every instruction

A count is every instruction of the callee through its return: an empty function is 1.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import (LEVELS, ROOT, TARGETS, Progress, compile_object, parallel, run, table_markdown,
                     table_text, write_autoconf)

# Nanoseconds an instruction takes, as a power of two, and picoseconds a tick of the meter's timer:
# an instruction is 4.1, 6.4 or 1 ticks. Then the bytes of the region, and the steps of the steady state.
METERS = {
    "m0": (8, 62500, 4096, 20000),
    "m3": (8, 40000, 65536, 60000),
    "rv32": (0, 1000, 65536, 60000),
}
VARIANTS = {"bits": (), "bytes": (("POOL_STATE_BITS", None), ("POOL_STATE_BYTES", 1))}


def build(target, optimise, variant, directory, trace=False):
    """Links the counting firmware; returns the path of the image."""
    autoconf = write_autoconf(directory / f"config-{variant}", VARIANTS[variant])
    shift, tick_ps, region, steps = METERS[target.name]
    defines = [f"ACRE_COUNTS_SHIFT={shift}", f"ACRE_COUNTS_TICK_PS={tick_ps}",
               f"ACRE_COUNTS_REGION={region}", f"ACRE_COUNTS_STEPS={steps}"]
    if trace:
        defines.append("ACRE_COUNTS_TRACE")
    out = directory / f"{target.name}-{variant}{'-trace' if trace else ''}"
    sources = (sorted((ROOT / "core/src").glob("*.cpp")) + target.platform_sources()
               + sorted((ROOT / "tools/counts").glob("*.cpp")))
    objects = [compile_object(target, s, out / f"{s.parent.name}-{s.stem}.o", optimise, autoconf,
                              defines) for s in sources]
    image = out / "counts.elf"
    run([target.tool("g++"), *target.cpu_flags, *target.link_flags(2048, 16), *objects, "-lgcc",
         "-o", image])
    return image


def qemu_command(target, image, extra=()):
    return [*target.board["qemu"], "-display", "none", "-monitor", "none", "-serial", "none",
            "-semihosting-config", "enable=on,target=native",
            "-icount", f"shift={METERS[target.name][0]},sleep=off", *extra, "-kernel", str(image)]


def execute(target, image, timeout=900):
    """The lines that the firmware prints."""
    result = subprocess.run(qemu_command(target, image), stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=timeout)
    lines = (result.stdout + result.stderr).splitlines()
    if result.returncode != 0 or "end|ok" not in lines:
        raise RuntimeError(f"{image}: exit {result.returncode}\n" + "\n".join(lines[-10:]))
    return lines


class Counts:
    """All scenarios of one operation of one allocator."""

    def __init__(self):
        self.calls = self.least = self.worst = 0
        self.worst_scenario = ""
        self.scenarios = {}

    def add(self, scenario, calls, least, most, total):
        self.least = least if self.calls == 0 else min(self.least, least)
        if most > self.worst:
            self.worst, self.worst_scenario = most, scenario
        self.calls += calls
        before = self.scenarios.get(scenario, (0, 0, 0))
        self.scenarios[scenario] = (before[0] + calls, max(before[1], most), before[2] + total)

    @property
    def mean(self):
        if "steady" not in self.scenarios:
            return None
        calls, _, total = self.scenarios["steady"]
        return total / calls


def measure(target, variant, optimise, directory):
    """{(allocator, level, operation): Counts} of one variant of the firmware."""
    found = {}
    for line in execute(target, build(target, optimise, variant, directory)):
        if line.startswith("count|"):
            _, name, level, operation, scenario, *values = line.split("|")
            found.setdefault((name, level, operation), Counts()).add(
                scenario, *(int(value) for value in values))
    return found


def in_order(parts):
    """The variants of one target in one dictionary: allocator by allocator, then by level."""
    merged = {key: counts for part in parts for key, counts in part.items()}
    names = list(dict.fromkeys(key[0].split(",")[0] for key in merged))
    return dict(sorted(merged.items(), key=lambda item: (
        names.index(item[0][0].split(",")[0]), LEVELS.index(item[0][1]))))


def rows_of(found, levels=LEVELS):
    rows = []
    for (name, level, operation), c in found.items():
        if level in levels:
            mean = "" if c.mean is None else f"{c.mean:.1f}"
            rows.append([name, level, operation, c.least, mean, c.worst, c.worst_scenario])
    return rows


HEADER = ["allocator", "checks", "call", "least", "mean", "worst", "worst in"]

# What the project promises for Cortex-M3 at -O2: a row's title, what is measured, its level and calls,
# and the bounds of the two.
CALLS = ("allocate", "deallocate")
SLABS = ("allocate + slab", "deallocate + slab")
SLAB_NAMES = ("slab 512 B", "slab 512 B, fixed size", "slab 4 KiB")
BUDDY_NAMES = ("buddy<16>", "buddy<16>, unaligned")
GOALS = (
    ("pool, none", ("pool<32>", "pool<40>"), "none", CALLS, 8, 7),
    ("pool, basic", ("pool<32>, bits", "pool<40>, bits"), "basic", CALLS, 16, 16),
    ("pool, basic", ("pool<32>, bytes", "pool<40>, bytes"), "basic", CALLS, 16, 16),
    ("slab, none", SLAB_NAMES, "none", CALLS, 40, 40),
    ("slab, basic", SLAB_NAMES, "basic", CALLS, 40, 40),
    ("+ slab, none", SLAB_NAMES, "none", SLABS, 40, 40),
    ("+ slab, basic", SLAB_NAMES, "basic", SLABS, 40, 40),
    ("buddy, none", BUDDY_NAMES, "none", CALLS, 150, 150),
    ("buddy, basic", BUDDY_NAMES, "basic", CALLS, 150, 150),
)


def goal_rows(found):
    rows = []
    for title, names, level, operations, *bounds in GOALS:
        for name in names:
            cells = []
            for operation, bound in zip(operations, bounds):
                c = found.get((name, level, operation))
                if c is None:
                    break
                mean = "" if c.mean is None else f"{c.mean:.1f}"
                cells += [c.least, mean, c.worst, f"{bound}{'' if c.worst <= bound else ' missed'}"]
            if len(cells) == 8:
                rows.append([title, name, *cells])
    return rows


GOAL_HEADER = ["what", "measured", "allocate: least", "mean", "worst", "goal",
               "deallocate: least", "mean", "worst", "goal"]


def as_json(results, optimise):
    return {
        "optimise": optimise,
        "targets": {
            name: {
                "compiler": TARGETS[name].compiler_version(),
                "region_bytes": METERS[name][2],
                "counts": [
                    {"allocator": key[0], "checks": key[1], "call": key[2], "least": c.least,
                     "mean": c.mean, "worst": c.worst, "worst_in": c.worst_scenario,
                     "calls": c.calls,
                     "scenarios": {s: {"calls": v[0], "worst": v[1], "mean": v[2] / v[0]}
                                   for s, v in c.scenarios.items()}}
                    for key, c in found.items()],
            } for name, found in results.items()
        },
    }


INTRODUCTION = """\
<!-- Written by tools/counts.py --markdown. Do not edit. -->
# Instructions of each call

How many instructions `allocate`, `deallocate` and `init` execute, counted exactly: every instruction
of the callee through its return, so that an empty function is 1. The calls are out of line and take
the allocator as an argument. No lock, no observer.

* **least** is the shortest call seen, **mean** is over a steady state (up to half of the region live,
  at random, smaller sizes more often), **worst** is the longest call of all scenarios, and the last
  column names the scenario that had it first.
* Worst cases are hunted, not proved: fresh, full, emptied in order and at random, one block in an
  empty heap, one hole at every place of a full heap, everything merged by the last free, waves of all
  sizes. The scenarios are in `tools/counts/counts.cpp`.
* **allocate + slab** and **deallocate + slab** are the calls that take a slab for a size class, or give
  one back because its last block was freed; **exhausted** is an allocate that answers null.
* **unaligned**: the region begins 16 bytes behind a multiple of its size, so that buddy's tree is one
  level deeper. **fixed size**: the size is a constant that the compiler sees.
* Instructions are not cycles: QEMU has no wait states and no pipeline.

Method: QEMU with `-icount` advances a timer by a fixed time for each instruction; the timer is read
from assembly directly before and after the call, at a rate where rounding is exact. `tools/counts.py
--cross-check` compares the counter, call by call, with a trace of every single instruction. Compiled
with `{optimise}`, no link-time optimisation.

"""

REFRESH = "To measure again: `tools/counts.py --markdown`.\n"


def markdown(results, optimise):
    text = INTRODUCTION.format(optimise=optimise)
    if "m3" in results:
        text += "## Goals, Cortex-M3\n\n"
        text += table_markdown(GOAL_HEADER, goal_rows(results["m3"]), left=2) + "\n\n"
    for name, found in results.items():
        target = TARGETS[name]
        text += f"## {target.title}\n\n"
        text += (f"{target.compiler_version()}; `{' '.join(target.cpu_flags)}`; a region of "
                 f"{METERS[name][2] // 1024} KiB.\n\n")
        text += table_markdown(HEADER, rows_of(found), left=3) + "\n\n"
    return text + REFRESH


def cross_check(target, optimise, directory):
    """Compares the meter with QEMU's trace of single instructions; returns the number of calls."""
    calls = 0
    for variant in VARIANTS:
        image = build(target, optimise, variant, directory, trace=True)
        metered = [int(line[5:]) for line in execute(target, image) if line.startswith("call|")]
        symbols = run([target.tool("nm"), image])
        address = next(int(line.split()[0], 16) for line in symbols.splitlines()
                       if line.endswith(" acre_counts_call"))
        behind = address + (2 if target.name != "rv32" else 4)
        traced, inside = [], None
        # The trace goes through a pipe: it has a line for each instruction of the whole run.
        with tempfile.TemporaryDirectory() as scratch:
            fifo = pathlib.Path(scratch) / "trace"
            os.mkfifo(fifo)
            command = qemu_command(target, image, ["-singlestep", "-d", "exec,nochain", "-D", fifo])
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            with open(fifo, encoding="ascii", errors="replace") as trace:
                for line in trace:
                    if line.startswith("Stopped execution of TB chain before"):
                        inside = None if inside is None else inside - 1  # it is logged again
                    if not line.startswith("Trace "):
                        continue
                    # Trace 0: 0x7f1d900023c0 [00800400/00001c84/00000110/ff020201] symbol
                    pc = int(line.split("/", 2)[1], 16)
                    if pc == address:
                        inside = 0
                    elif pc == behind and inside is not None:
                        traced.append(inside)
                        inside = None
                    elif inside is not None:
                        inside += 1
            process.wait(timeout=60)
        # The meter's own two calls of an empty function, at the start, print nothing.
        if traced[:2] != [1, 1] or traced[2:] != metered:
            wrong = [i for i, pair in enumerate(zip(traced[2:], metered)) if pair[0] != pair[1]]
            raise RuntimeError(
                f"{target.title}: the meter and the trace differ: {len(traced) - 2} calls traced, "
                f"{len(metered)} metered, {len(wrong)} differ: "
                + ", ".join(f"call {i} {traced[i + 2]}, not {metered[i]}" for i in wrong[:5]))
        calls += len(metered)
    return calls


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=TARGETS, action="append",
                        help="default: m3; with --markdown or --cross-check all")
    parser.add_argument("--optimise", default="-O2", metavar="FLAG")
    parser.add_argument("--checks", choices=LEVELS, action="append", help="only these levels")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="write all figures, each scenario's as well")
    parser.add_argument("--markdown", action="store_true", help="write docs/instructions.md")
    parser.add_argument("--cross-check", action="store_true", help="compare with a full trace")
    parser.add_argument("--directory", type=pathlib.Path, default=ROOT / "build" / "counts",
                        help="where to build (default: build/counts)")
    arguments = parser.parse_args()

    everything = arguments.markdown or arguments.cross_check
    names = arguments.target or (list(TARGETS) if everything else ["m3"])
    if arguments.markdown and "m3" in TARGETS and arguments.target is None:
        names = ["m3", "m0", "rv32"]
    for name in names:
        TARGETS[name].require_compiler()
        if shutil.which(TARGETS[name].board["qemu"][0]) is None:
            sys.exit(f"{TARGETS[name].board['qemu'][0]} is not installed; on Debian: "
                     "apt-get install qemu-system-arm qemu-system-misc")

    if arguments.cross_check:
        progress = Progress("cross-checking", len(names))
        calls = parallel(lambda n: cross_check(TARGETS[n], arguments.optimise, arguments.directory),
                         names, progress)
        progress.end()
        for name, count in zip(names, calls):
            print(f"{TARGETS[name].title}: {count} calls, the meter and the trace agree on each")
        return

    jobs = [(name, variant) for name in names for variant in VARIANTS]
    progress = Progress("counting", len(jobs))
    parts = parallel(lambda job: measure(TARGETS[job[0]], job[1], arguments.optimise,
                                         arguments.directory), jobs, progress)
    progress.end()
    results = {name: in_order([part for (n, _), part in zip(jobs, parts) if n == name])
               for name in names}

    for name, found in results.items():
        print(f"\n{TARGETS[name].title}, {arguments.optimise}, {TARGETS[name].compiler_version()}")
        print(table_text(HEADER, rows_of(found, arguments.checks or LEVELS), left=3))
    if "m3" in results:
        print("\nGoals, Cortex-M3")
        print(table_text(GOAL_HEADER, goal_rows(results["m3"]), left=2))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(as_json(results, arguments.optimise), indent=1) + "\n")
        print(f"\nwritten: {arguments.json}")
    if arguments.markdown:
        file = ROOT / "docs" / "instructions.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(markdown(results, arguments.optimise))
        print(f"\nwritten: {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
