"""What each colour and each symbol means, once: a colour or a symbol is never used for anything else."""

from collections.abc import Mapping
from enum import StrEnum


class Meaning(StrEnum):
    """What can be meant by a colour; the value is the colour's name in a theme."""

    PROVED = "good"
    LOOK = "hold"
    HARM = "bad"
    UNKNOWN = "blind"
    NOW = "lead"
    CALM = "quiet"


SAYS: Mapping[Meaning, str] = {
    Meaning.PROVED: "proved: it was measured and is within its bound, or it is done",
    Meaning.LOOK: "look: a risk at watch, or a person is late, has paused, or has a measure to take back",
    Meaning.HARM: "a breach, a risk that acts, a fuse, or an act that failed",
    Meaning.UNKNOWN: "unknown: nobody can tell",
    Meaning.NOW: "now: what runs, what is chosen, a key",
    Meaning.CALM: "calm: it waits for time or for traffic, or it is said in passing",
}
SYMBOLS: Mapping[str, Meaning] = {
    "●": Meaning.PROVED,
    "○": Meaning.PROVED,
    "✔": Meaning.PROVED,
    "▲": Meaning.LOOK,
    "✗": Meaning.LOOK,
    "◆": Meaning.HARM,
    "◇": Meaning.HARM,
    "◌": Meaning.UNKNOWN,
    "∅": Meaning.UNKNOWN,
    "◐": Meaning.NOW,
    "▶": Meaning.NOW,
    "…": Meaning.CALM,
    "~": Meaning.CALM,
    "☐": Meaning.CALM,
}
"""Each symbol of a state: where no colour is shown, it alone tells the state."""


def colour(meaning: Meaning) -> str:
    """Return the style of a meaning."""
    return f"${meaning.value}"
