#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is what the demo prints the same everywhere?

  compare.py FILE FILE...               outputs of several boards or hosts, against the first one
  compare.py FILE -- COMMAND...         a file against what a command prints (as CTest runs it)
  compare.py --accept FILE -- COMMAND...  the command's output becomes the file

Every letter must be the same, the story, the table and both maps, but for what EXCEPTIONS lists.
The demo marks with a star what depends on the target, and the stars are compared as
well: a figure can neither drift unseen nor be starred away.
"""

import difflib
import pathlib
import re
import subprocess
import sys

EXCEPTIONS = """\
title                the name of the board
region*, overhead*   metadata holds pointers: 4 bytes on boards, 8 on a 64-bit host; a pool marks its
                     blocks with a byte each on a host, and with a bit on boards
window largest free* a chunk's header is three words, and the free part is rounded to two words
scratch peak*        each block has a header of two words
scratch largest free* as both above
map o letters        the overhead drawn, so as the overhead*
stack peak           the code's, not the allocators'; a host has none to tell\
"""

COLUMNS = ("memory", "kind", "region*", "block", "in use", "peak", "refused", "bad frees",
           "overhead*", "largest free")
STARRED_CELLS = {("window", "largest free"), ("scratch", "peak"), ("scratch", "largest free")}
MAP_ROW = re.compile(r"^  (\w+) +([#+.o]+)$")


class NotADemo(Exception):
    """The text is not an output of the demo."""


def comparable_row(line):
    """A row of the table without what depends on a pointer's width."""
    cells = line.split()
    if len(cells) != len(COLUMNS):
        raise NotADemo(f"a row of {len(cells)} cells: {line}")
    starred = {(cells[0], column) for column, cell in zip(COLUMNS, cells) if cell.endswith("*")}
    expected = {cell for cell in STARRED_CELLS if cell[0] == cells[0]}
    if starred != expected:
        raise NotADemo(f"stars on {sorted(starred)}, not on {sorted(expected)}: {line}")
    return "  ".join("*" if column.endswith("*") or cell.endswith("*") else cell
                     for column, cell in zip(COLUMNS, cells))


def comparable(text):
    """The lines of an output, without what EXCEPTIONS lists."""
    lines = text.splitlines()
    if not lines or not lines[0].startswith("acre demo: ") or not lines[-1].startswith("demo: "):
        raise NotADemo("it does not begin and end as the demo does")
    result = [re.sub(r" on \S+, ", " on a board, ", lines[0])]
    in_table = saw_table = False
    for line in lines[1:-1]:
        if re.split(r" {2,}", line.strip()) == list(COLUMNS):
            in_table = saw_table = True
            result.append(line)
        elif in_table and line.startswith("  Bytes"):
            in_table = False
            result.append(line)
        elif in_table:
            result.append(comparable_row(line))
        elif row := MAP_ROW.match(line):
            result.append(f"{row[1]} {row[2].replace('o', '')}")
        else:
            result.append(line)
    result.append(re.sub(r"; stack peak \d+ bytes$", "", lines[-1]))
    if not saw_table:
        raise NotADemo("it has no table")
    return result


def difference(first, second, first_name="first", second_name="second"):
    """What differs, as a diff; empty if nothing does."""
    return "\n".join(difflib.unified_diff(comparable(first), comparable(second), first_name,
                                          second_name, lineterm="", n=1))


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        print(result.stdout)
        sys.exit(f"compare.py: the demo failed with exit code {result.returncode}")
    return result.stdout


def main(arguments):
    accept = arguments[:1] == ["--accept"]
    files = arguments[1:] if accept else arguments
    command = []
    if "--" in files:
        at = files.index("--")
        files, command = files[:at], files[at + 1:]
    if len(files) != 1 if command else len(files) < 2 or accept:
        sys.exit(__doc__)

    if accept:
        pathlib.Path(files[0]).write_text(run(command))
        return 0
    outputs = [(name, pathlib.Path(name).read_text()) for name in files]
    if command:
        outputs.append((" ".join(command[-1:]), run(command)))
    first_name, first = outputs[0]
    differ = 0
    for name, text in outputs[1:]:
        try:
            found = difference(first, text, first_name, name)
        except NotADemo as reason:
            found = f"{name}: {reason}"
        if found:
            differ += 1
            print(found)
    if differ:
        print(f"demo: {differ} of {len(outputs)} outputs differ")
        return 1
    print(f"the demo printed the same {len(outputs)} times, except as allowed:")
    print(re.sub("^", "  ", EXCEPTIONS, flags=re.M))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
