#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a firmware image on a board under QEMU and exits with the firmware's exit code.

  boards/run.py --board microbit build/microbit/boards/smoke/acre_smoke.elf

Time is QEMU's instruction count (-icount), so every run of an image is the same run. `--wall-clock`
lets time follow the host instead. Exit codes of this script's own: 124, the time limit; 127, QEMU is
not installed; 2, wrong arguments.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

BOARDS = pathlib.Path(__file__).resolve().parent
PACKAGES = {"qemu-system-arm": "qemu-system-arm", "qemu-system-riscv32": "qemu-system-misc"}


def fail(code, message):
    print(f"run.py: {message}", file=sys.stderr)
    sys.exit(code)


def load_board(name):
    file = BOARDS / name / "board.json"
    if not file.is_file():
        known = sorted(path.parent.name for path in BOARDS.glob("*/board.json"))
        fail(2, f"there is no board {name}; known: {', '.join(known)}")
    return json.loads(file.read_text())


def command_line(board, elf, wall_clock, extra):
    command = list(board["qemu"])
    command += ["-display", "none", "-monitor", "none", "-serial", "none"]
    command += ["-semihosting-config", "enable=on,target=native"]
    if not wall_clock:
        command += ["-icount", f"shift={board['icount_shift']},sleep=off"]
    return command + extra + ["-kernel", str(elf)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", required=True, help="a directory of boards/")
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS",
                        help="kill a run that takes longer (default: 60)")
    parser.add_argument("--wall-clock", action="store_true", help="without -icount")
    parser.add_argument("--show", action="store_true", help="print the command, run nothing")
    parser.add_argument("--qemu", action="append", default=[], metavar="ARGUMENT",
                        help="one more argument for QEMU, such as --qemu=-s --qemu=-S for a debugger")
    parser.add_argument("elf", type=pathlib.Path)
    arguments = parser.parse_args()

    board = load_board(arguments.board)
    if not arguments.elf.is_file():
        fail(2, f"there is no file {arguments.elf}")
    if not board["qemu"]:
        command = [str(arguments.elf.resolve())]
    else:
        command = command_line(board, arguments.elf, arguments.wall_clock, arguments.qemu)
    if arguments.show:
        print(" ".join(command))
        return 0
    if shutil.which(command[0]) is None:
        package = PACKAGES.get(command[0], command[0])
        fail(127, f"{command[0]} is not installed; on Debian: apt-get install {package}")

    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=arguments.timeout)
    except subprocess.TimeoutExpired:
        fail(124, f"{arguments.elf.name} on {arguments.board}: no end after "
                  f"{arguments.timeout:g} seconds")
    if result.returncode < 0:
        fail(128 - result.returncode, f"{command[0]} ended with signal {-result.returncode}")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
