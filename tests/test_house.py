"""The rules of the house that no linter knows: short files and functions, folders, package files, no stray print."""

import ast

import pytest

from tests import house

PACKAGE_FILES = [path for path in house.OURS if path.name == "__init__.py" and path.parent.name != "themes"]


def test_there_is_a_house():
    assert len(house.OURS) > 50
    assert len(house.TESTS) > 50


def test_no_folder_is_crowded():
    assert house.crowded() == {}


def test_no_module_is_loose():
    assert house.loose() == []


def test_no_imports_go_in_a_circle():
    assert house.circles() == []


def test_files_and_functions_are_short():
    assert house.too_long() == []


def test_half_of_all_functions_are_ten_lines_at_most():
    found = house.lengths()
    assert found[len(found) // 2] <= house.MEDIAN


@pytest.mark.parametrize("path", PACKAGE_FILES, ids=house.name)
def test_a_package_file_says_in_one_line_what_lives_there(path):
    (only,) = house.tree(path).body
    said = ast.get_docstring(ast.Module([only], []))
    assert said
    assert "\n" not in said


def test_nothing_prints_but_a_benchmark():
    calls = [
        f"{house.name(path)}:{node.lineno}"
        for path in house.OURS
        for node in ast.walk(house.tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert calls == []


def test_every_module_says_what_it_is():
    assert [house.name(path) for path in house.OURS if not ast.get_docstring(house.tree(path))] == []


def test_test_files_have_names_of_their_own():
    files = [path.name for path in house.TESTS if path.name.startswith("test_")]
    assert sorted(files) == sorted(set(files))


def test_tests_mirror_the_folders():
    """A folder of tests is a folder of the product or its docs, or holds what tests share."""
    apart = {"support", "bench", "flights", "evening", "tour"}
    homes = {path.parent.relative_to(house.ROOT / "tests") for path in house.TESTS if path.name.startswith("test_")}
    strange = [
        home
        for home in homes
        if not apart & set(home.parts) and not any((house.ROOT / of / home).is_dir() for of in ("", "docs"))
    ]
    assert strange == []
