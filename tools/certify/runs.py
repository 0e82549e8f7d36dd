# SPDX-License-Identifier: MIT
"""What is run: a core and an optimisation, and the kinds of allocators, each of which is an image."""

import dataclasses

import libc
from measure import ROOT, TARGETS

FIRMWARE = ROOT / "tools" / "certify" / "firmware"


@dataclasses.dataclass(frozen=True)
class Run:
    core: str
    optimise: str
    shift: int      # an instruction takes 2^shift ns under -icount: enough ticks of the timer to round
    tick_ps: int    # picoseconds a tick of that timer
    region: int     # bytes
    live: int       # blocks in the steady states of small blocks
    steps: int      # of a steady state

    @property
    def name(self):
        return f"{self.core} {self.optimise}"

    @property
    def title(self):
        return f"{self.target.title}, {self.optimise}"

    @property
    def target(self):
        return TARGETS[self.core]


def small(core, optimise):
    return Run(core, optimise, 8, 62500, 4096, 16, 4000)


def large(core, optimise, shift, tick_ps):
    return Run(core, optimise, shift, tick_ps, 65536, 200, 20000)


RUNS = {run.name: run for run in (
    large("m3", "-O2", 8, 40000),
    large("m33", "-O2", 8, 50000),
    large("rv32", "-O2", 0, 1000),
    small("m0", "-O2"),
    small("m0", "-Os"),
)}
# Enough to see most of what can rise, in a minute.
QUICK = ("m3 -O2", "m0 -Os")


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    source: str                  # in firmware/kinds
    bytes_map: bool = False      # built with POOL_STATE_BYTES
    libc: str = ""               # needs the malloc of this library
    space: bool = False          # serves any size, so that its smallest region is measured
    locked: bool = False         # with an interrupt lock
    defines: tuple = ()

    @property
    def suffix(self):
        """What the tables add to the names of its allocators."""
        return LOCKED if self.locked else ""

    def exists_for(self, run):
        if self.locked and run.name not in QUICK:
            return False
        return not self.libc or libc.exists_for(run.target, self.libc)


LOCKED = ", irq_lock"
UNLOCKED = (
    Kind("pool, bits", "pool"),
    Kind("pool, bytes", "pool", bytes_map=True),
    Kind("lock-free", "lockfree"),
    Kind("arena and stack", "sequential"),
    Kind("buddy", "buddy", space=True),
    Kind("slab", "slab"),
    Kind("heap", "heap", space=True,
         defines=("ACRE_CERTIFY_SMALL_LIMIT=0", 'ACRE_CERTIFY_NAME="heap"')),
    Kind("heap, slabs", "heap", space=True,
         defines=("ACRE_CERTIFY_SMALL_LIMIT=64", 'ACRE_CERTIFY_NAME="heap, slabs"')),
    Kind("certified", "certified"),
)
# How long a call keeps interrupts waiting is bounded by what the whole call takes with a lock.
OWN = UNLOCKED + tuple(dataclasses.replace(kind, name=kind.name + LOCKED, locked=True, space=False)
                       for kind in UNLOCKED if kind.source != "lockfree")
PEERS = (
    Kind("newlib", "newlib", libc="newlib", space=True, defines=('ACRE_CERTIFY_NAME="newlib"',)),
    Kind("newlib-nano", "newlib", libc="newlib-nano", space=True,
         defines=('ACRE_CERTIFY_NAME="newlib-nano"',)),
    Kind("picolibc", "picolibc", libc="picolibc", space=True),
)
PEER_FILE = Kind("peer", "peer", space=True)
