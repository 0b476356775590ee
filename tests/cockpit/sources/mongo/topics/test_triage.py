"""The triage log against answers computed here: on data, on nothing, on documents that make no sense."""

import bson
from bson import DatetimeMS, ObjectId

from cockpit.settings.models.mongo import TriageLog
from cockpit.sources.mongo.topics.triage import line as line_of
from cockpit.sources.mongo.topics.triage import triage
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


async def test_bytes_that_no_server_should_hold_do_not_break_an_answer(mongo):
    """Row 65: some servers refuse to store these, others hand them out; our client reads them."""
    parts = b"\x02title\x00\x06\x00\x00\x00caf\xe9!\x00" + b"\x09ts\x00" + (1_267_000_000_000_000).to_bytes(8, "little")
    raw = (len(parts) + 5).to_bytes(4, "little") + parts + b"\x00"
    document = bson.decode(raw, mongo.codec_options)
    assert document == {"title": "caf\ufffd!", "ts": DatetimeMS(1_267_000_000_000_000)}
    found = line_of({**document, "_id": 1}, T0, TriageLog())
    assert (found.title, found.at, found.open) == ("caf\ufffd!", T0, True)
