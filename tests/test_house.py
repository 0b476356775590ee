"""The rules of the house that no linter knows: short files, short functions, empty package files, no stray print."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("cockpit", "widgets", "themes", "sessions")
OURS = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES, LONGEST, MEDIAN = 400, 40, 10


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@cache
def tree(path):
    return ast.parse(path.read_text("utf-8"))


def functions(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_there_is_a_house():
    assert len(OURS) > 50
    assert len(TESTS) > 50


def test_files_are_short():
    lines = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in OURS}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_functions_are_short():
    long = [(path.name, *found) for path in OURS for found in functions(path) if found[1] > LONGEST]
    assert long == []


def test_half_of_all_functions_are_ten_lines_at_most():
    lengths = sorted(length for path in OURS for _, length in functions(path))
    assert lengths[len(lengths) // 2] <= MEDIAN


@pytest.mark.parametrize("path", [path for path in OURS if path.name == "__init__.py" and path.parent.name != "themes"])
def test_a_package_file_holds_its_docstring_alone(path):
    body = tree(path).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body, []))


def test_nothing_prints_but_a_benchmark():
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in OURS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert calls == []


def test_every_module_says_what_it_is():
    assert names(path for path in OURS if not ast.get_docstring(tree(path))) == []


def test_test_files_have_names_of_their_own():
    files = [path.name for path in TESTS if path.name.startswith("test_")]
    assert sorted(files) == sorted(set(files))
