"""The risks of a plan that `cockpit init` writes: those that a source can measure."""

from collections.abc import Iterator

from cockpit.setup.outcome import Outcome
from cockpit.setup.text.words import pairs


def risks(found: Outcome) -> Iterator[str]:
    """Yield the risk cards: what is watched, what acts, what happens by itself, and the steps of the runbook."""
    yield from ("", "# Risks: over act the runbook stands on the screen; latency pauses, and reverts after 15 minutes.")
    yield from _latency(found.p95_ms)
    yield from _errors()
    parts = found.database.parts if found.database else {}
    if found.journeys:
        yield from _analytics()
    if "tickets" in parts:
        yield from _risk(
            "support_queue", "Support queue", 15, 20, "Look at the open tickets; tell users how long it takes"
        )
        yield from _step("queue", "l", "Look at the open tickets", ("sheet", "queue"))
    if "csat" in parts:
        yield from _csat()


def _latency(bound: float) -> Iterator[str]:
    fuse = (("automatic", ("pause", "fuse")), ("fuse", "15m"), ("at_zero", "revert"))
    todo = "Pause; look for slow operations and recent changes; revert if it stays for 15 minutes"
    yield from _risk("latency_spike", "Latency spike", bound, bound, todo, *fuse)
    yield from _step("inspect", "s", "Inspect operations and changes", ("sheet", "operations"))


def _errors() -> Iterator[str]:
    yield from _risk(
        "error_rate", "Error rate", 1, 2, "Look at the failing requests; tell stakeholders; pause or revert"
    )
    yield from _step("requests", "h", "Look at failing requests", ("sheet", "requests"))
    ask = "Hold announcements of the rollout until a second message says that it is over"
    yield from _step("tell", "m", "Tell stakeholders", ("effect", "draft"), ("ask", ask))


def _analytics() -> Iterator[str]:
    todo = "Confirm the instrumentation; a known gap of the platform may be waived"
    yield from _risk("analytics_outage", "Analytics outage", 450, 600, todo)
    yield from _step("confirm", "j", "Confirm instrumentation", ("sheet", "instrumentation"))
    yield from _step("known", "p", "Known gap, go on with care", ("effect", "waive"), ("targets", ("analytics",)))


def _csat() -> Iterator[str]:
    follow = ("Call back those who scored low", "Name the common cause", "Decide whether the rollout is paused for it")
    keys = (("min_answers", 10), ("automatic", ("follow",)), ("follow_up", follow))
    yield from _risk("csat", "CSAT", 20, 30, "Find the cause of the low scores; it may call for a pause", *keys)
    yield from _step("cause", "v", "Look at the low answers", ("sheet", "csat"))


def _risk(name: str, title: str, watch: float, act: float, todo: str, *more: tuple[str, object]) -> Iterator[str]:
    head = [("id", name), ("title", title), ("watch", watch), ("act", act), *more, ("mitigation", todo)]
    yield from ("[[risks]]", *pairs(head))


def _step(name: str, key: str, text: str, *more: tuple[str, object]) -> Iterator[str]:
    yield from ("[[risks.steps]]", *pairs([("id", name), ("key", key), ("text", text), *more]))
