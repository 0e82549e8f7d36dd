#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the image of a sweep: an interrupt in front of every instruction of every operation.

  sweep.py --board mps2-an385 --objdump arm-none-eabi-objdump pool_sweep.elf

The image says in front of which addresses interrupts came; the same image, run without interrupts under
QEMU's trace, says in front of which they must have come. An address that is missing is an error, and so
is every violation that the image found. --random N sweeps N random scenarios of each allocator instead of
the listed ones. --planted expects a violation in each scenario with a mistake, and that a sweep which
skips offsets is found out. --second-core sweeps an image in which no interrupt comes, but a second core.
"""

import argparse
import pathlib
import subprocess
import sys

import reference
import second_core

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "boards"))
import run  # noqa: E402: boards/run.py knows how a board is run


class Scenario:
    def __init__(self, fields):
        self.family, self.name, self.set_up, self.operation, self.handler = fields
        self.addresses = []  # in front of which interrupts came
        self.positions = set()  # of the instructions in front of which the second core came
        self.trace = []  # the addresses of the operation without an interrupt
        self.offsets = self.violations = 0
        self.first_violation = None

    def __str__(self):
        return f"{self.family}: {self.name} ({self.set_up or '-'}, {self.operation}, {self.handler})"


def read_scenarios(output):
    """The scenarios of an image's output; an error if it does not end as it should."""
    scenarios, ended = [], False
    for line in output.splitlines():
        kind, *fields = line.split("|")
        if kind == "scenario":
            scenarios.append(Scenario(fields))
        elif kind == "at":
            scenarios[-1].addresses += [int(field) for field in fields[0].split()]
        elif kind == "swept":
            offsets, distinct, violations = map(int, fields)
            scenarios[-1].offsets, scenarios[-1].violations = offsets, violations
            if distinct != len(scenarios[-1].addresses):
                raise RuntimeError(f"{scenarios[-1]}: {distinct} addresses, not all of them printed")
        elif kind == "violation":
            scenarios[-1].first_violation = (int(fields[0]), int(fields[1]), fields[2])
        elif kind == "end":
            ended = True
        else:
            raise RuntimeError(f"the image printed: {line}")
    if not ended:
        raise RuntimeError("the image did not reach its end; its last words:\n" + output[-500:])
    return scenarios


def gap(reached, expected):
    """The first difference as a pair (position, address that was expected); None if there is none."""
    for position, pair in enumerate(zip(reached, expected)):
        if pair[0] != pair[1]:
            return position, pair[1]
    if len(reached) < len(expected):
        return len(reached), expected[len(reached)]
    if len(reached) > len(expected):
        return len(expected), reached[len(expected)]
    return None


def complete(scenarios, traces):
    if len(traces) != len(scenarios):
        raise RuntimeError(f"{len(scenarios)} scenarios, but {len(traces)} operations in the trace")
    for scenario, trace in zip(scenarios, traces):
        scenario.trace = trace
    return scenarios


class Interrupts:
    """An interrupt in front of every instruction."""

    def __init__(self, command, image, timeout):
        self.command, self.image, self.timeout = command, image, timeout

    def sweep(self, words):
        command = [*self.command, "-append", " ".join(words)]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=self.timeout)
        if result.returncode != 0:
            raise RuntimeError(f"exit {result.returncode}:\n{(result.stdout + result.stderr)[-500:]}")
        traces = reference.traced(self.command, words, self.image)
        return complete(read_scenarios(result.stdout), traces)

    def missed(self, scenario):
        """A text about the first instruction that was missed, or None."""
        expected = reference.without_repeats(reference.unmasked(scenario.trace, self.image))
        if (missing := gap(scenario.addresses, expected)) is None:
            return None
        position, address = missing
        return f"instruction {position} was missed: {self.image.describe(address)}"

    @staticmethod
    def reached(scenario):
        return len(scenario.addresses)


