"""Sample flights for the screen: states folded from entries and readings, judged for real at a fixed moment."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.state.reducer import State
from sessions.values import readings as r
from tests.support.screen.grown_flight import (
    NOW,
    PLAN,
    RECORDS,
    TZ,
    Flight,
    ago,
    entered,
    flag,
    mongo,
    started,
    traffic,
)
from widgets.base.view import View

HOSTILE = (
    "[/]",
    "[red]a[/blue]",
    "[@click=app.quit]x[/]",
    "[link=https://example.org]y[/link]",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31mred",
    "a\x00b\rc\nd\te",
    "\u202egnp.exe\u2066",
    "z" + "\u0301" * 50,
    "界" * 60,
    "$lead $bad",
    "x" * 5000,
)

TOUGH = ("".join(HOSTILE[:4]), "".join(HOSTILE[4:9]), "".join(HOSTILE[9:]))
"""The same in three texts, for stories that take their time."""


def calm_flight() -> Flight:
    return flag(mongo(traffic(entered(started()))))


def calm() -> Judgement:
    return calm_flight().judged()


def breach() -> Judgement:
    """Growth breaches, the queue acts, CSAT is watched."""
    return breach_flight().judged()


def breach_flight() -> Flight:
    flight = flag(mongo(traffic(entered(started())), tickets=23, shortlists=140, low=10))
    flight.wrote(
        ago(minutes=23), "risk.turned", "support queue act 23 > 20", risk="support_queue", level="act", was="watch"
    )
    flight.wrote(
        ago(minutes=1),
        "verdict.turned",
        "growth shortlists +41 % (bound +25 %)",
        criterion="growth",
        verdict="breach",
        was="pass",
        since=ago(minutes=1),
    )
    return flight


def burning() -> Judgement:
    """The latency fuse burns, the rollout is paused."""
    flight = flag(mongo(traffic(entered(started()), p95={"POST /capsules": 812.0})))
    flight.wrote(
        ago(minutes=3), "rollout.paused", "paused: latency POST /capsules 812 ms", cause="latency spike", evidence=()
    )
    flight.wrote(
        ago(minutes=3),
        "fuse.lit",
        "latency POST /capsules 812 ms",
        risk="latency_spike",
        deadline=NOW + timedelta(minutes=11, seconds=42),
        evidence=(),
    )
    return flight.judged()


def paused() -> Judgement:
    return (
        calm_flight()
        .wrote(ago(minutes=9), "rollout.paused", "paused: by hand", by="owner", cause="by hand", evidence=())
        .judged()
    )


def blind() -> Judgement:
    """The database has not answered for ten minutes."""
    flight = flag(mongo(traffic(entered(started())), at=ago(minutes=10)))
    for topic in RECORDS:
        flight.saw(r.Pulse("mongo", NOW, topic, False, "connection refused", 1.0))
    return flight.judged()


def preflight() -> Judgement:
    return flag(mongo(traffic(started(), hours=0.5)), percent=0).judged()


def unborn() -> Judgement:
    """Nothing was ever measured or written."""
    return judge(State(PLAN), NOW, TZ)


def week() -> Judgement:
    flight = entered(started())
    flight.wrote(ago(hours=2), "phase.entered", "100 % entered", by="owner", phase=100, previous=50, evidence=())
    flight.wrote(ago(hours=2), "flag.confirmed", "flag confirmed at 100 %", intent="c", percent=100)
    flight.wrote(ago(hours=1), "week.started", "7-day plan started", by="owner", phase=100)
    return flag(mongo(traffic(flight))).judged()


def hostile(text: str) -> Judgement:
    """Every place that foreign text can reach holds `text`."""
    step = replace(PLAN.risks[0].steps[0], text=text)
    risks = (replace(PLAN.risks[0], title=text, steps=(step,)), *PLAN.risks[1:])
    phases = tuple(
        replace(phase, title=text, activities=tuple(replace(task, text=text) for task in phase.activities))
        for phase in PLAN.phases
    )
    flows = tuple(replace(flow, title=text) for flow in PLAN.flows)
    plan = replace(PLAN, title=text, risks=risks, phases=phases, flows=flows)
    flight = flag(mongo(traffic(entered(started(Flight(plan)))), tickets=23))
    at = ago(seconds=20)
    flight.saw(
        r.Triage("mongo", at, (r.TriageLine(text, at, text, True),), 3),
        r.Tickets("mongo", at, 23, at, ((text, 23),), 3, (text,)),
        r.Returns("mongo", at, ((text, 31),), 31, 2),
        r.Pulse("mongo", NOW, r.Topic.CSAT, False, text, 1.0),
    )
    flight.wrote(ago(minutes=4), "incident.opened", text, by=text, incident="i1", severity="P1")
    flight.wrote(ago(minutes=3), "note.written", text, by="owner")
    flight.wrote(ago(minutes=2), "made.up", text, note=text, lines=(text, text))
    flight.wrote(
        ago(minutes=2), "fuse.lit", text, risk="latency_spike", deadline=NOW + timedelta(minutes=1), evidence=(text,)
    )
    return flight.judged()


def view(judgement: Judgement, *, now: datetime = NOW, viewer: str = "") -> View:
    return View(judgement, now, TZ, viewer)


FLIGHTS = {
    "calm": calm,
    "breach": breach,
    "burning": burning,
    "paused": paused,
    "blind": blind,
    "preflight": preflight,
    "unborn": unborn,
    "week": week,
}
