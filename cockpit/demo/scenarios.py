"""What can befall the demo service: one small pure function of the flag's course per scenario."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cockpit.demo.course import Course, fell, rested, struck

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Effects:
    """What is wrong with the service at one moment.

    `slow` endpoints take 0.8 s; `duplicates` documents of one business key are there twice; `tickets` are opened per
    plan minute on top of the usual ones; `deaf` says that /metrics answers 503.
    """

    slow: frozenset[str] = frozenset()
    duplicates: int = 0
    tickets: float = 0.0
    deaf: bool = False


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


def duplicates(course: Course, now: float, _speed: float) -> Effects:
    """Write three capsules twice 45 minutes into 10 %; ten minutes of a frozen flow give time to mend it."""
    since = struck(course, 10, 45 * MINUTE, now)
    mended = since is not None and rested(course, "capsules-flow", 10 * MINUTE, since, now)
    return CALM if since is None or mended else Effects(duplicates=3)


def ticket_flood(course: Course, now: float, _speed: float) -> Effects:
    """Open some eighteen tickets within four minutes, 30 minutes into 10 %."""
    since = struck(course, 10, 30 * MINUTE, now)
    return Effects(tickets=4.5) if since is not None and now < since + 4 * MINUTE else CALM


def source_down(course: Course, now: float, speed: float) -> Effects:
    """Let /metrics fail 40 minutes into 10 %, for 8 minutes of the plan and at least 6 s of the watch's time."""
    since = struck(course, 10, 40 * MINUTE, now)
    return Effects(deaf=since is not None and now < since + max(8 * MINUTE, 6 * speed))


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "calm": calm,
        "latency-spike": latency_spike,
        "duplicates": duplicates,
        "ticket-flood": ticket_flood,
        "source-down": source_down,
    }
)
