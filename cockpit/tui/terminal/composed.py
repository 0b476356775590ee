"""What is rendered for an update: of the widgets that changed the lines that changed, and nothing of the others."""

from collections.abc import Iterable, Sequence

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

Rendered = tuple[Region, Region, list[Strip]]
"""A part of the screen, where it may be seen, and its lines."""


class Composed(Compositor):
    """Renders what changes lie in.

    Textual's own renders every widget in the smallest rectangle around all changes, and that is soon the whole screen:
    the clock stands at its top, and what else goes with the second far below.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changed: Sequence[Region] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what is to be written for the regions that changed."""
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[Rendered]:
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        left = list(self._changed)
        for widget, (region, clip) in self.visible_widgets.items():  # what lies in front comes first
            seen = region.intersection(clip)
            if part := touched(seen, left):
                yield part, part, widget.render_lines(part.translate(-region.offset))
                left = [one for one in left if not seen.contains_region(one)]
            if not left:
                return


def touched(seen: Region, changed: Iterable[Region]) -> Region | None:
    """Return the lines of a part of the screen that changes lie in, from the first to the last; None without any."""
    x, y, width, height = seen
    top, bottom = y + height, y
    for left, above, wide, high in changed:
        if left < x + width and left + wide > x and above < y + height and above + high > y:
            top, bottom = min(top, max(y, above)), max(bottom, min(y + height, above + high))
    return Region(x, top, width, bottom - top) if top < bottom else None
