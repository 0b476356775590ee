"""Every question to MongoDB against answers computed here: on data, on nothing, on documents that make no sense."""

import math
import random
from datetime import UTC, datetime
from itertools import pairwise

import bson
import pytest
from bson import DatetimeMS, ObjectId
from hypothesis import given
from hypothesis import strategies as st
from pymongo import AsyncMongoClient, monitoring

from cockpit.sources import queries as q
from cockpit.sources.beats import Run, gaps
from tests.build import PLAN, T0, after

QUEUE = PLAN.queue
CAPSULES = next(rule for rule in PLAN.collections if rule.name == "capsules")
FAR = datetime(9999, 12, 31, 12, tzinfo=UTC)
HOUR = 3600
BROKEN = [None, "yesterday", 17, FAR]


def ago(seconds: float) -> datetime:
    return after(-seconds)


def look(since: float, known: datetime | None = None) -> q.Look:
    return q.Look("capsule_created", ago(since), known, PLAN.gap)


def events(*ages: float, journey: str = "capsule_created") -> list[dict]:
    return [{"journey": journey, "ts": ago(age), "shopperId": "s1"} for age in ages]


async def asked(question) -> tuple:
    """Return the one reading of an answer, and the answer."""
    answer = await question
    assert len(answer.readings) == 1
    assert answer.readings[0].at == T0
    return answer.readings[0], answer


async def test_beat_counts_and_dates(base):
    rng = random.Random(3)
    ages = [rng.uniform(-30, 7200) for _ in range(300)]
    other = [rng.uniform(0, 7200) for _ in range(50)]
    await base.analytics_events.insert_many(events(*ages) + events(*other, journey="csat_answered"))
    beat, answer = await asked(q.beat(base, T0, look(3600)))
    assert beat.count == sum(age <= 3600 for age in ages) == answer.total
    assert beat.newest == T0
    assert (beat.journey, beat.since, answer.unreadable, beat.gaps) == ("capsule_created", ago(3600), 0, ())


@pytest.mark.parametrize(
    ("ages", "known", "found"),
    [
        ((100, 700), None, []),
        ((100, 700.001), None, [(700.001, 100)]),
        ((3000, 2900, 2000, 1500, 100), None, [(2900, 2000), (1500, 100)]),
        ((100,), 3700, [(3700, 100)]),
        ((100,), 650, []),
        ((), 3700, []),
        ((5000, 100), None, [(5000, 100)]),
    ],
)
async def test_gaps_are_found_to_the_millisecond(base, ages, known, found):
    await base.analytics_events.insert_many([*events(*ages), *events(50, journey="csat_answered")])
    beat, _ = await asked(q.beat(base, T0, look(3600, ago(known) if known else None)))
    assert beat.gaps == tuple((ago(last), ago(first)) for last, first in found)
    newest = min([*ages, *([known] if known else [])])
    assert beat.newest == ago(newest)


async def test_events_that_make_no_sense_are_counted_and_never_newest(base):
    """Rows 65 and 66."""
    bad = [{"journey": "capsule_created", "ts": date} for date in BROKEN]
    ahead = [{"journey": "capsule_created", "ts": after(61)}, {"journey": "capsule_created"}]
    await base.analytics_events.insert_many(events(30, 90) + bad + ahead)
    beat, answer = await asked(q.beat(base, T0, look(3600)))
    assert (beat.count, beat.newest) == (2, ago(30))
    assert (answer.unreadable, answer.total) == (6, 8)


async def test_a_beat_of_nothing(base):
    beat, answer = await asked(q.beat(base, T0, look(3600)))
    assert (beat.newest, beat.count, beat.gaps, answer.unreadable, answer.newest) == (None, 0, (), 0, None)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60), st.integers(1, 600), st.booleans())
