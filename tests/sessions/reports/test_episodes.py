"""What belongs to one trouble is one episode: tables of days, and laws over any log."""

from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from hypothesis import given

from sessions.handover.sections import Wording
from sessions.reports.effects import Rank, family
from sessions.reports.episodes import DARK, REVERT, episodes
from sessions.reports.telling import peak, span_words, told
from sessions.state.alarms import RESTS
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, T0, after
from tests.support.sessions.any_log import LOGS, written
from tests.support.sessions.flight import begun, in_phase

REST = RESTS[0]
NOW = 8 * 3600.0
SPIKE, POST = "latency_spike", "POST /capsules"


def log(rows, pen=None):
    """Write (minute, kind, text, facts) into a flight at 25 %."""
    pen = pen or in_phase(25)
    for minute, kind, text, facts in rows:
        pen.write(minute * 60, kind, text, **facts)
    return pen


def found(pen, now=NOW):
    return episodes(PLAN, pen.state.entries, after(now))


def sentences(pen, now=NOW):
    return [told(PLAN, one, Wording(after(now), UTC)) for one in found(pen, now)]


def risk(minute, level, was="calm", name=SPIKE, **facts):
    title = PLAN.risk(name).title
    return (minute, "risk.turned", f"{title} {level}", {"risk": name, "level": level, "was": was, **facts})


def verdict(minute, word, was="pass", name="latency", **facts):
    return (minute, "verdict.turned", f"{name} {word}", {"criterion": name, "verdict": word, "was": was,
            "since": after(minute * 60), **facts})  # fmt: skip


def spike(minute, value=893.0):
    return [
        (minute, "rollout.paused", "paused: Latency spike", {"cause": SPIKE, "risk": SPIKE, "evidence": ()}),
        (minute, "fuse.lit", "893 ms", {"risk": SPIKE, "deadline": after(minute * 60 + 900), "evidence": ()}),
        risk(minute, "act", value=value, bound=500.0, unit="ms", subject=POST),
    ]


CLEARED = [
    risk(258, "calm", "act"),
    verdict(259, "pass", "breach"),
    (259, "fuse.defused", "Latency spike fuse defused: one clean window",
     {"risk": SPIKE, "reason": "one clean window", "evidence": ()}),
]  # fmt: skip
LATENCY = [*spike(242, 812.0), verdict(243, "breach", value=893.0, bound=500.0, unit="ms", subject=POST)]
STEP = {"task": "latency_spike.db", "done": True, "risk": SPIKE, "by": "owner"}

