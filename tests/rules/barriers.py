#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A lock is a compiler barrier: at -O3, and with link-time optimisation, no access to an allocator's memory
leaves the locked stretch.

  barriers.py OBJDUMP COMPILER FLAG...

A pool is compiled with each lock, wrapped so that an instruction that occurs nowhere else marks the begin and
the end of the stretch. These marks are no barriers themselves. Then every path through the disassembly is
walked. Outside the marks there may be the lock's own accesses, which are those of a function that locks
and does nothing; and each stretch reads for itself, so that nothing was kept from the one before. Locks
without a barrier are planted, and must be found.

For GCC only: Clang moves nothing across a volatile asm, not even across the marks.
"""

import functools
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import support

MARKS = r"""
#if defined(__arm__)
#define ACRE_MARK(n) asm volatile("bkpt %0" ::"i"(0x50 + n))
#elif defined(__riscv)
#define ACRE_MARK(n) asm volatile("csrwi 0x7C0, %0" ::"i"(n))
#elif defined(__x86_64__)
#define ACRE_MARK(n) asm volatile("int %0" ::"i"(0x50 + n))
#endif
"""
MARK = re.compile(r"(?:bkpt\s+0x0*5|csrwi?\s+0x7c0,\s*|int\s+\$0x5)([12])\b")

# LOCK is replaced. `far` locks are functions of another file: that one is a barrier only until the two files
# are optimised together.
SOURCE = MARKS + r"""
#include <acre/platform/irq_lock.hpp>
#include <acre/platform/spin_lock.hpp>
#include <acre/platform/ticket_lock.hpp>
#include <acre/pool.hpp>

struct far_lock { void lock() noexcept; void unlock() noexcept; };
struct far_bare { void lock() noexcept; void unlock() noexcept; };
struct bare {
  void lock() noexcept { asm volatile(""); }
  void unlock() noexcept { asm volatile(""); }
};

template <class Lock>
class marked {
  using traits = acre::detail::lock_traits<Lock>;

 public:
  auto lock() noexcept {
    const auto found = traits::lock(lock_);
    ACRE_MARK(1);
    return found;
  }
  void unlock(const typename traits::state& found) noexcept {
    ACRE_MARK(2);
    traits::unlock(lock_, found);
  }

 private:
  Lock lock_;
};

using tested = marked<LOCK>;
constinit acre::pool<16, acre::policies<tested, acre::checks_none, acre::no_observer>> blocks;
constinit tested alone;

