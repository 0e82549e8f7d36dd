#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The table of docs/contexts.md names every public function of every allocator and composition: what it does
not name, a reader cannot look up."""

import re
import unittest

import sources
import support

PAGE = support.ROOT / "docs" / "contexts.md"
INCLUDE = support.ROOT / "core" / "include" / "acre"
COSTS = support.ROOT / "tests" / "unit" / "steps_cost_test.cpp"

# The rows of core (sources.py) that people call, and what among the terms is called like an allocator.
HEADERS = [name for row in ("shell", "allocators", "compose", "typed")
           for name in sources.ROWS[row].split()] + ["allocator_ref", "sources"]
FREE = "(free)"  # functions of no class

# No state, and evaluated by the compiler: these have no context.
CONSTANT = re.compile(r"\b(consteval|static constexpr|friend constexpr)\b")


def without_parameters(declaration):
    """Without the parameters of a template, which may be templates."""
    result, depth, text = "", 0, re.sub(r"\btemplate\s*<", "\0", declaration)
    for character in text:
        if character == "\0" or depth and character == "<":
            depth += 1
        elif depth and character == ">":
            depth -= 1
        elif not depth:
            result += character
    return result


def function_name(declaration):
    """The name of what a declaration declares, if it is a function that has one."""
    text = re.sub(r"\brequires\s*\((?:[^()]|\([^()]*\))*\)", " ", without_parameters(declaration))
    text = re.sub(r"\[\[[^\]]*\]\]|\balignas\([^)]*\)", " ", text)
    using = re.match(r"\s*using\s+\w+::(\w+)\s*$", text)
    if using:
        return using.group(1)
    if re.match(r"\s*(using|static_assert|friend|typedef|concept|enum|class|struct)\b", text) or \
            re.search(r"=\s*(delete|default)\s*$|\boperator\b", text):
        return None
    found = re.search(r"(~?\w+)\s*\(", text.split("=")[0])
    return found.group(1) if found else None


def public_functions(text):
    """(class or FREE, function) for what a header offers. Nothing of namespace detail."""
    text = re.sub(r"^\s*#.*$", "", support.without_comments(text), flags=re.M)
    text = re.sub(r'"(\\.|[^"\\])*"', '""', text)
    text = re.sub(r"\b(public|private|protected)\s*:(?!:)", r";@\1;", text)
    scopes, found, pending = [], set(), ""

    def declare(declaration):
        hidden = any(kind == "function" or name == "detail" or public is False
                     for kind, name, public in scopes)
        name = function_name(declaration)
        if hidden or name is None or CONSTANT.search(declaration):
            return
        owners = [scope for scope in scopes if scope[0] == "class"]
        if owners and name.lstrip("~") == owners[-1][1]:
            return  # a constructor or the destructor
        found.add((owners[-1][1] if owners else FREE, name))

    for token in re.findall(r"[{};]|[^{};]+", text):
        if token.startswith("@"):
            scopes[-1][2] = token == "@public"
        elif token == "{":
            kind = re.search(r"\b(namespace|class|struct)\s+(?:\[\[[^\]]*\]\]\s*)?([\w:]*?)\s*(:(?!:).*)?$",
                             without_parameters(pending), re.S)
            if kind and kind.group(1) == "namespace":
                scopes.append(["namespace", kind.group(2).split("::")[-1], None])
            elif kind and not re.search(r"\benum\b", pending):
                scopes.append(["class", kind.group(2), kind.group(1) == "struct"])
            else:
                declare(pending)
                scopes.append(["function", "", None])
            pending = ""
        elif token == "}":
            if scopes:
                scopes.pop()
            pending = ""
        elif token == ";":
            declare(pending)
            pending = ""
        else:
            pending += token
    return found


def offered():
    found = set()
    for name in HEADERS:
        path = INCLUDE / f"{name}.hpp"
        found |= public_functions(path.read_text())
    return found


def documented(page):
    """(class or FREE, function) for each row of the tables whose first column is `of`."""
    found, table = set(), False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| of | functions |"):
            table = True
        elif not line.startswith("|"):
            table = False
        elif table and not line.startswith("|---"):
            owners = re.findall(r"`(\w+)`", cells[0]) or [FREE]
            found |= {(owner, name) for owner in owners for name in re.findall(r"`(\w+)`", cells[1])}
    return found


def missing(functions, page):
    return [f"{owner}: {name}" for owner, name in sorted(functions - documented(page))]


def costs(text):
    """What the test of the steps' instructions asserts: (function, allocator, a, b)."""
    return re.findall(r"(\w+)_figures<(\w+)> = \{(\d+), (\d+)\};", text)


