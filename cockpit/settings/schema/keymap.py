"""Which keys may be given to which act; known without a screen, so that a bad keymap is told before one opens."""

import difflib
import re
import string
from collections.abc import Iterator, Mapping

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


def key_name(said: str) -> str:
    """Return the screen's name of a key as the owner wrote it; empty where there is no such key to give."""
    if len(said) == 1 and (said in string.ascii_letters or said in string.digits):
        return said
    if said in SIGNS:
        return SIGNS[said]
    return said if said in SIGNS.values() or (_NAMED.fullmatch(said) and said not in _TAKEN) else ""


def keys_of(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return the key of every act, as the screen names it, with those of a keymap that has no clash."""
    return {name: key_name(keymap[name]) if name in keymap else key for name, key in DEFAULTS.items()}


def clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a keymap: the id, what, and what to do."""
    for name, said in keymap.items():
        if name not in DEFAULTS:
            near = difflib.get_close_matches(name, DEFAULTS, n=1)
            yield name, "unknown id", f'did you mean "{near[0]}"?' if near else "cockpit keys lists them"
        elif not key_name(said):
            yield name, f'"{said[:20]}" is no key to give', "write one letter, digit or sign, f1 to f12, or ctrl+letter"
    keys = {name: key_name(said) for name, said in keymap.items() if name in DEFAULTS and key_name(said)}
    whole = {**DEFAULTS, **keys}
    for name in keys:
        rivals = [other for other in whole if other != name and whole[other] == whole[name]]
        if rivals and not {name, *rivals} <= SHARED:
            yield name, f'"{keymap[name]}" is the key of {rivals[0]}', "choose another, or move that one too"


def step_clashes(keymap: Mapping[str, str], steps: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the acts of a keymap whose key is a runbook step's letter; `steps` are the letters by step."""
    keys = keys_of(keymap)
    for name in keymap:
        for step, letter in steps.items():
            if keys[name] == letter:
                yield name, f'"{keymap[name]}" is the letter of the runbook step {step}', "choose another"
