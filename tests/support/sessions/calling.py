"""Alarms on a session: entries that raise and end them, and a listener that hears each judgement."""

from datetime import datetime

from msgspec.structs import replace

from sessions.alarms.alarms import Alarm, Heard, hear, standing
from sessions.alarms.quiet_hours import QuietHours
from sessions.gate.judgement import Judgement
from sessions.state.model import State
from tests.support.build import PLAN, after
from tests.support.sessions.flight import Pen, in_phase

MINUTE, HOUR = 60.0, 3600.0


def turned(pen: Pen, at: float, mark: str, criterion: str = "latency", **facts) -> Pen:
    pen.write(at, "verdict.turned", f"{criterion} {mark}", criterion=criterion, verdict=mark, **facts)
    return pen


def acts(pen: Pen, at: float, risk: str = "support_queue", level: str = "act") -> Pen:
    pen.write(at, "risk.turned", f"{risk} {level}", risk=risk, level=level)
    return pen


def lit(pen: Pen, at: float, risk: str = "latency_spike", burns: float = 900.0) -> Pen:
    """Light a fuse that burns as long as is said, whatever the plan says."""
    risks = tuple(replace(one, fuse=burns) if one.id == risk else one for one in pen.state.plan.risks)
    pen.state = replace(pen.state, plan=replace(pen.state.plan, risks=risks))
    pen.write(at, "fuse.lit", f"{risk} burns", risk=risk, deadline=after(at + burns), evidence=())
    return pen


def incident(pen, at, severity="P0"):
    pen.write(at, "incident.opened", f"{severity} checkout", by="cli", incident="i1", severity=severity)
    return pen


def everything_blind(pen, at):
    for criterion in ("latency", "errors"):
        turned(pen, at, "blind", criterion)
    for criterion in ("analytics", "growth", "incidents"):
        turned(pen, at + 120, "blind", criterion)
    for risk in ("latency_spike", "error_rate", "analytics_outage", "duplication", "support_queue", "csat"):
        acts(pen, at + 120, risk, "blind")
    return pen


def breach(name, **facts):
    return lambda pen, at: turned(pen, at, "breach", name, **facts)


def act(name):
    return lambda pen, at: acts(pen, at, name)


def acknowledged(pen: Pen, at: float, *alarms: str, span: float = 30 * MINUTE) -> Pen:
    pen.write(at, "alarm.acknowledged", by="owner", alarms=alarms, until=after(at + span))
    return pen


def flown(plan=PLAN) -> Pen:
    return in_phase(25, plan=plan)


def up(state: State) -> list[str]:
    """The ids of what stands, the worst first."""
    return [alarm.id for alarm in at_moment(state, after(0))]


def at_moment(state: State, now: datetime) -> tuple[Alarm, ...]:
    return standing(Judgement(state, now))


class Ear:
    """Listens to a session every `every` seconds and keeps when it rang, in s after T0."""

    def __init__(self, pen: Pen, quiet: QuietHours | None = None, every: float = 1.0) -> None:
        self.pen, self.quiet, self.every = pen, quiet, every
        self.rung: list[float] = []
        self._heard: Heard | None = None
        self._at = 0.0

    def listen(self, until: float) -> "Ear":
        """Listen from the last moment on, up to `until`."""
        while self._at <= until:
            self.once(self._at)
            self._at += self.every
        return self

    def once(self, at: float) -> tuple[Alarm, ...]:
        self._heard, ringing = hear(self._heard, Judgement(self.pen.state, after(at)), self.quiet)
        if ringing:
            self.rung.append(at)
        return ringing