class SecondCore:
    """Another core, at every instruction, masked ones included."""

    # Steps that a run begins later, as long as positions are missing.
    DELAYS = (0, 100000, 200000, 300000, 400000)

    def __init__(self, command, image, _timeout):
        self.command, self.image = command, image

    def sweep(self, words):
        traces = reference.traced(self.command, words, self.image)
        ranges = second_core.functions_of(traces, self.image)
        total = None
        for delay in self.DELAYS:
            command = [*self.command, "-append", " ".join([*words, f"delay={delay}"])]
            output, hits = second_core.traced_run(command, self.image, ranges)
            scenarios = complete(read_scenarios(output), traces)
            if len(hits) != len(scenarios):
                raise RuntimeError(f"{len(scenarios)} scenarios, but {len(hits)} in the trace")
            total = total or scenarios
            for sum_of, scenario, positions in zip(total, scenarios, hits):
                sum_of.positions |= positions
                if scenario is not sum_of:
                    sum_of.offsets += scenario.offsets
                    sum_of.violations += scenario.violations
                    sum_of.first_violation = sum_of.first_violation or scenario.first_violation
            if "step=" in " ".join(words) or not any(map(self.missed, total)):
                break
        return total

    def missed(self, scenario):
        lost = [i for i in range(len(scenario.trace)) if i not in scenario.positions]
        if not lost:
            return None
        return (f"core 1 never came at {len(lost)} of {len(scenario.trace)} instructions, the first is "
                f"{lost[0]}: {self.image.describe(scenario.trace[lost[0]])}")

    @staticmethod
    def reached(scenario):
        return len(scenario.positions)


def violation_of(scenario, image):
    offset, address, what = scenario.first_violation
    where = f", in front of {image.describe(address)}" if address != 0 else ""
    return f"{what}, at {scenario.violations} of {scenario.offsets} offsets, first at {offset}{where}"


def complaints_about(scenario, way):
    """What is wrong with one scenario."""
    found = [violation_of(scenario, way.image)] if scenario.violations else []
    return found + [missed for missed in [way.missed(scenario)] if missed]


# The family of a planted image that has no mistake.
NOTHING_PLANTED = "nothing planted"
# Ticks that are more than one instruction on every board.
SKIPPING_STEP = 7


def check_planted(way, scenarios):
    """The failures of an image with planted mistakes, each of which must have been found."""
    failures = []
    for scenario in scenarios:
        if scenario.family == NOTHING_PLANTED:
            failures += [f"{scenario}: {what}" for what in complaints_about(scenario, way)]
        elif scenario.violations == 0:
            failures.append(f"{scenario}: not found")
        else:
            print(f"found {scenario}: {violation_of(scenario, way.image)}")
    for scenario in way.sweep([f"step={SKIPPING_STEP}"]):
        if scenario.family == NOTHING_PLANTED:
            missed = way.missed(scenario)
            if missed is None:
                failures.append(f"{scenario}: skipped offsets were not noticed")
            else:
                print(f"found a sweep that skips: {scenario}: {missed}")
    return failures


def check(way, scenarios):
    """The failures of an image without mistakes."""
    failures = [f"{scenario}: {'; '.join(wrong)}"
                for scenario in scenarios if (wrong := complaints_about(scenario, way))]
    offsets = sum(scenario.offsets for scenario in scenarios)
    instructions = sum(way.reached(scenario) for scenario in scenarios)
    violations = sum(scenario.violations for scenario in scenarios)
    print(f"swept {offsets} offsets, {instructions} instructions, {violations} violations")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", required=True)
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--second-core", action="store_true")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("elf", type=pathlib.Path)
    arguments = parser.parse_args()

    board = run.load_board(arguments.board)
    image = reference.Image(arguments.elf, arguments.objdump)
    command = run.command_line(board, arguments.elf, wall_clock=False, extra=[])
    way = (SecondCore if arguments.second_core else Interrupts)(command, image, arguments.timeout)
    words = []
    if arguments.random:
        words = [f"random={arguments.random}", f"seed={arguments.seed}"]
    scenarios = way.sweep(words)
    failures = check_planted(way, scenarios) if arguments.planted else check(way, scenarios)
    for failure in failures:
        print(f"FAILED {failure}")
    # The last line, which ./acre test adds up.
    print(f"{arguments.board}/{arguments.elf.stem}: {max(len(scenarios) - len(failures), 0)} passed, "
          f"{len(failures)} failed, 0 skipped")
    return 1 if failures or not scenarios else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"sweep.py: {error}", file=sys.stderr)
        sys.exit(1)
