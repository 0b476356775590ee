"""The flag's writer by what the settings say of it. Nothing is asked yet, and no secret is revealed."""

from collections.abc import Callable
from pathlib import Path

from cockpit.flags.base import FlagWriter
from cockpit.settings.flag_kinds import Flagd
from cockpit.settings.flags import Flag
from cockpit.settings.secret import Secrets
from sessions.runbook import switched_on
from sessions.state import State


def open_writer(flag: Flag, state: Callable[[], State], secrets: Secrets) -> FlagWriter:
    """Return the flag writer; its drivers load now."""
    del secrets
    if isinstance(flag, Flagd):
        from cockpit.flags.flagd import FlagdFile

        return FlagdFile(Path(flag.file).expanduser(), state().plan.flag)
    from cockpit.flags.session import SessionFlag

    return SessionFlag(lambda: (state().flag.percent, switched_on(state())))
