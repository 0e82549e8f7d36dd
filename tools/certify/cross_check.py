# SPDX-License-Identifier: MIT
"""Compares the meter, call by call, with QEMU's trace of single instructions."""

import os
import pathlib
import subprocess
import tempfile

from images import Images, execute, qemu_command
from measure import Progress, parallel, run

# The trace is of acre's allocators at few blocks; peers are called in the same way.
SYMBOL = " acre_certify_call"


def traced_calls(r, image):
    """The instructions between the meter's two readings, of each call that it made."""
    address = next(int(line.split()[0], 16) for line in run([r.target.tool("nm"), image]).splitlines()
                   if line.endswith(SYMBOL))
    behind = address + (4 if r.core == "rv32" else 2)
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
    return traced


def check(r, kind, images):
    """The number of calls; an error where the two differ."""
    image = images.link(r, kind, "main")
    metered = [int(fields[1]) for fields in execute(r, image) if fields[0] == "traced"]
    traced = traced_calls(r, image)
    # The meter's own two calls of an empty function, at the start, print nothing.
    if traced[:2] != [1, 1] or traced[2:] != metered:
        wrong = [i for i, pair in enumerate(zip(traced[2:], metered)) if pair[0] != pair[1]]
        raise RuntimeError(
            f"{r.title}, {kind.name}: the meter and the trace differ: {len(traced) - 2} calls traced, "
            f"{len(metered)} metered, {len(wrong)} differ: "
            + ", ".join(f"call {i} {traced[i + 2]}, not {metered[i]}" for i in wrong[:5]))
    return len(metered)


def run_all(directory, runs, kinds):
    kinds = [kind for kind in kinds if not kind.libc]
    images = Images(directory, tries=2, trace=True)
    jobs = images.sources(runs, kinds)
    progress = Progress("compiling", len(jobs))
    parallel(images.compile, jobs, progress)
    progress.end()
    jobs = [(r, kind) for r in runs for kind in kinds]
    progress = Progress("cross-checking", len(jobs))
    calls = parallel(lambda job: check(*job, images), jobs, progress)
    progress.end()
    for r in runs:
        count = sum(n for (owner, _), n in zip(jobs, calls) if owner is r)
        print(f"{r.title}: {count} calls, the meter and the trace agree on each")
    return 0
