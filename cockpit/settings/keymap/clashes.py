"""What is wrong with a keymap: told with its line before a screen opens."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from cockpit.settings.keymap.keys import left_of, said_of
from cockpit.settings.keymap.names import DEFAULTS, EVERY, NAMES, SHARED, Said, full_name, key_name, keys_said
from cockpit.settings.keymap.own import MOVES, OWN


def clashes(keymap: Mapping[str, Said]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a keymap: the id, what, and what to do."""
    named = [full_name(name) for name in keymap]
    for name, said in keymap.items():
        act = full_name(name)
        if act not in EVERY:
            near = difflib.get_close_matches(name, NAMES, n=1)
            yield name, "unknown id", f'did you mean "{near[0]}"?' if near else "cockpit keys lists them"
        elif named.count(act) > 1:
            yield name, f"{act} stands twice", "keep one of them"
        elif not keys_said(said):
            yield name, "names no key", "write one at least"
        else:
            yield from _wrong_keys(name, act, keys_said(said), said_of(keymap))


def _wrong_keys(
    name: str, act: str, said: tuple[str, ...], every: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, str]]:
    for number, word in enumerate(said):
        key = key_name(word, act)
        rivals = [other for other, keys in every.items() if key in keys and not _apart(act, other)]
        robbed = [one for one in DEFAULTS if one not in every and key in EVERY[one] and not left_of(one, every)]
        if not key:
            yield name, f'"{word[:20]}" is no key to give', _KEYS_TO_GIVE + (_STEERS if act in MOVES else "")
        elif key in (key_name(one, act) for one in said[:number]):
            yield name, f'"{word}" stands twice', "write it once"
        elif rivals:
            yield name, f'"{word}" is given to {rivals[0]} too', "give each a key of its own"
        elif robbed:
            free = next(one for one in _FREE if one not in {key for keys in every.values() for key in keys})
            yield name, f'"{word}" is the only key of {robbed[0]}', f'give that one another: "{robbed[0]}" = "{free}"'


_KEYS_TO_GIVE = "write one letter, digit or sign, f1 to f12, or ctrl+letter"
_STEERS = ", or an arrow, tab, enter or pageup"
_FREE = tuple(f"f{number}" for number in (*range(2, 13), 1)) + tuple(f"ctrl+{one}" for one in "abdefgklnoprstuvwxyz")


def _apart(act: str, other: str) -> bool:
    """Return whether two acts may have one key: they never work at the same time."""
    two = {act, other}
    return len(two) == 1 or two <= SHARED or (two <= OWN.keys() and _screen(act) != _screen(other) and not _cursor(two))


def _screen(act: str) -> str:
    return act.partition(".")[0]


def _cursor(acts: Iterable[str]) -> bool:
    return any(_screen(act) == "cursor" for act in acts)
