"""Where the cursor goes: rows of panes by their place on the screen, in any layout."""

from collections.abc import Sequence

from msgspec import Struct
from textual.geometry import Region

from widgets.base.target import Row, Target


class Place(Struct, frozen=True):
    """One pane that is in sight: its name, where it is, where its first line is, its rows from above."""

    name: str
    region: Region
    top: int
    rows: tuple[Row, ...]

    def nearest(self, line: int) -> Target:
        """Return the row that is nearest to a line of the pane."""
        return min(self.rows, key=lambda row: abs(row[0] - line))[1]

    def at(self, target: Target) -> int:
        """Return the how many-th row is about the same thing, -1 where none is."""
        return next((number for number, (_, row) in enumerate(self.rows) if row.same == target.same), -1)


def in_order(places: Sequence[Place]) -> list[Place]:
    """Return the panes as they are read: from above, and from the left."""
    return sorted(places, key=lambda place: (place.region.y, place.region.x))


def beside(places: Sequence[Place], here: Place, line: int, right: int) -> tuple[Place, Target] | None:
    """Return the row at the right (1) or the left (-1) that is nearest to a line, None at the edge."""
    y = here.top + line
    near = [place for place in places if _gap(here.region, place.region, right) >= 0 and _level(here, place)]
    if not near:
        return None
    found = min(near, key=lambda place: (_gap(here.region, place.region, right), _off(place.region, y)))
    return found, found.nearest(y - found.top)


def beyond(places: Sequence[Place], here: Place, down: int) -> tuple[Place, Target] | None:
    """Return the first row of the pane below (1), or the last one of the pane above (-1), None at the edge."""
    near = [place for place in places if _drop(here.region, place.region, down) >= 0]
    if not near:
        return None
    middle = here.region.x + here.region.width // 4
    level = [place for place in near if _over(here.region, place.region)] or near
    found = min(level, key=lambda place: (_drop(here.region, place.region, down), _aside(place.region, middle)))
    return found, found.rows[0 if down > 0 else -1][1]


def _gap(here: Region, there: Region, right: int) -> int:
    return there.x - here.right if right > 0 else here.x - there.right


def _drop(here: Region, there: Region, down: int) -> int:
    return there.y - here.bottom if down > 0 else here.y - there.bottom


def _level(here: Place, there: Place) -> bool:
    return here.region.y < there.region.bottom and there.region.y < here.region.bottom


def _over(here: Region, there: Region) -> bool:
    return here.x < there.right and there.x < here.right


def _off(region: Region, y: int) -> int:
    """How many lines a pane is off a line of the screen, 0 if it covers it."""
    return max(region.y - y, y - region.bottom + 1, 0)


def _aside(region: Region, x: int) -> int:
    return max(region.x - x, x - region.right + 1, 0)
