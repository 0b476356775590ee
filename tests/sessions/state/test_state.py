import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.state.reducer import State, apply, observe, replay
from sessions.values.entries import KINDS, Entry
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.flight import Pen, begun, in_phase


def test_a_session_begins_before_the_first_phase():
    state = begun().state
    assert (state.name, state.phase, state.visits, state.watching) == ("first", 0, ((0, T0),), True)


def test_a_phase_starts_anew():
    pen = in_phase(10)
    pen.write(1, "task.ticked", task="p2.flows", done=True)
    pen.write(2, "waiver.given", subject="analytics", reason="known gap", evidence=())
    pen.write(3, "fuse.lit", risk="latency_spike", deadline=after(900), evidence=())
    pen.write(4, "verdict.turned", criterion="latency", verdict="pass", was="warming", since=after(4))
    pen.write(5, "verdict.turned", criterion="growth", verdict="blind", was="warming", since=after(2))
    pen.write(6, "phase.entered", phase=25, previous=10, evidence=())
    state = pen.state
    assert (state.phase, state.entered_at, state.visits[-1]) == (25, after(6), (25, after(6)))
    assert "p2.flows" not in state.ticked
    assert not state.waivers
    assert not state.fuses
    assert state.verdicts == {"growth": Mark.BLIND}


def test_blind_opens_a_hole_where_the_data_was_last_good_and_anything_seen_closes_it():
    pen = in_phase(10)
    pen.write(100, "verdict.turned", criterion="latency", verdict="blind", was="pass", since=after(40))
    pen.write(200, "verdict.turned", criterion="latency", verdict="silent", was="blind", since=after(180))
    assert pen.state.unwatched == {"latency": after(40)}
    pen.write(300, "verdict.turned", criterion="latency", verdict="thin", was="silent", since=after(300))
    assert not pen.state.unwatched
    assert [(hole.since, hole.until, hole.cause) for hole in pen.state.holes] == [(after(40), after(300), "latency")]


def test_row_16_words_of_a_newer_cockpit_prove_nothing():
    pen = in_phase(10)
    pen.write(1, "verdict.turned", criterion="latency", verdict="splendid", was="warming", since=after(1))
    pen.write(2, "risk.turned", risk="csat", level="mellow", was="calm")
    assert pen.state.verdicts["latency"] is Mark.BLIND
    assert pen.state.levels["csat"] is Level.BLIND


def test_a_second_pause_gives_a_cause_but_the_pause_is_as_old_as_it_was():
    pen = in_phase(10)
    pen.write(10, "rollout.paused", cause="lunch", evidence=(), by="owner")
    pen.write(20, "rollout.paused", cause="latency_spike", evidence=())
    assert (pen.state.paused.at, pen.state.paused.cause) == (after(10), "latency_spike")
    pen.write(30, "rollout.resumed", evidence=(), by="owner")
    assert [(span.since, span.until) for span in pen.state.pauses] == [(after(10), after(30))]


def test_resuming_what_runs_changes_nothing():
    pen = in_phase(10)
    before = pen.state
    pen.write(5, "rollout.resumed", evidence=())
    assert (pen.state.paused, pen.state.pauses) == (before.paused, before.pauses)


@pytest.mark.parametrize(
    ("kind", "facts", "status", "percent"),
    [
        ("flag.refused", {"intent": "i2", "percent": 25, "reason": "409"}, "refused", 10),
        ("flag.unknown", {"intent": "i2", "percent": 25, "reason": "timeout"}, "unknown", 10),
        ("flag.drifted", {"expected": 10, "seen": 100}, "drifted", 10),
        ("flag.confirmed", {"intent": "i2", "percent": 25}, "confirmed", 25),
    ],
)
def test_only_a_confirmation_moves_the_percentage(kind, facts, status, percent):
    pen = in_phase(10)
    pen.write(1, "flag.intended", intent="i2", percent=25, previous=10, writer="flagd")
    assert (pen.state.flag.status, pen.state.flag.percent, pen.state.flag.wanted) == ("intended", 10, 25)
    pen.write(2, kind, **facts)
    assert (pen.state.flag.status, pen.state.flag.percent) == (status, percent)


