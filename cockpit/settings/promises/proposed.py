"""The plan that a session would get from its owner's files: the plan file, changed by the settings."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from cockpit.settings.file.load import plan_with
from cockpit.settings.file.locate import shown
from cockpit.settings.models.settings import Settings
from cockpit.settings.promises.plan_file import load_plan
from sessions.plan.loader import plan_from, scaled
from sessions.plan.model import Plan


class Proposed(Struct, frozen=True):
    """A plan with the files that it comes from, as an owner would call them."""

    plan: Plan
    files: tuple[str, ...]


def proposed(own: Plan, plan_file: Path | None, settings: tuple[Path, Settings] | None) -> Proposed:
    """Return what the files promise; what they leave out stays as `own` says it, its speed always does.

    Raises TableError, BadInputError.
    """
    base: Mapping[str, object] = load_plan(plan_file).table if plan_file else own.table
    plan = plan_with(*settings, base) if settings else plan_from(base)
    if plan.speed != own.speed:
        plan = scaled(plan, own.speed)
    named = [plan_file, settings[0] if settings else None]
    return Proposed(plan, tuple(str(shown(path)) for path in named if path))
