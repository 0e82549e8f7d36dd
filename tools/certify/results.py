# SPDX-License-Identifier: MIT
"""What was measured, as plain dictionaries, so that it is JSON without further ado:

  compilers: core -> version
  runs: "m3 -O2" -> "heap|basic" -> {control, header, tried, calls}
        calls: operation -> {worst, where, workloads: "W3" -> [mean, 99th percentile, worst],
                             masked: [longest with the lock held, where], with an interrupt lock}
  code: "m3" -> "heap|basic" -> {"-Os": bytes, "-O2": bytes}
  space: "m3" -> "heap|basic" -> "W3" -> [[bytes of the smallest region, peak payload] for each seed]

An allocator that is not acre's has the level "peer".
"""

import json

from measure import LEVELS

# Of each operation the first of these workloads in which it occurs gives the mean and the percentile.
TYPICAL = ("W3", "W6", "W7", "W1", "W2")


def key(name, level):
    return f"{name}|{level}"


def split(allocator):
    return tuple(allocator.rsplit("|", 1))


def is_peer(allocator):
    return allocator.endswith("|peer")


def add_counts(allocators, lines, suffix=""):
    """What an image printed that counts instructions; `suffix` is added to each name."""
    for tag, *fields in lines:
        if tag not in ("allocator", "tried", "call"):
            continue
        fields[0] += suffix
        if tag == "allocator":
            name, level, control, header = fields
            allocators[key(name, level)] = {"control": int(control), "header": int(header),
                                            "tried": 0, "calls": {}}
        elif tag == "tried":
            name, level, tried = fields
            allocators[key(name, level)]["tried"] += int(tried)
        elif tag == "call":
            name, level, operation, scenario, calls, worst, total, percentile, masked = fields
            call = allocators[key(name, level)]["calls"].setdefault(
                operation, {"worst": 0, "where": "", "workloads": {}})
            if int(worst) > call["worst"]:
                call["worst"], call["where"] = int(worst), scenario
            if int(masked) > call.get("masked", [0])[0]:
                call["masked"] = [int(masked), scenario]
            if scenario.startswith("W"):
                workload = scenario.split()[0]
                mean = round(int(total) / int(calls), 1)
                # A second pass repeats what both passes call.
                call["workloads"].setdefault(workload, [mean, int(percentile), int(worst)])


def add_space(allocators, lines):
    for tag, *fields in lines:
        if tag == "space":
            name, level, workload, _, size, payload = fields
            allocators.setdefault(key(name, level), {}).setdefault(workload, []).append(
                [int(size), int(payload)])


def typical(call):
    """[mean, 99th percentile, worst] in the workload that stands for the operation, or None."""
    return next((call["workloads"][w] for w in TYPICAL if w in call["workloads"]), None)


def longest_masked(calls):
    """Of all calls with an interrupt lock around them, the longest time that they hold it; None where
    there is none. init() comes before there is anybody to wait."""
    return max((call["masked"][0] for name, call in calls.items() if name != "init" and "masked" in call),
               default=None)


def in_order(allocators):
    """One allocator after the other, each from the lowest level of checks to the highest."""
    levels = (*LEVELS, "peer")
    names = list(dict.fromkeys(split(allocator)[0].split(",")[0] for allocator in allocators))

    def place(item):
        name, level = split(item[0])
        return names.index(name.split(",")[0]), name.count(","), levels.index(level)

    return dict(sorted(allocators.items(), key=place))


def tried(certificate):
    return sum(a["tried"] for run in certificate["runs"].values() for a in run.values())


def ratio(certificate, core, allocator, workload, with_control=False):
    """Smallest region (and control block) per byte of peak payload, the mean over the seeds; None where
    it was not measured or no region suffices."""
    found = certificate["space"].get(core, {}).get(allocator, {}).get(workload, [])
    if not found or any(size == 0 for size, _ in found):
        return None
    control = 0
    if with_control:
        control = next(run[allocator]["control"] for name, run in certificate["runs"].items()
                       if name.split()[0] == core and allocator in run)
    return sum((size + control) / payload for size, payload in found) / len(found)


def write(certificate, file):
    """JSON with one line for each operation, so that a change of one is a change of a line."""
    def dump(value, depth):
        flat = json.dumps(value)
        if not isinstance(value, dict) or len(flat) < 160:
            return flat
        pad = " " * (depth + 1)
        inside = ",\n".join(f"{pad}{json.dumps(k)}: {dump(v, depth + 1)}" for k, v in value.items())
        return "{\n" + inside + "\n" + " " * depth + "}"

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dump(certificate, 0) + "\n")


def read(file):
    return json.loads(file.read_text())
