"""`cockpit schema`: the JSON Schema by which an editor completes and checks a settings or plan file."""

import sys

from cockpit.settings.file.schema_beside import PLAN, SETTINGS, kept


def show_schema(of: str) -> int:
    """Print the schema of `settings` or of a `plan`."""
    sys.stdout.write(kept({"settings": SETTINGS, "plan": PLAN}[of]))
    return 0
