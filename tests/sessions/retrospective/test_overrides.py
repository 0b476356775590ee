"""What became of what was overruled: a row for each way that it can go on."""

from datetime import UTC

import pytest

from sessions.handover.sections import Wording
from sessions.retrospective.overrides import overrides
from tests.support.build import PLAN, after
from tests.support.sessions.flight import in_phase

SAY = Wording(after(8 * 3600), UTC)
WAIVED = ("waiver.given", {"subject": "growth", "reason": "known import", "evidence": (), "by": "owner"})
DEFUSED = ("fuse.defused", {"risk": "latency_spike", "reason": "a deploy", "evidence": (), "by": "owner"})
EVIDENCE = ("pass errors 0.1 %", "breach latency 812 ms > 500 ms", "warming soak 1h of 4h")
ADVANCED = (
    "phase.entered",
    {"phase": 50, "previous": 25, "override": True, "reason": "sale today", "evidence": EVIDENCE, "by": "owner"},
)
REVERTED = ("phase.entered", {"phase": 25, "previous": 50, "evidence": (), "cause": "slow"})
FORTH = ("phase.entered", {"phase": 50, "previous": 25, "evidence": (), "by": "owner"})


def verdict(name, word):
    return ("verdict.turned", {"criterion": name, "verdict": word, "was": "breach", "since": after(0)})


TABLE = [
    ([WAIVED], "growth did not turn again, its phase goes on"),
    ([WAIVED, verdict("growth", "pass")], "growth passed 10:02, its phase goes on"),
    (
        [WAIVED, verdict("growth", "pass"), verdict("growth", "breach"), FORTH],
        "growth passed 10:02, breached again 10:03, 50 % entered 10:04",
    ),
    (
        [WAIVED, ("waiver.lapsed", {"subject": "growth", "reason": "worse"}), verdict("growth", "breach")],
        "lapsed 10:02, it got worse, growth never passed, breach at the end, its phase goes on",
    ),
    ([WAIVED, verdict("latency", "pass"), FORTH], "growth did not turn again, 50 % entered 10:03"),
    ([DEFUSED], "never calm again in its phase, its phase goes on"),
    (
        [DEFUSED, ("risk.turned", {"risk": "latency_spike", "level": "calm", "was": "act"}), FORTH],
        "calm 10:02, 50 % entered 10:03",
    ),
    (
        [DEFUSED, ("fuse.lit", {"risk": "latency_spike", "deadline": after(900), "evidence": ()})],
        "never calm again in its phase, lit again 10:02, its phase goes on",
    ),
    (
        [ADVANCED, verdict("latency", "breach"), REVERTED],
        "latency never passed, breach at the end, reverted to 25 % 10:03",
    ),
    ([ADVANCED, verdict("latency", "pass")], "latency passed 10:02, its phase goes on"),
]


@pytest.mark.parametrize(("rows", "became"), TABLE)
def test_what_became_of_it(rows, became):
    pen = in_phase(25)
    for minute, (kind, facts) in enumerate(rows, 1):
        pen.write(60 * minute, kind, **facts)
    (found,) = overrides(PLAN, pen.state.entries, SAY)
    assert found.outcome == became


def test_an_advance_names_what_held():
    pen = in_phase(25)
    pen.write(60, ADVANCED[0], **ADVANCED[1])
    (found,) = overrides(PLAN, pen.state.entries, SAY)
    assert (found.what, found.reason) == ("50 % entered against the gate (latency, soak)", "sale today")


def test_what_the_watch_does_overrules_nothing():
    pen = in_phase(25)
    pen.write(60, "fuse.defused", **{**DEFUSED[1], "by": "watch"})
    assert overrides(PLAN, pen.state.entries, SAY) == ()
