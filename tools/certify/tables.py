# SPDX-License-Identifier: MIT
"""The tables of a certificate, as rows; what prints them decides how they look."""

import goals
import results
from results import is_peer, split, typical
from runs import RUNS

WORKLOADS = ("W1", "W2", "W3", "W5", "W6", "W7")


def _number(value):
    return "" if value is None else str(value)


def _three(calls, operation):
    """Mean, 99th percentile and worst of an operation, as cells."""
    call = calls.get(operation)
    if call is None:
        return ["", "", ""]
    usual = typical(call) or ["", ""]
    return [usual[0], usual[1], call["worst"]]


def _worst(calls, operation):
    return calls[operation]["worst"] if operation in calls else ""


def _without_empty_columns(header, rows):
    kept = [i for i in range(len(header)) if any(str(row[i]) != "" for row in rows)]
    return [header[i] for i in kept], [[row[i] for i in kept] for row in rows]


def summary(certificate, run):
    """(header, rows): one row for each allocator and level of a run."""
    header = ["allocator", "checks", "allocate", "p99", "worst", "deallocate", "p99", "worst",
              "unsized", "aligned", "exhausted", "resize", "reallocate", "reset", "init", "masked", "-Os", "-O2",
              "object", "header", "W3", "W5"]
    core = run.split()[0]
    rows = []
    for allocator, found in certificate["runs"][run].items():
        calls = found["calls"]
        code = certificate["code"].get(core, {}).get(allocator, {})
        ratios = [results.ratio(certificate, core, allocator, w) for w in ("W3", "W5")]
        rows.append([
            *split(allocator), *_three(calls, "allocate"), *_three(calls, "deallocate"),
            *(_worst(calls, operation) for operation in (
                "deallocate unsized", "allocate aligned", "exhausted", "try_resize", "reallocate",
                "reset", "init")), _number(results.longest_masked(calls)),
            _number(code.get("-Os")), _number(code.get("-O2")), found["control"], found["header"],
            *("" if r is None else f"{r:.3f}" for r in ratios)])
        if "allocate + slab" in calls:
            rows.append(["  + slab", split(allocator)[1], *_three(calls, "allocate + slab"),
                         *_three(calls, "deallocate + slab"), *[""] * (len(header) - 8)])
    return _without_empty_columns(header, rows)


def found_in(certificate, run):
    """(header, rows): each operation's worst call, and the scenario that had it first."""
    rows = []
    for allocator, found in certificate["runs"][run].items():
        for operation, call in found["calls"].items():
            mean, percentile, _ = typical(call) or ("", "", "")
            rows.append([*split(allocator), operation, mean, percentile, call["worst"], call["where"],
                         *call.get("masked", ["", ""])])
    return _without_empty_columns(
        ["allocator", "checks", "call", "mean", "p99", "worst", "found in", "masked", "found in"], rows)


def workloads(certificate, run):
    """(header, rows): mean and worst of each workload, for allocators that serve any size."""
    rows = []
    for allocator, found in certificate["runs"][run].items():
        if "W6" not in found["calls"].get("allocate aligned", {"workloads": ()})["workloads"] and (
                not is_peer(allocator)):
            continue
        for operation, call in found["calls"].items():
            cells = []
            for workload in WORKLOADS:
                values = call["workloads"].get(workload)
                cells.append("" if values is None else f"{values[0]} / {values[2]}")
            if any(cells):
                rows.append([*split(allocator), operation, *cells])
    return _without_empty_columns(["allocator", "checks", "call", *WORKLOADS], rows)


def space(certificate, core):
    """(header, rows): the smallest regions, per byte of peak payload."""
    rows = []
    for allocator, found in certificate["space"].get(core, {}).items():
        row = [*split(allocator)]
        for workload in ("W3", "W5"):
            if workload not in found:
                row += ["", "", ""]
            elif any(size == 0 for size, _ in found[workload]):
                row += ["does not fit", "", ""]
            else:
                row += [", ".join(str(size) for size, _ in found[workload]),
                        *(f"{results.ratio(certificate, core, allocator, workload, control):.3f}"
                          for control in (False, True))]
        rows.append(row)
    return _without_empty_columns(
        ["allocator", "checks", "W3: regions", "region", "and control", "W5: regions", "region",
         "and control"], rows)


def goal_table(certificate):
    return goals.HEADER, goals.rows(certificate)


def in_order(certificate):
    """The runs of a certificate, as in RUNS."""
    return [run for run in RUNS if run in certificate["runs"]]
