"""Names and values of the owner, row 67: nothing that could be an operator gets past the reading of the settings."""

from dataclasses import fields

import pytest

from cockpit.settings.models.mongo import PARTS, Mongo, why_no_database, why_no_name, why_no_value
from cockpit.settings.schema import fields as kit
from sessions.plan.strict_table import Table
from tests.support.sources.mongo_asking import OURS, THEIRS

PLAIN = {"uri": "${URI}", "database": "shop"}
NAMES = [
    "$where",
    "$out",
    "$merge",
    "$function",
    "$gt",
    "$ts",
    "$$NOW",
    "$",
    "$cmd",
    "ts.$where",
    "a.$[]",
    "a.$.b",
    "$a.b",
    "a.b.$c",
    ".ts",
    "ts.",
    "a..b",
    ".",
    "..",
    "ts\0",
    "a\0.b",
    "\0$where",
    "ts\n",
    "ts\x1b[2J",
    "ts\x7f",
    "t\u202es",
    "ts\u200b",
    "\ufeffts",
    " ts",
    "ts ",
    "",
]
VALUES = ["$ne", "$where: 1", "$open", "", "open\0", "\x1bopen", "o\u202epen"]
WRONG = [{"$ne": 1}, {"$where": "sleep(9)"}, ["$gt"], 7, True, {}]


def told(**changes):
    """Return what is wrong with a source whose keys were changed, by their place."""
    table = Table({**PLAIN, **changes}, "sources.db")
    kit.read(Mongo, table)
    return {problem.path: str(problem) for problem in table.problems}


@pytest.mark.parametrize("name", NAMES, ids=repr)
@pytest.mark.parametrize("place", [("events", "at"), ("tickets", "collection"), ("csat", "score")], ids=".".join)
def test_a_name_that_is_none_is_refused(place, name):
    part, key = place
    assert f"sources.db.{part}.{key}" in told(**{part: {key: name}})


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("place", [("triage", "critical"), ("tickets", "open"), ("returns", "done")], ids=".".join)
def test_a_value_that_is_none_is_refused(place, value):
    part, key = place
    assert f"sources.db.{part}.{key}" in told(**{part: {key: ["fine", value]}})


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_what_is_no_text_is_neither_name_nor_value(wrong):
    assert told(events={"at": wrong})
    assert told(made=wrong)
    assert wrong == ["$gt"] or told(tickets={"open": wrong})
    assert told(tickets={"open": [wrong]})


@pytest.mark.parametrize("name", ["$where", "ts\0", "a..b"])
def test_the_date_of_growing_collections_is_a_plain_name(name):
    assert "sources.db.made" in told(made=name)


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "a\\b", "a b", '"', "$x", "a*", "a|b", "a\0", "x" * 64, "ä" * 32])
def test_a_database_that_is_none_is_refused(name):
    assert why_no_database(name)
    assert "sources.db.database" in told(database=name)


@pytest.mark.parametrize("name", ["ts", "meta.at", "created_at", "price$", "stylistTickets", "über", "a b", "_id"])
def test_an_honest_name_is_taken(name):
    assert why_no_name(name) == ""
    assert told(events={"at": name}, tickets={"collection": name}) == {}


@pytest.mark.parametrize("value", ["open", "In Progress", "50 %", "US$", "(p0|"])
def test_an_honest_value_is_taken(value):
    assert why_no_value(value) == ""
    assert told(tickets={"open": [value]}) == {}


def test_no_list_of_states_is_empty_except_what_is_done():
    assert told(tickets={"open": []}, triage={"critical": []}, capsules={"held": []}).keys() == {
        "sources.db.tickets.open",
        "sources.db.triage.critical",
        "sources.db.capsules.held",
    }
    assert told(returns={"done": []}) == {}


@pytest.mark.parametrize("spec", [OURS, THEIRS])
def test_every_part_is_looked_at(spec):
    nested = [getattr(spec, item.name) for item in fields(spec) if item.metadata["key"].model]
    assert {type(part) for part in nested} == set(PARTS)
    assert list(spec.problems()) == []