def test_row_71_an_intent_without_a_known_outcome_stays_open():
    pen = in_phase(10)
    pen.write(1, "flag.intended", intent="i2", percent=25, previous=10, writer="flagd")
    pen.write(2, "flag.unknown", intent="i2", percent=25, reason="timeout")
    assert pen.state.flag.intent == "i2"
    pen.write(3, "flag.refused", intent="i2", percent=25, reason="no")
    assert not pen.state.flag.intent


def test_a_fuse_burns_until_it_is_defused():
    pen = in_phase(10)
    pen.write(1, "fuse.lit", "812 ms", risk="latency_spike", deadline=after(901), evidence=())
    pen.write(2, "fuse.extended", risk="latency_spike", deadline=after(1201), evidence=())
    fuse = pen.state.fuses["latency_spike"]
    assert (fuse.lit_at, fuse.deadline, fuse.blown) == (after(1), after(1201), False)
    pen.write(1300, "fuse.blown", risk="latency_spike", evidence=())
    assert pen.state.fuses["latency_spike"].blown
    pen.write(1301, "fuse.defused", risk="latency_spike", evidence=())
    assert not pen.state.fuses


@pytest.mark.parametrize("kind", ["fuse.extended", "fuse.defused", "fuse.blown"])
def test_a_fuse_that_never_burned_cannot_change(kind):
    pen = in_phase(10)
    pen.write(1, kind, risk="csat", deadline=after(9), evidence=())
    assert not pen.state.fuses


def test_a_flow_is_frozen_once_and_thawed_once():
    pen = in_phase(10)
    pen.write(1, "flow.frozen", flow="capsules", cause="duplicates")
    pen.write(5, "flow.frozen", flow="capsules", cause="again")
    assert pen.state.frozen == {"capsules": after(1)}
    pen.write(9, "flow.thawed", flow="capsules", cause="hotfix")
    pen.write(10, "flow.thawed", flow="capsules", cause="again")
    assert not pen.state.frozen
    assert [(flow, span.since, span.until) for flow, span in pen.state.freezes] == [("capsules", after(1), after(9))]


@pytest.mark.parametrize(
    ("counts", "read"),
    [
        ((12.0, 13.0), {"capsules": 12, "returns": 13}),
        ((12, 13), {"capsules": 12, "returns": 13}),
        (("12", "13"), {"capsules": 12, "returns": 13}),
        ((12.0,), {"capsules": 12}),
        (("many", "nan"), {}),
    ],
)
def test_the_baseline_keeps_what_was_counted(counts, read):
    pen = begun()
    pen.write(1, "baseline.captured", collections=("capsules", "returns"), counts=counts)
    assert pen.state.baseline == read
    assert pen.state.baseline_at == after(1)


def test_ticks_can_be_taken_back():
    pen = begun()
    pen.write(1, "task.ticked", task="assume.growth", done=True)
    assert pen.state.ticked == {"assume.growth": after(1)}
    pen.write(2, "task.ticked", task="assume.growth", done=False)
    assert not pen.state.ticked


def test_the_week_ends_with_a_revert_and_begins_anew_without_old_ticks():
    pen = in_phase(100)
    pen.write(1, "week.started")
    pen.write(2, "task.ticked", task="d1.morning", done=True)
    pen.write(3, "phase.entered", phase=50, previous=100, evidence=())
    assert pen.state.week_at is None
    pen.write(4, "phase.entered", phase=100, previous=50, evidence=())
    pen.write(5, "week.started")
    assert pen.state.week_at == after(5)
    assert "d1.morning" not in pen.state.ticked


