"""Acts that are done without a question: their key needs no dialog, and waits for none to be loaded."""

from collections.abc import Mapping

from sessions.actions.concluding import closed
from sessions.state.reducer import State
from sessions.values.requests import Act

PLAIN: Mapping[str, Act] = {act.value: act for act in (Act.PAUSE, Act.RESUME, Act.OBSERVE, Act.EXPORT, Act.ACKNOWLEDGE)}
"""The acts by their names in the keymap."""


def refusal(state: State, name: str) -> str:
    """Say why nothing is even asked about an act or a step of that name, empty if it is."""
    known = next((act for act in Act if act.value == name), Act.STEP)
    return closed(state, known)
