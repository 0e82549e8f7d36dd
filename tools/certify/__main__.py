#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what each allocator costs on each core, under QEMU: instructions of each call (mean, 99th
percentile, and the worst that shapes and a search find), bytes of code, and the smallest regions.

  ./acre certify                    everything, in some minutes; prints a table for each core
  ./acre certify --board mps2-an385
  ./acre certify --quick            Cortex-M3 and M0, a short search, no regions, no peers: a minute
  ./acre certify --check            exit 1 if a worst case or the code exceeds its committed budget, or
                                    docs/certificate.md is stale
  ./acre certify --accept           makes what is measured the budgets, and writes docs/certificate.md
  ./acre certify --peer FILE        adds the allocator of an adapter (tools/certify/peer.h)
"""

import argparse
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

# These follow sys.path.
import budgets
import cross_check
import document
import libc
import results
import tables
from campaign import Campaign
from measure import ROOT, table_text
from runs import OWN, PEERS, QUICK, RUNS

BUDGETS = pathlib.Path(__file__).resolve().parent / "budgets.json"


def parse():
    parser = argparse.ArgumentParser(prog="./acre certify", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    boards = sorted({run.target.board_name for run in RUNS.values()})
    parser.add_argument("--board", choices=boards, action="append", metavar="BOARD",
                        help=f"only this one of {', '.join(boards)}; can be repeated")
    parser.add_argument("--only", action="append", metavar="ALLOCATOR",
                        help="only kinds with this in their name, such as buddy; can be repeated")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--details", action="store_true",
                        help="also print each call's worst, and the scenario that found it")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures")
    parser.add_argument("--peer", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--cross-check", action="store_true",
                        help="only compare the counter with a trace of every instruction")
    parser.add_argument("--budgets", type=pathlib.Path, default=BUDGETS, metavar="FILE",
                        help="the budgets for --check, if not the committed ones")
    parser.add_argument("--directory", type=pathlib.Path, default=ROOT / "build" / "certify",
                        help="where to build (default: build/certify)")
    parser.add_argument("--quiet", action="store_true", help="no progress, no tables")
    arguments = parser.parse_args()
    if arguments.accept and (arguments.quick or arguments.board or arguments.only or arguments.peer
                             or arguments.check):
        parser.error("--accept needs everything measured: it goes with none of --quick, --board, "
                     "--only, --peer and --check")
    if arguments.peer and not arguments.peer.is_file():
        parser.error(f"there is no file {arguments.peer}")
    return parser, arguments


def chosen(parser, arguments):
    """(runs, kinds)"""
    runs = [run for name, run in RUNS.items() if not arguments.quick or name in QUICK]
    if arguments.board:
        runs = [run for run in runs if run.target.board_name in arguments.board]
    kinds = (*OWN, *(() if arguments.quick else PEERS))
    if arguments.only:
        kinds = tuple(k for k in kinds if any(word in k.name for word in arguments.only))
    if not runs:
        parser.error("--quick measures no such board")
    if not kinds and not arguments.peer:
        parser.error(f"no kind of allocator is called that; there are: "
                     f"{', '.join(k.name for k in (*OWN, *PEERS))}")
    return runs, kinds


def missing(runs, kinds):
    """Debian packages without which nothing, or not everything, can be measured."""
    for run in runs:
        if not run.target.has_compiler():
            yield run.target.package
        elif shutil.which(run.target.board["qemu"][0]) is None:
            yield ("qemu-system-arm" if run.target.prefix.startswith("arm") else "qemu-system-misc")
        else:
            for kind in kinds:
                if (kind.libc and libc.exists_for(run.target, kind.libc)
                        and libc.archive(run.target, kind.libc) is None):
                    yield libc.PACKAGES[run.target.prefix][kind.libc]


def show(certificate, details):
    for run in tables.in_order(certificate):
        if details:
            header, rows = tables.found_in(certificate, run)
            print(f"\n{RUNS[run].title}: where the worst was found")
            print(table_text(header, rows, left=3))
        header, rows = tables.summary(certificate, run)
        print(f"\n{RUNS[run].title}; region of {RUNS[run].region // 1024} KiB")
        print(table_text(header, rows, left=2))
    header, rows = tables.goal_table(certificate)
    if rows:
        print("\nGoals (Cortex-M3, -O2, where nothing else is said)")
        print(table_text(header, rows, left=3))
    print("\nInstructions: mean and 99th percentile in a steady state, then worst of all. Bytes: code of "
          "init,\nallocate and deallocate (-Os, -O2), the allocator object, the header of a block. W3, W5: "
          "smallest region\nper byte of peak payload. docs/certificate.md says more; --details says where each "
          f"worst was found.\n{results.tried(certificate)} sequences were tried in the search for worst cases.")


def check_name(arguments):
    return f"certify/{'quick' if arguments.quick else 'full'}"


def check(certificate, arguments, complete):
    """The exit code. The last line has the counts that the project's test report reads."""
    name = check_name(arguments)
    if not arguments.budgets.exists():
        print(f"there are no budgets in {arguments.budgets}; ./acre certify --accept writes them")
        return 1
    recorded = results.read(arguments.budgets)
    if budgets.compilers_differ(recorded, certificate):
        print("the budgets were measured with other compilers than those here")
        print(f"{name}: 0 passed, 0 failed, 2 skipped")
        return 0
    failed = 0
    rows = budgets.risen(recorded, certificate)
    if rows:
        failed += 1
        print("\nAbove the budget:")
        print(table_text(budgets.RISEN_HEADER, rows, left=4))
    rows = budgets.stale(recorded, certificate, complete)
    is_rendered = (arguments.budgets != BUDGETS
                   or document.DOCUMENT.exists()
                   and document.DOCUMENT.read_text() == document.render(recorded))
    if rows or not is_rendered:
        failed += 1
        print("\ndocs/certificate.md is stale" + (":" if rows else ": it is not what the budgets give"))
        if rows:
            print(table_text(budgets.STALE_HEADER, rows, left=4))
    if failed:
        print("\nIf that is meant: ./acre certify --accept, and commit what it writes.")
    print(f"{name}: {2 - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main():
    parser, arguments = parse()
    runs, kinds = chosen(parser, arguments)
    packages = list(dict.fromkeys(missing(runs, kinds)))
    if packages:
        print(f"missing; on Debian: apt-get install {' '.join(packages)}")
        if arguments.check:
            print(f"{check_name(arguments)}: 0 passed, 0 failed, 2 skipped")
        return 0 if arguments.check else 1
    if arguments.cross_check:
        return cross_check.run_all(arguments.directory / "trace", runs, kinds)

    peer = arguments.peer.resolve() if arguments.peer else None
    certificate = Campaign(arguments.directory, runs, kinds, peer, arguments.quick,
                           arguments.quiet).measure()
    if not arguments.quiet:
        show(certificate, arguments.details)
    if arguments.json:
        results.write(certificate, arguments.json)
        print(f"\nwritten: {arguments.json}")
    if arguments.accept:
        results.write(certificate, BUDGETS)
        document.DOCUMENT.write_text(document.render(results.read(BUDGETS)))
        print(f"\nwritten: {BUDGETS.relative_to(ROOT)}, {document.DOCUMENT.relative_to(ROOT)}")
    if arguments.check:
        complete = not (arguments.quick or arguments.board or arguments.only)
        return check(certificate, arguments, complete)
    return 0


if __name__ == "__main__":
    sys.exit(main())
