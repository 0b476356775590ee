"""Another hand on the flag file: somebody who changes the share, and later sets back what was found."""

import contextlib
from pathlib import Path

from cockpit.demo.flagfile import flags_from, with_percent


class OtherHand:
    """It writes the file whole or not at all, and takes back only what it wrote itself."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._found: int | None = None
        self._wrote: int | None = None

    def turn(self, wanted: int | None) -> None:
        """Set the share to `wanted` %, once; with None set back what was found. A file in the way is left alone."""
        if (wanted is None) is (self._wrote is None):
            return
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, IndexError):
            text = self._path.read_text("utf-8")
            reads = flags_from(text, self._name).percent
            if wanted is not None:
                self._write(text, wanted)
                self._found = reads
            elif self._found is not None and reads == self._wrote:
                self._write(text, self._found)
            self._wrote = wanted

    def _write(self, text: str, percent: int) -> None:
        fresh = self._path.with_suffix(".other")
        fresh.write_text(with_percent(text, self._name, percent), "utf-8")
        fresh.replace(self._path)
