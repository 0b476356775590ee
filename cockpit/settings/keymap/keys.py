"""Which key does what, once the owner has chosen."""

import string
from collections.abc import Container, Mapping

from msgspec import Struct

from cockpit.settings.keymap.names import DEFAULTS, EVERY, SHARED, Said, full_name, key_name, keys_said
from cockpit.settings.keymap.own import MOVES, OWN


class Keys(Struct, frozen=True):
    """The keys of `acts` and of what screens have for themselves (`own`), by id; `given` are those the owner chose."""

    acts: Mapping[str, tuple[str, ...]]
    own: Mapping[str, tuple[str, ...]]
    given: frozenset[str] = frozenset()

    @property
    def changed(self) -> dict[str, tuple[str, ...]]:
        """What screens have for themselves and now has other keys."""
        return {name: keys for name, keys in self.own.items() if keys != EVERY[name]}

    def letters(self, steps: Mapping[str, str]) -> dict[str, str]:
        """Return the letters of runbook steps, given those of the plan: where the owner chose one, the step moves."""
        used = {*steps.values(), *(key for keys in (*self.acts.values(), *self.own.values()) for key in keys)}
        found = {}
        for step, letter in steps.items():
            found[step] = _spare(letter, used, string.ascii_letters) if letter in self.given else letter
            used.add(found[step])
        return found


def arranged(keymap: Mapping[str, Said]) -> Keys:
    """Return the keys of everything, with those of a keymap that has no clash.

    A key that the owner gives to one act is no longer that of another. What a screen has for itself then gets a
    capital letter that is free.
    """
    said = said_of(keymap)
    acts = {name: said.get(name) or left_of(name, said) for name in DEFAULTS}
    given = {
        key for name, keys in said.items() if name not in OWN for key in keys if key not in EVERY[name]
    }  # who writes down what an act has anyway takes nothing away
    own = {name: said.get(name) or tuple(key for key in EVERY[name] if key not in given) for name in (*MOVES, *OWN)}
    used = {key for keys in (*acts.values(), *own.values()) for key in keys}
    for name in [name for name, keys in own.items() if not keys]:
        own[name] = (_spare(EVERY[name][0], used, string.ascii_uppercase),)
        used |= {*own[name]}
    return Keys(acts, own, frozenset(given))


def said_of(keymap: Mapping[str, Said]) -> dict[str, tuple[str, ...]]:
    """Return what was given to each act that there is, as the screen names it."""
    named = {full_name(name): keys_said(said) for name, said in keymap.items()}
    return {name: tuple(key_name(key, name) for key in keys) for name, keys in named.items() if name in EVERY}


def left_of(act: str, said: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the keys of an act that the owner gave none; pausing and resuming are two sides of one key."""
    elsewhere = {key for name, keys in said.items() if not {act, name} <= SHARED for key in keys}
    sides = [key for name in SHARED if act in SHARED for key in said.get(name, ())]
    return tuple(dict.fromkeys(key for key in (*EVERY[act], *sides) if key not in elsewhere))


def _spare(key: str, used: Container[str], pool: str) -> str:
    """Return the key's own capital letter where it is free, else the first free one."""
    return next((one for one in (key.upper(), *pool) if len(one) == 1 and one not in used), key)
