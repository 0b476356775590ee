"""The pages that are looked at by hand: told as the settings list them, nothing is asked of them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from cockpit.settings.models.sheets import Dashboard
from cockpit.sources.interface.shows import Shows, exhibit
from cockpit.sources.interface.source import Order
from sessions.values.sheets import Exhibit, Row


class Pages(Struct, frozen=True):
    """The dashboards of the settings."""

    pages: tuple[Dashboard, ...] = ()


def open_shows(order: Order, spec: Pages, names: Sequence[str]) -> Shows:
    """Return what lists the pages."""
    return Dashboards(order.name, spec.pages, names)


class Dashboards:
    """Lists the pages, each with its address."""

    deadline = 1.0

    def __init__(self, name: str, pages: Sequence[Dashboard], shows: Sequence[str]) -> None:
        self.name, self.shows = name, shows
        self._pages = pages

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Return the pages in the owner's order."""
        return [exhibit(self.name, now, name, "Dashboards", [Row(page.title, page.url) for page in self._pages])]

    async def aclose(self) -> None:
        """Nothing was opened."""
