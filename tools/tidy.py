#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clang-tidy over acre's sources, in parallel: each source file that a host build compiles, and each
header of core, platform and port by itself (most of core is in headers).

  tidy.py ROOT BUILD [PATH...]   PATH: only files below it, relative to ROOT
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys


def jobs(root, build):
    """(file, arguments before it, arguments after it) of each run."""
    flags = set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if root in path.parents and build not in path.parents:
            yield path, ["-p", str(build)], []
            if path.relative_to(root).parts[0] in ("core", "platform"):
                # What the layers that have headers are compiled with.
                flags |= {word for word in shlex.split(entry["command"]) if word[:2] in ("-I", "-D")}
    flags.add(f"-I{root / 'port/include'}")
    for layer in ("core/include", "port/include", "platform/include"):
        for path in sorted((root / layer).rglob("*.hpp")):
            yield path, [], ["--", "-x", "c++", "-std=c++20", *sorted(flags)]


def run(job):
    path, before, after = job
    command = ["clang-tidy", "--quiet", *before, str(path), *after]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # stderr has a count of suppressed warnings even for clean files.
    return path, result.returncode, result.stdout + (result.stderr if result.returncode else "")


def main():
    root, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    wanted = [root / path for path in sys.argv[3:]] or [root]
    chosen = {}
    for job in jobs(root, build):
        if any(path == job[0] or path in job[0].parents for path in wanted):
            chosen.setdefault(job[0], job)
    bad = 0
    seen = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, status, output in pool.map(run, chosen.values()):
            if status == 0:
                continue
            bad += 1
            if output not in seen:
                print(f"{path.relative_to(root)}:\n{output}", flush=True)
                seen.add(output)
    print(f"clang-tidy: {len(chosen)} files, {bad} with findings")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
