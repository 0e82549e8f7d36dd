#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py finds what it should find: violations are planted into the demo's reference output."""

import pathlib
import sys
import unittest

import compare

REFERENCE = (pathlib.Path(__file__).parent / "expected.txt").read_text()


def with_change(old, new):
    if REFERENCE.count(old) == 0:
        raise AssertionError(f"the reference has no '{old}': change this test with the demo")
    return REFERENCE.replace(old, new, 1)


def cell_of(row, column, text=REFERENCE):
    line = next(line for line in text.splitlines() if line.split()[:1] == [row])
    return line, line.split()[compare.COLUMNS.index(column)]


def with_cell(row, column, value):
    line, old = cell_of(row, column)
    cells = line.split()
    cells[compare.COLUMNS.index(column)] = value
    return with_change(line, "  " + "  ".join(cells))


class Allowed(unittest.TestCase):
    def check(self, text):
        self.assertEqual(compare.difference(REFERENCE, text), "")

    def test_the_same(self):
        self.check(REFERENCE)

    def test_another_board(self):
        self.check(with_change(" on host, ", " on microbit, "))

    def test_another_region_and_overhead(self):
        self.check(with_cell("events", "region*", "1"))
        self.check(with_cell("events", "overhead*", "1"))

    def test_another_starred_cell(self):
        self.check(with_cell("scratch", "peak", "1*"))

    def test_another_overhead_in_the_map(self):
        self.check(with_change("o\n", "oooo\n"))

    def test_a_stack_peak(self):
        self.check(REFERENCE.rstrip("\n") + "; stack peak 1000 bytes\n")


class Found(unittest.TestCase):
    def check(self, text):
        self.assertNotEqual(compare.difference(REFERENCE, text), "")

    def test_each_other_cell(self):
        for row in ("packets", "messages", "window", "events", "power", "logs", "scratch"):
            for column in ("kind", "block", "in use", "refused", "bad frees"):
                self.check(with_cell(row, column, "7777"))

    def test_another_peak(self):
        self.check(with_cell("packets", "peak", "1472"))

    def test_another_map(self):
        self.check(with_change("######.", "#####.."))

    def test_another_story(self):
        self.check(with_change("double free of a block", "wrong size of a block"))

    def test_a_missing_line(self):
        lines = REFERENCE.splitlines(keepends=True)
        self.check("".join(lines[:5] + lines[6:]))

    def test_a_star_that_is_not_listed(self):
        with self.assertRaises(compare.NotADemo):
            self.check(with_cell("packets", "peak", "1536*"))

    def test_a_star_that_is_gone(self):
        with self.assertRaises(compare.NotADemo):
            self.check(with_cell("scratch", "peak", "192"))

    def test_an_end_that_is_missing(self):
        with self.assertRaises(compare.NotADemo):
            self.check("\n".join(REFERENCE.splitlines()[:-1]))

    def test_another_result(self):
        self.check(with_change(" packets sent", " packets lost"))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"host/demo_compare: {result.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
