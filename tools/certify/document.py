# SPDX-License-Identifier: MIT
"""docs/certificate.md, which is made of nothing but the committed figures."""

import tables
from measure import ROOT, TARGETS, table_markdown
from results import tried
from runs import RUNS

DOCUMENT = ROOT / "docs" / "certificate.md"

INTRODUCTION = """\
<!-- Written by ./acre certify --accept. Do not edit; tests hold it equal to what the tool finds. -->
# Certificate: instructions and bytes

What each allocator costs on each core: instructions of each call, counted exactly; bytes of code, of the
allocator object and of block headers; and the smallest region that serves a workload. The mallocs of
three C libraries stand beside them, as Debian ships them. `./acre certify` measures all of it again, and
`./acre certify --check`, which the tests run, fails when a worst case or the code has grown.

* A **count** is every instruction of the callee through its return: an empty function is 1. The calls are
  out of line and take the allocator as an argument. No observer; no lock where none is named; the locks of peers are empty.
* **Mean** and **p99**, which 99 of 100 calls do not exceed, are of a steady state: W3 below, or the first
  of W6, W7, W1 and W2 that has the call.
* **irq_lock**: with the lock that disables interrupts. **masked** is how long such an allocator keeps
  interrupts waiting: the most instructions between the one that disables them and the one that enables them
  again, of all calls but init. A heap's longest calls disable them several times, for a part each. The marks
  that measure it are compiled in, and not counted; they can shift a count by an instruction or two.
  **remote_inbox**: allocate is a pop, deallocate a push. What is **lock-free** never keeps an interrupt
  waiting; **per_core_pool** does for a part of its call.
* **Worst** is the longest call of all workloads, of shapes that were made to be slow, and of a search that
  changes sequences of requests at random and keeps what makes a call slower: {tried} sequences for these
  tables. It is hunted, not proved.
* **allocate + slab** and **deallocate + slab** are the calls that take a slab for a size class, or give one
  back because its last block was freed; **exhausted** is an allocate that answers null; **unsized** a
  deallocate without the size; **aligned** is to 64 bytes.
* **-Os** and **-O2**: bytes of code of `init`, `allocate` and `deallocate` together. **object**: bytes of
  RAM of the allocator itself, or of a peer's variables. **header**: bytes of a block beside its payload.
* **W3** and **W5**: the smallest region in which the workload runs without a failure, divided by the most
  bytes that are requested and live at a time; mean of three seeds.
* **buddy, unaligned**: the region begins 16 bytes behind a multiple of its size, so that the tree is one
  level deeper. **slab, fixed size**: the size is a constant that the compiler sees. **heap, slabs**: with
  slabs in front for requests of up to 64 bytes.
* Instructions are not cycles: QEMU has no wait states and no pipeline.

| | workload |
|---|---|
| W1 | a block of 32 bytes is taken and given back at once |
| W2 | the region is filled, then all is given back in a random order; again and again |
| W3 | steady state: a random live block is given back, and another one taken; sizes of 8 to 511 bytes, log-uniform. {large_live} blocks in {large_region} KiB; on Cortex-M0, whose board has 16 KiB of RAM, {small_live} in {small_region} KiB |
| W5 | buffers of a network: 64, 128, 576 or 1514 bytes, first in, first out, 30 live. Not on Cortex-M0 |
| W6 | as W3 with half as many blocks, of which every second, at random, is aligned to 64 bytes |
| W7 | as W3, blocks are resized in place, or else reallocated |

Allocators that serve few sizes run them with the sizes that they have.

"""

METHOD = """\
## Method

QEMU with `-icount` advances a timer by a fixed time for each instruction; the timer is read from assembly
directly before and after the call, and around the lock, at a rate where rounding is exact. `./acre certify
--cross-check` compares both counts, call by call, with a trace of every single instruction. No link-time optimisation.
The firmware is in `tools/certify/firmware`: workloads.cpp, shapes.cpp, climb.cpp.

{compilers}

`./acre certify --peer FILE` puts another allocator into the tables: see
[porting.md](porting.md#another-allocator-beside-acres). To write this page: `./acre certify --accept`.
"""


def _markdown(table, left):
    header, rows = table
    return table_markdown(header, rows, left=left) + "\n\n"


def render(certificate):
    small, large = RUNS["m0 -Os"], RUNS["m3 -O2"]
    text = INTRODUCTION.format(
        tried=tried(certificate), large_live=large.live, large_region=large.region // 1024,
        small_live=small.live, small_region=small.region // 1024)
    text += "## Goals\n\nFor Cortex-M3 at -O2, where nothing else is said.\n\n"
    text += _markdown(tables.goal_table(certificate), 3)
    for run in tables.in_order(certificate):
        text += f"## {RUNS[run].title}\n\n"
        text += _markdown(tables.summary(certificate, run), 2)
    text += "## Workloads, Cortex-M3\n\nMean / worst of each, for allocators that serve any size.\n\n"
    text += _markdown(tables.workloads(certificate, "m3 -O2"), 3)
    text += ("## Smallest regions\n\nBytes of the region for three seeds, and per byte of peak payload, "
             "without and with the allocator object.\n\n")
    for core in certificate["space"]:
        text += f"### Regions on {TARGETS[core].title}\n\n"
        text += _markdown(tables.space(certificate, core), 2)
    text += "## Where the worst was found\n\n"
    for run in tables.in_order(certificate):
        text += f"### Worst cases on {RUNS[run].title}\n\n"
        text += _markdown(tables.found_in(certificate, run), 3)
    lines = "\n".join(f"* {TARGETS[core].title}: {version}, `{' '.join(TARGETS[core].cpu_flags)}`"
                      for core, version in certificate["compilers"].items())
    return text + METHOD.format(compilers=lines)