def test_an_incident_is_resolved_where_it_was_opened():
    pen = in_phase(10)
    pen.write(1, "incident.opened", "checkout down", incident="i1", severity="P1")
    pen.write(2, "incident.resolved", incident="i9")
    assert pen.state.incidents["i1"].resolved_at is None
    pen.write(3, "incident.resolved", incident="i1")
    assert pen.state.incidents["i1"].resolved_at == after(3)
    assert pen.state.incidents["i1"].title == "checkout down"


def test_row_30_what_was_not_watched_is_a_hole():
    pen = in_phase(10)
    pen.write(1, "watch.stopped", reason="quit")
    assert not pen.state.watching
    pen.write(90, "gap.found", since=after(1), until=after(90), cause="nobody watched")
    pen.write(90, "watch.started", pid=2, host="box")
    assert pen.state.watching
    assert [(hole.since, hole.until) for hole in pen.state.holes] == [(after(1), after(90))]


def test_a_reading_changes_nothing_but_what_is_seen():
    state = begun().state
    assert replace(observe(state, window("GET /a", T0)), seen=state.seen) == state


texts = st.sampled_from(["latency", "pass", "blind", "csat", "act", "capsules", "i1", "P1", "d1.morning", "", "x"])
dates = st.integers(-5000, 5000).map(after)
facts = st.one_of(
    texts,
    st.integers(-5, 200),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.booleans(),
    dates,
    st.lists(texts, max_size=3).map(tuple),
)
NAMES = sorted({name for needed in KINDS.values() for name in needed} | {"reason", "override"})


@st.composite
def an_entry(draw, seq, kinds):
    percent = draw(st.sampled_from([phase.percent for phase in PLAN.phases]))
    told = draw(st.dictionaries(st.sampled_from(NAMES), facts, max_size=6))
    return Entry(seq, draw(dates), draw(kinds), "watch", percent, draw(texts), told)


@st.composite
def journals(draw, kinds):
    return tuple(draw(an_entry(seq, kinds)) for seq in range(1, draw(st.integers(0, 12)) + 1))


@pytest.mark.slow
@given(journals(st.sampled_from(sorted(KINDS))))
def test_a_replay_is_the_live_state(entries):
    live = State(PLAN)
    for entry in entries:
        live = apply(live, entry)
    assert replay(PLAN, entries) == live
    assert [entry.seq for entry in live.entries] == list(range(1, len(entries) + 1))


@pytest.mark.slow
@given(journals(st.just("moon.landed")))
def test_row_16_an_unknown_kind_is_kept_and_changes_nothing_else(entries):
    before = in_phase(10).state
    moments = sorted(max(entry.at, before.reached_at) for entry in entries)
    entries = tuple(replace(entry, at=at) for entry, at in zip(entries, moments, strict=True))
    state = before
    for entry in entries:
        state = apply(state, entry)
    assert state.entries == (*before.entries, *entries)
    assert bare(state) == bare(before)


def bare(state):
    """Return the state without what every entry says: that it was written, and when."""
    return replace(state, seq=0, last_at=None, reached_at=None, alive_at=None, entries=())


def test_every_kind_is_folded_or_only_written():
    silent = {"note.written", "report.exported", "plan.changed", "journal.recovered"}
    silent |= {
        "notice.sent",
        "decision.made",
        "feedback.noted",
        "message.written",
        "report.edited",
        "retrospective.written",
    }
    for kind in KINDS:
        pen = Pen()
        pen.write(1, kind, phase=10, on=True)
        changed = bare(pen.state) != State(PLAN)
        known = {"rollout.resumed", "fuse.extended", "fuse.defused", "fuse.blown", "flow.thawed", "incident.resolved"}
        known |= {"draft.written", "flag.served", "flag.returned", "alarm.acknowledged", "waiver.lapsed"}
        assert changed is (kind not in silent | known | {"watch.stopped"}), kind
