# SPDX-License-Identifier: MIT
"""Compares the meters, call by call, with QEMU's trace of single instructions."""

import os
import pathlib
import re
import subprocess
import tempfile

from images import Images, execute, qemu_command
from measure import Progress, parallel, run

# The trace is of acre's allocators at few blocks; peers are called in the same way.
SYMBOL = " acre_certify_call"

# What QEMU says when an instruction that it has logged is not executed yet, and logged again: it ended its
# turn before, or the instruction turned out to access a device.
LOGGED_AGAIN = ("Stopped execution of TB chain before", "cpu_io_recompile: rewound execution of TB to")


# What disables interrupts, and what restores them. Nothing with a lock is certified but on Cortex-M.
MASKS = re.compile(r"^\s*([0-9a-f]+):.*\tcpsid\ti", re.M)
RESTORES = re.compile(r"^\s*([0-9a-f]+):.*\tmsr\tPRIMASK,", re.M)


class Call:
    """What is counted of one call as its instructions are executed."""

    def __init__(self):
        self.instructions = self.longest = 0
        self.held = None  # instructions since interrupts were disabled

    def execute(self, address, masks, restores):
        self.instructions += 1
        if self.held is not None:
            self.held += 1
        if address in masks:
            self.held = 0
        elif address in restores and self.held is not None:
            self.longest, self.held = max(self.longest, self.held), None

    def take_back(self):
        """The last instruction is logged again. None of them masks: these access no device."""
        self.instructions -= 1
        if self.held is not None:
            self.held -= 1

    def counts(self):
        return self.instructions, self.longest


def traced_calls(r, image):
    """The counts between the meter's two readings, of each call that it made."""
    address = next(int(line.split()[0], 16) for line in run([r.target.tool("nm"), image]).splitlines()
                   if line.endswith(SYMBOL))
    behind = address + (4 if r.core == "rv32" else 2)
    text = run([r.target.tool("objdump"), "--disassemble", image])
    masks, restores = ({int(found, 16) for found in what.findall(text)} for what in (MASKS, RESTORES))
    traced, inside = [], None
    # The trace goes through a pipe: it has a line for each instruction of the whole run.
    with tempfile.TemporaryDirectory() as scratch:
        fifo = pathlib.Path(scratch) / "trace"
        os.mkfifo(fifo)
        command = qemu_command(r, image, True, ["-singlestep", "-d", "exec,nochain", "-D", fifo])
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        with open(fifo, encoding="ascii", errors="replace") as trace:
            for line in trace:
                if line.startswith(LOGGED_AGAIN) and inside is not None:
                    inside.take_back()
                if not line.startswith("Trace "):
                    continue
                # Trace 0: 0x7f1d900023c0 [00800400/00001c84/00000110/ff020201] symbol
                pc = int(line.split("/", 2)[1], 16)
                if pc == address:
                    inside = Call()
                elif pc == behind and inside is not None:
                    traced.append(inside.counts())
                    inside = None
                elif inside is not None:
                    inside.execute(pc, masks, restores)
        process.wait(timeout=60)
    return traced


def check(r, kind, images):
    """The number of calls; an error where the two differ."""
    image = images.link(r, kind, "main")
    metered = [(int(fields[1]), int(fields[2])) for fields in execute(r, image) if fields[0] == "traced"]
    traced = traced_calls(r, image)
    # The meter's own calls at the start print nothing: two of an empty function and, where locks are
    # metered, one of an empty section.
    first, own = traced[:2], len(traced) - len(metered)
    if first != [(1, 0), (1, 0)] or own > 3 or traced[own:] != metered or (
            own == 3 and traced[2][1] != 1):
        wrong = [i for i, pair in enumerate(zip(traced[own:], metered)) if pair[0] != pair[1]]
        raise RuntimeError(
            f"{r.title}, {kind.name}: the meter and the trace differ: {len(traced) - own} calls traced, "
            f"{len(metered)} metered, {len(wrong)} differ: "
            + ", ".join(f"call {i} {traced[i + own]}, not {metered[i]}" for i in wrong[:5]))
    return len(metered)


def run_all(directory, runs, kinds):
    kinds = [kind for kind in kinds if not kind.libc]
    images = Images(directory, tries=2, trace=True)
    jobs = images.sources(runs, kinds)
    progress = Progress("compiling", len(jobs))
    parallel(images.compile, jobs, progress)
    progress.end()
    jobs = [(r, kind) for r in runs for kind in kinds if kind.exists_for(r)]
    progress = Progress("cross-checking", len(jobs))
    calls = parallel(lambda job: check(*job, images), jobs, progress)
    progress.end()
    for r in runs:
        count = sum(n for (owner, _), n in zip(jobs, calls) if owner is r)
        print(f"{r.title}: {count} calls, the meter and the trace agree on each")
    return 0
