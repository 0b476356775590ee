"""Every figure that is judged is shown with its unit and its bound, in every text that judging can make."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from cockpit.cli.commands.status import _lines
from sessions.actions.evidence import evidence, turns
from sessions.alarms.alarms import standing
from sessions.gate.wording import finite, phrase, spoken
from sessions.safety.fuses import lit
from sessions.values import readings as r
from sessions.values.verdicts import Level, Mark
from tests.support.screen.flags import FLAGS, met
from tests.support.screen.grown_flight import NOW, entered, flag, mongo, started, traffic
from tests.tour.begun import BEGUN
from tests.tour.states import PLAN, STATES

LENGTH = timedelta(seconds=PLAN.windows.length)
NAMES = (
    *PLAN.endpoints,
    *(item.id for item in PLAN.journeys),
    *(item.name for item in PLAN.collections),
    *(task.text for phase in PLAN.phases for task in phase.activities),
)
"""What has numbers of its own and is no figure."""

CLOCK = re.compile(r"\b\d\d:\d\d(:\d\d)?(-\d\d:\d\d)?\b")
DURATION = re.compile(r"\b(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?\b")
UNIT = re.compile(r"^(-\d[\d.,]*)? ?(%|ms\b|(of (the )?\d[\d.,]* )?[a-z]{3,})")
SAME = re.compile(r"\b(tickets|duplicates?|errors|lines?|alerts?) [<>≤≥] $")
BOUND = re.compile(r"[<>≤≥] (\d|at least)|intended")
JUDGED = (Mark.PASS, Mark.BREACH)
MEASURED = ("latency", "errors", "analytics", "growth", "exposure")


def bare(text):
    """Return the figures of a text that have no unit: none behind them, none of what they are compared with."""
    for name in NAMES:
        text = text.replace(name, "")
    text = re.sub(r"\bP[0-3]\b|day \d+|7-day|worst \S+", "", CLOCK.sub("", text))
    text = DURATION.sub("", text)
    found = re.finditer(r"(?<![\w.])\d[\d.,]*(?<![.,])", text)
    return [one[0] for one in found if not UNIT.match(text[one.end() :]) and not SAME.search(text[: one.start()])]


def grown():
    return entered(started())


def with_windows(requests, **facts):
    """An hour of windows of `requests` each, the hot endpoint's newest ones with these facts."""
    flight = traffic(grown())
    for state in range(12, 0, -1):
        end = NOW.replace(minute=0, second=0) - LENGTH * (state - 1)
        for endpoint in PLAN.endpoints:
            more = facts if endpoint == "POST /capsules" else {}
            told = {"errors": 0.0, "p95_ms": 300.0, "over": 0.0, **more}
            window = r.Traffic(
                "scrape", end + timedelta(seconds=5), endpoint, r.Grain.WINDOW, end - LENGTH, end, requests, **told
            )
            flight.saw(window)
    return flag(mongo(flight))


def spiked():
    flight = flag(mongo(traffic(grown())))
    minute = timedelta(seconds=60)
    return flight.saw(
        r.Traffic("scrape", NOW, "POST /returns", r.Grain.MINUTE, NOW - minute, NOW, 24.0, 9.0, 300.0, over=0.0)
    )


def grew(shortlists):
    return flag(mongo(traffic(grown()), shortlists=shortlists))


def told_by(reading):
    return flag(mongo(traffic(grown()))).saw(reading)


LINE = r.TriageLine("t1", NOW - timedelta(minutes=1), "Capsule lost", open=True)
SCENES = {
    "too few requests": lambda: with_windows(1.0),
    "too few with errors": lambda: with_windows(3.0, errors=1.0),
    "pooled": lambda: with_windows(6.0),
    "pooled, slow": lambda: with_windows(6.0, p95_ms=900.0, over=0.4),
    "pooled, slow, uncounted": lambda: with_windows(6.0, p95_ms=900.0, over=None),
    "pooled, failing": lambda: with_windows(6.0, errors=2.0),
    "over, perhaps by chance": lambda: with_windows(20.0, p95_ms=600.0, over=0.1),
    "beyond the buckets": lambda: with_windows(200.0, p95_ms=5000.0, p95_capped=True, over=None),
    "a spike of errors": spiked,
    "growth as expected": lambda: grew(0),
    "growth high": lambda: grew(1400),
    "one duplicate": lambda: flag(mongo(traffic(grown()), duplicates=1)),
    "critical lines": lambda: told_by(r.Triage("mongo", NOW, (LINE, replace(LINE, id="t2")), 40)),
    "few answers": lambda: told_by(r.Csat("mongo", NOW, 4, 1)),
    "low scores": lambda: told_by(r.Csat("mongo", NOW, 41, 20)),
    "few users": lambda: met(flag(mongo(traffic(grown()))), 12, 3),
    **STATES,
    **BEGUN,
    **FLAGS,
}


@pytest.mark.parametrize("scene", SCENES)
def test_every_figure_has_its_unit(scene):
    judgement = SCENES[scene]().judged()
    texts = [
        *(row.text for row in judgement.gate.conditions),
        *(spoken(risk) for risk in judgement.risks.values()),
        *(part.text for verdict in judgement.verdicts.values() for part in verdict.parts if part.mark is not Mark.PASS),
        *(draft.text for draft in turns(judgement)),
        *(alarm.text for alarm in standing(judgement)),
        *(line.partition(" [")[0] for line in evidence(judgement)),
        *(line for line in _lines(judgement)[2:] if not line.startswith(("  remark", "  incident", "  measure"))),
    ]
    texts = [text.replace("3/3", "3 of 3").replace("/", " of ") if "windows" in text else text for text in texts]
    assert not [f"{found}: {text}" for text in texts if (found := bare(text))]


@pytest.mark.parametrize("scene", SCENES)
def test_every_judged_value_has_its_bound_and_says_what_it_is_of(scene):
    judgement = SCENES[scene]().judged()
    for name, verdict in judgement.verdicts.items():
        if name in MEASURED and verdict.mark in JUDGED and finite(verdict.value):
            assert BOUND.search(phrase(verdict)), phrase(verdict)
            assert verdict.subject in phrase(verdict) or verdict.subject == "all", phrase(verdict)
    for risk in judgement.risks.values():
        if risk.level is not Level.BLIND and finite(risk.value) and not risk.thin:
            assert BOUND.search(spoken(risk)), spoken(risk)
            assert risk.subject in spoken(risk) or risk.subject == "all", spoken(risk)
    burning = [alarm for alarm in standing(judgement) if alarm.id.startswith("fuse.")]
    assert all(BOUND.search(alarm.text) for alarm in burning)


@pytest.mark.parametrize("risk", PLAN.risks, ids=lambda risk: risk.id)
def test_a_fuse_says_what_burns_against_which_bound_until_when_and_what_then(risk):
    judgement = STATES["fuse"]().judged()
    text = lit(judgement, risk, judgement.risks[risk.id]).text
    assert text.startswith(risk.title)
    assert BOUND.search(text)
    assert ": resolve within " in text
    assert not bare(text)
