"""Reading `cockpit.toml`: the settings, or all that is wrong with them at once, each with its line."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cockpit.settings.contradictions import contradictions
from cockpit.settings.finding import shown
from cockpit.settings.kit import read
from cockpit.settings.promise import promised, settings_path
from cockpit.settings.whole import Settings
from cockpit.tomlfile import located, parsed, read_text
from sessions.plan import Plan
from sessions.planfile import plan_from
from sessions.tables import Problem, Table, TableError

NOUN = "settings file"


def load(path: Path) -> Settings:
    """Read a settings file. Raises TableError with every problem, BadInputError where it cannot be read."""
    where = shown(path)
    text = read_text(where, NOUN)
    table = Table(parsed(where, text))
    settings = read(Settings, table)
    problems = tuple(_once(table.problems)) or tuple(contradictions(settings))
    if problems:
        raise TableError(located(where, text, problem) for problem in problems)
    return settings


def plan_with(path: Path, settings: Settings, table: Mapping[str, object]) -> Plan:
    """Read the plan of `table` with what the settings promise instead.

    Raises TableError; a problem that came from the settings names them and the line.
    """
    try:
        return plan_from(promised(table, settings))
    except TableError as error:
        where = shown(path)
        text = read_text(where, NOUN)
        raise TableError(_told(where, text, settings, problem) for problem in error.problems) from error


def _told(where: Path, text: str, settings: Settings, problem: Problem) -> Problem:
    ours = settings_path(settings, problem.path)
    return located(where, text, Problem(ours, problem.what, problem.hint)) if ours else problem


def _once(problems: list[Problem]) -> Iterator[Problem]:
    yield from dict.fromkeys(problems)
