#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a GoogleTest program until it fails, which it must: fails.py PROGRAM

A crash, and a run that does not end, are failures, too. What is found by chance has some tries.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile

TRIES = 20
SECONDS = 20  # of one try, which takes one or two


def what_failed(program):
    """What is wrong with it; None if all tests passed."""
    # Into a file: a child that it has forked, and that does not end, would hold a pipe.
    with tempfile.TemporaryFile("w+") as output:
        run = subprocess.Popen([program, "--gtest_fail_fast", "--gtest_brief=1"], stdout=output,
                               stderr=subprocess.STDOUT, start_new_session=True)
        try:
            run.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "does not end"
        finally:
            try:
                os.killpg(run.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            run.wait()
        if run.returncode == 0:
            return None
        output.seek(0)
        failed = re.search(r"\[  FAILED  \] ([\w./]+)", output.read())
        return failed.group(1) if failed else f"ends with {run.returncode}"


def main(program):
    for tried in range(1, TRIES + 1):
        if found := what_failed(program):
            print(f"found by try {tried}: {found}")
            return 0
    print(f"not found by {TRIES} tries")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
