"""A plan file: how it is found beside the settings, and read with the line of every error."""

import tomllib
from pathlib import Path

from cockpit.runtime.errors import BadInputError
from cockpit.settings.schema.toml_file import located, parsed, read_text
from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.plan.strict_table import TableError

NAME, NOUN = "plan.toml", "plan file"


def load_plan(path: Path | None) -> Plan:
    """Read a plan file, the bundled CL7 without one. Raises TableError with every problem, BadInputError."""
    if path is None:
        return plan_from(tomllib.loads(bundled_text()))
    return plan_of_text(path, read_text(path, NOUN))


def plan_of_text(where: Path, text: str) -> Plan:
    """Read the text of a plan file, called `where` in its errors. Raises TableError, BadInputError."""
    try:
        return plan_from(parsed(where, text))
    except TableError as error:
        raise located(where, text, error.problems) from error


def bundled_text() -> str:
    """Return the bundled plan as it is written."""
    from importlib.resources import files

    return files("sessions.plan").joinpath("cl7.toml").read_text("utf-8")


def plan_beside(settings: Path | None) -> Path | None:
    """Return the `plan.toml` beside a settings file, without settings in the working directory; None if there is none.

    Raises BadInputError if it cannot be looked for.
    """
    path = (settings.parent if settings else Path.cwd()) / NAME
    try:
        return path if path.is_file() else None
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}: mend its folder, or name a plan with --plan") from error
