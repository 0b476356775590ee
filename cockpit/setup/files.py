"""Writing the plan and the settings: both or none, never over a file, and only what loads; both are then trusted."""

import contextlib
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.load import settings_from
from cockpit.settings.file.locate import NAME as SETTINGS
from cockpit.settings.file.plan_overrides import promised
from cockpit.settings.file.schema_beside import PLAN as PLAN_SCHEMA
from cockpit.settings.file.schema_beside import SETTINGS as SETTINGS_SCHEMA
from cockpit.settings.file.schema_beside import lay_beside
from cockpit.settings.promises.plan_file import NAME as PLAN
from cockpit.settings.promises.plan_file import plan_of_text
from cockpit.settings.trust.act import candidate_of
from cockpit.settings.trust.own_text import UntrustedError
from cockpit.setup.outcome import Outcome
from cockpit.setup.text.plan import plan_text
from cockpit.setup.text.settings import settings_text
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import TableError
from sessions.storage.disk import DISK, FileOps, sync_folder, take_name, write_new
from sessions.storage.folders import state_home
from sessions.text.clean import clean


def refuse_taken(folder: Path) -> None:
    """Refuse to write if one of the files exists. Raises BadInputError."""
    for name in (PLAN, SETTINGS):
        path = folder / name
        if path.is_symlink() or path.exists():
            raise BadInputError(f"{name}: exists already: edit it, or move it away and run cockpit init again")


def write_both(folder: Path, outcome: Outcome, now: datetime, files: FileOps = DISK) -> tuple[str, str]:
    """Write both files, trust the settings, lay the schemas beside them; return both texts.

    Raises BadInputError, and then nothing is there.
    """
    texts = {PLAN: plan_text(outcome), SETTINGS: settings_text(outcome)}
    _check(texts)
    written: list[Path] = []
    try:
        for name, text in texts.items():
            _write(folder / name, text, files)
            written.append(folder / name)
        sync_folder(folder, files)
        _trust(folder / SETTINGS, now)
    except (OSError, UntrustedError) as error:
        for path in written:
            with contextlib.suppress(OSError):
                files.unlink(path)
        raise _refused(error) from error
    for name, schema in ((PLAN, PLAN_SCHEMA), (SETTINGS, SETTINGS_SCHEMA)):
        lay_beside(folder / name, schema)  # an editor may want them, and nothing else
    return texts[PLAN], texts[SETTINGS]


def _trust(path: Path, now: datetime) -> None:
    """Trust the settings. Raises UntrustedError, also where the state folder takes nothing."""
    candidate = candidate_of(path)
    try:
        candidate.trust(now)
    except OSError as error:
        why = clean(error.strerror or error, 80)
        what = f"init: the state folder {clean(state_home(), 200)} takes no file ({why})"
        raise UntrustedError(f"{what}: make room there, or set COCKPIT_STATE") from error


def _check(texts: dict[str, str]) -> None:
    """Read both as everybody will. Raises BadInputError if what was found makes no plan."""
    try:
        settings = settings_from(Path(SETTINGS), texts[SETTINGS])
        plan_from(promised(plan_of_text(Path(PLAN), texts[PLAN]).table, settings))
    except (TableError, BadInputError) as error:
        why = error.problems[0] if isinstance(error, TableError) else error
        raise BadInputError(f"init: what was found makes no plan ({clean(why, 200)}): nothing was written") from error


def _write(path: Path, text: str, files: FileOps) -> None:
    draft = path.with_name(f".{path.name}.{token_hex(4)}")
    write_new(draft, text.encode(), files)
    try:
        take_name(draft, path, files)
    except OSError:
        files.unlink(draft)
        raise


def _refused(error: Exception) -> BadInputError:
    if isinstance(error, FileExistsError):
        return BadInputError("init: one of plan.toml and cockpit.toml was written meanwhile: nothing else was")
    if isinstance(error, OSError):
        why = clean(error.strerror or error, 80)
        return BadInputError(f"init: the folder takes no file ({why}): nothing was written: make room, or go elsewhere")
    return BadInputError(f"{error}; so nothing was written")
