"""Exact colours: the terminal's own palette is not asked, so that a theme looks the same in any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.filter import ANSIToTruecolor

if TYPE_CHECKING:
    from rich.segment import Segment
    from textual.color import Color


class ExactColours(ANSIToTruecolor):
    """Textual's filter copies each painted line, and keeps the copy; here a line that is exact is passed on."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in exact colours."""
        return segments if all(map(_exact, segments)) else super().apply(segments, background)


def _exact(segment: Segment) -> bool:
    style = segment.style
    if style is None:
        return True
    colours = (style.color, style.bgcolor)
    return not style.dim and all(colour is None or colour.triplet is not None for colour in colours)
