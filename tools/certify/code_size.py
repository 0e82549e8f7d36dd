# SPDX-License-Identifier: MIT
"""Bytes of code of init, allocate and deallocate: what a firmware grows by that calls each once, as in
tools/size.py, whose probes these are."""

import images
import libc
from measure import LEVELS, ROOT, compile_object, run, write_autoconf
from results import key
from size import sections

OPTIMISATIONS = ("-Os", "-O2")
PROBES = ROOT / "tools" / "size" / "probes"
# The allocators that have the code of a probe.
PROBED = {
    "pool": ("pool<32>", "pool<32>, bits"),
    "lockfree_pool": ("lockfree_pool<32>",),
    "arena": ("arena",),
    "stack": ("stack",),
    "buddy": ("buddy<16>",),
    "slab": ("slab 512 B",),
    "heap": ("heap",),
}


def probes():
    return [name for name in PROBED if (PROBES / f"{name}.cpp").exists()]


class Probes:
    """`compile` and then `measure` take the jobs of `jobs` and `probe_jobs`."""

    def __init__(self, directory):
        self.directory = directory
        self.autoconf = write_autoconf(directory / "config")
        self.shared = {}

    def jobs(self, targets):
        return [(t, o, source) for t in targets for o in OPTIMISATIONS
                for source in sorted((ROOT / "core/src").glob("*.cpp")) + t.platform_sources()]

    def compile(self, job):
        target, optimise, source = job
        output = self.directory / target.name / optimise / f"{source.parent.name}-{source.stem}.o"
        compile_object(target, source, output, optimise, self.autoconf)
        self.shared[job] = output

    def probe_jobs(self, targets):
        return [(t, o, probe, level) for t in targets for o in OPTIMISATIONS
                for probe, level in (("empty", "none"),
                                     *((p, level) for p in probes() for level in LEVELS))]

    def measure(self, job):
        target, optimise, probe, level = job
        out = self.directory / target.name / optimise
        probe_object = compile_object(target, PROBES / f"{probe}.cpp", out / f"{probe}-{level}.o",
                                      optimise, self.autoconf, [f"ACRE_SIZE_LEVEL={level}"])
        # In order: the order of linking decides about padding.
        shared = sorted(path for (t, o, _), path in self.shared.items() if (t, o) == (target, optimise))
        image = out / f"{probe}-{level}.elf"
        run([target.tool("g++"), *target.cpu_flags, *target.link_flags(1024, 0), probe_object, *shared,
             "-lgcc", "-o", image])
        return job, sections(target, image)[0]


def table(measured):
    """{core: {allocator: {optimisation: bytes}}} of what Probes.measure returned, less what an empty
    firmware has."""
    empty = {(t.name, o): size for (t, o, probe, _), size in measured if probe == "empty"}
    result = {}
    for (target, optimise, probe, level), size in measured:
        for name in PROBED.get(probe, ()):
            has_map = probe == "pool" and level != "none"
            if probe != "pool" or has_map == name.endswith("bits"):
                row = result.setdefault(target.name, {}).setdefault(key(name, level), {})
                row[optimise] = size - empty[target.name, optimise]
    return result


def of_libc(r, kind, directory):
    """({optimisation: bytes}, bytes of static data); the library is as it was shipped."""
    _, code, data = libc.extract(r.target, kind.libc, directory)
    return dict.fromkeys(OPTIMISATIONS, code), data


def of_adapter(r, source, directory):
    """The same for an adapter, as a whole."""
    code, data = {}, 0
    for optimise in OPTIMISATIONS:
        output = directory / f"adapter {optimise}.o"
        adapter = images.compile_adapter(r, source, output, optimise)
        code[optimise], data = libc.sizes(r.target, adapter)
    return code, data