# The columns behind the first two, and how each row's allocator begins in the test.
STEP_COLUMNS = ("validate", "usage", "walk")
STEP_ROWS = {"pool": "pool_basic", "slab": "slab_basic", "slab_cache": "slab_cache_case", "buddy": "buddy_basic",
             "heap": "heap_basic", "heap slabs": "heap_slabs_basic", "stack": "stack_none", "arena": "arena_none"}


def step_figures(page):
    """The same for the rows of the page's table of steps."""
    found, table = set(), False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        table = line.startswith("|") and (table or cells[1] == "a step is")
        if table and cells[0].startswith("`"):
            name = cells[0].split("`")[1] + (" slabs" if "with slabs" in cells[0] else "")
            for function, cell in zip(STEP_COLUMNS, cells[2:]):
                if re.fullmatch(r"\d+ \+ \d+", cell):
                    found.add((function, STEP_ROWS[name], *cell.split(" + ")))
    return found


class Contexts(unittest.TestCase):
    def test_the_instructions_of_steps_are_those_that_a_test_asserts(self):
        figures = step_figures(PAGE.read_text())
        self.assertEqual(sorted(figures - set(costs(COSTS.read_text()))), [])
        self.assertEqual(len(figures), 8 + 6 + 3)

    def test_each_public_function_is_in_the_table(self):
        self.assertEqual(missing(offered(), PAGE.read_text()), [])

    def test_the_table_names_nothing_that_is_gone(self):
        self.assertEqual(sorted(documented(PAGE.read_text()) - offered()), [])

    def test_the_headers_were_read(self):
        functions = offered()
        for known in (("basic_allocator", "deallocate"), ("pool", "for_each_live"), ("heap", "reallocate"),
                      ("growing", "trim"), ("slab_cache", "init"), ("slab_provider", "get_unique"),
                      ("certified", "allocate_reserved"), (FREE, "construct_array")):
            self.assertIn(known, functions)
        self.assertGreater(len(functions), 100)


HEADER = """
namespace acre {
class tool {
 public:
  tool() noexcept;
  static constexpr int size(int n) { return n; }
  [[nodiscard]] void* take(int count = 1) noexcept { return helper(count); }
  template <class T> requires(sizeof(T) > 1) T* get(T&& t) const { t.call(); return nullptr; }
  using base::reset;
 private:
  void* helper(int);
};
namespace detail { void hidden(); }
int open(tool& t) noexcept;
}
"""


class Planted(unittest.TestCase):
    def test_what_is_public_is_read_from_a_header(self):
        self.assertEqual(public_functions(HEADER), {
            ("tool", "take"), ("tool", "get"), ("tool", "reset"), (FREE, "open")})

    def test_a_function_that_is_missing_in_the_table_is_found(self):
        page = "| of | functions | thread |\n|---|---|---|\n| `tool` | `take`, `get` | yes |\n| | `open` | yes |\n"
        self.assertEqual(missing(public_functions(HEADER), page), ["tool: reset"])

    def test_a_function_of_another_class_does_not_count(self):
        page = "| of | functions | thread |\n|---|---|---|\n| `other` | `take` | yes |\n"
        self.assertIn("tool: take", missing(public_functions(HEADER), page))


if __name__ == "__main__":
    support.run("contexts")
