"""Documents of the store: what the cockpit knows of them, and what the sources look up, as they do for a sheet."""

import asyncio
import logging
from typing import TYPE_CHECKING

from cockpit.session.sheet_looks import ALONE
from sessions.text.clean import clean
from sessions.values.sheets import Exhibit, Section
from widgets.base.styled import BLANK, BLIND, LEAD, Line
from widgets.base.target import Target
from widgets.base.view import View
from widgets.detail.rows import lay
from widgets.dialogs.cards.card import Card, fact, paragraph

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_LOG = logging.getLogger(__name__)


class Document(Card):
    """What is known of some documents; below it what was looked up, once it is there."""

    def __init__(self, title: str, known: str, view: View) -> None:
        super().__init__(title, view, self._lines)
        self._known = known
        self._exhibits: tuple[Exhibit, ...] = ()
        self._note = "asking the sources"

    def take(self, exhibits: tuple[Exhibit, ...], trouble: str = "") -> None:
        """Show what was looked up, or why nothing was."""
        self._exhibits = exhibits
        self._note = trouble or ("" if exhibits else "no source tells more of it")
        self.show(self._view)

    def _lines(self, view: View, width: int) -> tuple[Line, ...]:
        sections = [Section(one.title, one.rows, one.trouble) for one in self._exhibits]
        style = LEAD if not self._exhibits and self._note.startswith("asking") else BLIND
        note = paragraph(f"◌ {self._note}" if self._note else "", width, style)
        return (*fact("known", self._known, width), BLANK, *note, *lay(sections, view, width).lines)


def show_document(app: "Cockpit", target: Target, view: View, look: str, title: str) -> None:
    """Open what is known of a thing, and ask the sources for more; they only read, and mask as they do for a sheet."""
    card = Document(title, target.text, view)
    app.push_screen(card)
    app.run_worker(_asked(app, card, look), group="look", exit_on_error=False)


async def _asked(app: "Cockpit", card: Document, look: str) -> None:
    try:
        card.take(await asyncio.wrap_future(app.door.look_up(f"{ALONE}{look}")))
    except Exception as error:  # noqa: BLE001 - asked in another thread: a fault there is one line here
        _LOG.exception("looking up %s failed", look)
        card.take((), f"cannot be looked up: {type(error).__name__}: {clean(error, 120)}")
