"""A flight to judge: entries and readings of a session, a line each."""

from datetime import datetime

from msgspec.structs import replace

from sessions.criteria.growth import band
from sessions.gate.judgement import Judgement, Soak
from sessions.plan.model import Plan
from sessions.state.reducer import State, apply, observe
from sessions.values import readings as r
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import Level, Mark, RiskState, Verdict
from tests.support.build import PLAN, T0, after, minute, pulse, window

CRITERIA = ("latency", "errors", "analytics", "growth", "incidents")


class Pen:
    """Writes entries into a state, numbered and dated."""

    def __init__(self, plan: Plan = PLAN) -> None:
        self.state = State(plan)

    def write(self, at: float, kind: str, text: str = "", *, by: str = "watch", phase: int | None = None, **facts):
        seq, percent = self.state.seq + 1, self.state.phase if phase is None else phase
        entry = Entry(seq, after(at), kind, by, percent, text or kind, facts)
        self.state = apply(self.state, entry)
        return entry

    def see(self, *readings: r.Reading) -> None:
        for reading in readings:
            self.state = observe(self.state, reading)


def begun(plan: Plan = PLAN) -> Pen:
    """Return a session started and watched at T0."""
    pen = Pen(plan)
    pen.write(0, "session.started", "session started", name="first", plan=plan.id)
    pen.write(0, "watch.started", "watch started", pid=1, host="box")
    return pen


def in_phase(percent: int = 10, at: float = 0.0, plan: Plan = PLAN) -> Pen:
    """Return a session whose flag was confirmed at `percent` when it entered that phase, baseline and all."""
    pen = begun(plan)
    names = tuple(item.name for item in plan.collections)
    pen.write(at, "baseline.captured", "baseline", collections=names, counts=tuple(100.0 for _ in names))
    before = plan.before(percent).percent
    pen.write(at, "flag.intended", intent="i1", percent=percent, previous=before, writer="flagd")
    pen.write(at, "flag.confirmed", intent="i1", percent=percent)
    pen.write(at, "phase.entered", f"{percent} % entered", phase=percent, previous=before, evidence=())
    return pen


def all_is_well(state: State, now: datetime) -> State:
    """Return the state with everything measured and fine at `now`, windows included."""
    plan, length = state.plan, state.plan.windows.length
    closed = int((now.timestamp() - plan.windows.settle) // length)
    seen: list[r.Reading] = [pulse(topic, now) for topic in r.Topic]
    for endpoint in plan.endpoints:
        starts = (after((closed - back) * length - T0.timestamp()) for back in (3, 2, 1))
        seen.extend(
            window(endpoint, start, end=after(length, start), at=after(1, after(length, start))) for start in starts
        )
        seen.append(minute(endpoint, now))
    seen.extend(r.Beat("mongo", now, item.id, after(-3600, now), after(-60, now), 40) for item in plan.journeys)
    seen.extend(r.Size("mongo", now, item.name, expected(state, item, now), 0) for item in plan.collections)
    seen.append(r.Triage("mongo", now, (), 4))
    seen.append(r.Tickets("mongo", now, 3, None, (("high", 1),), 0))
    seen.append(r.Csat("mongo", now, 40, 2))
    seen.append(FlagValue("flagd", now, state.phase))
    for reading in seen:
        state = observe(state, reading)
    return state


def expected(state: State, collection, now: datetime) -> int:
    limits = band(state, collection, now)
    return round(limits[1]) if limits else 100


def verdict(name: str, mark: Mark = Mark.PASS, **facts) -> Verdict:
    return Verdict(name, mark, **facts)


def verdicts(**marks: Mark) -> dict[str, Verdict]:
    """Return five verdicts that pass but where `marks` says otherwise."""
    return {name: verdict(name, marks.get(name, Mark.PASS)) for name in CRITERIA}


def cards(plan: Plan = PLAN, **levels: Level) -> dict[str, RiskState]:
    """Return six calm risks but where `levels` says otherwise."""
    return {risk.id: RiskState(risk.id, levels.get(risk.id, Level.CALM), text="23 > 20") for risk in plan.risks}


SOAKED = Soak(needed=7200.0, done=7200.0, elapsed=7200.0, since=T0, eta=T0, mark=Mark.PASS, text="2h00m ≥ 2h00m")


def ticked(state: State) -> State:
    """Return the state with every activity of its phase ticked."""
    tasks = {task.id: T0 for task in state.plan.phase(state.phase).activities}
    return replace(state, ticked={**state.ticked, **tasks})


def judged(state: State, at: datetime, **facts) -> Judgement:
    return Judgement(state, at, **facts)
