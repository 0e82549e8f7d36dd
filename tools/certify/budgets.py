# SPDX-License-Identifier: MIT
"""Compares a certificate with the one that is committed, whose worst cases are the budgets."""

from code_size import OPTIMISATIONS
from results import is_peer, split

SEARCH = "search"


def compilers_differ(budgets, certificate):
    return [core for core, version in certificate["compilers"].items()
            if budgets["compilers"].get(core) != version]


def _figures(certificate):
    """{(run, allocator, what): (figure, how it was found)} of all that has a budget."""
    figures = {}
    for run, allocators in certificate["runs"].items():
        for allocator, found in allocators.items():
            if not is_peer(allocator):
                for operation, call in found["calls"].items():
                    figures[run, allocator, f"worst {operation}"] = call["worst"], call["where"]
                    if "masked" in call:
                        figures[run, allocator, f"masked {operation}"] = tuple(call["masked"])
    for core, allocators in certificate["code"].items():
        for allocator, code in allocators.items():
            if not is_peer(allocator):
                for optimise in OPTIMISATIONS:
                    figures[core, allocator, f"code {optimise}"] = code[optimise], ""
    return figures


def _others(certificate):
    """Figures without a budget, which the document shows all the same."""
    figures = {}
    for run, allocators in certificate["runs"].items():
        for allocator, found in allocators.items():
            if is_peer(allocator):
                continue
            figures[run, allocator, "bytes of the object"] = found["control"]
            figures[run, allocator, "bytes of header"] = found["header"]
            for operation, call in found["calls"].items():
                for workload, (mean, percentile, _) in call["workloads"].items():
                    figures[run, allocator, f"mean {operation}, {workload}"] = mean
                    figures[run, allocator, f"p99 {operation}, {workload}"] = percentile
    for core, allocators in certificate["space"].items():
        for allocator, workloads in allocators.items():
            if not is_peer(allocator):
                for workload, found in workloads.items():
                    figures[core, allocator, f"smallest regions, {workload}"] = found
    return figures


def risen(budgets, certificate):
    """Rows of what exceeds its budget, or has none."""
    allowed = _figures(budgets)
    rows = []
    for place, (value, where) in _figures(certificate).items():
        bound = allowed[place][0] if place in allowed else None
        if bound is None or value > bound:
            run, allocator, what = place
            rows.append([*split(allocator), run, what, "none" if bound is None else bound, value,
                         "" if bound is None else f"+{value - bound}", where])
    return rows


RISEN_HEADER = ["allocator", "checks", "run", "what", "budget", "measured", "", "found in"]


def stale(budgets, certificate, complete):
    """Rows of what the document says and is not so any more. Where the search was short (not
    `complete`), a worst case that the search had found may lie lower."""
    rows = []
    recorded, measured = _figures(budgets), _figures(certificate)
    for place, (value, _) in measured.items():
        if place in recorded:
            bound, where = recorded[place]
            if value < bound and (complete or where != SEARCH):
                rows.append([place, bound, value])
    old, new = _others(budgets), _others(certificate)
    rows += [[place, old.get(place, "none"), value] for place, value in new.items()
             if old.get(place) != value]
    if complete:
        rows += [[place, value, "none"] for place, value in recorded.items() if place not in measured]
    return [[*split(place[1]), place[0], place[2], before, now] for place, before, now in rows]


STALE_HEADER = ["allocator", "checks", "run", "what", "recorded", "measured"]
