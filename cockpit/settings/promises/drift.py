"""Whether a session and its owner's files have the same plan and settings; differences are reported."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.wiring import Wiring
from cockpit.settings.models.settings import Settings
from cockpit.settings.promises.plan_file import plan_beside
from cockpit.settings.promises.proposed import proposed
from cockpit.settings.trust.act import candidate_of
from cockpit.settings.trust.gate import trusted_wiring
from sessions.file_format.promises import CHANGED
from sessions.plan.differences import differences
from sessions.plan.strict_table import TableError
from sessions.state.reducer import State
from sessions.text.clean import clean


def drift(folder: Path, table: Mapping[str, object], state: State) -> str:
    """Say in one line how the files differ from the session in `folder`; empty if they do not.

    Files that cannot be read, or are not the owner's, are reported elsewhere.
    """
    try:
        wiring = trusted_wiring(folder, table)
        settings = settings_by(wiring)
        found = proposed(state.plan, plan_file_of(wiring, state), settings)
    except (BadInputError, TableError, OSError):
        return ""
    parts = differences(state.plan, found.plan)
    if not parts:
        return ""
    what = f"{' and '.join(found.files)} promise{'' if len(found.files) > 1 else 's'} other {', '.join(parts)}"
    return clean(f"{what} than the session: {_todo(state, folder)}", 400)


def settings_by(wiring: Wiring) -> tuple[Path, Settings] | None:
    """Return the settings that a session goes by, read for their promises alone, trusted or not.

    Raises BadInputError, TableError.
    """
    if not wiring.settings:
        return None
    path = Path(wiring.settings)
    return path, candidate_of(path).settings


def plan_file_of(wiring: Wiring, state: State) -> Path | None:
    """Return the plan file of a session: the last one taken, the first one, or the one beside the settings."""
    taken = next((entry.said("file") for entry in reversed(state.entries) if entry.kind == CHANGED), "")
    named = Path(taken or wiring.plan) if taken or wiring.plan else None
    return named or (plan_beside(Path(wiring.settings)) if wiring.settings else None)


def _todo(state: State, folder: Path) -> str:
    if any(percent for percent, _ in state.visits):
        return "it keeps its own, cockpit adopt changes none once a phase was entered"
    return f"cockpit adopt {shlex.quote(folder.name)} takes them"
