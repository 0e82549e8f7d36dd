#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The table at the end of ./acre test: counts single tests, not CTest entries.

  test_report.py ROOT RESULTS

RESULTS has a line per run: name, state, milliseconds and, where tests ran, the path of CTest's report
below ROOT; a run in the state not-run was only built, and the last field says why. Of each entry there, the program's own closing line counts: that of GoogleTest, or
"<where>/<suite>: P passed, F failed, S skipped" (firmware, rules). A program that ends badly with no
failed test, or that ran none, counts as one failure: silence is not success.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

CLOSING = re.compile(r"^\S+/\S+: (\d+) passed, (\d+) failed(?:, (\d+) skipped)?\b.*$", re.M)
# What tests/interrupts says of its sweeps.
SWEPT = re.compile(r"^swept (\d+) offsets, (\d+) instructions, (\d+) violations$", re.M)
GTEST_RAN = re.compile(r"^\[=+\] (\d+) tests? from \d+ test (?:suite|case)s? ran\.", re.M)
GTEST_COUNT = r"^\[  %s *\] (\d+) tests?[.,]"
# A failed test's name, as GoogleTest and as the firmware's GoogleTest print it.
FAILED_LINE = re.compile(
    r"^\[  FAILED  \] ([^\s,]+\.[^\s,]+)|^.+:\d+: failed in ([^\s,:]+\.[^\s,:]+)", re.M)


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.complaints = []
        self.swept = [0, 0, 0]  # offsets, instructions, violations


def first_number(pattern, text):
    found = re.search(pattern, text, re.M)
    return int(found.group(1)) if found else 0


def count_entry(entry, counts):
    """Adds what one CTest entry ran."""
    name, status = entry.get("name"), entry.get("status")
    output = entry.findtext("system-out") or ""
    passed = failed = skipped = 0
    for sweep in SWEPT.findall(output):
        counts.swept = [sum(pair) for pair in zip(counts.swept, map(int, sweep))]
    closings = CLOSING.findall(output)
    if closings:
        # The last one: a test of the test framework itself may show those of the runs it starts.
        passed, failed, skipped = (int(number or 0) for number in closings[-1])
    elif GTEST_RAN.search(output):
        passed = first_number(GTEST_COUNT % "PASSED", output)
        failed = first_number(GTEST_COUNT % "FAILED", output)
        skipped = first_number(GTEST_COUNT % "SKIPPED", output)
    elif status == "run" and not re.search(r"\[=+\] Running", output):
        passed = 1  # a plain program: its exit code is the test

    ended_well = status == "run"
    if ended_well and passed + failed + skipped == 0:
        failed = 1
        counts.complaints.append(f"{name}: ran no test")
    elif not ended_well and failed == 0:
        failed = 1
        reason = entry.find("failure")
        message = reason.get("message") if reason is not None else ""
        counts.complaints.append(f"{name}: {message or status}")
    elif failed:
        names = sorted({one or other for one, other in FAILED_LINE.findall(output)})
        counts.complaints += [f"{name}: {test}" for test in names] or [f"{name}: {failed} failed"]
    counts.passed += passed
    counts.failed += failed
    counts.skipped += skipped


def count_run(root, state, report):
    counts = Counts()
    if state == "not-run":
        return counts
    if state.endswith("-failed") or not (root / report).is_file():
        counts.failed = 1
        counts.complaints.append(state.replace("-", " ") if "-" in state else "no report of CTest")
        return counts
    for entry in ElementTree.parse(root / report).getroot().iter("testcase"):
        count_entry(entry, counts)
    if counts.passed + counts.failed == 0:
        counts.failed = 1
        counts.complaints.append("no test ran")
    elif state == "failed" and counts.failed == 0:
        counts.failed = 1
        counts.complaints.append("CTest failed, but no test did")
    return counts


def main():
    root, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rows = []
    for line in results.read_text().splitlines():
        name, state, milliseconds, report = line.split("\t")
        rows.append((name, state, int(milliseconds) / 1000, report, count_run(root, state, report)))

    width = max((len(row[0]) for row in rows), default=0)
    print()
    for name, state, seconds, report, counts in rows:
        text = f"{counts.passed:6d} passed {counts.failed:4d} failed {counts.skipped:4d} skipped"
        if state == "not-run":
            text = f"built, not run: {report}"
        print(f"{name:<{width}}  {text:<38} {seconds:7.1f} s")
    if any(counts.complaints for *_, counts in rows):
        print()
        for name, *_, counts in rows:
            for complaint in counts.complaints[:20]:
                print(f"FAILED {name}: {complaint}")
            if len(counts.complaints) > 20:
                print(f"FAILED {name}: and {len(counts.complaints) - 20} more")
        print(f"Logs: {results.parent}")
    passed = sum(counts.passed for *_, counts in rows)
    failed = sum(counts.failed for *_, counts in rows)
    offsets, instructions, violations = (sum(counts.swept[i] for *_, counts in rows) for i in range(3))
    if offsets:
        runs = sum(counts.swept[0] != 0 for *_, counts in rows)
        print(f"\nAn interrupt, or a second core, at {offsets:,} offsets, in front of {instructions:,} "
              f"instructions, in {runs} runs: {violations} violations")
    print(f"\n{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
