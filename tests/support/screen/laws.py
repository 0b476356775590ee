"""What holds on every screen at every size, whatever it shows; each law says what breaks it."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from cockpit.tui.screens.board import Board
from sessions.text.units import countdown, figure
from tests.support.screen.cuts import cut_values, not_in_a_name, outside, words
from tests.support.screen.pilots import Flown
from widgets.base.pane import Pane
from widgets.base.styled import plain
from widgets.frame.header import burning, doing
from widgets.frame.key_line import KeyLine

LEAST, ROOMY, VAST = (60, 20), (120, 36), (400, 150)
"""The least size for panes, the size from which on usual words are whole, and one in which nothing is cut."""
_KEPT = ("Help", "Quit")
_PROMPT = "Search for commands"
"""What the palette asks ends in dots."""


async def broken(flown: Flown, *, usual: bool) -> list[str]:
    """Return what is wrong with what is on the screen, nothing where all laws hold."""
    size = flown.app.size
    rows = flown.rows()
    if size.width < LEAST[0] or size.height < LEAST[1]:
        return [*_edges(flown, rows), *_small(flown, rows)]
    found = [*_edges(flown, rows), *_frame(flown, rows), *_dialog(flown), *_figures(flown)]
    torn = cut_values(rows, frozenset())
    if torn:
        await flown.pilot.resize_terminal(*VAST)
        await flown.settle()
        torn = cut_values(rows, words([*flown.rows(), *_told(flown)]))
        await flown.pilot.resize_terminal(*size)
        await flown.settle()
    found += [f"value cut: {row}" for row in torn]
    if usual and size.width >= ROOMY[0] and size.height >= ROOMY[1]:
        found += [f"words cut: {row}" for row in not_in_a_name(row for row in rows if _PROMPT not in row)]
    return found


def _told(flown: Flown) -> list[str]:
    judgement = flown.door.latest()
    texts = [row.text for row in judgement.gate.conditions]
    return [*texts, *(entry.text for entry in judgement.state.entries)]


def _edges(flown: Flown, rows: list[str]) -> Iterator[str]:
    size = flown.app.size
    yield from outside(flown.app)
    if len(rows) != size.height:
        yield f"{len(rows)} rows of {size.height}"
    yield from (
        f"row {y} has {cell_len(row)} cells: {row}" for y, row in enumerate(rows) if cell_len(row) != size.width
    )
    yield from (f"not drawn: {row.strip()}" for row in rows if "display error" in row)
    panes = [pane for pane in flown.app.screen.query(Pane) if pane.display and pane.region.area]
    for number, pane in enumerate(panes):
        yield from (
            f"{pane!r} over {other!r}"
            for other in panes[number + 1 :]
            if pane.region.overlaps(other.region) and pane.styles.layer == other.styles.layer
        )


def _frame(flown: Flown, rows: list[str]) -> Iterator[str]:
    """Header and key line, where they are not below a dialog."""
    if not isinstance(flown.app.screen, Board):
        return
    view = flown.app.look()
    fuse = burning(view)
    left = countdown((fuse.deadline - view.now).total_seconds()) if fuse else ""
    state = plain([doing(view)]) if not view.state.frozen else "▲"
    wanted = [f"FUSE {left}" if fuse else state, f"{view.state.phase} %"]
    yield from (f"header without {one!r}: {rows[0]}" for one in wanted if one not in rows[0])
    keys = next(iter(flown.app.screen.query(KeyLine)), None)
    typed = flown.app.screen.focused is not None and "Field" in type(flown.app.screen.focused).__name__
    if keys is not None and not typed and not flown.answer():
        yield from (f"footer without {word!r}: {rows[-1]}" for word in _KEPT if word not in rows[-1])


def _dialog(flown: Flown) -> Iterator[str]:
    """A dialog is whole, or it rolls and says so."""
    screen = flown.app.screen
    if not isinstance(screen, ModalScreen):
        return
    for box in screen.query("#box"):
        foot = str(box.border_subtitle or "")
        rolls = any(one.max_scroll_y > 0 for one in screen.query("#scroll").results(VerticalScroll))
        if rolls and "↑↓" not in foot:
            yield f"rolls and does not say so: {foot}"
        if "…" in foot or "…" in str(box.border_title or "")[:12]:
            yield f"foot or title is cut: {foot!r} {box.border_title!r}"


def _small(flown: Flown, rows: list[str]) -> Iterator[str]:
    text = "\n".join(rows)
    view = flown.app.look()
    fuse = burning(view)
    if isinstance(flown.app.screen, ModalScreen):
        return
    if "60x20" not in text and not flown.answer():
        yield f"does not say what to enlarge to: {text}"
    if fuse and countdown((fuse.deadline - view.now).total_seconds()) not in text:
        yield f"no fuse: {text}"
    if fuse and "r revert" not in text:
        yield f"no key to revert: {text}"


def _figures(flown: Flown) -> Iterator[str]:
    """The value of every row in sight stands in it as a whole."""
    judgement = flown.door.latest()
    known = {
        (kind, part.subject): figure(part.value, unit)
        for kind, unit in (("latency", "ms"), ("analytics", "s"))
        for part in getattr(judgement.verdicts.get(kind), "parts", ())
    }
    for pane in flown.app.screen.query(Pane):
        if not pane.display or not pane.region.area:
            continue
        seen = set()
        for target, line in zip(pane.targets, pane._ready, strict=False):
            if target is None or (target.kind, target.id) in seen:
                continue
            seen.add((target.kind, target.id))
            value = known.get((target.kind, target.id))
            if value is not None and value not in plain([line]):
                yield f"{pane!r} shows {plain([line])!r} without {value!r}"
