"""What is said of an answer: why it proves nothing, and how an examination tells it."""

from cockpit.sources.base import Finding, Sight
from sessions.figures import duration
from sessions.readings import Pulse


def doubt(bad: int, total: int) -> str:
    """Say why an answer proves nothing: over 1 % unreadable. A single bad document is forgiven, unless it is all."""
    if bad and (bad > max(1, total // 100) or bad >= total):
        return f"{bad:,} of {total:,} unreadable"
    return ""


def unanswered(seconds: float) -> str:
    """Say why nothing is asked: the server owes an answer, and may still be working on it."""
    return f"last question still open, {duration(seconds)}"


def documents(count: int) -> str:
    """Say how many documents."""
    return f"{count:,} document{'' if count == 1 else 's'}"


def found(what: str, pulse: Pulse) -> Finding:
    """Say what one question saw, how fast, and how old its newest document is."""
    seen = f"{pulse.total:,} documents in {pulse.took_ms:.0f} ms"
    if pulse.newest is not None:
        seen += f", newest {duration(max(0.0, (pulse.at - pulse.newest).total_seconds()))} old"
    if not pulse.ok:
        fix = "correct these documents, or the field's name" if "unreadable" in pulse.reason else "see docs/sources.md"
        return Finding(Sight.PROBLEM, what, f"{seen}: {pulse.reason}", fix)
    if pulse.note:
        return Finding(Sight.WARNING, what, f"{seen}: {pulse.note}", "see docs/sources.md")
    if pulse.unreadable:
        return Finding(Sight.WARNING, what, f"{seen}, {pulse.unreadable:,} unreadable", "correct these documents")
    return Finding(Sight.GOOD, what, seen)
