"""`cockpit keys`: every key, what it does, and the id by which `[keymap]` gives it another one."""

import sys

from cockpit.tui.keys import ALL, step_bindings
from sessions.plan.loader import bundled


def list_keys() -> int:
    """Print a line per key: the key, its id, what it does; then the runbook's letters, which the plan chooses."""
    for binding in ALL:
        _say(binding.key_display or binding.key, binding.id or "", binding.description)
    for step in step_bindings(bundled()):
        _say(step.key, "in the plan", step.description)
    return 0


def _say(key: str, name: str, what: str) -> None:
    sys.stdout.write(f"{key:<6}  {name:<16}  {what}\n")
