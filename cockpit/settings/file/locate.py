"""Which settings file is meant: the one named, else the nearest `cockpit.toml` upwards, else the user's own."""

from pathlib import Path

from platformdirs import user_config_path

from cockpit.runtime.errors import BadInputError

NAME = "cockpit.toml"


def find_settings(given: Path | None = None, start: Path | None = None) -> Path | None:
    """Return the absolute path of the settings file, None if there is none.

    The search begins in `start`, without it in the working directory. Raises BadInputError if the named one is
    missing.
    """
    if given is not None:
        if not given.exists():
            raise BadInputError(f"--config {given}: does not exist: name a settings file")
        return given.absolute()
    here = (start or Path.cwd()).absolute()
    places = [folder / NAME for folder in (here, *here.parents)]
    places.append(user_config_path("cockpit", appauthor=False) / NAME)
    return next((path for path in places if path.is_file()), None)


def shown(path: Path) -> Path:
    """Return the path as an owner would write it: only the name if it is in the working directory."""
    return Path(path.name) if path.parent == Path.cwd() else path
