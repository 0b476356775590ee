"""A whole log is folded in one go: the same as entry by entry, and twice the log costs about twice."""

import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.state.model import Turned
from sessions.state.reducer import State, along, apply, replay
from sessions.state.signals import span
from sessions.values.entries import KINDS, Entry
from tests.support.build import PLAN, T0

NAMES = {
    "criterion": "latency",
    "risk": "csat",
    "flow": "capsules",
    "task": "p2.flows",
    "subject": "latency",
    "incident": "i1",
    "switch": "s1",
    "channel": "c1",
}
TURNS = ("verdict.turned", "risk.turned")


def turned(number, at, kind, word, was="pass", **more):
    level = {"pass": "calm", "breach": "act"}.get(word, word)
    facts = {"criterion": "latency", "risk": "csat", "verdict": word, "level": level, "was": was, **more}
    return Entry(number, at, kind, "watch", 25, level if kind == "risk.turned" else word, facts)


def plainly(entries):
    """Return the turns of the span by their definition: each entry forgets what is older, and adds itself."""
    found = {}
    for entry in entries:
        if entry.kind == "phase.entered":
            found = {}
            continue
        name = {"verdict.turned": "verdict.latency", "risk.turned": "risk.csat"}[entry.kind]
        kept = [turn for turn in found.get(name, ()) if turn.at > entry.at - span(PLAN)]
        found[name] = (*kept, *([] if entry.said("was") == "warming" else [Turned(entry.at, entry.text)]))
    return found


steps = st.tuples(
    st.sampled_from((*TURNS, *TURNS, *TURNS, "phase.entered")),
    st.integers(-50, 300),
    st.sampled_from(["pass", "breach", "blind"]),
    st.sampled_from(["pass", "warming"]),
    st.sampled_from([{}, {"flaps": True, "between": ("pass", "blind")}, {"flaps": False}]),
)


@given(st.lists(steps, max_size=60))
def test_turns_are_counted_as_one_by_one_whatever_their_order(rows):
    at, newest, entries = T0, T0, []
    for number, (kind, apart, word, was, more) in enumerate(rows, 1):
        newest = max(newest, at)
        at = max(at + timedelta(seconds=apart), newest - timedelta(seconds=59))
        entries.append(turned(number, at, kind, word, was, **more))
    live = State(PLAN)
    for entry in entries:
        live = apply(live, entry)
    whole = replay(PLAN, entries)
    assert whole == live
    assert whole.turned == plainly(entries)


def many(kind, count, apart):
    """Return a log of one kind that says the same things again and again, or to and fro."""
    for number in range(count):
        facts = {name: NAMES.get(name, "x") for name in KINDS[kind]}
        facts |= {"verdict": ("pass", "breach", "blind")[number % 3], "level": ("calm", "act", "blind")[number % 3]}
        facts |= {"was": "pass", "percent": 25, "done": True, "on": bool(number % 2), "phase": 25}
        facts |= dict.fromkeys(("deadline", "since", "until"), T0) | {"topic": "queue"}
        facts.pop("moved", None)
        yield Entry(number + 1, T0 + timedelta(seconds=apart * number), kind, "watch", 25, kind, facts)


def calls(entries):
    """Return how many functions are called, and how many steps generators make, to fold a log."""
    count = 0

    def called(_frame, event, _arg):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        replay(PLAN, entries)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("apart", [0.01, 60.0])
@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_log_makes_about_twice_the_calls(kind, apart):
    short, long = (calls(list(many(kind, count, apart))) for count in (200, 800))
    assert long <= 4.5 * short + 200


def test_what_only_gets_longer_is_not_copied_for_each_entry():
    gaps = list(many("gap.found", 50, 1.0))
    assert len({id(state.holes) for state in along(PLAN, gaps)}) == 1
    holes = replay(PLAN, gaps).holes
    assert (type(holes), len(holes)) == (tuple, 50)


def test_what_a_whole_log_led_to_grows_on_by_itself():
    gaps = list(many("gap.found", 4, 1.0))
    state = replay(PLAN, gaps[:3])
    one, other = apply(state, gaps[3]), apply(state, replace(gaps[3], text="other"))
    assert (len(state.holes), len(one.holes), len(other.holes)) == (3, 4, 4)
