#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the image of a sweep: an interrupt in front of every instruction of every operation.

  sweep.py --board mps2-an385 --objdump arm-none-eabi-objdump pool_sweep.elf

The image says in front of which addresses interrupts came; the same image, run without interrupts under
QEMU's trace, says in front of which they must have come. An address that is missing is an error, and so
is every violation that the image found. --random N sweeps N random scenarios of each allocator instead of
the listed ones. --planted expects a violation in each scenario with a mistake, and that a sweep which
skips offsets is found out. --second-core sweeps an image in which a second core comes instead of an
interrupt handler: nothing masks it, so that all instructions are expected. With --pairs it also stops after
each of its own instructions, and goes on when the operation has ended.
"""

import argparse
import pathlib
import subprocess
import sys

import reference

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "boards"))
import run  # noqa: E402: boards/run.py knows how a board is run


class Scenario:
    def __init__(self, fields):
        self.family, self.name, self.set_up, self.operation, self.handler = fields
        self.addresses = []
        self.offsets = self.violations = self.waits = 0
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
            offsets, distinct, violations, waits = map(int, fields)
            scenarios[-1].offsets, scenarios[-1].violations = offsets, violations
            scenarios[-1].waits = waits
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


def run_image(command, words, timeout):
    result = subprocess.run([*command, "-append", " ".join(words)], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=timeout)
    if result.returncode != 0:
        raise RuntimeError(f"exit {result.returncode}:\n{(result.stdout + result.stderr)[-500:]}")
    return read_scenarios(result.stdout)


def violation_of(scenario, image):
    offset, address, what = scenario.first_violation
    if address == 0:
        return f"{what}, even without an interrupt inside"
    return (f"{what}, at {scenario.violations} of {scenario.offsets} offsets, first at {offset}, in "
            f"front of {image.describe(address)}")


def missed_by(scenario, expected, image):
    """The first instruction that the sweep did not stop at, or None."""
    if (missing := gap(scenario.addresses, expected)) is None:
        return None
    position, address = missing
    return f"instruction {position} was missed: {image.describe(address)}"


def complaints_about(scenario, expected, image):
    """What is wrong with one scenario."""
    found = [violation_of(scenario, image)] if scenario.violations else []
    return found + [missed for missed in [missed_by(scenario, expected, image)] if missed]


# The family of a planted image that has no mistake.
NOTHING_PLANTED = "nothing planted"
# Ticks that are more than one instruction on every board.
SKIPPING_STEP = 7


def check_planted(command, scenarios, expectations, image, timeout):
    """The failures of an image with planted mistakes, each of which must have been found."""
    failures = []
    for scenario, expected in zip(scenarios, expectations):
        if scenario.family == NOTHING_PLANTED:
            failures += [f"{scenario}: {what}" for what in complaints_about(scenario, expected, image)]
        elif scenario.violations == 0:
            failures.append(f"{scenario}: not found")
        else:
            print(f"found {scenario}: {violation_of(scenario, image)}")
    skipped = run_image(command, [f"step={SKIPPING_STEP}"], timeout)
    for scenario, expected in zip(skipped, expectations):
        if scenario.family == NOTHING_PLANTED:
            missed = missed_by(scenario, expected, image)
            if missed is None:
                failures.append(f"{scenario}: skipped offsets were not noticed")
            else:
                print(f"found a sweep that skips: {scenario}: {missed}")
    return failures


def close(arguments, count, failed):
    """The last line, which ./acre test adds up; returns the exit code."""
    print(f"{arguments.board}/{arguments.elf.stem}: {max(count - failed, 0)} passed, {failed} failed, "
          "0 skipped")
    return 1 if failed or count == 0 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", required=True)
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--second-core", action="store_true")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("elf", type=pathlib.Path)
    arguments = parser.parse_args()

    board = run.load_board(arguments.board)
    image = reference.Image(arguments.elf, arguments.objdump)
    command = run.command_line(board, arguments.elf, wall_clock=False, extra=[])
    words = ["pairs"] if arguments.pairs else []
    if arguments.random:
        words += [f"random={arguments.random}", f"seed={arguments.seed}"]
    scenarios = run_image(command, words, arguments.timeout)
    traces = reference.traced([*command, "-append", " ".join(["trace", *words])], image)
    if len(traces) != len(scenarios):
        raise RuntimeError(f"{len(scenarios)} scenarios, but {len(traces)} operations in the trace")
    expectations = [
        reference.without_repeats(trace if arguments.second_core else reference.unmasked(trace, image))
        for trace in traces]

    if arguments.planted:
        failures = check_planted(command, scenarios, expectations, image, arguments.timeout)
        for what in failures:
            print(f"FAILED {what}")
        return close(arguments, len(scenarios), len(failures))

    failed = 0
    for scenario, expected in zip(scenarios, expectations):
        wrong = complaints_about(scenario, expected, image)
        failed += bool(wrong)
        for what in wrong:
            print(f"FAILED {scenario}: {what}")
    offsets = sum(scenario.offsets for scenario in scenarios)
    addresses = sum(len(scenario.addresses) for scenario in scenarios)
    violations = sum(scenario.violations for scenario in scenarios)
    if arguments.second_core:
        print(f"the second core had to wait at {sum(scenario.waits for scenario in scenarios)} offsets")
    print(f"swept {offsets} offsets, {addresses} instructions, {violations} violations")
    return close(arguments, len(scenarios), failed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"sweep.py: {error}", file=sys.stderr)
        sys.exit(1)
