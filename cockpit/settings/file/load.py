"""Reading `cockpit.toml`: the settings, or all that is wrong with them at once, each with its line."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from cockpit.settings.file.cross_checks import contradictions
from cockpit.settings.file.locate import shown
from cockpit.settings.file.plan_overrides import promised, settings_path
from cockpit.settings.models.flags import finest
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.proxy import through
from cockpit.settings.schema.toml_file import located, parsed, read_text
from sessions.plan.finest import unheld
from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.plan.strict_table import Problem, Table, TableError

NOUN = "settings file"


def settings_from(where: Path, text: str) -> Settings:
    """Read the text of a settings file, called `where` in its errors. Raises TableError, BadInputError."""
    table = Table(parsed(where, text))
    settings = read(Settings, table)
    problems = table.problems or list(contradictions(settings))
    if problems:
        raise located(where, text, problems)
    return through(settings, settings.http)


def plan_with(path: Path, settings: Settings, table: Mapping[str, object]) -> Plan:
    """Read the plan of `table` with what the settings promise instead.

    Raises TableError; a problem that came from the settings names them and the line.
    """
    try:
        plan = plan_from(promised(table, settings))
    except TableError as error:
        raise _in_file(path, (_told(settings, problem) for problem in error.problems)) from error
    if too_fine := too_fine_for(plan, settings):
        raise _in_file(path, too_fine)
    return plan


def too_fine_for(plan: Plan, settings: Settings) -> list[Problem]:
    """Return that the flag of the settings cannot hold a phase of the plan: nothing is ever rounded."""
    kind, decimals = finest(settings.flag)
    why = unheld((phase.percent for phase in plan.phases), kind, decimals)
    said = "write whole percentages in the plan" if not decimals else f"write {decimals} decimals at most in the plan"
    own = kind.rpartition(": ")[2] in ("http", "command")
    hint = f"{said}, or say decimals where the flag can hold them" if own else said
    return [Problem("flag", why, hint)] if why else []


def _told(settings: Settings, problem: Problem) -> Problem:
    """Return a plan's problem as the settings' own, where they brought it in."""
    if ours := settings_path(settings, problem.path):
        return replace(problem, path=ours)
    if settings.endpoints and problem.path.startswith("criteria.analytics.journeys"):
        return Problem("endpoints", f"the plan's journeys have others: {problem.what}", "write [[journeys]] as well")
    if (settings.endpoints or settings.journeys) and problem.path.startswith("expected["):
        name = "endpoints" if settings.endpoints else "journeys"
        return Problem(name, f"the plan expects traffic of others: {problem.what}", "write [[expected]] as well")
    return replace(problem, path=f"plan {problem.path}")


def _in_file(path: Path, problems: Iterable[Problem]) -> TableError:
    where = shown(path)
    return located(where, read_text(where, NOUN), problems)
