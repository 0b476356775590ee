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

Said = str | tuple[str, ...]
"""What the owner says of an act: its key, or several."""

OWN: Mapping[str, str] = {
    "g": "the tasks and the sheets, where it runs a check",
    "m": "the sheets, where it edits the message",
    "p": "the report, where it shows the page",
    "y": "every cursor, where it copies",
    "L": "the sheets, where it looks again",
    "O": "the sheets, where it marks a row",
    "Y": "every cursor, where it copies",
    "slash": "the log, where it filters",
}
"""Keys that screens have for themselves: an act would be silent there."""

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


def keys_said(said: Said) -> tuple[str, ...]:
    """Return the keys of an act as the owner wrote them: one, or several."""
    return (said,) if isinstance(said, str) else tuple(said)


def full_name(name: str) -> str:
    """Return the id of an act that is named by it or by its last word, the name itself where there is none."""
    return next((known for known in DEFAULTS if name in (known, known.rpartition(".")[2])), name)


def keys_of(keymap: Mapping[str, Said]) -> dict[str, str]:
    """Return the keys of every act, as the screen names them, with those of a keymap that has no clash.

    Several keys of one act stand with a comma between them, the first one first.
    """
    given = {full_name(name): ",".join(map(key_name, keys_said(said))) for name, said in keymap.items()}
    return {**DEFAULTS, **{name: keys for name, keys in given.items() if name in DEFAULTS}}


def clashes(keymap: Mapping[str, Said]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a keymap: the id, what, and what to do."""
    whole = {name: keys.split(",") for name, keys in keys_of(keymap).items()}
    named = [full_name(name) for name in keymap]
    for name, said in keymap.items():
        act = full_name(name)
        if act not in DEFAULTS:
            near = difflib.get_close_matches(name, DEFAULTS, n=1)
            yield name, "unknown id", f'did you mean "{near[0]}"?' if near else "cockpit keys lists them"
        elif named.count(act) > 1:
            yield name, f"{act} stands twice", "keep one of them"
        elif not keys_said(said):
            yield name, "names no key", "write one at least"
        else:
            yield from _wrong_keys(name, act, keys_said(said), whole)


def _wrong_keys(
    name: str, act: str, said: tuple[str, ...], whole: Mapping[str, list[str]]
) -> Iterator[tuple[str, str, str]]:
    for number, word in enumerate(said):
        key = key_name(word)
        rivals = [other for other, keys in whole.items() if other != act and key in keys]
        if not key:
            hint = "write one letter, digit or sign, f1 to f12, or ctrl+letter"
            yield name, f'"{word[:20]}" is no key to give', hint
        elif key in map(key_name, said[:number]):
            yield name, f'"{word}" stands twice', "write it once"
        elif rivals and not {act, *rivals} <= SHARED:
            yield name, f'"{word}" is the key of {rivals[0]}', "choose another, or move that one too"
        elif key in OWN:
            yield name, f'"{word}" is a key of {OWN[key]}', "choose another"


def step_clashes(keymap: Mapping[str, Said], steps: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the acts of a keymap whose key is a runbook step's letter; `steps` are the letters by step."""
    keys = keys_of(keymap)
    for name in keymap:
        for step, letter in steps.items():
            if letter in keys[full_name(name)].split(","):
                yield name, f'"{letter}" is the letter of the runbook step {step}', "choose another"
