"""What can befall the demo service: one small pure function of the flag's course per scenario."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import Struct, field

from cockpit.demo.world.flag_file import Course, Flags, fell, lasting, rested, struck

MINUTE = 60.0


class Effects(Struct, frozen=True):
    """What is wrong with the service at one moment.

    `slow` endpoints take 0.8 s for those with the flag, `busy` ones for everybody; every second request of `failing`
    ones ends in an error; `duplicates` documents of one business key are there twice; `tickets` are opened, and `upset`
    answers of one or two given, per plan minute on top of the usual ones; `mute` journeys write no events; `unwalked`
    says that the monitor stands still; `critical` that the triage log has a critical line that is open; `deaf` that
    /metrics answers 503; `strange` is the percentage to which another hand sets the flag.
    """

    slow: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
    duplicates: int = 0
    tickets: float = 0.0
    upset: float = 0.0
    mute: frozenset[str] = frozenset()
    unwalked: bool = False
    critical: bool = False
    deaf: bool = False
    strange: int | None = None


CALM = Effects()

Scenario = Callable[[Course, float, float], Effects]
"""Effects of a course at `now` (plan seconds) on a world that runs `speed` times as fast as the plan."""


def calm(_course: Course, _now: float, _speed: float) -> Effects:
    """Nothing happens."""
    return CALM


def latency_spike(course: Course, now: float, _speed: float) -> Effects:
    """Slow down capsules 40 minutes into the first leg at 25 %; once the flag went down it never comes back."""
    since = struck(course, 25, 40 * MINUTE, now)
    return CALM if since is None or fell(course, since) else Effects(slow=frozenset({"POST /capsules"}))


def error_burst(course: Course, now: float, _speed: float) -> Effects:
    """Let returns fail 15 minutes into 25 %, for an hour; where the stub fallback is on, a stub answers."""
    burst = lasting(course, 25, 15 * MINUTE, 60 * MINUTE, now)
    return Effects(failing=frozenset({"POST /returns"})) if burst else CALM


def analytics_outage(course: Course, now: float, speed: float) -> Effects:
    """Lose the events of returns 30 minutes into 10 %, for 20 minutes and at least 5 s of the watch's time."""
    lost = lasting(course, 10, 30 * MINUTE, max(20 * MINUTE, 5 * speed), now)
    return Effects(mute=frozenset({"return_started"})) if lost else CALM


def duplicates(course: Course, now: float, _speed: float) -> Effects:
    """Write three capsules twice 45 minutes into 10 %; ten minutes of a frozen flow give time to mend it."""
    return Effects(duplicates=_twins(course, 45 * MINUTE, now))


def ticket_flood(course: Course, now: float, _speed: float) -> Effects:
    """Open some twenty-four tickets within four minutes, 30 minutes into 10 %."""
    return Effects(tickets=6.0) if lasting(course, 10, 30 * MINUTE, 4 * MINUTE, now) else CALM


def csat_drop(course: Course, now: float, _speed: float) -> Effects:
    """Give some thirty low scores within ten minutes, 20 minutes into 10 %."""
    return Effects(upset=3.0) if lasting(course, 10, 20 * MINUTE, 10 * MINUTE, now) else CALM


def incident(course: Course, now: float, speed: float) -> Effects:
    """Leave a critical line open in the triage log 30 minutes into 10 %, for 20 minutes and 4 s at least."""
    return Effects(critical=lasting(course, 10, 30 * MINUTE, max(20 * MINUTE, 4 * speed), now))


def flag_drift(course: Course, now: float, speed: float) -> Effects:
    """Let another hand set the flag to 30 % 30 minutes into 10 %, and back after 20 minutes and 4 s at least."""
    drifts = lasting(course, 10, 30 * MINUTE, max(20 * MINUTE, 4 * speed), now)
    return Effects(strange=30) if drifts else CALM


def source_down(course: Course, now: float, speed: float) -> Effects:
    """Let /metrics fail 40 minutes into 10 %, for 8 minutes of the plan and at least 6 s of the watch's time."""
    return Effects(deaf=lasting(course, 10, 40 * MINUTE, max(8 * MINUTE, 6 * speed), now))


def monitor_down(course: Course, now: float, _speed: float) -> Effects:
    """Stop the synthetic monitor 30 minutes into 10 %, for 90 minutes: only the rare shoppers come."""
    return Effects(unwalked=lasting(course, 10, 30 * MINUTE, 90 * MINUTE, now))


def bad_day(course: Course, now: float, speed: float) -> Effects:
    """At 10 % tickets, a short loss of /metrics, a busy front page for all, then duplicates; at 25 % more tickets."""
    flood = lasting(course, 10, 10 * MINUTE, 4 * MINUTE, now) or lasting(course, 25, 60 * MINUTE, 4 * MINUTE, now)
    spike = lasting(course, 10, 50 * MINUTE, max(4 * MINUTE, speed), now)
    return Effects(
        busy=frozenset({"GET /concierge"} if spike else ()),
        duplicates=_twins(course, 95 * MINUTE, now),
        tickets=6.0 if flood else 0.0,
        deaf=lasting(course, 10, 30 * MINUTE, 3 * MINUTE, now),
    )


def _twins(course: Course, delay: float, now: float) -> int:
    since = struck(course, 10, delay, now)
    mended = since is not None and rested(course, "capsules-flow", 10 * MINUTE, since, now)
    return 0 if since is None or mended else 3


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "calm": calm,
        "latency-spike": latency_spike,
        "error-burst": error_burst,
        "analytics-outage": analytics_outage,
        "duplicates": duplicates,
        "ticket-flood": ticket_flood,
        "csat-drop": csat_drop,
        "incident": incident,
        "flag-drift": flag_drift,
        "source-down": source_down,
        "monitor-down": monitor_down,
        "bad-day": bad_day,
    }
)


class Scene(Struct):
    """The present moment; only the world's own clock changes it."""

    speed: float
    flags: Flags = field(default_factory=Flags)
    effects: Effects = CALM

    def on(self, switch: str) -> bool:
        """Say whether a switch of the flag file is on."""
        return switch in self.flags.switches
