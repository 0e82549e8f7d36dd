#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the documentation.

  check.py code      each ```cpp and ```c block of README.md and docs/*.md stands in a file of
                     docs/examples or tests/certify, each ```cmake and ```make block in a project of
                     tests/consumers, and each ```text block in what the demo prints
  check.py links     relative links lead to files, and to headings, that exist
  check.py misuse --program FILE
                     the tables of docs/misuse.md are what the example `misuse` prints
"""

import argparse
import pathlib
import re
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parent
ROOT = DOCS.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]


def blocks(page, language):
    """Yields (line number, lines) of each block in `language`."""
    block = None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if block is None and line.strip() == "```" + language:
            block, first = [], number + 1
        elif block is not None and line.strip() == "```":
            yield first, block
            block = None
        elif block is not None:
            block.append(line.rstrip())


def contains(source, block):
    """True iff `block` is a run of lines of `source`, all of them indented by the same amount more."""
    for start in range(len(source) - len(block) + 1):
        extra = len(source[start]) - len(source[start].lstrip()) - (len(block[0]) - len(block[0].lstrip()))
        if extra < 0:
            continue
        if all(line == (" " * extra + wanted if wanted else "")
               for line, wanted in zip(source[start:], block)):
            return True
    return False


def check_code():
    def lines(path):
        return [line.rstrip() for line in path.read_text().splitlines()]

    examples = [lines(path) for directory in (DOCS / "examples", ROOT / "tests" / "certify")
                for pattern in ("*.[ch]pp", "*.[ch]") for path in sorted(directory.glob(pattern))]
    projects = [lines(path) for name in ("CMakeLists.txt", "Makefile")
                for path in sorted((ROOT / "tests" / "consumers").glob(f"*/{name}"))]
    demo = [lines(ROOT / "tests" / "demo" / "expected.txt")]
    errors, count = [], 0
    for page in PAGES:
        if not page.is_file():
            continue
        for language, sources, advice in (
                ("cpp", examples, "no file of docs/examples; change the example, then copy the lines"),
                ("c", examples, "no file of docs/examples; change the example, then copy the lines"),
                ("cmake", projects, "no project of tests/consumers; change the project, then copy the lines"),
                ("make", projects, "no project of tests/consumers; change the project, then copy the lines"),
                ("text", demo, "tests/demo/expected.txt no more; copy the lines")):
            for number, block in blocks(page, language):
                count += 1
                if not block or not any(contains(source, block) for source in sources):
                    errors.append(f"{page.relative_to(ROOT)}:{number}: this stands in {advice}")
    return errors, f"{count} code blocks"


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    result, code = set(), False
    for line in page.read_text().splitlines():
        code ^= line.startswith("```")
        if not code and line.startswith("#"):
            text = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            result.add(text.replace(" ", "-"))
    return result


def check_links():
    errors, count = [], 0
    for page in PAGES:
        if not page.is_file():
            continue
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                errors.append(f"{page.relative_to(ROOT)}: link to {target}: there is no such file")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file):
                errors.append(f"{page.relative_to(ROOT)}: link to {target}: there is no such heading")
    return errors, f"{count} links"


def check_misuse(program):
    result = subprocess.run([program], capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        return [f"{program} says:\n{result.stdout}{result.stderr}"], ""
    tables = {}
    for section in result.stdout.split("<!-- ")[1:]:
        name, _, table = section.partition(" -->")
        tables[name] = table.strip()
    errors, page = [], (DOCS / "misuse.md").read_text()
    for name, table in tables.items():
        if table and table not in page:
            errors.append(f"docs/misuse.md lacks this table ({name}):\n{table}")
    return errors, f"{sum(map(bool, tables.values()))} tables"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["code", "links", "misuse"])
    parser.add_argument("--program", help="the example `misuse`, for the check of that name")
    arguments = parser.parse_args()
    if arguments.check == "misuse":
        if not arguments.program:
            parser.error("misuse needs --program")
        errors, count = check_misuse(arguments.program)
    else:
        errors, count = check_code() if arguments.check == "code" else check_links()
    for error in errors:
        print(error)
    print(f"{count}: {'all hold' if not errors else f'{len(errors)} wrong'}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
