"""The owner's own act: settings, or a session's wiring, are looked at and trusted from now on."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import tomli_w
from msgspec import Struct

from cockpit.settings.file.load import settings_from
from cockpit.settings.file.locate import shown
from cockpit.settings.file.wiring import Wiring, without_file
from cockpit.settings.models.settings import Settings
from cockpit.settings.trust.gate import own_wiring, recorded_wiring
from cockpit.settings.trust.own_text import own_text
from cockpit.settings.trust.records import record, recorded
from cockpit.settings.trust.telling import differences, told
from sessions.storage.folders import SESSION
from sessions.text.clean import clean


class Candidate(Struct, frozen=True):
    """What may be trusted: where it really is, its text, what it comes to, and what was trusted there before.

    `elsewhere` is the settings file that a session goes by.
    """

    path: Path
    text: str
    settings: Settings
    before: str | None = None
    elsewhere: str = ""

    @property
    def known(self) -> bool:
        """Whether it is trusted already."""
        return self.before == self.text

    def lines(self) -> Iterator[str]:
        """Yield what an owner looks at before trusting it."""
        yield clean(shown(self.path))
        if self.before is not None and not self.known:
            yield from differences(self.before, self.text, clean(self.path.name))
        if self.elsewhere:
            yield f"  goes by the settings of {clean(self.elsewhere)}"
        else:
            yield from list(told(self.settings)) or ["  runs nothing, asks nobody, reads nothing"]

    def trust(self, now: datetime) -> None:
        """Trust it from now on. Raises OSError."""
        record(self.path, self.text, now)


def candidate_of(path: Path) -> Candidate:
    """Look at a settings file. Raises UntrustedError, TableError, BadInputError."""
    real, text = own_text(path)
    found = recorded(real)
    return Candidate(real, text, settings_from(shown(path), text), found.text if found else None)


def candidates_of(folder: Path, table: Mapping[str, object]) -> tuple[Candidate, ...]:
    """Look at the wiring of the session in `folder`, and at the settings file that it names.

    Raises UntrustedError, TableError, BadInputError.
    """
    wiring = own_wiring(folder, table)
    if wiring == Wiring():
        return ()
    path, before = (folder / SESSION).resolve(), recorded_wiring(folder)
    settings = Settings() if wiring.settings else without_file(wiring)
    own = Candidate(path, written(wiring), settings, written(before) if before else None, wiring.settings)
    return (own, candidate_of(Path(wiring.settings))) if wiring.settings else (own,)


def trust_wiring(folder: Path, wiring: Wiring, now: datetime) -> None:
    """Trust the wiring of a session that its owner has just made. Raises OSError."""
    if wiring != Wiring():
        record(folder / SESSION, written(wiring), now)


def written(wiring: Wiring) -> str:
    """Return a wiring as it is recorded."""
    return tomli_w.dumps(wiring.table())
