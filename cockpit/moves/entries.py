"""The entries of a move: its intent, and what became of it."""

from cockpit.moves.intent import intent
from cockpit.moves.write import Outcome, reads
from sessions.actions import rollout
from sessions.actions.decision import Move
from sessions.actions.rollout import WATCH
from sessions.gate.judgement import Judgement
from sessions.state.reducer import State
from sessions.values.entries import UNSAVED, Draft, Entry, Fact
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent


def intended(state: State, wanted: Move, writer: str) -> Draft:
    """Return the intent to move the flag by `writer`."""
    cause = str(wanted.entering.get("cause", ""))
    return intent(f"m{state.seq + 1}", wanted.by, state.flag.percent, wanted.percent, state.phase, writer, cause)


def intent_of(state: State) -> str:
    """Return the name of the newest intent, empty if there was none."""
    newest = _newest(state, "flag.intended")
    return newest.said("intent") if newest else ""


def asker_of(state: State) -> str:
    """Return who asked for the newest move, empty if there was none."""
    newest = _newest(state, "flag.intended")
    return newest.by if newest else ""


def untold(state: State, intent: str, drafts: list[Draft]) -> list[Draft]:
    """Return the entries for a move's result that are still missing; a note if the move was overtaken."""
    if _still_open(state, intent):
        return [] if _repeats(state, drafts) else drafts
    last = drafts[-1]
    note = Draft("note.written", last.by, f"{last.text} · overtaken since", {"was": last.kind})
    return [note] if last.kind == "phase.entered" else []


def found(state: State, patience: float) -> Outcome | None:
    """Say what became of the open move by what the flag reads, None if that proves nothing.

    A flag that still reads as before is proof of nothing done once `patience` seconds have passed. One that reads
    neither by then: an advance is over, another hand was there, and that is drift; of a revert the outcome stays
    unknown, it is asked for again.
    """
    flag, seen, begun = state.flag, state.seen.flag, _newest(state, "flag.intended")
    if not flag.open or seen is None or begun is None or seen.at <= begun.happened:
        return None
    if seen.percent == flag.wanted:
        return Outcome(FlagStatus.CONFIRMED)
    if (seen.at - begun.happened).total_seconds() < patience:
        return None
    if seen.percent == flag.percent:
        return Outcome(FlagStatus.REFUSED, "it was found not done")
    if seen.percent is not None and flag.wanted > state.phase:
        return Outcome(FlagStatus.REFUSED, f"it was found not done: it reads {reads(seen)}")
    return Outcome(FlagStatus.UNKNOWN, f"it reads {reads(seen)}") if flag.status == FlagStatus.INTENDED else None


def found_done(judgement: Judgement, percent: Percent, cause: str) -> list[Draft]:
    """Enter the phase of a flag that already has its percentage."""
    wanted = rollout.found(judgement, percent, cause)
    return concluded(wanted, intent_of(judgement.state), Outcome(FlagStatus.CONFIRMED), ())


def served(judgement: Judgement, percent: Percent) -> list[Draft]:
    """Say that users get the confirmed `percent` now; nothing if that is known, or no longer so."""
    flag = judgement.state.flag
    if (flag.status, flag.percent, flag.served) != (FlagStatus.CONFIRMED, percent, False):
        return []
    facts: dict[str, Fact] = {"intent": intent_of(judgement.state), "percent": percent}
    return [Draft("flag.served", WATCH, f"users get {percent} % now", facts)]


def concluded(wanted: Move, intent: str, outcome: Outcome, by_hand: tuple[str, ...]) -> list[Draft]:
    """Return the result of a move; a confirmed one enters its phase. `by_hand` goes with a revert that is not done."""
    facts: dict[str, Fact] = {"intent": intent, "percent": wanted.percent}
    if outcome.targets:
        facts["targets"] = outcome.targets
    if outcome.status == FlagStatus.CONFIRMED:
        return [_confirmed(wanted, facts, outcome), _entered(wanted)]
    facts["reason"] = outcome.reason
    if by_hand:
        facts["by_hand"] = by_hand
    what = f"{'REVERT NOT DONE: ' if by_hand else ''}flag move to {wanted.percent} % {outcome.status}: {outcome.reason}"
    return [Draft(f"flag.{outcome.status}", WATCH, what, facts)]


def _confirmed(wanted: Move, facts: dict[str, Fact], outcome: Outcome) -> Draft:
    if not outcome.unserved:
        return Draft("flag.confirmed", WATCH, f"flag reads {wanted.percent} %", facts)
    text = f"flag reads {wanted.percent} %, written and not served yet: {outcome.unserved}"
    return Draft("flag.confirmed", WATCH, text, {**facts, "served": False})


def _entered(wanted: Move) -> Draft:
    return Draft("phase.entered", wanted.by, wanted.text, wanted.entering, phase=wanted.enters)


def _newest(state: State, *kinds: str) -> Entry | None:
    return next((entry for entry in reversed(state.entries) if entry.kind in kinds), None)


def _repeats(state: State, drafts: list[Draft]) -> bool:
    """Whether a failed try says nothing that the flag's state does not say already."""
    return drafts[-1].kind != "phase.entered" and state.flag.text.removeprefix(UNSAVED) == drafts[-1].text


def _still_open(state: State, intent: str) -> bool:
    """Whether nothing was intended or confirmed since `intent`: its result is still to be told."""
    newest = _newest(state, "flag.intended", "flag.confirmed")
    return newest is not None and newest.kind == "flag.intended" and newest.said("intent") == intent
