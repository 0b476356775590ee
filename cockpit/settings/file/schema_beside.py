"""The schemas that come with the cockpit, and one of them laid beside a file, where an editor finds it offline."""

from importlib.resources import files
from pathlib import Path

from sessions.storage.disk import write_new

SETTINGS, PLAN = "cockpit.schema.json", "plan.schema.json"
DIRECTIVE = f"#:schema ./{SETTINGS}"
"""The first line of a settings file: it leads an editor to the schema beside it."""
PLAN_DIRECTIVE = f"#:schema ./{PLAN}"
"""The first line of a plan file, likewise."""


def kept(name: str) -> str:
    """Return a schema as it comes with the cockpit."""
    return files("cockpit.settings.file").joinpath(name).read_text("utf-8")


def lay_beside(path: Path, name: str = SETTINGS) -> Path | None:
    """Write a schema beside a settings or plan file; None if one is there already, or none can be written."""
    beside = path.parent / name
    try:
        write_new(beside, kept(name).encode())
    except OSError:
        return None
    return beside
