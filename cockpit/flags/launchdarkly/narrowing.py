"""What makes a LaunchDarkly flag's percentage another share than it says."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cockpit.settings.models.flag_services import LaunchDarkly
from sessions.text.clean import clean

_TOLD = 4


def narrowed_by(here: Mapping[str, Any], known: Sequence[str]) -> str:
    """Say which prerequisites are not named in the settings: users who do not meet them get the off variation."""
    held = here.get("prerequisites") or ()
    if not isinstance(held, (list, tuple)):
        return "has prerequisites that cannot be read"
    keys = [str(item.get("key")) if isinstance(item, dict) else "?" for item in held]
    strange = [clean(key, 40) for key in keys if key not in known]
    if not strange:
        return ""
    names = ", ".join([*strange[:_TOLD], *([f"{len(strange) - _TOLD} more"] if len(strange) > _TOLD else [])])
    choice = json.dumps([clean(key, 40) for key in keys[:_TOLD]])
    return f"is narrowed by prerequisite {names}: take it away, or say prerequisites = {choice}"


def meant(here: Mapping[str, Any], spec: LaunchDarkly, on: int) -> Iterator[str]:
    """Yield what an owner serves beside the share on purpose: it is reported, and holds nothing."""
    if spec.prerequisites and here.get("prerequisites"):
        yield "only where its prerequisites are met"
    targets = [item for key in ("targets", "contextTargets") for item in _rows(here.get(key))]
    given = [len(item["values"]) for item in targets if item.get("variation") == on and _is_list(item.get("values"))]
    kept = [len(item["values"]) for item in targets if item.get("variation") != on and _is_list(item.get("values"))]
    if sum(given) or sum(kept):
        yield f"{sum(given):,} targets have it by name, {sum(kept):,} have it not"
    rules = [item for item in _rows(here.get("rules")) if not spec.rule or item.get("_id") != spec.rule]
    if rules:
        yield f"{len(rules)} other rule{'' if len(rules) == 1 else 's'}"
    if spec.rule:
        yield f"only whom rule {clean(spec.rule, 40)} matches"


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_list(value: object) -> bool:
    return isinstance(value, list)
