"""What a row is about: a pane says it beside the row's text, so that a cursor stays on its thing when lines move."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from sessions.text.clean import clean
from widgets.base.styled import Bit, Line, wide

_MOST = 400
"""So much of a row is copied at most."""


class Target(Struct, frozen=True):
    """One thing: its kind, its id among those of its kind, and what is copied of it, the id where empty."""

    kind: str
    id: str = ""
    copies: str = ""

    @property
    def same(self) -> tuple[str, str]:
        """What it is known by, however it does by now."""
        return self.kind, self.id

    @property
    def text(self) -> str:
        """What is copied, in one clean line."""
        return clean(self.copies or self.id or self.kind, _MOST)


Row = tuple[int, Target]
"""A line of a pane, and what it is about."""


class Aimed(tuple[Bit, ...]):  # noqa: SLOT001 - a tuple has no room for a slot
    """A line that is about something."""

    target: Target


def aimed(target: Target, line: Line) -> Line:
    """Return a line that is about `target`; it is drawn, measured and compared as any line."""
    row = Aimed(line)
    row.target = target
    return row


def target_of(line: Line) -> Target | None:
    """Return what a line is about, None where it is only told."""
    return line.target if isinstance(line, Aimed) else None


def targets_of(lines: Iterable[Line]) -> tuple[Target | None, ...]:
    """Return what each line is about."""
    return tuple(target_of(line) for line in lines)


def rows_of(targets: Sequence[Target | None]) -> tuple[Row, ...]:
    """Return the rows of a pane: one for each thing, at the first of its lines."""
    rows: dict[tuple[str, str], Row] = {}
    for line, target in enumerate(targets):
        if target is not None:
            rows.setdefault(target.same, (line, target))
    return tuple(rows.values())


def marked(lines: Sequence[Line], targets: Sequence[Target | None], chosen: Target, width: int) -> tuple[Line, ...]:
    """Return lines that are ready, those about `chosen` on a ground of their own, from edge to edge."""
    return tuple(
        _banded(line, width) if target is not None and target.same == chosen.same else line
        for line, target in zip(lines, targets, strict=True)
    )


def _banded(line: Line, width: int) -> Line:
    space = " " * max(0, width - sum(wide(text) for text, _ in line))
    return tuple((text, f"{style} on $edge".strip()) for text, style in (*line, (space, "")) if text)
