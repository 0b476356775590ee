"""What a temporary measure does to the verdicts: a criterion that it hides never passes."""

from collections.abc import Mapping

from msgspec.structs import replace

from sessions.state.measures import hidden
from sessions.state.reducer import State
from sessions.values.verdicts import Mark, Verdict

_JUDGED = (Mark.PASS, Mark.WARMING, Mark.THIN)


def shown(state: State, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Return the verdicts: what is hidden, and is neither broken nor dark, is thin and names the measure.

    No time ends that.
    """
    found = hidden(state)
    return {
        name: replace(verdict, mark=Mark.THIN, text=f"{found[name].title} hides it", eta=None)
        if name in found and verdict.mark in _JUDGED
        else verdict
        for name, verdict in verdicts.items()
    }
