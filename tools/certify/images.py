# SPDX-License-Identifier: MIT
"""Builds the certifying firmware and runs it under QEMU."""

import subprocess

import libc
from measure import ROOT, compile_object, run, write_autoconf
from runs import FIRMWARE

BYTES_MAP = (("POOL_STATE_BITS", None), ("POOL_STATE_BYTES", 1))
SEEDS = 3  # of each workload whose memory is measured


class Images:
    """The objects and images of one call of the tool, below one directory. `tries`: sequences that the
    search tries for each operation. `peer`: the adapter file, if there is one."""

    def __init__(self, directory, tries, peer=None, trace=False):
        self.directory, self.tries, self.peer, self.trace = directory, tries, peer, trace
        self.objects = {}
        self.autoconf = {False: write_autoconf(directory / "config"),
                         True: write_autoconf(directory / "config-bytes", BYTES_MAP)}

    def sources(self, runs, kinds):
        """What compile() has to be given, for images of these runs and kinds."""
        jobs = []
        for r in runs:
            shared = (sorted(FIRMWARE.glob("*.cpp")) + r.target.platform_sources()
                      + sorted((ROOT / "core/src").glob("*.cpp")))
            if any(kind.libc for kind in kinds):
                shared.append(FIRMWARE / "libc" / "libc.cpp")
            jobs += [(r, source, bytes_map, "", False, ()) for source in shared
                     for bytes_map in sorted({kind.bytes_map for kind in kinds})]
            jobs += [(r, FIRMWARE / "kinds" / f"{kind.source}.cpp", kind.bytes_map, kind.name,
                      kind.locked, kind.defines)
                     for kind in kinds if kind.exists_for(r)]
            if self.peer is not None:
                jobs.append((r, self.peer, False, "adapter", False, ()))
        return jobs

    def compile(self, job):
        r, source, bytes_map, kind, locked, defines = job
        settings = [f"ACRE_CERTIFY_SHIFT={r.shift}", f"ACRE_CERTIFY_TICK_PS={r.tick_ps}",
                    f"ACRE_CERTIFY_REGION={r.region}", f"ACRE_CERTIFY_LIVE={r.live}",
                    f"ACRE_CERTIFY_STEPS={r.steps}", f"ACRE_CERTIFY_TRIES={self.tries}",
                    f"ACRE_CERTIFY_SEEDS={SEEDS}", f"ACRE_CERTIFY_TRACE={int(self.trace)}",
                    f"ACRE_CERTIFY_LOCKED={int(locked)}"]
        name = f"{kind or source.parent.name} {source.stem}{' bytes' if bytes_map else ''}"
        output = self.directory / r.name / f"{name}.o"
        if kind == "adapter":
            compile_adapter(r, source, output, r.optimise)
        else:
            compile_object(r.target, source, output, r.optimise, self.autoconf[bytes_map],
                           [*settings, *defines])
        self.objects[(r, source, bytes_map, kind)] = output

    def link(self, r, kind, main):
        """The image of a kind with `main`: "main" counts, "space" finds the smallest regions."""
        parts = []
        for (owner, source, bytes_map, part), path in self.objects.items():
            if owner != r or part not in ("", kind.name, "adapter" if kind.source == "peer" else ""):
                continue
            if source.parent == FIRMWARE and source.stem in ("main", "space") and source.stem != main:
                continue
            if bytes_map != kind.bytes_map and part != "adapter":
                continue
            parts.append(path)
        if kind.libc:
            parts.append(libc.extract(r.target, kind.libc, self.directory / r.name / kind.libc)[0])
        # The region first: elsewhere in .bss its alignment wastes up to its size, and the small board's
        # RAM is not large enough for that. In order, so that every build is the same build.
        parts.sort(key=lambda path: (path.stem != "firmware region", path))
        image = self.directory / r.name / f"{kind.name} {main}.elf"
        run([r.target.tool("g++"), *r.target.cpu_flags, *r.target.link_flags(2048, 16), *parts, "-lgcc",
             "-o", image])
        return image


def compile_adapter(r, source, output, optimise):
    """An adapter is somebody else's code: their warnings are not our errors."""
    output.parent.mkdir(parents=True, exist_ok=True)
    compiler = r.target.tool("gcc" if source.suffix == ".c" else "g++")
    flags = ["-ffreestanding", "-ffunction-sections", "-fdata-sections", "-fno-common", "-w"]
    if source.suffix != ".c":
        flags += ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
    run([compiler, *r.target.cpu_flags, optimise, *flags, f"-I{ROOT / 'tools' / 'certify'}", "-c",
         source, "-o", output])
    return output


def qemu_command(r, image, counted, extra=()):
    time = ["-icount", f"shift={r.shift},sleep=off"] if counted else []
    return [*r.target.board["qemu"], "-display", "none", "-monitor", "none", "-serial", "none",
            "-semihosting-config", "enable=on,target=native", *time, *extra, "-kernel", str(image)]


def execute(r, image, counted=True, timeout=1200):
    """The lines that the firmware prints, each as its fields."""
    try:
        result = subprocess.run(qemu_command(r, image, counted), stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{image}: no end after {timeout} s") from error
    lines = (result.stdout + result.stderr).splitlines()
    if result.returncode != 0 or "end|ok" not in lines:
        raise RuntimeError(f"{image}: exit {result.returncode}; its last lines:\n"
                           + "\n".join(lines[-10:]))
    return [line.split("|") for line in lines]
