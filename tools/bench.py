#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the benchmarks of host_bench and prints how acre compares with malloc and std::pmr.

  tools/bench.py [micro] [--quick] [--filter REGEX] [--json FILE]
  tools/bench.py containers [--quick] [--filter REGEX] [--json FILE]
  tools/bench.py threads [--quick]
  tools/bench.py os_memory
  tools/bench.py instructions

micro, containers: all allocators run in one process, interleaved at random and repeated, so that a slow
moment of the machine meets them all; medians are compared. Ratios are to malloc, or to std::allocator, in
the same run: 0.50 is half its time. threads: calls in one thread, packets from one to another, memory, single
calls. os_memory: what options of the operating system's memory cost. instructions: those of single calls, by
Valgrind: the same in every run.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

from measure import ROOT, table_text

BUILD = ROOT / "build" / "bench"


class Suite:
    """A program whose benchmarks are called pattern/allocator/number, and how its table is read."""

    def __init__(self, patterns, reference, unit, text):
        self.patterns, self.reference, self.unit, self.text = patterns, reference, unit, text


SUITES = {
    "micro": Suite(("pairs", "lifo", "fifo", "random", "reset"), "malloc", " B", """\
Nanoseconds to take and give back one block, median; ratio: to malloc in this run.
pairs: one block at a time; lifo, fifo, random: 256 blocks, then all back in that order;
reset: 256 blocks, then all back at once (malloc: one by one)."""),
    "containers": Suite(("vector", "list", "queue", "map", "timers", "hash"), "std::allocator", "", """\
Nanoseconds an element of 8 bytes, median, by the number of elements; ratio: to std::allocator in this run.
vector: push_back without reserve, list: push_back, both from empty to destroyed; queue: a list, push_back
and pop_front; map, hash (unordered_map): keys in random order, then erased in another; timers: a map, a key
at the end, and the first one goes."""),
}
TABLE_PROGRAMS = ("threads", "os_memory")  # which print their own
CALLS = 10_000  # as in instructions.cpp


def build(suite):
    """Configures and compiles, with a line a step; returns the program."""
    steps = (
        ("configure", ["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                       "-DACRE_BUILD_BENCH=ON", "-DACRE_BUILD_TESTS=OFF",
                       "-DACRE_BUILD_EXAMPLES=OFF"]),
        ("build", ["cmake", "--build", BUILD, "--target", f"acre_{suite}_bench"]),
    )
    for name, command in steps:
        begin = time.monotonic()
        print(f"  {name:<12}", end="", flush=True)
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"failed\n{result.stdout}{result.stderr}")
        print(f"{time.monotonic() - begin:6.1f} s", flush=True)
    return BUILD / "host_bench" / f"acre_{suite}_bench"


def listed(program, pattern):
    command = [program, "--benchmark_list_tests=true"]
    if pattern:
        command.append(f"--benchmark_filter={pattern}")
    return [line for line in subprocess.run(command, capture_output=True, text=True,
                                            check=True).stdout.splitlines() if line.count("/") == 2]


def execute(program, arguments, raw):
    """Runs the program and shows how long it has run; returns the benchmarks in their order."""
    names = listed(program, arguments.filter)
    count = len(names)
    if count == 0:
        sys.exit(f"no benchmark matches {arguments.filter}")
    repetitions, seconds = (3, 0.01) if arguments.quick else (7, 0.03)
    command = [str(program), f"--benchmark_out={raw}", "--benchmark_out_format=json",
               f"--benchmark_repetitions={repetitions}", f"--benchmark_min_time={seconds}",
               "--benchmark_enable_random_interleaving=true",
               "--benchmark_report_aggregates_only=false"]
    if arguments.filter:
        command.append(f"--benchmark_filter={arguments.filter}")
    begin, next_line = time.monotonic(), 20
    expected = count * repetitions * seconds * 2.5  # every benchmark is tried out first
    log = raw.with_suffix(".log")
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        while True:
            try:
                process.wait(timeout=1)
                break
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - begin
                if sys.stdout.isatty():
                    print(f"\r\033[K  run {elapsed:.0f} s of about {expected:.0f} s: {count} "
                          f"benchmarks, {repetitions} times each", end="", flush=True)
                elif elapsed >= next_line:
                    next_line += 20
                    print(f"  run {elapsed:.0f} s of about {expected:.0f} s", flush=True)
    if process.returncode != 0:
        sys.exit(f"\nthe benchmarks failed; see {log}\n{log.read_text()[-2000:]}")
    print("\r\033[K" if sys.stdout.isatty() else "", end="")
    print(f"  run         {time.monotonic() - begin:6.1f} s   {count} benchmarks, {repetitions} times "
          "each, interleaved", flush=True)
    return names


