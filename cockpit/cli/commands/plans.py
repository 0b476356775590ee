"""`cockpit plan`: reading a plan file, with the line of every problem."""

import sys
from pathlib import Path

from cockpit.settings.file.load import plan_with
from cockpit.settings.file.locate import find_settings, shown
from cockpit.settings.promises.plan_file import NOUN, bundled_text, load_plan
from cockpit.settings.schema.toml_file import read_text
from cockpit.settings.trust.gate import settings_in
from cockpit.settings.trust.own_text import UntrustedError
from sessions.plan.model import Plan
from sessions.text.clean import clean


def show_plan(path: Path | None) -> int:
    """Print a plan that is in order."""
    load_plan(path)
    sys.stdout.write(bundled_text() if path is None else read_text(path, NOUN))
    return 0


def check_plan(path: Path) -> int:
    """Say that a plan is in order, and what its own numbers say against it: remarks, no errors; problems raise."""
    from sessions.expected.remarks import remarks, unsaid

    plan = load_plan(path)
    beside = _by_settings(path, plan)
    percents = ", ".join(f"{phase.percent} %" for phase in plan.phases[1:])
    lines = [f"{clean(path)}: {plan.title}: in order, phases {percents}"]
    lines += [f"remark: {line}" for line in filter(None, (*map(str, remarks(plan)), unsaid(plan), beside))]
    if len(lines) > 1:
        lines.append(f"no error, {len(lines) - 1} remark{'s' if lines[2:] else ''}: it can be used as it is")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _by_settings(path: Path, plan: Plan) -> str:
    """Hold the plan against the settings that stand with it; say where that cannot be done.

    Raises TableError if they contradict each other, as where its flag cannot hold a phase; BadInputError.
    """
    found = find_settings(None, path.absolute().parent)
    if found is None:
        return ""
    try:
        plan_with(found, settings_in(found), plan.table)
    except UntrustedError:
        return f"{clean(shown(found))} is not trusted: its flag was not checked against the phases"
    return ""
