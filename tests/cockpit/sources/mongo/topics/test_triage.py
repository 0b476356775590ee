"""The triage log against answers computed here: on data, on nothing, on documents that make no sense."""

from dataclasses import replace

import bson
import pytest
from bson import DatetimeMS, ObjectId

from cockpit.settings.models.mongo import TriageLog
from cockpit.sources.database.answer import VALUES_READ
from cockpit.sources.mongo.topics.triage import SHOWN, triage
from cockpit.sources.mongo.topics.triage import line as line_of
from tests.support.build import T0
from tests.support.sources.mongo_asking import ago, asked, database

__all__ = ["database"]
HOUR = 3600


def line(level, age, title="x", **more):
    return {"level": level, "ts": ago(age), "title": title, **more}


async def test_triage_shows_what_is_critical_and_open_or_young(database):
    await database.insert(
        "triage",
        [
            line("critical", 10 * HOUR, "old and open", resolved=False),
            line("critical", 10 * HOUR, "old and done", resolved=True),
            line("CRITICAL", 60, "young and done", resolved=True),
            line("critical", 30, "\x1b[2Jno word of it"),
            line("warning", 10, "no matter"),
        ],
    )
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert [(one.title, one.open, one.at) for one in found.critical] == [
        ("^[[2Jno word of it", True, ago(30)),
        ("young and done", False, ago(60)),
        ("old and open", True, ago(10 * HOUR)),
    ]
    assert (found.lines, answer.unreadable, answer.total) == (5, 0, 5)


async def test_a_critical_line_counts_whatever_else_is_wrong(database):
    """Row 65."""
    birth = ObjectId.from_datetime(ago(7200))
    lines = [
        {"_id": birth, "level": "critical"},
        {"_id": 2, "level": "critical", "ts": "soon", "resolved": "yes", "title": 7},
    ]
    await database.insert("triage", [*lines, {"level": 3}, {"title": "none"}, line("critical", -9999)])
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert len(found.critical) == 3
    assert all(one.open and one.at <= T0 for one in found.critical)
    assert found.critical[-1].at == ago(7200)
    assert {one.title for one in found.critical} == {"(no title)", "x"}
    assert (answer.unreadable, found.lines) == (5, 5)


@pytest.mark.parametrize("more", [0, VALUES_READ])
async def test_lines_and_those_without_a_level_are_counted_as_the_server_counts_them(database, more):
    levels = ["info", "", None, 7, True, ["critical"], ["info", 7], [7], [], {"a": "info"}, *range(more)]
    names = database.spec.triage
    await database.insert("triage", [*(line(level, 5) for level in levels), {"ts": ago(5)}])
    log = database.place.base[names.collection]
    without = await log.count({names.level: {"$not": {"$type": "string"}}})
    found, answer = await asked(triage(database.place, T0, HOUR, names))
    assert (found.lines, answer.unreadable, answer.total) == (len(levels) + 1, without, len(levels) + 1)


async def test_an_empty_triage_log(database):
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert (found.critical, found.lines, answer.unreadable) == ((), 0, 0)
    assert answer.newest is None


async def test_the_newest_line_of_any_level_tells_the_age(database):
    """Row 69."""
    await database.insert("triage", [line("info", 40), line("critical", 90), line("info", -7200), line("info", 300)])
    _, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert answer.newest == ago(40)


async def test_levels_are_taken_literally_in_any_case(database):
    spec = TriageLog(critical=("fatal", "p.1", "(p0|"))
    await database.base.triage_log.insert_many([line(level, 9, level) for level in ("FATAL", "p.1", "px1", "(P0|")])
    found, _ = await asked(triage(database.place, T0, HOUR, spec))
    assert sorted(one.title for one in found.critical) == ["(P0|", "FATAL", "p.1"]


@pytest.mark.parametrize("level", ["critical", "Critical", "CRITICAL", " critical", "critical\n", "P1", "p0"])
async def test_a_level_is_compared_without_case_and_outer_blanks(database, level):
    await database.insert("triage", [line(level, 5), line("Warning", 5), line(" INFO ", 5)])
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert (len(found.critical), found.doubt, answer.note, answer.unreadable) == (1, "", "", 0)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([line("Sev-1", 5), line("error", 9), line("error", 9)], "3 open lines of level error, Sev-1 are not counted"),
        ([line("\x1b[2J", 5)], "1 open line of level ^[[2J is not counted"),
        ([line(None, 5)], "1 open line without a level is not counted"),
        (
            [line("Sev-1", 5), line(3, 5)],
            "1 open line of level Sev-1 is not counted; 1 open line without a level is not counted",
        ),
        ([line("Sev-1", 5, resolved=True), line(None, 5, resolved=True)], ""),
        ([line("critical-ish", 90 * HOUR)], "1 open line of level critical-ish is not counted"),
    ],
)
async def test_an_open_line_of_a_level_that_nobody_listed_holds_or_is_told(database, lines, told):
    await database.insert("triage", [*lines, *(line("info", 5) for _ in range(200))])
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert (found.critical, found.doubt, answer.note) == ((), told, told)
    names = replace(database.spec.triage, unknown="tell")
    found, answer = await asked(triage(database.place, T0, HOUR, names))
    assert (found.doubt, answer.note) == ("", told)
    listed = replace(database.spec.triage, harmless=("SEV-1", "Error", "critical-ish", "\x1b[2J", "info"))
    found, answer = await asked(triage(database.place, T0, HOUR, listed))
    assert ("of level" in answer.note) is False


async def test_a_field_that_is_no_level_is_told(database):
    await database.insert("triage", [line(f"text {number}", 5) for number in range(VALUES_READ + 1)])
    found, answer = await asked(triage(database.place, T0, HOUR, replace(database.spec.triage, unknown="tell")))
    assert found.doubt == answer.trouble == f"over 200 different values in {database.spec.triage.level}"


async def test_open_lines_come_before_all_that_are_over(database):
    """However many were resolved lately, an old one that is open is told; of too many open ones that is said."""
    old = [line("critical", 20 * HOUR + age, f"open {age}") for age in range(3)]
    await database.insert(
        "triage", [*old, *(line("critical", age, "over", resolved=True) for age in range(SHOWN + 20))]
    )
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert [one.title for one in found.critical if one.open] == ["open 0", "open 1", "open 2"]
    assert (len(found.critical), answer.note) == (SHOWN + 3, "")
    await database.insert("triage", [line("Critical", 30 * HOUR) for _ in range(SHOWN)])
    found, answer = await asked(triage(database.place, T0, HOUR, database.spec.triage))
    assert sum(one.open for one in found.critical) == SHOWN
    assert answer.note == "over 100 critical lines are open, the newest are told"


async def test_bytes_that_no_server_should_hold_do_not_break_an_answer(mongo):
    """Row 65: some servers refuse to store these, others hand them out; our client reads them."""
    parts = b"\x02title\x00\x06\x00\x00\x00caf\xe9!\x00" + b"\x09ts\x00" + (1_267_000_000_000_000).to_bytes(8, "little")
    raw = (len(parts) + 5).to_bytes(4, "little") + parts + b"\x00"
    document = bson.decode(raw, mongo.codec_options)
    assert document == {"title": "caf\ufffd!", "ts": DatetimeMS(1_267_000_000_000_000)}
    found = line_of({**document, "_id": 1}, T0, TriageLog())
    assert (found.title, found.at, found.open) == ("caf\ufffd!", T0, True)
