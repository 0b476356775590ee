"""What a phase proves: only the time in which everything that it promises was seen to hold counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.gate.soak import soak
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import TableError
from sessions.state.reducer import apply, replay
from sessions.values import readings as r
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import CRITERIA, Mark
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import all_is_well, in_phase
from tests.support.sessions.rounds import round_at, written

MINUTE, HOUR = 60.0, 3600.0
BEGUN, ENDED = 6 * MINUTE, 2 * HOUR
HOT = PLAN.endpoints[0]


def flown(until, trouble, plan=PLAN):
    """Fly 10 % up to `until` s; `trouble` says of a moment what is other than well, as a list of readings."""
    pen = in_phase(10, plan=plan)
    for at in range(30, int(until) + 1, 30):
        well = all_is_well(pen.state, after(at))
        pen.state = seeing(well, *trouble(at)) if BEGUN <= at < ENDED else well
        round_at(pen, at)
    return pen


def reads(percent, narrowed=""):
    return lambda at: [FlagValue("flagd", after(at), percent, narrowed=narrowed)]


def errors(share):
    def said(at):
        closed = (at - 30) // 300 * 300
        facts = {"at": after(at), "requests": 1000.0, "errors": 10 * share}
        return [window(HOT, after(closed - 300), **facts)]

    return said


@pytest.mark.parametrize(("percent", "narrowed"), [(0, ""), (25, ""), (100, ""), (None, ""), (10, "only staff")])
def test_time_in_which_the_flag_was_elsewhere_does_not_count(percent, narrowed):
    pen = flown(2 * HOUR + 2 * MINUTE, reads(percent, narrowed))
    told = soak(pen.state, after(2 * HOUR + 2 * MINUTE))
    assert told.mark is Mark.WARMING
    assert 7 * MINUTE <= told.done <= 9 * MINUTE
    assert written(pen, "flag.drifted", "flag.returned") == ["flag.drifted", "flag.returned"]
    told = next(entry for entry in pen.state.entries if entry.kind == "flag.returned")
    assert told.text == "flag reads 10 % again, elsewhere for 1h54m"


def test_a_flag_that_was_elsewhere_before_it_was_first_read_was_so_since_it_was_confirmed():
    pen = in_phase(10)
    pen.state = seeing(all_is_well(pen.state, after(90)), FlagValue("flagd", after(90), 25))
    pen.state = replace(pen.state, seen=replace(pen.state.seen, flag_before=None))
    round_at(pen, 90)
    assert pen.state.lapsing == {"flag": T0}


def test_windows_in_which_the_flag_was_elsewhere_prove_nothing():
    pen = flown(2 * HOUR + 2 * MINUTE, reads(100))
    verdict = judge(pen.state, after(2 * HOUR + 2 * MINUTE)).verdicts["latency"]
    assert (verdict.mark, verdict.text) == (Mark.WARMING, "0 of 3 windows")
    assert {mark for part in verdict.parts for mark in part.marks[-3:]} == {Mark.WARMING}


def test_a_window_is_lost_by_a_second_elsewhere_and_a_breach_in_it_holds():
    pen = in_phase(10)
    pen.write(3000, "flag.drifted", expected=10, seen=100, since=after(3600.0))
    pen.write(3601, "flag.returned", since=after(3600.0), percent=10)
    well = all_is_well(pen.state, after(4231))
    assert judge(well, after(4231)).verdicts["latency"].text == "1 of 3 windows"
    hot = seeing(well, window(HOT, after(3600), p95_ms=900.0))
    assert judge(hot, after(4231)).verdicts["latency"].mark is Mark.BREACH


@pytest.mark.parametrize("by", [-1140, 60, 660])
def test_windows_that_a_clock_of_before_cut_prove_nothing(by):
    pen = in_phase(10)
    pen.write(3600 + by, "gap.found", since=after(3600 + by), until=after(3600 + by), cause="clock", moved=float(by))
    for at, passing in ((1169, False), (1231, True)):
        now = after(3600 + by + at)
        verdict = judge(all_is_well(pen.state, now), now).verdicts["latency"]
        assert verdict.mark is (Mark.PASS if passing else Mark.WARMING), at


def test_time_in_which_the_flag_is_served_to_nobody_does_not_count():
    pen = in_phase(10)
    pen.write(1, "flag.confirmed", "not served yet", intent="i2", percent=10, served=False)
    pen.write(115 * MINUTE, "flag.served", intent="i2", percent=10)
    told = soak(pen.state, after(2 * HOUR))
    assert (told.done, told.mark) == (5 * MINUTE + 1, Mark.WARMING)


def dark(topic, since, until, back=90):
    """Fly with one topic that does not answer from `since` to `until`, and `back` s longer."""
    pen = in_phase(10)
    for at in range(30, int(until) + back + 1, 30):
        good = min(at, since) if since <= at < until else at
        state = all_is_well(pen.state, after(at))
        known = state.seen.health[topic]
        old = replace(known, good_at=after(good), reason="timeout" if good != at else "")
        pen.state = replace(state, seen=replace(state.seen, health={**state.seen.health, topic: old}))
        round_at(pen, at)
    return pen


@pytest.mark.parametrize(("topic", "cause"), [(r.Topic.FLAG, "flag"), (r.Topic.QUEUE, "queue"), (r.Topic.CSAT, "csat")])
def test_a_topic_that_no_criterion_is_read_from_opens_a_hole_too(topic, cause):
    pen = dark(topic, 600, 2 * HOUR)
    assert [(hole.cause, hole.since, hole.until) for hole in pen.state.holes] == [(cause, after(600), after(7200))]
    told = soak(pen.state, after(2 * HOUR + 90))
    assert (told.since, told.done, told.mark) == (after(7200), 90.0, Mark.WARMING)


def test_an_open_hole_of_the_flag_is_told_by_name():
    pen = dark(r.Topic.FLAG, 600, 3 * HOUR, back=-30)
    assert soak(pen.state, after(3 * HOUR)).text == "not watched: flag"


@pytest.mark.parametrize("back", [1, 2, 3])
def test_a_breach_that_late_data_show_in_an_older_window_lasts_since_that_one(back):
    pen = in_phase(10)
    pen.state = all_is_well(pen.state, after(3631))
    round_at(pen, 3631)
    pen.see(window(HOT, after(3600 - 300 * back), at=after(3640), p95_ms=900.0))
    round_at(pen, 3640)
    assert pen.state.lapsing == {"latency": after(3600 - 300 * back)}


def test_a_gap_that_is_told_late_lasts_since_its_own_start():
    pen = in_phase(10)
    pen.state = all_is_well(pen.state, after(3631))
    round_at(pen, 3631)
    journey = PLAN.journeys[0]
    rows = [window(journey.endpoints[0], after(start), at=after(3640)) for start in range(900, 3000, 300)]
    told = r.Beat("mongo", after(3640), journey.id, after(0), after(3630), 9, ((after(1000), after(2000)),))
    pen.see(*rows, told)
    round_at(pen, 3670)
    assert pen.state.lapsing == {"analytics": after(1000)}


@pytest.mark.parametrize(("counts", "done"), [("healthy", 0.0), ("watched", 122 * MINUTE)])
def test_time_in_breach_counts_only_where_the_plan_says_so(counts, done):
    plan = replace(PLAN, soak=replace(PLAN.soak, counts=counts))
    pen = flown(2 * HOUR + 2 * MINUTE, errors(1.9), plan)
    assert soak(pen.state, after(2 * HOUR + 2 * MINUTE)).done == done


def test_what_keeps_time_from_counting_now_is_said():
    pen = in_phase(10)
    pen.write(600, "verdict.turned", criterion="errors", verdict="breach", was="pass", since=after(600))
    assert soak(pen.state, after(900)).text == "errors in breach, 1h50m left"
    pen.write(1200, "waiver.given", subject="errors", reason="known", evidence=())
    assert soak(pen.state, after(1500)).done == 600 + 300
    pen.write(1800, "flag.drifted", expected=10, seen=25)
    assert soak(pen.state, after(2000)).text.startswith("flag not at 10 %, ")


def test_a_breach_counts_from_where_it_began_in_the_data():
    pen = in_phase(10)
    facts = {"criterion": "latency", "verdict": "breach", "was": "pass", "since": after(3930)}
    pen.write(3930, "verdict.turned", breached=after(3600), **facts)
    pen.write(4830, "verdict.turned", criterion="latency", verdict="pass", was="breach", since=after(4830))
    assert soak(pen.state, after(2 * HOUR)).done == 2 * HOUR - 1230


def test_a_phase_begins_with_nothing_held_against_it():
    pen = in_phase(10)
    pen.write(600, "verdict.turned", criterion="errors", verdict="breach", was="pass", since=after(600))
    pen.write(1200, "flag.confirmed", intent="i9", percent=25)
    pen.write(1200, "phase.entered", phase=25, previous=10, evidence=())
    assert pen.state.lapsing == {}
    assert soak(pen.state, after(1800)).done == 600


def test_a_clock_that_is_moved_takes_the_lapses_along():
    pen = in_phase(10)
    pen.write(600, "flag.drifted", expected=10, seen=100)
    before = soak(pen.state, after(900))
    pen.write(900 - HOUR, "gap.found", since=after(0), until=after(0), cause="clock", moved=-HOUR)
    now = soak(pen.state, after(900 - HOUR))
    assert (now.done, now.text) == (before.done, before.text)


def test_a_word_for_what_counts_that_nobody_knows_is_refused():
    table = {**PLAN.table, "soak": {**PLAN.table["soak"], "counts": "always"}}
    with pytest.raises(TableError, match="soak\\.counts"):
        plan_from(table)


KINDS = st.sampled_from(
    [
        ("flag.drifted", {"expected": 10, "seen": 100}),
        ("flag.drifted", {"expected": 10, "seen": 100, "since": T0}),
        ("flag.returned", {"since": T0, "percent": 10}),
        ("flag.unread", {"since": T0, "reason": "timeout"}),
        ("flag.confirmed", {"intent": "", "percent": 10, "served": False}),
        ("flag.served", {"intent": "", "percent": 10}),
        ("flag.confirmed", {"intent": "", "percent": 10}),
        ("flag.refused", {"intent": "", "percent": 25, "reason": "no"}),
        ("rollout.paused", {"cause": "by hand", "evidence": ()}),
        ("rollout.resumed", {"evidence": ()}),
        *(
            ("verdict.turned", {"criterion": name, "verdict": mark, "was": "pass", "since": T0})
            for name in CRITERIA
            for mark in ("breach", "pass", "blind", "thin")
        ),
        ("risk.turned", {"risk": "csat", "level": "blind", "was": "calm", "topic": "csat", "since": T0}),
        ("risk.turned", {"risk": "csat", "level": "calm", "was": "blind", "topic": "csat", "since": T0}),
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), KINDS), max_size=25))
def test_a_second_counts_only_where_nothing_speaks_against_it(steps):
    """An oracle that goes second by second: what was wrong after each entry is kept as a plain set."""
    pen, at, wrong, counted = in_phase(10), 0, set(), 0
    for apart, (kind, facts) in steps:
        counted += 0 if wrong else apart
        at += apart
        said = {name: (after(at) if name == "since" else value) for name, value in facts.items()}
        pen.write(at, kind, **said)
        wrong = told(wrong, kind, facts)
    told_now = soak(pen.state, after(at))
    if told_now.since == T0:
        assert told_now.done == counted
    assert told_now.done <= counted
    assert replay(PLAN, pen.state.entries).lapses == pen.state.lapses


def told(wrong, kind, facts):
    """Say what is wrong after an entry, in another way than the product does."""
    now = set(wrong)
    if kind == "flag.unread":
        return now | {"dark"}
    if kind.startswith("flag."):
        now -= {"dark"} if kind in ("flag.drifted", "flag.returned") else set()
        state = {"flag.drifted": "away", "flag.refused": "refused"}.get(kind)
        flag = next((item for item in now if item.startswith("flag:")), "flag:there")
        if kind == "flag.confirmed":
            flag, now = "flag:there", now - {"unserved"} if facts.get("served", True) else now | {"unserved"}
        elif kind == "flag.served":
            now -= {"unserved"} if flag == "flag:there" else set()
        elif kind == "flag.returned":
            flag = "flag:there" if flag == "flag:away" else flag
        elif state:
            flag = f"flag:{state}"
        return {item for item in now if not item.startswith("flag:")} | ({flag} if flag != "flag:there" else set())
    if kind.startswith("rollout."):
        return now | {"paused"} if kind == "rollout.paused" else now - {"paused"}
    name = facts.get("criterion") or facts["topic"]
    bad = facts.get("verdict", facts.get("level")) in ("breach", "blind")
    return now | {name} if bad else now - {name}


def test_entries_of_before_replay_as_they_did():
    """A log without the newer facts opens no hole for a risk, and knows no later moment than its own."""
    pen = in_phase(10)
    pen.write(600, "risk.turned", risk="csat", level="blind", was="calm")
    pen.write(900, "risk.turned", risk="csat", level="calm", was="blind")
    pen.write(1000, "flag.drifted", expected=10, seen=25)
    state = apply(pen.state, Entry(pen.state.seq + 1, after(1300), "flag.confirmed", "watch", 10, "x", {"percent": 10}))
    assert (state.holes, soak(state, after(1400)).done) == ((), 1400 - 300)
