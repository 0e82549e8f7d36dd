# SPDX-License-Identifier: MIT
"""Measures everything that a call of the tool asks for: compiles all images, then runs them, as many at a
time as there are processors."""

import code_size
import results
from images import Images, execute
from measure import Progress, parallel
from runs import PEER_FILE

# The cores on which smallest regions are searched: all with 32-bit pointers have the same.
SPACE_RUNS = ("m3 -O2", "m0 -Os")
TRIES, QUICK_TRIES = 400, 40


class Campaign:
    def __init__(self, directory, runs, kinds, peer=None, quick=False, quiet=False):
        self.directory, self.runs, self.peer, self.quiet = directory, runs, peer, quiet
        self.kinds = (*kinds, PEER_FILE) if peer else kinds
        self.images = Images(directory, QUICK_TRIES if quick else TRIES, peer)
        self.probes = code_size.Probes(directory / "code")
        self.targets = list({run.core: run.target for run in runs}.values())
        self.quick = quick

    def kinds_of(self, run):
        return [kind for kind in self.kinds if kind.exists_for(run)]

    def has_space(self, run, kind):
        return kind.space and run.name in SPACE_RUNS and not self.quick

    def probed(self):
        """The probes of code size are acre's; without acre's kinds there is nothing to probe."""
        return any(not kind.libc and kind is not PEER_FILE for kind in self.kinds)

    def compile(self):
        jobs = [(self.images.compile, job) for job in self.images.sources(self.runs, self.kinds)]
        if self.probed():
            jobs += [(self.probes.compile, job) for job in self.probes.jobs(self.targets)]
        self.do("compiling", jobs)

    def count(self, job):
        run, kind = job
        return execute(run, self.images.link(run, kind, "main"))

    def search_space(self, job):
        run, kind = job
        return execute(run, self.images.link(run, kind, "space"), counted=False)

    def do(self, what, jobs):
        progress = Progress(what, len(jobs), self.quiet)
        done = parallel(lambda job: job[0](job[1]), jobs, progress)
        progress.end()
        return [(function, job, result) for (function, job), result in zip(jobs, done)]

    def measure(self):
        """The certificate."""
        self.compile()
        jobs = [(self.count, (r, kind)) for kind in self.kinds for r in self.runs
                if kind in self.kinds_of(r)]
        # The longest first, so that no processor waits for another at the end.
        jobs.sort(key=lambda job: job[1][1].source not in ("slab", "heap", "buddy"))
        jobs = [(self.search_space, (r, kind)) for r in self.runs for kind in self.kinds_of(r)
                if self.has_space(r, kind)] + jobs
        if self.probed():
            jobs += [(self.probes.measure, job) for job in self.probes.probe_jobs(self.targets)]
        done = self.do("measuring", jobs)

        order = {kind.name: n for n, kind in enumerate(self.kinds)}
        certificate = {
            "compilers": {t.name: t.compiler_version() for t in self.targets},
            "runs": {r.name: {} for r in self.runs},
            "code": code_size.table([r for f, _, r in done if f == self.probes.measure]),
            "space": {r.core: {} for r in self.runs if r.name in SPACE_RUNS},
        }
        for function, job, lines in sorted(
                (d for d in done if d[0] != self.probes.measure), key=lambda d: order[d[1][1].name]):
            if function == self.count:
                results.add_counts(certificate["runs"][job[0].name], lines, job[1].suffix)
            else:
                results.add_space(certificate["space"][job[0].core], lines)
        certificate["runs"] = {run: results.in_order(found)
                               for run, found in certificate["runs"].items()}
        certificate["space"] = {core: results.in_order(found)
                                for core, found in certificate["space"].items() if found}
        self.add_sizes_of_peers(certificate)
        return certificate

    def add_sizes_of_peers(self, certificate):
        for r in self.runs:
            code = certificate["code"].setdefault(r.core, {})
            for kind in self.kinds_of(r):
                if not kind.libc and kind is not PEER_FILE:
                    continue
                directory = self.directory / r.name / "sizes" / kind.name
                if kind.libc:
                    name = kind.libc
                    sizes, control = code_size.of_libc(r, kind, directory)
                else:
                    name = self.name_of_peer(certificate["runs"][r.name], {k.libc for k in self.kinds})
                    sizes, control = code_size.of_adapter(r, self.peer, directory)
                code[results.key(name, "peer")] = sizes
                certificate["runs"][r.name][results.key(name, "peer")]["control"] = control

    @staticmethod
    def name_of_peer(allocators, libraries):
        """Only the adapter itself knows its name."""
        return next(name for name, level in map(results.split, allocators)
                    if level == "peer" and name not in libraries)