def medians(raw, names):
    """{(pattern, allocator, bytes): (nanoseconds a block, relative spread)}, in the order of names."""
    found = {}
    report = json.loads(raw.read_text())
    for entry in report["benchmarks"]:
        if entry.get("run_type") != "aggregate" or entry["aggregate_name"] not in ("median", "cv"):
            continue
        pattern, allocator, size = entry["run_name"].split("/")
        key = (pattern, allocator, int(size))
        value = entry["items_per_second"]
        median, spread = found.get(key, (None, None))
        if entry["aggregate_name"] == "median":
            median = 1e9 / value
        else:
            spread = value
        found[key] = (median, spread)
    order = {name: position for position, name in enumerate(names)}
    return report["context"], dict(sorted(
        found.items(), key=lambda item: order["/".join(str(part) for part in item[0])]))


def show(suite, found):
    for pattern in suite.patterns:
        sizes = sorted({size for p, _, size in found if p == pattern})
        allocators = list(dict.fromkeys(name for p, name, _ in found if p == pattern))
        rows = []
        for allocator in allocators:
            cells = [allocator]
            for size in sizes:
                value = found.get((pattern, allocator, size), (None, None))[0]
                reference = found.get((pattern, suite.reference, size), (None, None))[0]
                cells.append("" if value is None else f"{value:.2f}")
                cells.append("" if value is None or reference is None else f"{value / reference:.2f}")
            rows.append(cells)
        if rows:
            header = [pattern] + [cell for size in sizes for cell in (f"{size}{suite.unit}", "ratio")]
            print("\n" + table_text(header, rows))


def instructions(program):
    """The table of instructions.cpp."""
    if shutil.which("valgrind") is None:
        sys.exit("instructions are counted by Valgrind, which is not installed")
    calls = (("allocate", "take"), ("deallocate", "give"), ("of another thread's", "remote_give"))
    rows = []
    for subject in subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines():
        cells = [subject]
        for _, function in calls:
            report = subprocess.run(
                ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                 f"--toggle-collect=*::measured_{function}<*", program, subject],
                capture_output=True, text=True, check=True).stderr
            cells.append(f"{int(re.search(r'Collected : ([0-9]+)', report).group(1)) / CALLS:.1f}")
        rows.append(cells)
    print("\nInstructions of a call, 64 B, in the mean of", CALLS)
    print(table_text(["", *(name for name, _ in calls)], rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="?", choices=[*SUITES, *TABLE_PROGRAMS, "instructions"], default="micro")
    parser.add_argument("--quick", action="store_true", help="3 repetitions instead of 7, shorter")
    parser.add_argument("--filter", metavar="REGEX", help="only the benchmarks that match")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="where the figures go (default: build/bench/SUITE.json)")
    arguments = parser.parse_args()
    if arguments.suite not in SUITES and (arguments.filter or arguments.json):
        parser.error(f"{arguments.suite} prints one table: it has no --filter and no --json")
    if arguments.suite in ("os_memory", "instructions") and arguments.quick:
        parser.error(f"{arguments.suite} takes a few seconds: it has no --quick")

    print("bench: acre against what this machine's libraries have")
    program = build(arguments.suite)
    if arguments.suite in TABLE_PROGRAMS:
        sys.exit(subprocess.run([program] + ["--quick"] * arguments.quick, check=False).returncode)
    if arguments.suite == "instructions":
        instructions(program)
        return
    suite = SUITES[arguments.suite]
    file = arguments.json or BUILD / f"{arguments.suite}.json"
    raw = BUILD / f"{arguments.suite}-raw.json"
    context, found = medians(raw, execute(program, arguments, raw))

    print(f"\n{suite.text}")
    show(suite, found)
    spreads = sorted(spread for _, spread in found.values() if spread is not None)
    if spreads:
        print(f"\nSpread between repetitions (standard deviation / mean): median "
              f"{spreads[len(spreads) // 2]:.0%}, worst {spreads[-1]:.0%}.")
        if spreads[len(spreads) // 2] > 0.10:
            print("This machine was busy: run it again on a quiet one before you believe a ratio.")
    figures = [{"pattern": p, "allocator": a, "bytes" if suite.unit else "elements": s,
                "nanoseconds": v[0], "spread": v[1],
                "ratio": (v[0] / found[(p, suite.reference, s)][0]
                          if (p, suite.reference, s) in found else None)}
               for (p, a, s), v in found.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"context": context, "ratio_to": suite.reference, "figures": figures}, indent=1) + "\n")
    print(f"\nFigures: {file}\nAll repetitions: {raw}")


if __name__ == "__main__":
    main()
