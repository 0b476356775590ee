"""`status` says of each source that is dark or silent why, as the panes do."""

from typing import Any

from msgspec.structs import replace

from cockpit.cli.commands.status import _lines, as_table
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.values import readings as r
from tests.support.screen.grown_flight import NOW, TZ
from tests.support.screen.sample import blind, calm

NOTE = 'no label endpoint: set metrics.endpoint = "path" (labels seen: method, path)'


def rows(judgement: Judgement):
    return [line.split(None, 1)[1].strip() for line in _lines(judgement) if line.startswith("  source ")]


def sources(judgement: Judgement) -> Any:
    return as_table(judgement)["sources"]


def noted(note):
    state = calm().state
    health = replace(state.seen.health[r.Topic.TRAFFIC], note=note)
    seen = replace(state.seen, health={**state.seen.health, r.Topic.TRAFFIC: health})
    return judge(replace(state, seen=seen), NOW, TZ)


def test_where_all_is_well_nothing_is_told():
    assert rows(calm()) == []
    assert {row["fresh"] for row in sources(calm())} == {True}


def test_what_fails_is_told_with_its_reason():
    told = rows(blind())
    assert any("journeys: no answer for" in line and "connection refused" in line for line in told)
    dark = {row["topic"]: row for row in sources(blind()) if not row["fresh"]}
    assert dark["journeys"]["reason"] == "connection refused"


def test_what_answers_and_says_nothing_is_told_too():
    assert rows(noted(NOTE)) == [f"scrape           traffic: {NOTE}"]
    assert next(row for row in sources(noted(NOTE)) if row["topic"] == "traffic")["note"] == NOTE
