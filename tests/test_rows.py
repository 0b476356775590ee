"""The fault matrix is covered: each row that a landed lot promised is named by at least one test."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROMISED = (*range(25, 32), *range(41, 81))
_NAMED = re.compile(r"\brows? ((?:\d+)(?:(?:\s*[-–,]\s*|\s+(?:and|to)\s+|\s)\d+)*)", re.IGNORECASE)
_SPAN = re.compile(r"(\d+)\s*(?:[-–]|\bto\b)\s*(\d+)")


def named(text):
    """Return every row number that `row 45`, `rows 41-43`, `rows 47, 48 and 54` or `test_row_28_29_x` name."""
    found = set()
    for words in _NAMED.findall(text.replace("_", " ")):
        found |= {int(number) for number in re.findall(r"\d+", words)}
        for first, last in _SPAN.findall(words):
            found |= set(range(int(first), int(last) + 1))
    return found


@pytest.fixture(scope="module")
def covered():
    files = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    return set().union(*(named(path.read_text("utf-8")) for path in files))


@pytest.mark.parametrize("row", PROMISED)
def test_a_test_names_the_row(row, covered):
    assert row in covered


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("row 45", {45}),
        ("rows 41-43", {41, 42, 43}),
        ("Rows 47, 48 and 54", {47, 48, 54}),
        ("rows = 3, arrow 12", set()),
        ("def test_row_28_29_a_machine_slept():", {28, 29}),
        ("def test_rows_70_to_72_random():", {70, 71, 72}),
    ],
)
def test_how_rows_are_named(text, rows):
    assert named(text) == rows
