# SPDX-License-Identifier: MIT
"""Which addresses a sweep must have reached: those of the uninterrupted run, from QEMU's trace of single
instructions, but for the ones at which interrupts are masked. Nothing is taken out by hand: the masks are
the instructions that mask."""

import os
import pathlib
import re
import subprocess
import tempfile

# What disables interrupts, what restores them, and what enables them whatever was before. Arm: PRIMASK;
# RISC-V: mstatus.MIE (objdump leaves out the i of the immediate forms).
MASKS = re.compile(r"cpsid i|csrr?ci? .*\bmstatus,")
RESTORES = re.compile(r"msr PRIMASK,|csrs mstatus,[a-z]")
ENABLES = re.compile(r"cpsie i|csrsi? mstatus,[0-9]")

# What QEMU says when an instruction that it has logged is not executed yet, and logged again: it ended its
# turn before, or the instruction turned out to access a device.
LOGGED_AGAIN = ("Stopped execution of TB chain before", "cpu_io_recompile: rewound execution of TB to")

INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*)$")
FUNCTION = re.compile(r"^([0-9a-f]+) <(.*)>:$")


class Image:
    """The instructions and symbols of an ELF file."""

    def __init__(self, elf, objdump):
        text = subprocess.run([objdump, "--disassemble", "--demangle", str(elf)], check=True,
                              capture_output=True, text=True).stdout
        self.elf, self.text, self.function, self.symbols = elf, {}, {}, {}
        inside = "?"
        for line in text.splitlines():
            if found := FUNCTION.match(line):
                inside = found.group(2)
                self.symbols[inside] = int(found.group(1), 16)
            elif found := INSTRUCTION.match(line):
                address = int(found.group(1), 16)
                self.text[address] = " ".join(found.group(2).split())
                self.function[address] = inside

    def describe(self, address):
        """An address for people."""
        if address not in self.text:
            return f"0x{address:08x}, which is no instruction"
        return f"0x{address:08x} in {short(self.function[address])}: {self.text[address]}"


def short(function):
    """A function's name without the arguments of templates, and without what all of them begin with."""
    result, depth = "", 0
    for character in function:
        depth += character == "<"
        result += character if depth == 0 else ""
        depth -= character == ">"
    return re.sub(r"\b(acre::|v\d\w*::|test::|sweep::|platform::|detail::|engine::)+|\(anonymous namespace\)::", "",
                  result)


def without_repeats(addresses):
    """Each run of one address as one: several offsets can stop at the same instruction."""
    result = []
    for address in addresses:
        if not result or result[-1] != address:
            result.append(address)
    return result


def unmasked(trace, image):
    """The addresses in front of which an interrupt can come. Locks nest."""
    result, depth = [], 0
    for address in trace:
        if depth == 0:
            result.append(address)
        text = image.text.get(address, "")
        if MASKS.search(text):
            depth += 1
        elif ENABLES.search(text):
            depth = 0
        elif RESTORES.search(text):
            depth -= 1
            if depth < 0:
                raise RuntimeError(f"{image.describe(address)} restores what nothing has masked")
    if depth != 0:
        raise RuntimeError("an operation ends with interrupts disabled")
    return result


def operations(lines, call, after):
    """The addresses of each operation in a trace, and the one after it."""
    inside = None
    for line in lines:
        if line.startswith("Trace "):
            # Trace 0: 0x7f1d900023c0 [00800400/00001c84/00000110/ff020201] symbol
            address = int(line.split("/", 2)[1], 16)
            if inside is not None:
                inside.append(address)
                if address == after:
                    yield inside
                    inside = None
            elif address == call:
                inside = []
        elif inside and line.startswith(LOGGED_AGAIN):
            inside.pop()


def traced(command, image):
    """Runs `command`, a QEMU that traces, and returns its operations. The trace goes through a pipe: it
    has a line for each instruction of the run."""
    call, after = image.symbols["acre_sweep_call"], image.symbols["acre_sweep_after"]
    with tempfile.TemporaryDirectory() as scratch:
        fifo = pathlib.Path(scratch) / "trace"
        os.mkfifo(fifo)
        process = subprocess.Popen(
            [*command, "-singlestep", "-d", "exec,nochain", "-D", str(fifo)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(fifo, encoding="ascii", errors="replace") as trace:
            result = list(operations(trace, call, after))
        if process.wait(timeout=60) != 0:
            raise RuntimeError(f"{image.elf.name}: the traced run ended with {process.returncode}")
    return result
