"""Two ways back from a row, one reading: the short way is only for rows in which nothing is to be cleaned."""

import json
import math
from datetime import UTC, datetime

import pytest
from msgspec import convert

from sessions.history import reading_codec
from sessions.history.reading_codec import KINDS, body_of, kind_of, reading_from
from sessions.values import readings as r
from tests.support.build import T0

ROWS = [
    r.Pulse("mongo", T0, r.Topic.TRAFFIC, True, "", 12.0, T0),
    r.Pulse("mongo", T0, r.Topic.TRAFFIC, False, "é \x1b[2J", 12.0, None),
    r.Pulse("mongo", T0, r.Topic.TRAFFIC, False, "x" * 900, 12.0, None),
    r.Pulse("mongo", T0, r.Topic.TRAFFIC, False, 'a "b" \\ c \x7f \ud800', 0.0, None),
    r.Traffic("s", T0, "GET /x", r.Grain.WINDOW, T0, T0, 120.0, 0.0, 240.0),
    r.Traffic("s", T0, "GET /x", r.Grain.MINUTE, T0, T0, 1e22, 5e-324, math.inf),
    r.Traffic("s", T0, "GET /x", r.Grain.MINUTE, T0, T0, 1, 0, 3),
    r.Beat("mongo", T0, "j", T0, datetime(1970, 1, 1, tzinfo=UTC), 90),
    r.Tickets("mongo", T0, 7, T0, (("P2", 4), ("P3", 3)), 1, ("Linen blazer",)),
    r.Capsules("mongo", T0, 64, 5, 0, T0),
    r.Returns("mongo", T0, (("created", 4), ("refunded", 30)), 4, 0),
    r.Csat("mongo", T0, 2**63, 3),
]
BAD = ["", "[]", "null", "7", "{}", '{"source": 1}', '{"source":"s","at":"no"}', "{", '{"a":1e999}', "[" * 300]


def long_way(kind, body):
    return convert(reading_codec._cleaned(json.loads(body)), KINDS[kind])


@pytest.mark.parametrize("reading", ROWS, ids=lambda row: type(row).__name__)
def test_both_ways_give_the_same_reading_to_the_type(reading):
    kind, body = kind_of(reading), body_of(reading)
    assert repr(reading_from(kind, body)) == repr(long_way(kind, body))


@pytest.mark.parametrize("body", BAD)
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_row_is_refused_by_both_ways_alike(kind, body):
    with pytest.raises((ValueError, KeyError, RecursionError)) as long:
        long_way(kind, body)
    with pytest.raises(type(long.value)):
        reading_from(kind, body)


def test_a_row_with_nothing_to_clean_goes_the_short_way(monkeypatch):
    monkeypatch.setattr(reading_codec, "_cleaned", lambda _value: pytest.fail("it was cleaned"))
    assert reading_from("window", body_of(ROWS[4])) == ROWS[4]
