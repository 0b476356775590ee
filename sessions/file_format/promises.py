"""The plan that an entry `plan.changed` holds: its TOML line by line, so that a person can read it there."""

from collections.abc import Iterable, Mapping

from sessions.file_format.blocks import LONGEST_TEXT
from sessions.text.clean import clean
from sessions.values.entries import Entry

CHANGED = "plan.changed"


def lines_of(plan: Mapping[str, object]) -> tuple[str, ...]:
    """Return a plan's table as lines that an entry can hold. Raises ValueError where a line could not be kept whole."""
    import tomllib

    import tomli_w

    text = tomli_w.dumps(plan)
    lines = tuple(clean(line, LONGEST_TEXT) for line in text.split("\n") if line.strip())
    if plan_of(lines) != tomllib.loads(text):
        raise ValueError(f"a text of the plan is longer than {LONGEST_TEXT:,} characters, or cannot be shown")
    return lines


def plan_of(lines: Iterable[str]) -> Mapping[str, object] | None:
    """Return the table that such lines hold, None where they hold none."""
    import tomllib

    try:
        return tomllib.loads("\n".join(lines)) or None
    except (ValueError, RecursionError):
        return None


def plan_in(entry: Entry) -> Mapping[str, object] | None:
    """Return the plan's table that an entry puts in place of the one before; None where it is about something else."""
    return plan_of(entry.listed("plan")) if entry.kind == CHANGED else None


def in_force(plan: Mapping[str, object], entries: Iterable[Entry]) -> Mapping[str, object]:
    """Return the plan's table that stands after these entries: the newest, else `plan`."""
    for entry in entries:
        plan = plan_in(entry) or plan
    return plan
