"""The keys of each act, and which keys may be chosen; a bad keymap is refused before a screen opens."""

import re
import string
from collections.abc import Mapping

from cockpit.settings.keymap.own import MOVES, OWN

DEFAULTS: Mapping[str, str] = {
    "rollout.pause": "space",
    "rollout.resume": "space",
    "fuse.defuse": "d",
    "fuse.extend": "x",
    "rollout.advance": "a",
    "rollout.revert": "r",
    "rollout.freeze": "f",
    "log.note": "n",
    "log.observe": "o",
    "log.incident": "i",
    "log.tasks": "t",
    "rollout.waive": "w",
    "log.export": "e",
    "log.decide": "D",
    "log.feedback": "plus",
    "rollout.conclude": "C",
    "log.acknowledge": "full_stop",
    "screen.deck": "1",
    "screen.detail": "2",
    "screen.risks": "3",
    "screen.log": "4",
    "screen.week": "5",
    "screen.report": "6",
    "screen.handover": "H",
    "app.palette": "colon",
    "help.show": "question_mark",
    "app.quit": "q",
    "app.mouse": "M",
    "app.stop": "ctrl+z",
}
"""The key of every act that another key can be given to, by its id."""

SHARED = frozenset({"rollout.pause", "rollout.resume"})
"""Two acts of which only one works at a time: they may share a key."""

Said = str | tuple[str, ...]
"""What the owner says of an act: its key, or several."""

SIGNS: Mapping[str, str] = {
    "!": "exclamation_mark",
    "#": "number_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "=": "equals_sign",
    "?": "question_mark",
    "@": "at",
    "_": "underscore",
}
_NAMED = re.compile(r"f([1-9]|1[0-2])|ctrl\+[a-z]|space")
_TAKEN = frozenset({"ctrl+c", "ctrl+q", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j"})
"""They leave the program, or a terminal sends them for tab, enter and backspace."""
_STEERING = frozenset(key for own in MOVES.values() for key in own.keys)
"""They can be given to what moves the cursor, and to nothing else."""
EVERY: Mapping[str, tuple[str, ...]] = {
    **{name: (key,) for name, key in DEFAULTS.items()},
    **{name: own.keys for name, own in (*MOVES.items(), *OWN.items())},
}
"""The keys of whatever another key can be given to, by its id."""
NAMES = tuple(dict.fromkeys((*EVERY, *(name.rpartition(".")[2] for name in EVERY))))
"""What a keymap may name."""


def key_name(said: str, act: str = "") -> str:
    """Return the screen's name of a key as the owner wrote it; empty if there is no such key to give to the act."""
    if len(said) == 1 and (said in string.ascii_letters or said in string.digits):
        return said
    if said in SIGNS:
        return SIGNS[said]
    if said in _STEERING:
        return said if act in MOVES else ""
    return said if said in SIGNS.values() or (_NAMED.fullmatch(said) and said not in _TAKEN) else ""


def keys_said(said: Said) -> tuple[str, ...]:
    """Return the keys of an act as the owner wrote them: one, or several."""
    return (said,) if isinstance(said, str) else tuple(said)


def full_name(name: str) -> str:
    """Return the id of an act from the id or its last word; the name itself if there is no such act."""
    return next((known for known in EVERY if name in (known, known.rpartition(".")[2])), name)
