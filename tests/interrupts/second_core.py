# SPDX-License-Identifier: MIT
"""Where core 0 stood when core 1 had its turn, from QEMU's trace of the sweep itself. Each instruction of
core 0 between the call and its return has a position; all positions of the uninterrupted call must be hit.
Turns also end for reasons of QEMU's own, at the same places in each run: a position that was lost to one is
found in a run that begins later."""

import re
import tempfile

import reference

TRACE = re.compile(r"Trace ([01]): \S+ \[[0-9a-f]+/([0-9a-f]+)/")


def functions_of(traces, image):
    """Ranges of addresses that hold all functions of the traces, for QEMU's -dfilter."""
    inside = {image.function[address] for trace in traces for address in trace}
    inside |= {"acre_sweep_run", "acre_sweep_call", "acre_sweep_after"}
    inside |= {"acre_sweep_other_core", "acre_sweep_scenario"}
    ranges = []
    for address in sorted(a for a, function in image.function.items() if function in inside):
        if ranges and address - ranges[-1][1] <= 16:
            ranges[-1][1] = address
        else:
            ranges.append([address, address])
    return ",".join(f"0x{first:x}..0x{last + 3:x}" for first, last in ranges)


def positions(lines, image):
    """For each scenario the positions at which core 1 had its turn."""
    scenario, other, call, after = (image.symbols[f"acre_sweep_{name}"]
                                    for name in ("scenario", "other_core", "call", "after"))
    hits, position, hit, core = [], None, False, 0
    for line in lines:
        if line.startswith("Stopped execution of TB chain before"):
            if core == 0 and position:
                position -= 1  # it is logged again
            continue
        found = TRACE.match(line)
        if found is None:
            continue
        core, address = int(found.group(1)), int(found.group(2), 16)
        if core == 1:
            if address == other and position is not None and not hit:
                hits[-1].add(position)
                hit = True
        elif address == scenario:
            hits.append(set())
        elif address == call:
            position, hit = 0, False
        elif position is not None:
            position = position + 1 if address != after else None
    return hits


def traced_run(command, image, ranges):
    """Runs a sweep under the trace of `ranges`; returns what it printed, and the positions."""
    with tempfile.TemporaryFile("w+", encoding="ascii") as output:
        hits = reference.read_trace([*command, "-dfilter", ranges],
                                    lambda trace: positions(trace, image), output)
        output.seek(0)
        return output.read(), hits
