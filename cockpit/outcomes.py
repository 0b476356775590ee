"""The entries of a move: its intent, and what became of it."""

from cockpit.mover import Outcome
from sessions.decision import Move
from sessions.entries import Draft, Fact
from sessions.state import State
from sessions.steering import WATCH


def intended(state: State, wanted: Move, writer: str) -> Draft:
    """Return the intent to move the flag by `writer`."""
    facts: dict[str, Fact] = {
        "intent": f"m{state.seq + 1}",
        "percent": wanted.percent,
        "previous": state.phase,
        "writer": writer,
    }
    return Draft("flag.intended", wanted.by, f"flag {state.flag.percent} % -> {wanted.percent} % intended", facts)


def intent_of(state: State) -> str:
    """Return the name of the newest intent, empty where there was none."""
    return next((entry.said("intent") for entry in reversed(state.entries) if entry.kind == "flag.intended"), "")


def asker_of(state: State) -> str:
    """Return who asked for the newest move, empty where there was none."""
    return next((entry.by for entry in reversed(state.entries) if entry.kind == "flag.intended"), "")


def concluded(wanted: Move, intent: str, outcome: Outcome, by_hand: tuple[str, ...]) -> list[Draft]:
    """Return the result of a move; a confirmed one enters its phase. `by_hand` goes with a revert that is not done."""
    facts: dict[str, Fact] = {"intent": intent, "percent": wanted.percent}
    if outcome.targets:
        facts["targets"] = outcome.targets
    if outcome.status == "confirmed":
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
    return Draft("phase.entered", wanted.by, wanted.text, wanted.entering, phase=wanted.percent)
