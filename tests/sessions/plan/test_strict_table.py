import copy
import math

import pytest

from sessions.plan.loader import bundled, plan_from
from sessions.plan.strict_table import Problem, Table, TableError


def noted(values, ask):
    table = Table(values)
    value = ask(table)
    return value, [str(problem) for problem in table.problems]


@pytest.mark.parametrize(
    ("value", "read", "fine"),
    [
        (5, 5.0, True),
        (0, 0.0, True),
        (-1, 0.0, False),
        (11, 0.0, False),
        (math.nan, 0.0, False),
        (math.inf, 0.0, False),
        (True, 0.0, False),
        ("5", 0.0, False),
        (10**400, 0.0, False),
    ],
)
def test_numbers_are_finite_and_bounded(value, read, fine):
    told, problems = noted({"n": value}, lambda table: table.number("n", high=10))
    assert told == read
    assert (not problems) is fine


@pytest.mark.parametrize("key", ["speed", "criteria.latency.p95_ms", "criteria.growth.slack"])
def test_no_number_of_a_plan_is_without_a_bound(key):
    values = copy.deepcopy(bundled().table)
    *way, last = key.split(".")
    table = values
    for name in way:
        table = table[name]
    table[last] = 1e308
    with pytest.raises(TableError, match=rf"{last}.*: is 1e\+308, write a number from [\d.,]+ to [\d.,]+$"):
        plan_from(values)


def test_a_number_too_long_to_write_is_a_problem_like_any_other():
    huge = 16**5000
    for ask in (Table.number, Table.span, Table.texts, Table.text):
        assert noted({"n": huge}, lambda table, ask=ask: ask(table, "n"))[1][0].startswith("n: is too long a number")


@pytest.mark.parametrize(("value", "fine"), [(3, True), (3.0, True), (3.5, False), (math.nan, False), (-1, False)])
def test_whole_numbers_are_whole(value, fine):
    assert (not noted({"n": value}, lambda table: table.whole("n"))[1]) is fine


@pytest.mark.parametrize(
    ("value", "fine"), [("5m", True), ("0s", True), ("5", False), (5, False), ("", False), ("-5m", False), ([], False)]
)
def test_spans_have_units(value, fine):
    assert (not noted({"s": value}, lambda table: table.span("s"))[1]) is fine


@pytest.mark.parametrize(
    ("value", "read"),
    [([1, 7], (1, 7)), ([0], (1, 2)), ([8], (1, 2)), ("1", (1, 2)), ([1.5], (1, 2)), ([True], (1, 2))],
)
def test_lists_of_whole_numbers_are_bounded(value, read):
    told, problems = noted({"d": value}, lambda table: table.wholes("d", (1, 2), low=1, high=7))
    assert told == read
    assert bool(problems) is (read == (1, 2))


@pytest.mark.parametrize("value", ["x", {"a": 1}, [1], 3])
def test_an_array_of_tables_is_one(value):
    table = Table({"t": value})
    assert table.tables("t") == []
    assert table.problems == [Problem("t", "is no array of tables", "write [[t]]")]


def test_a_missing_table_is_one_problem_not_ten():
    table = Table({})
    inner = table.table("windows")
    inner.text("a")
    inner.number("b")
    inner.close()
    assert [problem.path for problem in table.problems] == ["windows"]


def test_an_empty_table_that_is_there_misses_its_keys():
    table = Table({"windows": {}})
    table.table("windows").text("a")
    assert [str(problem) for problem in table.problems] == ["windows.a: is missing"]


def test_an_unknown_key_names_its_neighbour_or_all_that_are_known():
    table = Table({"lenght": 1, "zzz": 2})
    table.number("length", 1)
    table.close()
    assert [str(problem) for problem in table.problems] == [
        'lenght: unknown key, did you mean "length"?',
        "zzz: unknown key, known: length",
    ]


def test_foreign_words_in_a_problem_are_cleaned():
    table = Table({"\x1b[2J": 1, "n": "\x1b]52;c;x\x07"})
    table.number("n")
    table.choice("n", ("a", "b"))
    table.close()
    assert "\x1b" not in str(TableError(table.problems))
    assert "\x07" not in str(TableError(table.problems))


@pytest.mark.parametrize("name", ["", " ", "\u3164", "\u00a0", "\u200b\u2800"], ids=ascii)
def test_a_name_that_shows_nothing_is_none(name):
    table = Table({"id": name, "endpoints": ["GET /", name], "note": name})
    table.name("id")
    table.names("endpoints")
    table.text("note", "")
    assert [(one.path, one.hint) for one in table.problems] == [
        ("id", "write a name that can be read"),
        ("endpoints", "write a name that can be read"),
    ]
    written = Table({"id": name}, strange=[])
    written.name("id")
    assert written.problems == []


@pytest.mark.parametrize("where", ["id", "flag", "endpoints", "journeys", "collections"])
def test_no_name_of_a_plan_shows_nothing(where):
    table = copy.deepcopy(dict(bundled().table))
    blank = "\u3164"
    if where == "journeys":
        table["criteria"]["analytics"]["journeys"][0]["id"] = blank
    elif where == "collections":
        table["criteria"]["growth"]["collections"][0]["name"] = blank
    else:
        table[where] = [blank] if where == "endpoints" else blank
    with pytest.raises(TableError, match=r"<U\+3164>\" shows nothing"):
        plan_from(table)