DAYS = [
    (
        [*LATENCY, *CLEARED],
        [("14:02-14:19 latency on POST /capsules up to 893 ms (bound 500 ms): paused, fuse lit,"
         " cleared by itself after 17 min, no revert, still paused")],
    ),
    (
        [*LATENCY, (244, "task.ticked", "Latency spike: DB operations looked at ✔", STEP), *CLEARED,
         (262, "rollout.resumed", "resumed", {"evidence": (), "by": "owner"})],
        [("14:02-14:19 latency on POST /capsules up to 893 ms (bound 500 ms): paused, fuse lit,"
         " DB operations looked at, cleared after 17 min, no revert, resumed 14:22")],
    ),
    (
        [*LATENCY, (257, "fuse.blown", "x", {"risk": SPIKE, "evidence": ()}),
         (258, "phase.entered", "reverted", {"phase": 10, "previous": 25, "evidence": ()})],
        [("14:02-14:18 latency on POST /capsules up to 893 ms (bound 500 ms): paused, fuse lit, fuse blown,"
         " reverted to 10 %, ended by the revert after 16 min, still paused")],
    ),
    (
        LATENCY,
        [("since 14:02 latency on POST /capsules up to 893 ms (bound 500 ms): paused, fuse lit,"
         " still open after 3 h 58 min, no revert")],
    ),
    (
        [verdict(242, "breach", value=893.0, bound=500.0, unit="ms", subject=POST), verdict(250, "thin", "breach")],
        ["since 14:02 latency on POST /capsules up to 893 ms (bound 500 ms): not proved over after 3 h 58 min"],
    ),
    (
        [risk(60, "act", name="support_queue", value=23.0, bound=20.0),
         risk(70, "calm", "act", "support_queue"),
         risk(75, "act", name="support_queue", value=27.0, bound=20.0),
         risk(90, "calm", "act", "support_queue")],
        ["11:00-11:30 support queue up to 27 open (bound 20): 2 times, 25 min in all, cleared by itself after 30 min"],
    ),
    (
        [risk(60, "watch", name="error_rate", value=1.4, bound=1.0, unit="%", subject="GET /concierge"),
         risk(62, "act", "watch", "error_rate", value=4.2, bound=2.0, unit="%", subject="GET /concierge"),
         risk(70, "watch", "act", "error_rate", value=1.2, bound=1.0, unit="%", subject="GET /concierge"),
         risk(99, "calm", "watch", "error_rate")],
        ["11:02-11:10 errors on GET /concierge up to 4.2 % (bound 2.0 %): cleared by itself after 8 min"],
    ),
    (
        [verdict(60, "blind", name="latency"), verdict(61, "blind", name="errors"),
         risk(61, "blind", name="error_rate"),
         verdict(70, "pass", "blind", "latency"), verdict(70, "pass", "blind", "errors"),
         risk(70, "calm", "blind", "error_rate")],
        ["11:00-11:10 no data for latency, errors: over after 10 min"],
    ),
    (
        [(60, "flow.frozen", "Capsules frozen: Duplication 2 duplicates",
          {"flow": "capsules", "cause": "Duplication 2 duplicates"}),
         risk(60, "act", name="duplication", value=2.0, bound=1.0, subject="capsules"),
         verdict(61, "breach", name="growth", value=2.0, bound=0.0, subject="capsules"),
         risk(90, "calm", "act", "duplication"), verdict(91, "pass", "breach", "growth")],
        [("11:00-11:31 up to 2 duplicates in capsules (bound 1): capsules frozen, cleared by itself after 31 min,"
         " capsules still frozen")],
    ),
    (
        [(60, "incident.opened", "checkout down", {"incident": "i1", "severity": "P1", "by": "owner"}),
         verdict(60, "breach", name="incidents", value=1.0, bound=0.0, subject="incidents"),
         (90, "incident.resolved", "P1 resolved", {"incident": "i1", "by": "owner"})],
        ["11:00-11:30 P1 incident checkout down: cleared after 30 min"],
    ),
    (
        [(60, "rollout.paused", "paused: lunch", {"cause": "lunch", "evidence": (), "by": "owner"}),
         (90, "rollout.resumed", "resumed", {"evidence": (), "by": "owner"})],
        ["11:00-11:30 paused: lunch: over after 30 min"],
    ),
    (
        [(60, "gap.found", "not watched", {"since": after(1800), "until": after(3000), "cause": "nobody watched"})],
        ["10:30-10:50 nobody watched (nobody watched): 20 min"],
    ),
    (
        [(60, "flag.drifted", "flag reads 100 %, expected 25 %", {"expected": 25, "seen": 100}),
         (63, "flag.returned", "flag reads 25 % again", {"since": after(3600), "percent": 25})],
        ["11:00-11:03 flag reads 100 %, expected 25 %: cleared by itself after 3 min"],
    ),
    (
        [(60, "phase.entered", "back", {"phase": 10, "previous": 25, "evidence": (), "by": "owner"})],
        ["11:00 back"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "lines"), DAYS, ids=range(len(DAYS)))
def test_a_trouble_is_one_sentence(rows, lines):
    assert sentences(log(rows)) == lines


def test_what_comes_back_after_a_rest_is_an_episode_of_its_own():
    rows = [risk(60, "act"), risk(70, "calm", "act"), risk(80, "act"), risk(90, "calm", "act")]
    assert len(found(log(rows))) == 1
    late = [*rows[:2], risk(80.1, "act"), risk(90, "calm", "act")]
    assert [len(one.entries) for one in found(log(late))] == [2, 2]


def test_an_act_soon_after_belongs_to_it_and_one_much_later_does_not():
    tick = ("task.ticked", "Latency spike: DB operations looked at ✔", STEP)
    for minute, belongs in ((120, True), (131, False)):
        (one,) = found(log([risk(60, "act"), risk(70, "calm", "act"), (minute, *tick)]))
        assert (one.entries[-1].kind == "task.ticked") is belongs


@pytest.mark.parametrize(
    ("dark", "seen", "count"),
    [(0.5, 2, 0), (0.5, 9, 0), (0.5, 30, 1), (0.5, None, 1), (30, 32, 1)],
    ids=["soon", "within the rest", "late", "never", "not at the start"],
)
def test_what_had_not_answered_when_the_watch_began_is_no_episode(dark, seen, count):
    pen = begun()
    rows = [verdict(dark, "blind", "warming"), risk(dark, "blind", name="csat")]
    if seen is not None:
        rows += [verdict(seen, "pass", "blind"), risk(seen, "calm", "blind", "csat")]
    assert len(found(log(rows, pen))) == count


def test_a_watch_that_begins_again_may_start_dark_but_not_what_it_had_seen():
    pen = begun()
    rows = [verdict(0.5, "pass", "warming"), verdict(60, "blind"), verdict(62, "pass", "blind")]
    assert len(found(log(rows, pen))) == 1
    again = [(59, "watch.started", "again", {"pid": 2, "host": "box"}), *rows[1:]]
    assert found(log(again, begun())) == ()
    seen_again = [*again[:1], verdict(59.5, "pass", "blind"), *rows[1:]]
    assert len(found(log(seen_again, begun()))) == 1


def test_a_breach_in_the_dark_start_is_told():
    assert len(found(log([verdict(0.5, "blind", "warming"), verdict(1, "breach", "blind")], begun()))) == 1


def test_what_still_breaches_in_the_next_phase_is_the_same_episode():
    rows = [
        risk(60, "act", name="csat", value=35.0, bound=30.0, unit="%"),
        (70, "phase.entered", "50 %", {"phase": 50, "previous": 25, "evidence": (), "override": True, "reason": "x"}),
        risk(71, "act", name="csat", value=36.0, bound=30.0, unit="%"),
        risk(90, "calm", "act", "csat"),
    ]
    assert sentences(log(rows)) == [
        "11:00-11:30 low CSAT scores up to 36 % (bound 30 %): 2 times, 29 min in all, cleared by itself after 30 min"
    ]
    assert sentences(log(rows[:2]))[0].endswith(": not over when 50 % was entered, 10 min")


def test_a_clock_that_was_put_back_leaves_no_span_in_the_future():
    pen = log([risk(60, "act")])
    pen.write(70 * 60 - 3600, "gap.found", since=after(0), until=after(0), cause="clock", moved=-3600.0)
    pen.write(80 * 60 - 3600, "risk.turned", risk=SPIKE, level="calm", was="act")
    (one,) = found(pen, 30 * 60)
    assert (one.since, one.until) == (T0, after(20 * 60))


def test_trouble_in_other_words_of_a_newer_cockpit_is_not_lost():
    pen = log([verdict(60, "melted"), verdict(90, "pass", "melted"), verdict(200, "breach", name="tides")])
    assert [(one.about, one.until is None) for one in found(pen)] == [(DARK, False), ("tides", True)]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (1020, "17 min"), (3570, "1 h 00 min"), (11_100, "3 h 05 min"),
     (187_200, "2 d 4 h")],
)  # fmt: skip
def test_a_span_is_said_as_people_say_it(seconds, words):
    assert span_words(seconds) == words


