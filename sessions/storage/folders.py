"""Where sessions live: one folder each, with `session.toml`, `history.sqlite` and `exports/`."""

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sessions.text.clean import clean, shows

SESSION, HISTORY, EXPORTS = "session.toml", "history.sqlite", "exports"
HOME_VARIABLE, STATE_VARIABLE = "COCKPIT_HOME", "COCKPIT_STATE"
_NAME = r"[\w][\w .+-]{0,79}"


class FolderError(Exception):
    """A session that cannot be found or made; the text is one line: what, where, what to do."""


def home() -> Path:
    """Return where sessions live unless a path says otherwise: `COCKPIT_HOME`, or the user's data folder."""
    said = os.environ.get(HOME_VARIABLE)
    if said:
        return Path(said).expanduser()
    from platformdirs import user_data_path

    return user_data_path("cockpit", appauthor=False) / "sessions"


def state_home() -> Path:
    """Return the folder for state outside the sessions: `COCKPIT_STATE`, or the user's own."""
    said = os.environ.get(STATE_VARIABLE)
    if said:
        return Path(said).expanduser()
    from platformdirs import user_state_path

    return user_state_path("cockpit", appauthor=False)


def create_folder(name: str) -> Path:
    """Make the folder of a new session called `name`, mode 0700. Raises FolderError."""
    if not re.fullmatch(_NAME, name) or name.endswith((" ", ".")) or clean(name) != name or not shows(name):
        raise FolderError(f"{clean(name, 80)!r} is not a name for a session: use letters, digits, spaces and . + - _")
    folder = home() / name
    if os.path.lexists(folder):
        raise FolderError(f"{clean(folder)}: exists already: open it, or choose another name")
    with given_back(folder):
        return prepare(folder)


@contextlib.contextmanager
def given_back(folder: Path) -> Iterator[None]:
    """Remove a new folder if no session was made in it; other files in it stay."""
    try:
        yield
    except BaseException:
        if not os.path.lexists(folder / SESSION):
            for empty in (folder / EXPORTS, folder):
                with contextlib.suppress(OSError):
                    empty.rmdir()
        raise


def prepare(folder: Path) -> Path:
    """Make `folder` fit to hold a new session, with all folders above it. Raises FolderError."""
    if os.path.lexists(folder / SESSION):
        raise FolderError(f"{clean(folder)}: holds a session already: choose another folder")
    try:
        _make(folder)
        _make(folder / EXPORTS)
    except OSError as error:
        why = clean(error.strerror or error, 80)
        raise FolderError(f"{clean(folder)}: cannot be made ({why}): choose another place") from error
    return folder


def _make(folder: Path) -> None:
    """Make a folder that only its owner can enter, whatever the umask is; one that exists stays as it is."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)


def sessions() -> list[tuple[str, Path, datetime]]:
    """Return the sessions at home, the last changed first: name, folder, moment of the last entry."""
    found: list[tuple[str, Path, datetime]] = []
    with contextlib.suppress(OSError):
        for folder in home().iterdir():
            with contextlib.suppress(OSError):
                changed = (folder / SESSION).lstat().st_mtime
                found.append((folder.name, folder, datetime.fromtimestamp(changed, UTC)))
    return sorted(found, key=lambda row: (row[2], row[0]), reverse=True)


def find(which: str | None) -> Path:
    """Return the folder of a session: by name, by path (of the folder or its session.toml), None for the newest.

    Raises FolderError that names the nearest session there is.
    """
    known = sessions()
    if which is None:
        if not known:
            raise FolderError(
                "no session yet: set one up with `cockpit init`, then `cockpit new NAME`, "
                "or look around with `cockpit demo`"
            )
        return known[0][1]
    by_name = {name: folder for name, folder, _ in known}
    if which in by_name:
        return by_name[which]
    return _by_path(which) or _unknown(which, list(by_name))


def _by_path(which: str) -> Path | None:
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        path = Path(which).expanduser()
        folder = path.parent if path.name == SESSION else path
        if os.path.lexists(folder / SESSION):
            return folder
    return None


def _unknown(which: str, names: list[str]) -> Path:
    import difflib  # only who mistyped waits for it

    near = difflib.get_close_matches(which, names, n=1)
    todo = f'did you mean "{clean(near[0], 80)}"?' if near else "`cockpit sessions` lists those there are"
    raise FolderError(f"{clean(which, 120)}: no such session: {todo}")
