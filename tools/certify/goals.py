# SPDX-License-Identifier: MIT
"""What the project promises, beside what was measured."""

from code_size import OPTIMISATIONS
from results import key, longest_masked, ratio
from runs import LOCKED

M3, M0 = "m3 -O2", "m0 -Os"
POOLS = (("none", ("pool<32>", "pool<40>"), 8, 7),
         ("basic", ("pool<32>, bits", "pool<40>, bits"), 16, 16),
         ("basic", ("pool<32>, bytes", "pool<40>, bytes"), 16, 16))
LOCKED_POOLS = ("pool<32>", "pool<40>")
# The most that an interrupt waits, at the default configuration and below it.
MASKED = ("pool<32>, bits", "pool<40>, bits", "arena", "stack", "buddy<16>", "slab 512 B", "slab 4 KiB",
          "heap", "heap, slabs", "certified", "certified, reserve")
SLABS = ("slab 512 B", "slab 512 B, fixed size", "slab 4 KiB")
BUDDIES = ("buddy<16>", "buddy<16>, unaligned")


def worst(operation, run=M3):
    def find(certificate, allocator):
        return certificate["runs"][run][allocator]["calls"][operation]["worst"]
    return find


def longest(certificate, allocator):
    return longest_masked(certificate["runs"][M3][allocator]["calls"])


def in_workload(operation, workload, index):
    def find(certificate, allocator):
        run = certificate["runs"][M3]
        return run[allocator]["calls"][operation]["workloads"][workload][index]
    return find


def smallest(workload):
    def find(certificate, allocator):
        return ratio(certificate, "m3", allocator, workload)
    return find


def code(optimise):
    def find(certificate, allocator):
        return certificate["code"]["m3"][allocator][optimise]
    return find


# (allocator, level, what, how it is found, the bound)
def _goals():
    def calls(name, level, allocate, deallocate, suffix=""):
        yield name, level, f"worst allocate{suffix}", worst(f"allocate{suffix}"), allocate
        yield name, level, f"worst deallocate{suffix}", worst(f"deallocate{suffix}"), deallocate

    yield from calls("heap", "none", 90, 86)
    yield from calls("heap", "basic", 120, 110)
    # A malloc's free() is not told the size, either.
    yield "heap", "none", "worst deallocate unsized", worst("deallocate unsized"), 86
    yield "heap", "basic", "worst deallocate unsized", worst("deallocate unsized"), 110
    yield "heap", "none", "mean allocate, W3", in_workload("allocate", "W3", 0), 69
    yield "heap", "none", "mean deallocate, W3", in_workload("deallocate", "W3", 0), 41
    yield "heap", "none", "mean allocate, W5", in_workload("allocate", "W5", 0), 60
    yield "heap", "none", "mean deallocate, W5", in_workload("deallocate", "W5", 0), 45
    yield "heap", "none", "smallest region / payload, W3", smallest("W3"), 1.16
    yield "heap", "none", "smallest region / payload, W5", smallest("W5"), 1.034
    yield "heap", "none", "mean allocate aligned, W6", in_workload("allocate aligned", "W6", 0), 150
    yield "heap", "none", "worst allocate aligned", worst("allocate aligned"), 180
    yield "heap", "none", "bytes of code, -Os", code(OPTIMISATIONS[0]), 800
    yield "heap", "basic", "bytes of code, -Os", code(OPTIMISATIONS[0]), 1200
    yield "heap", "none", "worst allocate, M0 -Os", worst("allocate", M0), 230
    yield "heap", "none", "worst deallocate, M0 -Os", worst("deallocate", M0), 190
    for level, names, allocate, deallocate in POOLS:
        for name in names:
            yield from calls(name, level, allocate, deallocate)
    yield from calls("lockfree_pool<32>", "none", 16, 14)
    yield "remote_inbox", "none", "worst push", worst("deallocate"), 10
    for name in LOCKED_POOLS:
        yield from calls(name + LOCKED, "none", 20, 18)
    for name in MASKED:
        yield name + LOCKED, "basic", "longest that interrupts wait", longest, 130
    for level in ("none", "basic"):
        for name in SLABS:
            yield from calls(name, level, 40, 40)
            yield from calls(name, level, 40, 40, " + slab")
    for level in ("none", "basic"):
        for name in BUDDIES:
            yield from calls(name, level, 150, 150)


HEADER = ["allocator", "checks", "what", "measured", "goal", ""]


def rows(certificate):
    """A row for each goal that was measured."""
    found = []
    for name, level, what, find, bound in _goals():
        try:
            value = find(certificate, key(name, level))
        except KeyError:  # not part of this certificate
            continue
        if value is None:
            continue
        shown = value if isinstance(value, int) else f"{value:.3f}".rstrip("0").rstrip(".")
        verdict = "met" if value <= bound else f"missed by {100 * (value / bound - 1):.1f} %"
        found.append([name, level, what, shown, f"≤ {bound}", verdict])
    return found
