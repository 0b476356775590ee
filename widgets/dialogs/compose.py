"""A message of several lines to be edited: kept, copied or sent; what is pasted is cleaned."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from sessions.actions.messages import wrong
from sessions.text.clean import clean
from widgets.base.view import View
from widgets.dialogs.base import Dialog

_LEAST_PAGE, _PAGE = 3, 18
"""Lines of the page at least and at most."""
KEEP, SEND = "keep", "send"
_MOST_PASTED = 20_000


class Page(TextArea):
    """The lines; nothing foreign gets in by a paste."""

    async def _on_paste(self, event: events.Paste) -> None:
        self.insert("\n".join(clean(line, _MOST_PASTED) for line in event.text.splitlines()))
        event.prevent_default()
        event.stop()


class Compose(Dialog[tuple[str, str]]):
    """Answers with what is to be done, KEEP or SEND, and the text."""

    WIDTH: ClassVar[int] = 110
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "answer('keep')", "Keep", tooltip="Keep the message in the log", id="compose.keep", priority=True
        ),
        Binding("ctrl+o", "copy", "Copy", tooltip="Copy it, over SSH too", id="compose.copy", priority=True),
        Binding("ctrl+t", "answer('send')", "Send", tooltip="Send it to the places", id="compose.send", priority=True),
    ]

    def __init__(self, title: str, view: View, text: str, copied: Callable[[str], None]) -> None:
        keys = (("ctrl+s", "keep"), ("ctrl+o", "copy"), ("ctrl+t", "send"), ("esc", "leave"))
        super().__init__(title, view, lambda _view, _width: (), keys)
        self._text = text
        self._copied = copied

    def more(self) -> ComposeResult:
        """Compose the lines."""
        yield Page(self._text, id="page", soft_wrap=True, tab_behavior="focus")

    @property
    def below(self) -> int:
        """Lines below the words: the page has what there is, and they say nothing."""
        return 2

    def _fit(self) -> None:
        """Give the page the lines inside the frame; it scrolls."""
        super()._fit()
        self.query_one(Page).styles.height = max(_LEAST_PAGE, min(_PAGE, self._room_high()))

    def action_answer(self, what: str) -> None:
        """Answer with the text as it is now."""
        text = self.query_one(Page).text
        why = wrong(text.rstrip().splitlines())
        if why:
            self.complain(why)
        else:
            self.dismiss((what, text))

    def action_copy(self) -> None:
        """Copy the text as it is now; the dialog stays open."""
        self._copied(self.query_one(Page).text)
