"""An owner who trusts: what a test wrote is taken as looked at, by the same record that `cockpit trust` makes."""

from pathlib import Path

from cockpit.runtime.clock import Clock
from cockpit.settings.file.load import settings_from
from cockpit.settings.file.locate import shown
from cockpit.settings.schema.toml_file import read_text
from cockpit.settings.trust.records import record


def trusted(path, text=None):
    """Write `text`, where there is one, and trust what stands at `path`, good or not; return the path."""
    if text is not None:
        path.write_text(text, "utf-8")
    record(Path(path), path.read_text("utf-8"), Clock().now())
    return path


def load(path):
    """Read settings whether or not anybody trusts them: nothing runs by them."""
    return settings_from(shown(path), read_text(shown(path), "settings file"))
