"""The whole page of a report as it will be written."""

from collections.abc import Iterator
from textwrap import wrap
from typing import ClassVar

from msgspec import Struct
from textual.binding import Binding, BindingType

from sessions.reports.page import Draft, Head, left_out, shown, summary
from sessions.text.clean import clean
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line
from widgets.base.view import View
from widgets.dialogs.base import Dialog


class Page(Struct, frozen=True):
    """A page with its head; `lacks` says that its peaks are not told, or not yet, empty where they are."""

    told: Head
    draft: Draft
    lacks: str = ""


class Preview(Dialog[None]):
    """The page; it is rolled, and left with any of the usual keys."""

    WIDTH: ClassVar[int] = 110
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter,p", "leave", "Close", tooltip="Close the page", id="dialog.close"),
        Binding("up,k", "roll(-1)", "Up", tooltip="Roll up", id="dialog.up"),
        Binding("down,j", "roll(1)", "Down", tooltip="Roll down", id="dialog.down"),
    ]

    def __init__(self, page: Page, view: View) -> None:
        super().__init__(
            f"Page of {page.draft.period.title}",
            view,
            lambda _view, width: page_lines(self._page, width),
            (("esc", "close"),),
        )
        self._page = page

    def take(self, page: Page) -> None:
        """Show the page as it is by now."""
        self._page = page
        self.show(self._view)


def page_lines(page: Page, width: int) -> tuple[Line, ...]:
    """Return the page as it is written, wrapped."""
    lines = [*_head(page.told, width), BLANK, *_summary(page.draft, width)]
    lines += [((text, QUIET),) for text in wrap(page.lacks, width)]
    for one in shown(page.draft):
        lines += [BLANK, ((one.title, STRONG),)]
        for row in one.lines:
            text = f"{clean(row.text, 2000)} {row.numbers}".rstrip()
            lines += [((part, PLAIN),) for part in wrap(text, width, initial_indent="- ", subsequent_indent="  ")]
        lines += [((f"- {left_out(one)}", QUIET),)] if one.more else []
        lines += [] if one.lines or one.more else [((one.none, QUIET),)]
    return tuple(lines)


def _head(told: Head, width: int) -> Iterator[Line]:
    yield from (((part, STRONG),) for part in wrap(clean(told.title), width))
    yield BLANK
    yield from (((part, STRONG),) for part in wrap(f"{clean(told.standing)}.", width))
    for text in (told.gate, told.flag, told.session):
        yield from (((part, PLAIN),) for part in wrap(clean(text), width))


def _summary(draft: Draft, width: int) -> Iterator[Line]:
    strong, rest = summary(draft)
    yield ((strong, STRONG),)
    yield from (((text, PLAIN),) for text in wrap(rest.strip(), width))
    if draft.peaks:
        yield from (((text, PLAIN),) for text in wrap(f"Peaks: {'; '.join(map(clean, draft.peaks))}.", width))
