#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a text file as a C++ source, so that firmware without files can read it.

  boards/demo/embed.py recording.csv recording.cpp
"""

import pathlib
import sys


def literal(line):
    escaped = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'    "{escaped}\\n"'


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = map(pathlib.Path, sys.argv[1:])
    lines = source.read_text(encoding="ascii").splitlines()
    target.write_text(
        f"// Generated from {source.name}: do not edit.\n"
        '#include "recording.hpp"\n\n'
        "namespace demo {\n\n"
        "const char recording[] =\n" + "\n".join(map(literal, lines)) + ";\n\n"
        "const size_t recording_bytes = sizeof recording - 1;\n\n"
        "}  // namespace demo\n", encoding="ascii")


if __name__ == "__main__":
    main()