def test_gaps_out_of_runs_are_the_gaps_between_events(seconds, bound, known):
    """Any cut into pieces no longer than half the bound gives the gaps that the single events have."""
    ordered = sorted(seconds)
    piece = max(1, bound // 2)
    pieces: dict[int, list[int]] = {}
    for second in ordered:
        pieces.setdefault(second // piece, []).append(second)
    runs = [Run(after(min(one)), after(max(one)), len(one)) for one in pieces.values()]
    before = after(-700) if known else None
    chain = ([-700] if known else []) + ordered
    naive = [(a, b) for a, b in pairwise(chain) if b - a > bound]
    assert gaps(runs[::-1], before, bound) == tuple((after(a), after(b)) for a, b in naive)


async def test_size_counts_duplicates_by_business_key(base):
    rows = [{"shopperId": f"s{number % 40}", "lookId": number % 7} for number in range(300)]
    await base.capsules.insert_many([dict(row) for row in rows])
    size, answer = await asked(q.size(base, T0, CAPSULES))
    keys = {tuple(row.values()) for row in rows}
    assert (size.collection, size.count, size.duplicates) == ("capsules", 300, 300 - len(keys))
    assert (answer.unreadable, answer.total) == (0, 300)
    assert len(size.examples) == 3


async def test_documents_without_their_key_are_no_duplicates(base):
    """Row 65."""
    rows = [{}, {}, {"shopperId": "a"}, {"shopperId": None, "lookId": 1}, {"shopperId": "a", "lookId": 1}]
    await base.capsules.insert_many([*rows, {"shopperId": "a", "lookId": 2}])
    size, answer = await asked(q.size(base, T0, CAPSULES))
    assert (size.count, size.duplicates, size.examples, answer.unreadable) == (6, 0, (), 4)


async def test_examples_are_clean(base):
    """Row 82."""
    await base.capsules.insert_many([{"shopperId": "\x1b]0;x\x07", "lookId": "[/]"} for _ in range(3)])
    size, _ = await asked(q.size(base, T0, CAPSULES))
    assert (size.duplicates, size.examples) == (2, ("^[]0;x^G [/] ×3",))


async def test_size_of_nothing(base):
    size, answer = await asked(q.size(base, T0, CAPSULES))
    assert (size.count, size.duplicates, size.examples, answer.unreadable) == (0, 0, (), 0)


def line(level: object, age: float, title: object = "x", **more) -> dict:
    return {"level": level, "ts": ago(age), "title": title, **more}


async def test_triage_shows_what_is_critical_and_open_or_young(base):
    await base.triage_log.insert_many(
        [
            line("critical", 10 * HOUR, "old and open", resolved=False),
            line("critical", 10 * HOUR, "old and done", resolved=True),
            line("CRITICAL", 60, "young and done", resolved=True),
            line("critical", 30, "\x1b[2Jno word of it"),
            line("warning", 10, "no matter"),
        ]
    )
    triage, answer = await asked(q.triage(base, T0, HOUR))
    assert [(one.title, one.open, one.at) for one in triage.critical] == [
        ("^[[2Jno word of it", True, ago(30)),
        ("young and done", False, ago(60)),
        ("old and open", True, ago(10 * HOUR)),
    ]
    assert (triage.lines, answer.unreadable, answer.total) == (5, 0, 5)


async def test_a_critical_line_counts_whatever_else_is_wrong(base):
    """Row 65."""
    birth = ObjectId.from_datetime(ago(7200))
    lines = [
        {"_id": birth, "level": "critical"},
        {"_id": 2, "level": "critical", "ts": "soon", "resolved": "yes", "title": 7},
    ]
    await base.triage_log.insert_many([*lines, {"level": 3}, {"title": "none"}, line("critical", -9999)])
    triage, answer = await asked(q.triage(base, T0, HOUR))
    assert len(triage.critical) == 3
    assert all(one.open and one.at <= T0 for one in triage.critical)
    assert triage.critical[-1].at == ago(7200)
    assert {one.title for one in triage.critical} == {"(no title)", "x"}
    assert (answer.unreadable, triage.lines) == (5, 5)


async def test_an_empty_triage_log(base):
    triage, answer = await asked(q.triage(base, T0, HOUR))
    assert (triage.critical, triage.lines, answer.unreadable) == ((), 0, 0)


async def test_tickets_that_are_open(base):
    rng = random.Random(5)
    rows = [
        {
            "title": f"ticket {number}",
            "status": rng.choice(["open", "closed"]),
            "priority": rng.choice(["P1", "P2", "P3"]),
            "escalated": rng.random() < 0.3,
            "createdAt": ago(number * 60),
        }
        for number in range(80)
    ]
    await base.stylistTickets.insert_many([dict(row) for row in rows])
    tickets, answer = await asked(q.tickets(base, T0))
    waiting = [row for row in rows if row["status"] == "open"]
    priorities = [row["priority"] for row in waiting]
    assert tickets.open == len(waiting)
    assert tickets.oldest == min(row["createdAt"] for row in waiting)
    assert dict(tickets.priorities) == {name: priorities.count(name) for name in set(priorities)}
    assert tickets.escalated == sum(row["escalated"] for row in waiting)
    assert tickets.titles == tuple(row["title"] for row in waiting[:5])
    assert answer.unreadable == 0


async def test_tickets_that_make_no_sense_still_count_as_open(base):
    """Rows 65, 81 and 82."""
    rows = [{"status": "open", "priority": value, "createdAt": value, "title": value} for value in (None, 3, math.nan)]
    hostile = {
        "status": "open",
        "priority": "[/]",
        "createdAt": ago(60),
        "title": "[@click=app.quit]\x1bx",
        "escalated": 1,
    }
    await base.stylistTickets.insert_many([*rows, hostile, {"title": "no status"}, {"status": 4}])
    tickets, answer = await asked(q.tickets(base, T0))
    assert (tickets.open, tickets.oldest, tickets.escalated) == (4, ago(60), 0)
    assert tickets.priorities == (("?", 3), ("[/]", 1))
    assert tickets.titles[0] == "[@click=app.quit]^[x"
    assert (answer.unreadable, answer.total) == (5, 6)


async def test_no_tickets(base):
    tickets, answer = await asked(q.tickets(base, T0))
    assert (tickets.open, tickets.oldest, tickets.priorities, tickets.titles) == (0, None, (), ())
    assert answer.unreadable == 0


def held(expires: object, status: object = "held") -> dict:
    return {"status": status, "expiresAt": expires}


async def test_capsules_by_expiry(base):
    dates = [ago(1), T0, after(HOUR), after(QUEUE.expiry - 1), after(QUEUE.expiry), after(QUEUE.expiry * 9)]
    await base.capsules.insert_many([held(date) for date in dates] + [held(ago(5), "given back")])
    capsules, answer = await asked(q.capsules(base, T0, QUEUE))
    assert (capsules.held, capsules.expired, capsules.expiring, capsules.next_expiry) == (6, 1, 3, T0)
    assert answer.unreadable == 0


async def test_the_next_expiry_may_lie_far_ahead(base):
    await base.capsules.insert_many([held(after(QUEUE.expiry * 3)), held(after(QUEUE.expiry * 2))])
    capsules, _ = await asked(q.capsules(base, T0, QUEUE))
    assert (capsules.expiring, capsules.next_expiry) == (0, after(QUEUE.expiry * 2))


async def test_capsules_that_make_no_sense(base):
    """Row 65."""
    await base.capsules.insert_many([held(date) for date in BROKEN] + [held(after(60)), {"expiresAt": after(60)}])
    capsules, answer = await asked(q.capsules(base, T0, QUEUE))
    assert (capsules.held, capsules.expiring, capsules.expired) == (5, 1, 0)
    assert (answer.unreadable, answer.total) == (5, 6)


async def test_no_capsules(base):
    capsules, answer = await asked(q.capsules(base, T0, QUEUE))
    assert (capsules.held, capsules.next_expiry, answer.unreadable) == (0, None, 0)


async def test_returns_by_status(base):
    rng = random.Random(7)
    rows = [
        {"status": rng.choice(["requested", "in_transit", "received", "refunded"]), "updatedAt": ago(number * HOUR)}
        for number in range(60)
    ]
    await base.returns.insert_many([dict(row) for row in rows])
    found, answer = await asked(q.returns(base, T0, QUEUE))
    names = [row["status"] for row in rows]
    running = [row for row in rows if row["status"] != "refunded"]
    assert dict(found.statuses) == {name: names.count(name) for name in set(names)}
    assert found.open == len(running)
    assert found.stuck == sum(row["updatedAt"] < ago(QUEUE.stuck) for row in running)
    assert answer.unreadable == 0


async def test_returns_that_make_no_sense(base):
    """Row 65."""
    odd = [{"status": "requested", "updatedAt": date} for date in BROKEN]
    await base.returns.insert_many([*odd, {"status": None, "updatedAt": ago(1)}, {"status": 5, "updatedAt": ago(1)}])
    found, answer = await asked(q.returns(base, T0, QUEUE))
    assert dict(found.statuses) == {"requested": 4, "?": 2}
    assert (found.open, found.stuck, answer.unreadable) == (6, 0, 4)


async def test_no_returns(base):
    found, answer = await asked(q.returns(base, T0, QUEUE))
    assert (found.statuses, found.open, found.stuck, answer.unreadable) == ((), 0, 0, 0)


async def test_csat_in_the_span(base):
    rng = random.Random(9)
    rows = [{"score": rng.choice([1, 2, 3, 4, 5, 4.5]), "ts": ago(number * 60)} for number in range(100)]
    await base.csat.insert_many([dict(row) for row in rows])
    csat, answer = await asked(q.csat(base, T0, QUEUE))
    inside = [row["score"] for row in rows if row["ts"] >= ago(QUEUE.csat)]
    assert (csat.answers, csat.low) == (len(inside), sum(score <= 2 for score in inside))
    assert answer.unreadable == 0


async def test_scores_that_make_no_sense_are_no_answers(base):
    """Row 65."""
    odd = [{"score": score, "ts": ago(5)} for score in (0, 6, -1, "5", None, math.nan, math.inf, True, [5])]
    await base.csat.insert_many([*odd, {"score": 1, "ts": ago(5)}, *({"score": 5, "ts": date} for date in BROKEN)])
    csat, answer = await asked(q.csat(base, T0, QUEUE))
    assert (csat.answers, csat.low) == (1, 1)
    assert (answer.unreadable, answer.total) == (13, 14)


async def test_no_csat(base):
    csat, answer = await asked(q.csat(base, T0, QUEUE))
    assert (csat.answers, csat.low, answer.unreadable) == (0, 0, 0)


async def test_bytes_that_no_server_should_hold_do_not_break_an_answer(mongo):
    """Row 65: some servers refuse to store these, others hand them out; our client reads them."""
    parts = b"\x02title\x00\x06\x00\x00\x00caf\xe9!\x00" + b"\x09ts\x00" + (1_267_000_000_000_000).to_bytes(8, "little")
    raw = (len(parts) + 5).to_bytes(4, "little") + parts + b"\x00"
    document = bson.decode(raw, mongo.codec_options)
    assert document == {"title": "caf\ufffd!", "ts": DatetimeMS(1_267_000_000_000_000)}
    found = q._line({**document, "_id": 1}, T0)
    assert (found.title, found.at, found.open) == ("caf\ufffd!", T0, True)


async def test_only_questions_are_asked(base, mongo_base, mongo_uri):
    """Row 67: the cockpit reads; whatever it sends is one of these commands."""

    class Ledger(monitoring.CommandListener):
        def __init__(self):
            self.names = set()

        def started(self, event):
            self.names.add(event.command_name)
            assert not any(word in str(event.command) for word in ("$where", "$function", "$out", "$merge", "$$NOW"))

        def succeeded(self, event):
            assert event.duration_micros >= 0

        def failed(self, event):
            raise AssertionError(event.failure)

    client = AsyncMongoClient(mongo_uri, event_listeners=[ledger := Ledger()])
    own = client[mongo_base]
    await q.beat(own, T0, look(60))
    await q.size(own, T0, CAPSULES)
    await q.triage(own, T0, 60)
    await q.tickets(own, T0)
    await q.capsules(own, T0, QUEUE)
    await q.returns(own, T0, QUEUE)
    await q.csat(own, T0, QUEUE)
    await client.close()
    assert ledger.names <= {"find", "aggregate", "count", "endSessions"}
