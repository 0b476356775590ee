"""The whole page of a report as it will be written."""

from textwrap import wrap
from typing import ClassVar

from textual.binding import Binding, BindingType

from sessions.reports.page import Draft, left_out, shown, summary
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line
from widgets.base.view import View
from widgets.dialogs.base import Dialog


class Preview(Dialog[None]):
    """The page; it is rolled, and left with any of the usual keys."""

    WIDTH: ClassVar[int] = 110
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter,p", "leave", "Close", tooltip="Close the page", id="dialog.close"),
        Binding("up,k", "roll(-1)", "Up", tooltip="Roll up", id="dialog.up"),
        Binding("down,j", "roll(1)", "Down", tooltip="Roll down", id="dialog.down"),
    ]

    def __init__(self, draft: Draft, view: View) -> None:
        super().__init__(
            f"Page of {draft.period.title}", view, lambda _view, width: page_lines(draft, width), (("esc", "close"),)
        )


def page_lines(draft: Draft, width: int) -> tuple[Line, ...]:
    """Return the page, wrapped; the peaks are added from the history when it is written."""
    strong, rest = summary(draft)
    lines: list[Line] = [((strong, STRONG),), *(((text, PLAIN),) for text in wrap(rest.strip(), width))]
    for one in shown(draft):
        lines += [BLANK, ((one.title, STRONG),)]
        for row in one.lines:
            text = f"{row.text} {row.numbers}".rstrip()
            lines += [((part, PLAIN),) for part in wrap(text, width, initial_indent="- ", subsequent_indent="  ")]
        lines += [((f"- {left_out(one)}", QUIET),)] if one.more else []
        lines += [] if one.lines or one.more else [((one.none, QUIET),)]
    return (*lines, BLANK, (("The peaks of the day are added from the history when it is written.", QUIET),))
