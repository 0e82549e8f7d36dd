# SPDX-License-Identifier: MIT
"""What tools/size.py and tools/certify share: the targets, and how firmware is compiled for them
without CMake, so that a measurement depends on nothing but the sources and the compiler."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]
FREESTANDING = [
    "-std=c++20", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
    "-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-fno-common",
    "-ffunction-sections", "-fdata-sections",
]
LEVELS = ("none", "basic", "full")


class Target:
    """A CPU, and the board that stands for it."""

    def __init__(self, name, title, board, prefix, package, cpu_flags):
        self.name = name
        self.title = title
        self.board = json.loads((ROOT / "boards" / board / "board.json").read_text())
        self.board_name = board
        self.prefix = prefix
        self.package = package
        self.cpu_flags = cpu_flags

    def tool(self, name):
        return self.prefix + name

    def has_compiler(self):
        return shutil.which(self.tool("g++")) is not None

    def require_compiler(self):
        if not self.has_compiler():
            sys.exit(f"{self.tool('g++')} is not installed; on Debian: apt-get install {self.package}")

    def compiler_version(self):
        return self.ask_compiler("--version").splitlines()[0]

    def ask_compiler(self, *question):
        return subprocess.run([self.tool("g++"), *self.cpu_flags, *question], check=True,
                              capture_output=True, text=True).stdout.strip()

    def platform_sources(self):
        platform = ROOT / "platform"
        return sorted((platform / "bare_metal").glob("*.cpp")) + sorted(
            (platform / self.board["platform"]).glob("*.cpp"))

    def includes(self, autoconf):
        return [f"-I{autoconf}", f"-I{ROOT / 'core/include'}", f"-I{ROOT / 'port/include'}",
                f"-I{ROOT / 'platform/include'}",
                f"-I{ROOT / 'platform' / self.board['platform'] / 'include'}",
                f'-DACRE_BOARD_NAME="{self.board_name}"',
                f"-DACRE_TICK_PICOSECONDS={self.board['tick_picoseconds']}",
                f"-DACRE_ICOUNT_SHIFT={self.board['icount_shift']}"]

    def link_flags(self, stack, heap):
        return ["-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,--fatal-warnings",
                f"-L{ROOT / 'boards/common'}", f"-T{ROOT / 'boards' / self.board_name / 'link.ld'}",
                f"-Wl,--defsym=acre_stack_bytes={stack}", f"-Wl,--defsym=acre_heap_bytes={heap}"]


TARGETS = {
    target.name: target for target in (
        Target("m0", "Cortex-M0", "microbit", "arm-none-eabi-", "gcc-arm-none-eabi",
               ["-mcpu=cortex-m0", "-mthumb"]),
        Target("m3", "Cortex-M3", "mps2-an385", "arm-none-eabi-", "gcc-arm-none-eabi",
               ["-mcpu=cortex-m3", "-mthumb"]),
        Target("m33", "Cortex-M33", "mps2-an505", "arm-none-eabi-", "gcc-arm-none-eabi",
               ["-mcpu=cortex-m33+nodsp", "-mthumb", "-mfloat-abi=soft"]),
        Target("rv32", "RV32IMAC", "riscv32-virt", "riscv64-unknown-elf-",
               "gcc-riscv64-unknown-elf",
               ["-march=rv32imac", "-misa-spec=2.2", "-mabi=ilp32"]),
    )
}


def write_autoconf(directory, changes=()):
    """The default configuration header of the core, as boards have it (no fault texts, 512-byte
    slabs), with `changes`: pairs of a name without CONFIG_ACRE_ and a value, None to unset."""
    text = (ROOT / "core/default/acre/autoconf.h").read_text()
    for name, value in (("FAULT_TEXT", None), ("SLAB_BYTES", 512), *changes):
        text = re.sub(rf"#define CONFIG_ACRE_{name}\b.*\n", "", text)
        if value is not None:
            text += f"#define CONFIG_ACRE_{name} {value}\n"
    file = directory / "acre" / "autoconf.h"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    return directory


def run(command):
    """Runs a compiler; on failure ends the program with what the compiler said."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"failed: {' '.join(str(part) for part in command)}\n"
                           f"{result.stdout}{result.stderr}")
    return result.stdout


def compile_object(target, source, output, optimise, autoconf, defines=()):
    extra = []
    if source.parent.name == "bare_metal" and source.stem in ("memory", "runtime"):
        extra = ["-fno-tree-loop-distribute-patterns"]  # else memcpy becomes a call of memcpy
    output.parent.mkdir(parents=True, exist_ok=True)
    run([target.tool("g++"), *target.cpu_flags, optimise, *FREESTANDING, *WARNINGS, *extra,
         *target.includes(autoconf), *(f"-D{d}" for d in defines), "-c", source, "-o", output])
    return output


class Progress:
    """One line that says how far the work is; on a terminal it is rewritten in place."""

    def __init__(self, what, total, quiet=False):
        self.what, self.total, self.done, self.quiet = what, total, 0, quiet
        self.started = time.monotonic()
        self.live = sys.stderr.isatty() and not quiet

    def step(self, detail=""):
        self.done += 1
        if self.live:
            print(f"\r\033[K{self.what} {self.done}/{self.total} {detail}", end="", file=sys.stderr,
                  flush=True)

    def end(self):
        if self.live:
            print("\r\033[K", end="", file=sys.stderr)
        if not self.quiet:
            print(f"{self.what}: {self.total} in {time.monotonic() - self.started:.1f} s",
                  file=sys.stderr)


def parallel(work, items, progress):
    """[work(item) for item in items], on all cores; the first failure ends the program."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
                progress.step()
        except RuntimeError as error:
            for future in futures:
                future.cancel()
            sys.exit(f"\n{error}")
        return [future.result() for future in futures]


def table_text(header, rows, left=1):
    """Columns as wide as they need; the first `left` are left-aligned."""
    cells = [[str(c) for c in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row):
        return "  ".join(c.ljust(w) if i < left else c.rjust(w)
                         for i, (c, w) in enumerate(zip(row, widths))).rstrip()

    return "\n".join([line(cells[0]), "  ".join("-" * w for w in widths),
                      *(line(row) for row in cells[1:])])


def table_markdown(header, rows, left=1):
    cells = [[str(c) for c in row] for row in rows]
    rule = [":--" if i < left else "--:" for i in range(len(header))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *cells])
