"""Where a person overruled the judgement, and what became of it afterwards, by the log."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from msgspec import Struct

from sessions.gate.wording import titled
from sessions.handover.sections import Wording
from sessions.plan.model import Plan
from sessions.reports.drafts import is_revert, overruled
from sessions.values.entries import Entry
from sessions.values.verdicts import CRITERIA, Level, Mark

_STEPS = ("phase.entered", "week.started")


class Override(Struct, frozen=True):
    """One entry that overruled: what, why, and what became of it."""

    entry: Entry
    what: str
    reason: str
    outcome: str


def overrides(plan: Plan, entries: Sequence[Entry], say: Wording) -> tuple[Override, ...]:
    """Return all of them, the oldest first."""
    return tuple(_override(plan, entry, entries, say) for entry in overruled(entries))


def _override(plan: Plan, entry: Entry, entries: Sequence[Entry], say: Wording) -> Override:
    later = [one for one in entries if one.seq > entry.seq]
    stay = list(takewhile(lambda one: one.kind not in _STEPS, later))
    left = later[len(stay)] if len(stay) < len(later) else None
    match entry.kind:
        case "waiver.given":
            subject = entry.said("subject")
            what, became = f"{subject} waived", _waived(subject, stay, say)
        case "fuse.defused":
            risk = entry.said("risk")
            what, became = f"fuse of {titled(plan, risk)} put out", _put_out(risk, stay, say)
        case "phase.entered" | "week.started":
            held = _held(entry)
            goal = "7-day plan" if entry.kind == "week.started" else f"{entry.phase} %"
            what = f"{goal} entered against the gate ({', '.join(held) or 'nothing told'})"
            became = [part for name in held if name in CRITERIA for part in _criterion(name, stay, say)]
        case _:
            what, became = entry.text, []
    ended = _left(left, say) if entry.kind != "task.ticked" else ""
    return Override(entry, what, entry.said("reason"), ", ".join([*became, *([ended] if ended else [])]) or "–")


def _waived(subject: str, stay: Sequence[Entry], say: Wording) -> list[str]:
    lapsed = next((one for one in stay if one.kind == "waiver.lapsed" and one.said("subject") == subject), None)
    words = _criterion(subject, stay, say)
    return [*([f"lapsed {say.at(lapsed.happened)}, it got worse"] if lapsed else []), *words]


def _criterion(name: str, stay: Sequence[Entry], say: Wording) -> list[str]:
    """Say how a criterion went on in the same phase: whether it passed, and whether it breached after that."""
    turns = [one for one in stay if one.kind == "verdict.turned" and one.said("criterion") == name]
    if not turns:
        return [f"{name} did not turn again"]
    passed = next((one for one in turns if one.said("verdict") == Mark.PASS), None)
    if passed is None:
        return [f"{name} never passed, {turns[-1].said('verdict')} at the end"]
    words = [f"{name} passed {say.at(passed.happened)}"]
    again = next((one for one in turns if one.seq > passed.seq and one.said("verdict") == Mark.BREACH), None)
    return [*words, f"breached again {say.at(again.happened)}"] if again else words


def _put_out(risk: str, stay: Sequence[Entry], say: Wording) -> list[str]:
    mine = [one for one in stay if one.said("risk") == risk]
    calm = next((one for one in mine if one.said("level") == Level.CALM), None)
    again = next((one for one in mine if one.kind == "fuse.lit"), None)
    words = [f"calm {say.at(calm.happened)}" if calm else "never calm again in its phase"]
    return [*words, f"lit again {say.at(again.happened)}"] if again else words


def _held(entry: Entry) -> list[str]:
    """Return the conditions that did not pass, by the evidence of the step."""
    rows = (line.split(maxsplit=2) for line in entry.listed("evidence"))
    return [words[1] for words in rows if len(words) > 1 and words[0] != Mark.PASS]


def _left(step: Entry | None, say: Wording) -> str:
    """Say how the phase ended in which judgement was overruled."""
    if step is None:
        return "its phase goes on"
    if is_revert(step):
        return f"reverted to {step.phase} % {say.at(step.happened)}"
    goal = "7-day plan begun" if step.kind == "week.started" else f"{step.phase} % entered"
    return f"{goal} {say.at(step.happened)}"


def rows(found: Sequence[Override], say: Wording) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row of a table for each: when, what, why, what became of it."""
    for one in found:
        yield say.at(one.entry.happened), one.what, one.reason or "–", one.outcome
