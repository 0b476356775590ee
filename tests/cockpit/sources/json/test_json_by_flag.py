"""Who had the flag, by two parts of a traffic row: compared where both can be read, and never in the way of the row."""

import pytest
from msgspec.structs import replace

from cockpit.settings.models.json_answers import Shape
from cockpit.sources.json.rows import Asking
from cockpit.sources.json.shapes import Reader
from sessions.values.readings import Side, Split
from tests.support.build import PLAN, T0, after

ROW = {"endpoint": PLAN.endpoints[0], "requests": 40, "errors": 3, "p95_ms": 812.5, "over": 0.2}
ON, OFF = {"requests": 10, "errors": 3, "p95_ms": 812, "over": 0.8}, {"requests": 28}


def read(fields=None, **more):
    reader = Reader(Shape(topic="traffic", fields=fields or {}))
    answer = reader.read([{**ROW, **more}], Asking("desk", T0, PLAN, (after(-300), T0)))
    assert (answer.doubt, answer.unreadable) == ("", 0)
    [one] = answer.readings
    return one


def test_both_groups_and_those_in_neither():
    assert read(with_flag=ON, without_flag=OFF).split == Split(Side(10, 3, 812, 0.8), Side(28, None), 2)


def test_they_are_found_by_expressions():
    groups = {"by": [{"flag": "on", **ON}, {"flag": "off", **OFF}]}
    found = read({"with_flag": "by[?flag=='on'] | [0]", "without_flag": "by[?flag=='off'] | [0]"}, **groups)
    assert (found.split.on.requests, found.split.off.requests) == (10, 28)


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {"with_flag": ON},
        {"with_flag": ON, "without_flag": None},
        {"with_flag": ON, "without_flag": 28},
        {"with_flag": ON, "without_flag": {}},
        {"with_flag": ON, "without_flag": {"requests": "28"}},
        {"with_flag": ON, "without_flag": {"requests": 31}},
        {"with_flag": {**ON, "errors": 11}, "without_flag": OFF},
        {"with_flag": {**ON, "over": 1.1}, "without_flag": OFF},
        {"with_flag": {**ON, "p95_ms": -1}, "without_flag": OFF},
    ],
)
def test_what_is_no_group_takes_nothing_from_the_row(groups):
    assert read(**groups).split is None
    assert read(**groups) == replace(read(with_flag=ON, without_flag=OFF), split=None)