extern "C" void only_lock() { const acre::lock_guard guard(alone); }
extern "C" void* allocate() { return blocks.allocate(); }
extern "C" void deallocate(void* block) { blocks.deallocate(block); }
extern "C" void give_two(void* first, void* second) {
  blocks.deallocate(first);
  blocks.deallocate(second);
}
extern "C" void* take_and_give(void* first) {
  void* block = blocks.allocate();
  blocks.deallocate(first);
  return block;
}
"""
FAR = r"""
struct far_lock { void lock() noexcept; void unlock() noexcept; };
struct far_bare { void lock() noexcept; void unlock() noexcept; };
void far_lock::lock() noexcept { asm volatile("" ::: "memory"); }
void far_lock::unlock() noexcept { asm volatile("" ::: "memory"); }
void far_bare::lock() noexcept { asm volatile(""); }
void far_bare::unlock() noexcept { asm volatile(""); }
"""
# Of Arm's instructions.
CONDITION = "(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)"

STRETCHES = {"allocate": 1, "deallocate": 1, "give_two": 2, "take_and_give": 2}


class Instruction:
    """What a path needs to know of one: kind is "begin", "end", "load", "store", "call" or None."""

    def __init__(self, text):
        self.kind, self.targets, self.falls = None, [], True
        mark = MARK.search(text)
        operation, _, operands = text.partition(" ")
        operands = operands.strip()
        if mark:
            self.kind = "begin" if mark.group(1) == "1" else "end"
        elif self.is_return(operation, operands):
            # Conditional in an IT block.
            self.falls = bool(re.match(r"(bx|pop|ldm\w*|ldr)" + CONDITION, operation))
        elif self.is_call(operation):
            self.kind = "call"
        elif self.is_jump(operation):
            target = re.search(r"\b([0-9a-f]+) <", operands)
            self.targets = [int(target.group(1), 16)] if target else []
            self.falls = operation not in ("b", "b.n", "b.w", "j", "jr", "jmp")
            if not self.targets:
                self.kind = "call"
        else:
            self.kind = self.access(operation, operands)

    def jumps_to(self, symbol, labels):
        if symbol in labels:
            self.targets = [labels[symbol]]
        else:
            self.kind, self.targets = "call", []

    @staticmethod
    def is_return(operation, operands):
        return (operation.startswith("ret") or operation.startswith("bx") and operands.startswith("lr") or
                operation.startswith(("pop", "ldm", "ldr")) and bool(re.search(r"\bpc\}?$|^pc,", operands)))

    @staticmethod
    def is_call(operation):
        return operation in ("bl", "blx", "jal", "jalr", "call")

    @staticmethod
    def is_jump(operation):
        arm = re.fullmatch(rf"b{CONDITION}?(\.[nw])?|cbn?z", operation)
        riscv = re.fullmatch(r"b(eq|ne|lt|ge|gt|le)u?z?|jr?", operation)
        return bool(arm or riscv or re.fullmatch(r"j[a-z]+", operation) and not operation.startswith("jal"))

    @staticmethod
    def access(operation, operands):
        """Of memory other than the stack and constants."""
        if arm := re.match(r"(ldr|ldm|str|stm)", operation):
            if re.search(r"\[pc|\bsp\b[,!\]]", operands):
                return None
            return "load" if arm.group(1).startswith("ld") else "store"
        if riscv := re.search(r"\((\w+)\)$", operands):
            if re.match(r"(l[bhw]u?|s[bhw]|lr\.|sc\.|amo)", operation):
                return None if riscv.group(1) == "sp" else "load" if operation[0] in "la" else "store"
        if re.match(r"(lea|nop|endbr)", operation):
            return None
        if x86 := re.search(r"(%fs:\S*|\S*\(%\w+[^)]*\))", operands):
            if "%rsp" in x86.group(1):
                return None
            # AT&T: the destination is last. Comparisons and exchanges read what they name.
            only_stores = operation.startswith("mov") and operands.endswith(x86.group(1))
            return "store" if only_stores else "load"
        return None


def functions(listing):
    """{name: {address: Instruction}} of a disassembly with relocations. Labels inside a function begin no
    function; a jump to another function ends a path with a call."""
    heads = re.findall(r"^([0-9a-f]+) <(.+)>:$", listing, re.M)
    labels = {name: int(address, 16) for address, name in heads if name.startswith(".")}
    result, current, last = {}, None, None
    for line in listing.splitlines():
        head = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        relocation = re.match(r"\s+[0-9a-f]+: (R_\w+)\s+(\S+)", line)
        code = re.match(r"\s+([0-9a-f]+):\s+(.+)$", line)
        if head:
            if not head.group(1).startswith("."):
                current = result.setdefault(head.group(1), {})
        elif relocation:
            if last is not None and last.targets:
                last.jumps_to(relocation.group(2), labels)
        elif code and current is not None:
            text = re.sub(r"\s(@|# ).*", "", code.group(2))  # without the disassembler's remarks
            last = Instruction(re.sub(r"\s+", " ", text).strip())
            current[int(code.group(1), 16)] = last
    return result


def paths(code):
    """The kinds along each path from the first instruction to a return; each loop is gone round once."""
    order = sorted(code)
    following = dict(zip(order, order[1:]))

    def walk(address, seen, kinds):
        while address in code and address not in seen:
            seen = seen | {address}
            here = code[address]
            if here.kind:
                kinds = kinds + [here.kind]
            for target in here.targets:
                yield from walk(target, seen, kinds)
            if not here.falls:
                if not here.targets:
                    yield kinds
                return
            address = following.get(address)

    yield from walk(order[0], frozenset(), [])


def split(kinds):
    """What lies outside of the locked stretches of a path, and each stretch."""
    outside, stretches, locked = [], [], False
    for kind in kinds:
        if kind == "begin":
            locked = True
            stretches.append([])
        elif kind == "end":
            locked = False
        else:
            (stretches[-1] if locked else outside).append(kind)
    return outside, stretches


def violations(listing):
    found = []
    code = functions(listing)
    own = max(len(split(path)[0]) for path in paths(code["only_lock"]))
    for name, count in STRETCHES.items():
        all_paths = [split(path) for path in paths(code[name])]
        if not all_paths:
            found.append(f"{name}: no path was found")
        for outside, stretches in all_paths:
            if len(outside) > count * own:
                found.append(f"{name}: {len(outside)} accesses outside, the lock's own are {count * own}")
            if len(stretches) != count:
                found.append(f"{name}: {len(stretches)} locked stretches, not {count}")
            # A null block touches nothing, so that a whole path of deallocate may be empty.
            for index, stretch in enumerate(stretches):
                if "store" in stretch and "load" not in stretch:
                    found.append(f"{name}: stretch {index} writes what it has not read")
        if not any(all("load" in stretch and "store" in stretch for stretch in stretches)
                   for _, stretches in all_paths):
            found.append(f"{name}: no path reads and writes in each stretch")
    return sorted(set(found))


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


@functools.lru_cache
def holds(condition):
    """Whether a constant of the platform is true."""
    source = ("#include <acre/platform/irq.hpp>\n#include <acre/platform/spin.hpp>\n"
              f"static_assert({condition});\n")
    return run(*command, "-fsyntax-only", "-x", "c++", "-", input=source).returncode == 0


def disassemble(lock, link_time):
    with tempfile.TemporaryDirectory() as directory:
        near = support.plant(directory, "near.cpp", SOURCE.replace("LOCK", lock))
        far = support.plant(directory, "far.cpp", FAR)
        result = pathlib.Path(directory, "result.o")
        if link_time:
            done = run(*command, "-O3", "-flto", "-r", "-nostdlib", "-flinker-output=nolto-rel", near, far,
                       "-o", result)
        else:
            done = run(*command, "-O3", "-c", near, "-o", result)
        if done.returncode != 0:
            raise AssertionError(done.stdout)
        return run(objdump, "-dr", "--no-show-raw-insn", result).stdout


def locks():
    yield "acre::platform::irq_mask_lock"
    if holds("acre::platform::has_irq_ceiling"):
        yield "acre::platform::irq_ceiling_lock<64>"
        yield "acre::platform::irq_ceiling_lock<64, true>"
    if holds("acre::platform::runs_at_once"):
        yield "acre::platform::spin_lock"
        yield "acre::platform::ticket_lock"
        yield "acre::both<acre::platform::irq_lock, acre::platform::spin_lock>"
    yield "far_lock"


class Barriers(unittest.TestCase):
    """One test for each lock and way to compile, made below."""


class Planted(unittest.TestCase):
    def check(self, lock, link_time):
        self.assertNotEqual(violations(disassemble(lock, link_time)), [])

    def test_a_lock_without_a_barrier_is_found(self):
        self.check("bare", False)

    def test_a_lock_without_a_barrier_is_found_with_link_time_optimisation(self):
        self.check("bare", True)

    def test_a_lock_of_another_file_is_found_when_both_are_optimised_together(self):
        self.assertEqual(violations(disassemble("far_bare", False)), [])
        self.check("far_bare", True)


def keeps(lock, link_time):
    def test(self):
        found = violations(disassemble(lock, link_time))
        self.assertFalse(found, "\n".join(found))

    return test


if __name__ == "__main__":
    objdump, command = sys.argv[1], [flag for flag in sys.argv[2:] if not flag.startswith("-fsanitize")]
    command += ["-w", "-fno-pie"]  # a shared library's functions could be replaced, and are not inlined
    for lock in locks():
        name = re.sub(r"acre::|platform::|\W+$", "", lock)
        setattr(Barriers, f"test_{name}_at_O3", keeps(lock, False))
        setattr(Barriers, f"test_{name}_at_O3_with_link_time_optimisation", keeps(lock, True))
    support.run("barriers")
