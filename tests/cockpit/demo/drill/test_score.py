"""The score of a drill against times that are counted by hand: a table of drills, a minute to a minute."""

from typing import Any

import pytest
from msgspec.structs import replace

from cockpit.demo.drill.scenario import DRILLS, drawn
from cockpit.demo.drill.score import Drill, ended, scored
from cockpit.demo.drill.telling import told
from cockpit.demo.world.faults import KINDS, Fault
from sessions.plan.loader import bundled, scaled
from tests.support.build import PLAN, after
from tests.support.sessions.flight import in_phase

NOW = after(8 * 3600)
QUEUE, SPIKE = "support_queue", "latency_spike"


def at(minute):
    return None if minute is None else after(minute * 60)


def risk(minute, level, name=QUEUE, **facts):
    return minute, "risk.turned", {"risk": name, "level": level, "was": "calm", **facts}


def hand(minute, kind, **facts):
    return minute, kind, {"by": "owner", **facts}


def step(minute, name, done=True):
    return hand(minute, "task.ticked", task=name, done=done, risk=name.partition(".")[0])


def acknowledged(minute, alarm=f"risk.{QUEUE}"):
    return hand(minute, "alarm.acknowledged", alarms=(alarm,), until=after(minute * 60 + 1800))


def pen(*rows):
    found = in_phase(25)
    for minute, kind, facts in rows:
        found.write(minute * 60, kind, **facts)
    return found


def flown(kind, span, *rows, now=NOW):
    since, until = span
    return scored(PLAN, pen(*rows).state.entries, [Fault(kind, at(since), at(until))], now)


PAUSE = (103, "rollout.paused", {"cause": SPIKE, "risk": SPIKE, "evidence": ()})
REPORT = hand(140, "report.exported", files=("report.md",))

TABLE: dict[str, Any] = {
    "all of it, by hand": (
        "queue",
        (100, 104),
        [
            hand(99, "note.written"),
            risk(103, "act", since=after(102 * 60)),
            acknowledged(105),
            step(107, f"{QUEUE}.sla"),
            step(108, f"{QUEUE}.cap"),
            risk(120, "calm"),
            step(121, f"{QUEUE}.sla", done=False),
            step(121, f"{QUEUE}.cap", done=False),
            REPORT,
        ],
        {"shown": 2, "told": 3, "noticed": 5, "acknowledged": 5, "acted": 7, "resolved": 20},
        ((), ()),
    ),
    "nobody did anything": (
        "queue",
        (100, 104),
        [risk(103, "act"), risk(130, "calm")],
        {"shown": 3, "told": 3, "noticed": None, "acknowledged": None, "acted": None, "resolved": 30},
        (("SLA message", "Cap escalations"), ("no report was written",)),
    ),
    "what was routine before it was told is no notice": (
        "queue",
        (100, 104),
        [hand(101, "note.written"), risk(103, "act"), hand(110, "note.written"), risk(130, "calm"), REPORT],
        {"noticed": 10, "acknowledged": None, "acted": None, "resolved": 30},
        (("SLA message", "Cap escalations"), ()),
    ),
    "who pauses before it is told has noticed, and acted": (
        "latency",
        (100, 110),
        [
            hand(102, "rollout.paused", cause="it is slow", evidence=()),
            risk(103, "act", SPIKE),
            risk(120, "calm", SPIKE),
        ],
        {"told": 3, "noticed": 2, "acted": 2, "resolved": 20},
        (("Inspect DB ops and changes",), ("the rollout is still paused", "no report was written")),
    ),
    "a step of another runbook is a notice, and no act": (
        "queue",
        (100, 104),
        [risk(103, "act"), step(106, "latency_spike.inspect"), risk(130, "calm"), REPORT],
        {"noticed": 6, "acted": None},
        (("SLA message", "Cap escalations"), ()),
    ),
    "what the watch does is told apart": (
        "latency",
        (100, 110),
        [PAUSE, risk(103, "act", SPIKE), step(105, "latency_spike.inspect"), risk(120, "calm", SPIKE), REPORT],
        {"told": 3, "noticed": 5, "acted": 5, "resolved": 20},
        ((), ("the rollout is still paused",)),
    ),
    "a fault that nobody ended is not resolved though it is calm": (
        "queue",
        (100, None),
        [risk(103, "act"), risk(130, "calm"), REPORT],
        {"told": 3, "resolved": None},
        (("SLA message", "Cap escalations"), ()),
    ),
    "over is what is over in the world and in the log": (
        "queue",
        (100, 140),
        [risk(103, "act"), risk(130, "calm"), REPORT],
        {"resolved": 40},
        (("SLA message", "Cap escalations"), ()),
    ),
    "nothing told": ("queue", (100, 104), [], dict.fromkeys(("shown", "told", "noticed", "acted", "resolved")),
                     ((), ("no report was written",))),
    "a flag of another hand: a revert is the act": (
        "flag",
        (100, 120),
        [
            (101, "flag.drifted", {"expected": 25, "seen": 30, "percent": 25, "since": after(100.5 * 60)}),
            hand(104, "phase.entered", phase=10, previous=25, evidence=()),
            (121, "flag.returned", {"since": after(7260), "percent": 10}),
            REPORT,
        ],
        {"shown": 0.5, "told": 1, "noticed": 4, "acted": 4, "resolved": 21},
        ((), ()),
    ),
    "an incident that is recorded by hand": (
        "incident",
        (100, 120),
        [
            (102, "verdict.turned", {"criterion": "incidents", "verdict": "breach", "was": "pass",
                                     "since": after(102 * 60), "subject": "triage"}),
            hand(106, "incident.opened", incident="i1", severity="P1"),
            (121, "verdict.turned", {"criterion": "incidents", "verdict": "pass", "was": "breach",
                                     "since": after(121 * 60)}),
            REPORT,
        ],
        {"told": 2, "noticed": 6, "acted": 6, "resolved": None},
        ((), ("an incident is still open",)),
    ),
}  # fmt: skip


