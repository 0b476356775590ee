"""How soon: from where the breach begins in the data to who was told, to the first act, to the end; counted by hand."""

from datetime import timedelta

import pytest
from hypothesis import given

from sessions.retrospective.response import acts, responses, step_of
from tests.support.build import PLAN, after
from tests.support.sessions.any_log import LOGS, written
from tests.support.sessions.flight import in_phase

NOW = 8 * 3600.0
SPIKE = "latency_spike"


def pen(*rows):
    """Write (minute, kind, facts) into a flight at 25 %."""
    found = in_phase(25)
    for minute, kind, facts in rows:
        found.write(minute * 60, kind, facts.pop("text", kind), **facts)
    return found


def risk(minute, level, name=SPIKE, **facts):
    return minute, "risk.turned", {"risk": name, "level": level, "was": "calm", **facts}


def verdict(minute, word, name="latency", since=None, **facts):
    at = after((minute if since is None else since) * 60)
    return minute, "verdict.turned", {"criterion": name, "verdict": word, "was": "pass", "since": at, **facts}


def breached(minute):
    return {"breached": after(minute * 60)}


PAUSE = {"cause": SPIKE, "risk": SPIKE, "evidence": ()}
INSPECTED = {"task": "latency_spike.inspect", "done": True, "risk": SPIKE, "by": "owner"}
SLA = {"task": "support_queue.sla", "done": True, "risk": "support_queue", "by": "owner"}


def counted(*rows, now=NOW):
    """Minutes to notice, to act, to the end, and by whom it was acted, of each episode."""
    found = responses(PLAN, pen(*rows).state.entries, after(now))

    def minutes(one, at):
        spent = one.after(at)
        return spent if spent is None else round(spent / 60, 3)

    return [
        (minutes(one, one.told), minutes(one, one.acted), minutes(one, one.over), one.act.by if one.act else "")
        for one in found
    ]


TABLE = {
    "the pause is the act, the window of the breach its beginning": (
        [
            (100, "rollout.paused", PAUSE),
            risk(100, "act"),
            verdict(101, "breach", **breached(95)),
            risk(115, "calm"),
            verdict(117, "pass"),
        ],
        [(5, 5, 22, "watch")],
    ),
    "a fuse tells since when, too": (
        [
            (100, "fuse.lit", {"risk": SPIKE, "deadline": after(6900), "evidence": (), "since": after(5880)}),
            risk(100, "act"),
            risk(110, "calm"),
            (110, "fuse.defused", {"risk": SPIKE, "evidence": ()}),
        ],
        [(2, None, 12, "")],
    ),
    "a step of the runbook by a person": (
        [
            risk(50, "act", "support_queue", since=after(2970)),
            (53, "task.ticked", SLA),
            risk(80, "calm", "support_queue"),
        ],
        [(0.5, 3.5, 30.5, "owner")],
    ),
    "nothing done, and open": ([risk(470, "act", "support_queue")], [(0, None, None, "")]),
    "a look is no act, a step taken back is none": (
        [
            risk(50, "act", "support_queue"),
            (52, "alarm.acknowledged", {"alarms": ("risk.support_queue",), "until": after(4000), "by": "owner"}),
            (53, "task.ticked", {**SLA, "done": False}),
            risk(60, "calm", "support_queue"),
        ],
        [(0, None, 10, "")],
    ),
    "what was only watched is none": ([risk(50, "watch"), risk(60, "calm")], []),
    "a pause by hand is none": ([(50, "rollout.paused", {"cause": "lunch", "evidence": (), "by": "owner"})], []),
    "a source that died is told late": (
        [verdict(50, "pass"), verdict(100, "blind", since=98), verdict(104, "pass")],
        [(2, None, 6, "")],
    ),
    "a later breach of the same episode does not move its beginning": (
        [
            risk(100, "act"),
            (101, "task.ticked", INSPECTED),
            risk(105, "calm"),
            risk(108, "act"),
            verdict(109, "breach", **breached(90)),
            risk(120, "calm"),
            verdict(121, "pass"),
        ],
        [(0, 1, 21, "owner")],
    ),
    "flag elsewhere, since it was last read where it should be": (
        [
            (100, "flag.drifted", {"expected": 25, "seen": 30, "percent": 25, "since": after(5970)}),
            (120, "flag.returned", {"since": after(6000), "percent": 25}),
        ],
        [(0.5, None, 20.5, "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_the_minutes_are_those_counted_by_hand(name):
    rows, wanted = TABLE[name]
    assert counted(*[(minute, kind, dict(facts)) for minute, kind, facts in rows]) == wanted


def test_a_clock_that_was_put_forward_lengthens_nothing():
    rows = [
        risk(100, "act"),
        (101, "task.ticked", dict(INSPECTED)),
        (161, "gap.found", {"since": after(6060), "until": after(9660), "cause": "clock", "moved": 3600.0}),
        risk(170, "calm"),
    ]
    assert counted(*rows)[0] == (0, 1, 10, "owner")


@given(LOGS)
def test_no_time_is_negative_and_told_is_never_before_it_began(rows):
    pen, _ = written(rows)
    entries = pen.state.entries
    for one in responses(PLAN, entries, max(entry.at for entry in entries)):
        assert one.began <= one.told
        assert one.act is None or acts(PLAN, one.act)
        assert one.over is None or one.over - one.began >= timedelta()


@pytest.mark.parametrize(
    ("kind", "facts", "step"),
    [
        ("task.ticked", {"task": "support_queue.sla", "done": True}, "support_queue.sla"),
        ("task.ticked", {"task": "support_queue.sla", "done": False}, ""),
        ("task.ticked", {"task": "p1.wf7", "done": True}, ""),
        ("draft.written", {"task": "error_rate.tell", "risk": "error_rate", "files": ()}, "error_rate.tell"),
        ("task.opened", {"task": "csat.followup.1", "risk": "csat"}, "csat.followup"),
        ("waiver.given", {"subject": "analytics", "reason": "known", "evidence": ()}, "analytics_outage.known"),
        ("waiver.given", {"subject": "growth", "reason": "import", "evidence": ()}, ""),
        ("flow.frozen", {"flow": "capsules", "cause": "Duplication"}, "duplication.freeze"),
        ("note.written", {}, ""),
    ],
)
def test_what_is_a_step_of_which_runbook(kind, facts, step):
    entry = in_phase(25).write(60, kind, **facts)
    found = step_of(PLAN, entry)
    assert (f"{found[0].id}.{found[1].id}" if found else "") == step
