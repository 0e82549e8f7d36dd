# SPDX-License-Identifier: MIT
"""What the rule suites share: the files of the project, and a run that ends with a closing line."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CXX_SUFFIXES = {".hpp", ".cpp", ".h", ".c", ".S"}


def files(root, below=(".",), suffixes=CXX_SUFFIXES):
    """The files below some directories of `root` that are not generated."""
    for directory in below:
        for path in sorted((root / directory).rglob("*")):
            inside = path.relative_to(root).parts
            if inside[0] in ("build", ".git") or "__pycache__" in inside:
                continue
            if path.is_file() and (path.suffix in suffixes or path.name in suffixes):
                yield path


def plant(directory, name, text):
    """Writes a file with a violation into a copy of the project's shape."""
    path = pathlib.Path(directory, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def without_comments(text):
    """Keeps line numbers."""
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


class Counting(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def run(suite_name):
    """Runs the tests of the calling script; the last line has the counts that ./acre test adds up."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Counting)
    result = runner.run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"rules/{suite_name}: {result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(0 if result.wasSuccessful() and result.passed else 1)
