"""What a waiver covers: what was known when it was given. What gets worse than that holds again."""

from collections.abc import Iterator, Mapping

from sessions.gate.wording import finite
from sessions.state.model import UNWATCHED, State, Waiver
from sessions.values.entries import Fact
from sessions.values.verdicts import Mark, Verdict

_WORSE = 2.0
"""A value that is so many times the one that was waived is another one."""


def outgrown(waiver: Waiver, verdict: Verdict) -> str:
    """Say what breaches that was not waived: a new subject, or a doubled value; empty where nothing does."""
    if not waiver.mark:  # an entry of before this was written down: it covers its criterion
        return ""
    return ", ".join(_grown(waiver, verdict))


def unseen(waiver: Waiver, verdict: Verdict) -> str:
    """Say what is dark now and was not when the waiver was given; empty where nothing is."""
    if not waiver.mark or waiver.mark in UNWATCHED:
        return ""
    if verdict.mark in UNWATCHED:
        return f"{verdict.criterion} {verdict.mark}"
    dark = (part for part in verdict.parts if part.mark in UNWATCHED and part.subject not in waiver.known)
    return ", ".join(f"{part.subject} {part.mark}" for part in dark)


def standing(state: State, verdict: Verdict) -> Mark:
    """Return the verdict in force: data that turned dark after a waiver was given is not covered by it."""
    waiver = state.waivers.get(verdict.criterion)
    if waiver is None or verdict.mark in UNWATCHED or not unseen(waiver, verdict):
        return verdict.mark
    dark = (part.mark for part in verdict.parts if part.mark in UNWATCHED and part.subject not in waiver.known)
    return next(dark, verdict.mark)


def known_now(verdict: Verdict) -> Mapping[str, Fact]:
    """Return the facts of what a waiver given now covers: each part that does not pass, with its value."""
    parts = [part for part in verdict.parts if part.mark is not Mark.PASS]
    return {
        "verdict": verdict.mark.value,
        "subjects": tuple(part.subject for part in parts),
        "marks": tuple(part.mark.value for part in parts),
        "values": tuple(part.value if part.value is not None and finite(part.value) else 0.0 for part in parts),
    }


def _grown(waiver: Waiver, verdict: Verdict) -> Iterator[str]:
    for part in verdict.parts:
        mark, value = waiver.known.get(part.subject, ("", 0.0))
        if part.mark is Mark.BREACH and mark != Mark.BREACH:
            yield f"{part.subject} {part.text}".strip()
        elif part.mark is Mark.BREACH and value and abs(part.value or 0.0) >= _WORSE * abs(value):
            yield f"{part.subject} {part.text}, at least doubled".strip()
