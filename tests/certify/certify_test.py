#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tests of ./acre certify: it fails when a worst case or the code has grown, and it measures a peer.

  certify_test.py DIRECTORY     builds there
"""

import copy
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "certify"
sys.path[:0] = [str(ROOT / "tests" / "rules"), str(ROOT / "tools"), str(TOOL)]

import budgets
import document
import results
import support

COMMITTED = results.read(TOOL / "budgets.json")
M0 = "m0 -Os"


def changed(change):
    """The committed certificate after `change`."""
    certificate = copy.deepcopy(COMMITTED)
    change(certificate)
    return certificate


class Compared(unittest.TestCase):
    """Certificates that differ from the committed one in one figure."""

    def arena(self, certificate):
        return certificate["runs"][M0]["arena|basic"]["calls"]["allocate"]

    def test_the_committed_one_is_within_its_budgets_and_current(self):
        self.assertEqual(budgets.risen(COMMITTED, COMMITTED), [])
        self.assertEqual(budgets.stale(COMMITTED, COMMITTED, complete=True), [])

    def test_the_page_is_made_of_the_committed_figures(self):
        self.assertEqual(document.DOCUMENT.read_text(), document.render(COMMITTED))

    def test_a_slower_worst_case_is_found_and_named(self):
        slower = changed(lambda c: self.arena(c).update(worst=10**6, where="a planted scenario"))
        rows = budgets.risen(COMMITTED, slower)
        self.assertEqual(len(rows), 1, rows)
        self.assertEqual(rows[0][:4], ["arena", "basic", M0, "worst allocate"])
        self.assertEqual(rows[0][-1], "a planted scenario")

    def test_more_code_is_found(self):
        larger = changed(lambda c: c["code"]["m3"]["stack|full"].update({"-Os": 10**6}))
        self.assertEqual([row[:4] for row in budgets.risen(COMMITTED, larger)],
                         [["stack", "full", "m3", "code -Os"]])

    def test_an_operation_without_a_budget_is_found(self):
        more = changed(lambda c: c["runs"][M0]["arena|basic"]["calls"].update(
            {"fly": {"worst": 1, "where": "", "workloads": {}}}))
        self.assertEqual([row[3:5] for row in budgets.risen(COMMITTED, more)],
                         [["worst fly", "none"]])

    def test_an_operation_that_is_gone_makes_the_page_stale(self):
        less = changed(lambda c: c["runs"][M0]["arena|basic"]["calls"].pop("allocate"))
        self.assertEqual(len(budgets.stale(COMMITTED, less, complete=True)), 1)

    def test_another_mean_makes_the_page_stale(self):
        other = changed(lambda c: self.arena(c)["workloads"].update(W1=[1.0, 1, 1]))
        self.assertEqual(budgets.risen(COMMITTED, other), [])
        self.assertEqual(len(budgets.stale(COMMITTED, other, complete=False)), 2)  # and the percentile

    def test_a_faster_worst_case_makes_the_page_stale(self):
        faster = changed(lambda c: self.arena(c).update(worst=1))
        self.assertEqual(budgets.risen(COMMITTED, faster), [])
        self.assertEqual(len(budgets.stale(COMMITTED, faster, complete=False)), 1)

    def test_what_only_a_long_search_finds_need_not_be_found_by_a_short_one(self):
        recorded = changed(lambda c: self.arena(c).update(worst=10**6, where=budgets.SEARCH))
        self.assertEqual(budgets.stale(recorded, COMMITTED, complete=False), [])
        self.assertEqual(len(budgets.stale(recorded, COMMITTED, complete=True)), 1)

    def test_a_peer_has_no_budget(self):
        slower = changed(lambda c: c["runs"][M0]["newlib|peer"]["calls"]["allocate"].update(
            worst=10**9))
        self.assertEqual(budgets.risen(COMMITTED, slower), [])


@unittest.skipIf(shutil.which("arm-none-eabi-g++") is None or shutil.which("qemu-system-arm") is None,
                 "needs gcc-arm-none-eabi and qemu-system-arm")
class Measured(unittest.TestCase):
    """Runs of the tool, on the smallest board."""

    def certify(self, *arguments, ends_with=0):
        done = subprocess.run(
            [sys.executable, TOOL, "--quick", "--board", "microbit", "--directory", directory / "build",
             *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, ends_with, done.stdout)
        return done.stdout

    def with_budgets(self, certificate):
        file = directory / "budgets.json"
        results.write(certificate, file)
        return ["--only", "arena", "--check", "--budgets", file]

    def test_a_run_within_its_budgets_passes(self):
        if COMMITTED["compilers"]["m0"] not in subprocess.run(
                ["arm-none-eabi-g++", "--version"], capture_output=True, text=True).stdout:
            self.skipTest("the budgets were measured with another compiler")
        self.assertIn("2 passed, 0 failed", self.certify(*self.with_budgets(COMMITTED)))

    def test_an_allocator_slower_than_its_budget_fails(self):
        def lower(certificate):
            version = subprocess.run(["arm-none-eabi-g++", "--version"], capture_output=True, text=True)
            certificate["compilers"]["m0"] = version.stdout.splitlines()[0]
            certificate["runs"][M0]["arena|basic"]["calls"]["deallocate"]["worst"] -= 1

        text = self.certify(*self.with_budgets(changed(lower)), ends_with=1)
        self.assertRegex(text, r"arena +basic +m0 -Os +worst deallocate +\d+ +\d+ +\+1")

    def test_other_compilers_are_not_compared(self):
        other = changed(lambda c: c["compilers"].update(m0="another"))
        self.assertIn("0 passed, 0 failed, 2 skipped", self.certify(*self.with_budgets(other)))

    def test_a_peer_is_measured_beside_the_others(self):
        file = directory / "peer.json"
        text = self.certify("--only", "arena", "--peer",
                            ROOT / "tests" / "certify" / "first_fit.cpp", "--json", file)
        self.assertRegex(text, r"first fit +peer +\d+")
        peer = json.loads(file.read_text())["runs"][M0]["first fit|peer"]
        self.assertEqual(peer["header"], 8)
        self.assertEqual(set(peer["calls"]), {"init", "allocate", "exhausted", "deallocate"})
        self.assertEqual(peer["calls"]["deallocate"]["worst"],
                         peer["calls"]["deallocate"]["workloads"]["W1"][1], "it never searches")

    def test_an_adapter_that_does_not_compile_is_an_error_that_shows_why(self):
        adapter = support.plant(directory, "broken.cpp", "this is no adapter\n")
        self.assertIn("broken.cpp:1", self.certify("--only", "arena", "--peer", adapter, ends_with=1))

    def test_a_wrong_name_is_said(self):
        self.assertIn("there are: ", self.certify("--only", "toaster", ends_with=2))
        self.assertIn("there is no file", self.certify("--peer", "nowhere.cpp", ends_with=2))


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv.pop()).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    support.run("certify")