def _is_bad(entry):
    if entry.kind == "verdict.turned":
        return entry.said("verdict") == "breach"
    if entry.kind == "risk.turned":
        return entry.said("level") == "act"
    back = entry.kind == "phase.entered" and entry.phase < entry.counted("previous")
    return back or entry.kind in ("fuse.lit", "flag.drifted", "gap.found", "incident.opened", "rollout.paused")


@given(LOGS)
def test_no_entry_makes_two_bullets_and_no_trouble_is_lost(events):
    pen, last = written(events)
    rows = found(pen, last + 60)
    numbers = [entry.seq for one in rows for entry in one.entries]
    assert len(numbers) == len(set(numbers))
    assert {entry.seq for entry in pen.state.entries if _is_bad(entry)} <= set(numbers)


@given(LOGS)
def test_an_episode_is_open_as_long_as_the_session_says_so(events):
    pen, last = written(events)
    state, rows = pen.state, found(pen, last + 60)
    going = {name for one in rows if one.until is None for name in one.names}
    acting = {family(name) for name, level in state.levels.items() if level is Level.ACT}
    breached = {name for name, mark in state.verdicts.items() if mark is Mark.BREACH}
    burning = {family(name) for name in state.fuses}
    assert (acting | breached | burning) <= going
    unresolved = any(one.resolved_at is None for one in state.incidents.values())
    assert not unresolved or "incidents" in going
    assert (state.flag.status == "drifted") is ("flag" in going)


@given(LOGS)
def test_spans_lie_in_order_and_none_in_the_future(events):
    pen, last = written(events)
    now = after(last + 60)
    by_name = {}
    for one in found(pen, last + 60):
        assert T0 - timedelta(seconds=30) <= one.since == one.times[0][0]
        ends = [moment for stretch in one.times for moment in stretch]
        assert ends == sorted(ends)
        assert ends[-1] <= now
        assert (one.until is None and ends[-1] == now) or one.until == ends[-1]
        assert one.in_force <= one.lasted + 1e-6
        if one.about not in (DARK, REVERT) and one.rank > Rank.WATCH:
            by_name.setdefault(one.about, []).append(one)
    for rows in by_name.values():
        for before, later in pairwise(rows):
            assert before.until is not None
            assert later.since - before.until > REST


@given(LOGS)
def test_a_peak_is_the_worst_figure_of_its_entries_with_their_bound(events):
    pen, last = written(events)
    for one in found(pen, last + 60):
        top = peak(one)
        values = [(e.counted("value"), e.counted("bound"), e.said("unit")) for e in one.entries if "value" in e.facts]
        assert (top is None) is (not values)
        if top is not None:
            assert top.value == max(value for value, _, unit in values if unit == top.unit)
            assert (top.value, top.bound, top.unit) in values
        sentence = told(PLAN, one, Wording(after(last + 60), UTC))
        assert sentence.startswith("since ") is (one.until is None)
        assert ("open after" in sentence or "not proved over" in sentence) is (one.until is None)