def rows_of(name):
    return [(minute, kind, dict(facts)) for minute, kind, facts in TABLE[name][2]]


@pytest.mark.parametrize("name", TABLE)
def test_the_score_is_as_counted_by_hand(name):
    kind, span, _, minutes, (missed, left) = TABLE[name]
    drill = flown(kind, span, *rows_of(name))
    (score,) = drill.scores
    assert {key: score.minutes(getattr(score, key), 1.0) for key in minutes} == minutes
    assert (score.missed, drill.left) == (missed, left)


def test_what_the_watch_did_has_its_time():
    drill = flown("latency", (100, 110), PAUSE, risk(103, "act", SPIKE), risk(120, "calm", SPIKE))
    assert drill.scores[0].automatic == (("rollout.paused", at(103)),)


def test_a_fault_that_comes_again_is_scored_by_itself():
    rows = [
        risk(103, "act"),
        step(105, f"{QUEUE}.sla"),
        risk(120, "calm"),
        risk(203, "act"),
        step(210, f"{QUEUE}.cap"),
        risk(220, "calm"),
    ]
    faults = [Fault("queue", at(100), at(104)), Fault("queue", at(200), at(204))]
    first, second = scored(PLAN, pen(*rows).state.entries, faults, NOW).scores
    assert (first.acted, second.acted) == (at(105), at(210))
    assert (first.missed, second.missed) == (("Cap escalations",), ("SLA message",))


@pytest.mark.parametrize(
    ("drill", "minutes", "why"),
    [
        (Drill(()), 719, ""),
        (Drill(()), 720, "its time is over"),
        (flown("queue", (100, None), risk(103, "act")), 200, ""),
        (
            flown("queue", (100, 104), *TABLE["all of it, by hand"][2]),
            141,
            "all is resolved, and nothing is left to do",
        ),
        (flown("queue", (100, 104), *TABLE["nobody did anything"][2]), 249, ""),
        (flown("queue", (100, 104), *TABLE["nobody did anything"][2]), 250, "all is resolved"),
    ],
    ids=["nothing yet", "too long", "open", "cleared up", "something left", "left for too long"],
)
def test_when_it_ends(drill, minutes, why):
    assert ended(PLAN, drill, at(0), at(minutes)) == why


def test_minutes_are_those_of_the_plan():
    fast = scaled(bundled(), 60)
    entries = pen((100, "note.written", {})).state.entries
    score = scored(fast, entries, [Fault("queue", at(99), None)], NOW).scores[0]
    assert replace(score, noticed=at(100)).minutes(at(100), fast.speed) == 60


def test_it_is_told_with_what_never_happened_as_that():
    kind, span = TABLE["nobody did anything"][:2]
    text = told(flown(kind, span, *rows_of("nobody did anything")), PLAN, "ticket-flood", 5, after(0).tzinfo)
    assert "# Drill: ticket-flood" in text
    assert "`cockpit demo --drill --seed 5`" in text
    assert "| a flood of tickets | 11:40:00 | n/a | n/a | n/a | 30.0 min |" in text
    assert "on the deck 3.0 min (11:43:00): noticed and acted on then at the earliest" in text
    assert "- a flood of tickets: SLA message not done" in text
    assert "There is nothing to score" in told(Drill(()), PLAN, "csat-drop", 5, None)


def test_every_scenario_is_drawn_by_some_seed_and_the_same_by_the_same():
    assert {drawn(seed) for seed in range(200)} == set(DRILLS)
    assert [drawn(7) for _ in range(3)] == [drawn(7)] * 3
    assert len(KINDS) == len(DRILLS)
