"""`cockpit plan`: reading a plan file, with the line of every problem."""

import sys
import tomllib
from importlib.resources import files
from pathlib import Path

from cockpit.errors import BadInputError
from sessions.clean import clean
from sessions.plan import Plan
from sessions.planfile import plan_from
from sessions.tables import Problem, TableError, line_of

_MOST_BYTES = 2**20
_LONGEST_LINE = 4_000


def load_plan(path: Path | None) -> Plan:
    """Read a plan file, the bundled CL7 without one. Raises TableError with every problem, BadInputError."""
    if path is None:
        return plan_from(tomllib.loads(bundled_text()))
    text = _text(path)
    try:
        return plan_from(_parsed(path, text))
    except TableError as error:
        raise TableError(_located(path, text, problem) for problem in error.problems) from error


def _parsed(path: Path, text: str) -> dict[str, object]:
    """Parse TOML; what would choke the parser is told before or instead."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LONGEST_LINE:
            raise BadInputError(f"{path}:{number}: is longer than {_LONGEST_LINE:,} characters: break the line")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else clean(error, 120)
        raise BadInputError(f"{path}: is no TOML: {why}") from error


def bundled_text() -> str:
    """Return the bundled plan as it is written."""
    return files("sessions").joinpath("cl7.toml").read_text("utf-8")


def show_plan(path: Path | None) -> int:
    """Print a plan that is in order."""
    load_plan(path)
    sys.stdout.write(bundled_text() if path is None else _text(path))
    return 0


def check_plan(path: Path) -> int:
    """Say that a plan is in order; problems raise."""
    plan = load_plan(path)
    percents = ", ".join(f"{phase.percent} %" for phase in plan.phases[1:])
    sys.stdout.write(f"{clean(path)}: {plan.title}: in order, phases {percents}\n")
    return 0


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}: name a plan file") from error
    if len(data) > _MOST_BYTES:
        raise BadInputError(f"{path}: is larger than 1 MB: name a plan file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path}: is not UTF-8 (byte {error.start}): save it as UTF-8") from error


def _located(path: Path, text: str, problem: Problem) -> Problem:
    return Problem(f"{path}:{line_of(text, problem.path)}: {problem.path}", problem.what, problem.hint)
