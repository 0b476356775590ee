"""`cockpit keys`: every key, what it does, and the id by which `[keymap]` gives it another one."""

import sys
from collections.abc import Mapping
from pathlib import Path

from cockpit.session.both_files import loaded_sound
from cockpit.settings.file.locate import find_settings
from cockpit.settings.keymap.keys import arranged
from cockpit.settings.keymap.names import Said
from cockpit.settings.keymap.own import MOVES, OWN
from cockpit.settings.trust.gate import settings_in, settings_of
from cockpit.tui.keys import ALL, bound, single, step_bindings
from sessions.plan.loader import bundled, plan_from
from sessions.plan.model import Plan
from sessions.storage.folders import find


def list_keys(which: str | None = None, config: Path | None = None) -> int:
    """Print a line per key: the keys, its id, what it does; what screens have for themselves; the runbook's letters.

    They are those of a session, or of a settings file that its owner trusts; without either, those without a keymap.
    """
    plan, keymap = _chosen(which, config)
    keys = arranged(keymap)
    usual = {row.id: row for row in ALL}
    for row in bound(keys):
        shown = usual[row.id].key_display if row.key == usual[row.id].key else None
        _say(shown or " ".join(one.key for one in single(row)), row.id or "", row.description)
    for name, own in (*MOVES.items(), *OWN.items()):
        _say(" ".join(keys.own[name]), name, own.words)
    for step in step_bindings(plan, keys):
        _say(step.key, "in the plan", step.description)
    return 0


def _chosen(which: str | None, config: Path | None) -> tuple[Plan, Mapping[str, Said]]:
    """Return the plan and the keymap. Raises JournalError, UntrustedError, TableError, BadInputError."""
    given = find_settings(config) if config else None
    if which is None:
        return bundled(), settings_in(given).keymap if given else {}
    folder = find(which)
    found = loaded_sound(folder)
    return plan_from(found.plan), settings_of(folder, found.wiring, given).keymap


def _say(keys: str, name: str, what: str) -> None:
    sys.stdout.write(f"{keys:<9}  {name:<16}  {what}\n")
