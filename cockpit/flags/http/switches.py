"""Switches that are flags of their own: a document each, that says whether all get the same of it."""

from collections.abc import Awaitable, Callable, Sequence

from cockpit.flags.http.client import told_of
from cockpit.flags.interface.writer import StatusError, switches_refused, those_on

MISSING = 404

DocumentOf = Callable[[str, float], Awaitable[object]]
"""Reads the document of a name, until a moment of the loop's clock. Raises FlagError."""
IsOn = Callable[[object, bool], bool]
"""Whether a document is on for everybody. Raises FlagError where setting it to the second would do less."""


class DocumentSwitches:
    """The switches `names`, as the back end of the flag holds them."""

    def __init__(self, names: Sequence[str], document: DocumentOf, is_on: IsOn) -> None:
        self._names, self._document, self._is_on = names, document, is_on

    async def on(self, until: float) -> tuple[str, ...] | None:
        """Return those that are on, None if one is unknown. A missing one is off."""
        return await those_on(self._names, lambda name: self._on(name, until))

    async def check(self, name: str, until: float, *, on: bool) -> None:
        """Raise FlagError where setting it would not say the same to everybody."""
        document = await self._document(name, until)
        with told_of(name):
            self._is_on(document, on)

    async def refused(self, names: Sequence[str], until: float) -> dict[str, str]:
        """Return by name why one of them could not be switched on now."""
        return await switches_refused(names, lambda name: self.check(name, until, on=True))

    async def _on(self, name: str, until: float) -> bool:
        try:
            return self._is_on(await self._document(name, until), False)
        except StatusError as error:
            if error.code == MISSING:
                return False
            raise
