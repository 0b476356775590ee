"""`cockpit plan`: reading a plan file, with the line of every problem."""

import sys
import tomllib
from importlib.resources import files
from pathlib import Path

from cockpit.settings.schema.toml_file import located, parsed, read_text
from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.plan.strict_table import TableError
from sessions.text.clean import clean

_NOUN = "plan file"


def load_plan(path: Path | None) -> Plan:
    """Read a plan file, the bundled CL7 without one. Raises TableError with every problem, BadInputError."""
    if path is None:
        return plan_from(tomllib.loads(bundled_text()))
    text = read_text(path, _NOUN)
    try:
        return plan_from(parsed(path, text))
    except TableError as error:
        raise located(path, text, error.problems) from error


def bundled_text() -> str:
    """Return the bundled plan as it is written."""
    return files("sessions.plan").joinpath("cl7.toml").read_text("utf-8")


def show_plan(path: Path | None) -> int:
    """Print a plan that is in order."""
    load_plan(path)
    sys.stdout.write(bundled_text() if path is None else read_text(path, _NOUN))
    return 0


def check_plan(path: Path) -> int:
    """Say that a plan is in order, and what its own numbers say against it: remarks, no errors; problems raise."""
    from sessions.expected.remarks import remarks, unsaid

    plan = load_plan(path)
    percents = ", ".join(f"{phase.percent} %" for phase in plan.phases[1:])
    lines = [f"{clean(path)}: {plan.title}: in order, phases {percents}"]
    lines += [f"remark: {line}" for line in filter(None, (*map(str, remarks(plan)), unsaid(plan)))]
    if len(lines) > 1:
        lines.append(f"no error, {len(lines) - 1} remark{'s' if lines[2:] else ''}: it can be flown as it is")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
