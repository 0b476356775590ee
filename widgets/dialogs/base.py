"""The frame of every dialog, and the two simplest: a question, and lines of text to fill in.

A dialog answers its asker and changes nothing; behind it the panes go on.
"""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from sessions.text.clean import clean, too_long
from sessions.values.requests import MOST_REASON
from widgets.base.styled import BAD, LEAD, QUIET, STRONG, Line, content, wide
from widgets.base.view import View
from widgets.wording.rows import told_in

T = TypeVar("T")
_AIRY, _TINY, _LEAST = 30, 12, 3
"""Lines of a screen from which on a dialog has air in its frame, or any at all, and lines of its words at least."""
_MOST_TOLD = 8
"""Lines of one sentence at most."""
_MOST_PASTED = 20_000
"""More than any text may have, so that a paste that is too long is said to be, not cut."""
_ROLL = ("↑↓", "roll")
Body = Callable[[View, int], tuple[Line, ...]]
"""What a dialog says of a view, in so many cells."""


class Words(Widget):
    """Lines of text as high as they are."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._content = Content("")
        self._lines: tuple[Line, ...] = ()

    def say(self, lines: tuple[Line, ...], width: int) -> None:
        """Show these lines."""
        if lines != self._lines:
            self._lines = lines
            self._content = content(lines, width)
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return the lines."""
        return self._content


class Field(Input):
    """One line to fill in; what is pasted is cleaned, and an end of line in it sends nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", tooltip="Send what was typed", id="field.send"),
    ]

    def __init__(self, name: str, hint: str, value: str = "") -> None:
        super().__init__(value, id=name, placeholder=hint, select_on_focus=False)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        self.insert_text_at_cursor(clean(event.text, _MOST_PASTED))
        event.prevent_default()
        event.stop()


class Dialog(ModalScreen[T]):
    """A framed question over the screen; escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", tooltip="Leave without doing anything", id="dialog.leave"),
        Binding("up", "roll(-1)", "Up", tooltip="Roll up", id="dialog.up"),
        Binding("down", "roll(1)", "Down", tooltip="Roll down", id="dialog.down"),
        Binding("pageup", "roll(-10)", "Page up", tooltip="Roll a page up", id="dialog.pageup"),
        Binding("pagedown", "roll(10)", "Page down", tooltip="Roll a page down", id="dialog.pagedown"),
    ]
    WIDTH: ClassVar[int] = 76

    def __init__(self, title: str, view: View, body: Body, keys: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._title = title
        self._view = view
        self._body = body
        self._keys = keys

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """The keys that work in it, with their words, the most useful first."""
        rolls = any(words.max_scroll_y > 0 for words in self.query("#scroll").results(VerticalScroll))
        named = any(key == _ROLL[0] for key, _ in self._keys)
        return (*self._keys, _ROLL) if rolls and not named else self._keys

    @property
    def wants(self) -> int:
        """The cells that it has where the screen has them."""
        return self.WIDTH

    @property
    def below(self) -> int:
        """Lines below the words: each field has one above it, where there is room for any air."""
        return 1 + (2 if self.size.height >= _TINY else 1) * len(self.query(Field))

    def compose(self) -> ComposeResult:
        """Compose the frame: words, then what a subclass adds."""
        with Vertical(id="box"):
            with VerticalScroll(id="scroll", can_focus=False):
                yield Words("words")
            yield from self.more()
            yield Words("wrong")

    def more(self) -> ComposeResult:
        """Compose the part below the words."""
        yield from ()

    def on_mount(self) -> None:
        """Title, keys and words."""
        self._fit()

    def on_resize(self) -> None:
        """Fit the words into the new size."""
        if self.is_mounted:
            self._fit()

    def _fit(self) -> None:
        """Leave the words the lines that the rest does not need: it is in sight in every size, and they roll."""
        self.set_class(self.size.height < _AIRY, "-tight")
        self.set_class(self.size.height < _TINY, "-tiny")
        self.query_one("#box").styles.width = self.wants
        self.query_one("#scroll").styles.max_height = self._room_high()
        self.query_one("#box").border_title = content([((self._title, STRONG),)], self._room())
        self.show(self._view)

    def _foot(self) -> None:
        """Name the keys at the foot, once it is known whether the words roll."""
        foot = tuple(bit for key, label in self.keys for bit in ((key, f"bold {LEAD}"), (f" {label}  ", QUIET)))
        for box in self.query("#box"):
            box.border_subtitle = content([foot], self._room())

    def show(self, view: View) -> None:
        """Show the words again: a dialog updates like the panes behind it, until it is left."""
        self._view = view
        if self.is_mounted:
            room = self._room()
            for words in self.query("#words").results(Words):
                words.say(self._lines_of(view, room), room)
            self.call_after_refresh(self._foot)

    def _lines_of(self, view: View, width: int) -> tuple[Line, ...]:
        """Return the words; a sentence that is too long goes on below itself."""
        return tuple(line for said in self._body(view, width) for line in _wrapped(said, width))

    def _room(self) -> int:
        return max(10, min(self.wants, self.size.width) - 7)

    def _room_high(self) -> int:
        """Return the lines that the words may take: one of the screen stays free above, and the row of answers.

        On a tiny screen there is neither: what is filled in stays in sight.
        """
        if self.size.height < _TINY:
            return max(0, self.size.height - 2 - self.below)
        frame = 2 if self.size.height < _AIRY else 4
        return max(_LEAST, self.size.height - 2 - frame - self.below)

    def complain(self, text: str) -> None:
        """Say below the words what is missing."""
        self.query_one("#wrong", Words).say((((text, BAD),),), self._room())

    def action_roll(self, lines: int) -> None:
        """Roll the words."""
        self.query_one("#scroll", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def _wrapped(line: Line, width: int) -> tuple[Line, ...]:
    """Return a line of one text in as many as it needs, each as far from the left; one in columns stays as it is."""
    if len(line) != 1 or wide(line[0][0]) <= width:
        return (line,)
    text, style = line[0]
    space = " " * (len(text) - len(text.lstrip()))
    return tuple(((space + part, style),) for part in told_in(text, width - len(space), _MOST_TOLD))


class Confirm(Dialog[bool]):
    """A question: y or enter says yes, n or escape leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "Yes", tooltip="Do it", id="dialog.yes"),
        Binding("n", "leave", "No", tooltip="Leave without doing anything", id="dialog.no"),
    ]

    def __init__(self, title: str, view: View, body: Body, yes: str) -> None:
        super().__init__(title, view, body, (("y", yes), ("n", "leave")))

    def action_yes(self) -> None:
        """Say yes."""
        self.dismiss(True)


class Blank(Struct, frozen=True):
    """One line to fill in: its name, a hint, what is wrong with a text (empty when nothing is), its first `value`."""

    name: str
    hint: str
    wrong: Callable[[str], str]
    value: str = ""


def required(what: str, most: int = MOST_REASON) -> Callable[[str], str]:
    """Return a check that a text says something, and is kept whole."""
    return lambda text: too_long(what, text, most) if text.strip() else f"{what} cannot be empty"


class Fill(Dialog[tuple[str, ...]]):
    """One or more lines to fill in; enter goes on to the next and sends the last."""

    def __init__(self, title: str, view: View, body: Body, blanks: tuple[Blank, ...]) -> None:
        super().__init__(title, view, body, (("enter", "send"), ("esc", "leave")))
        self._blanks = blanks

    def more(self) -> ComposeResult:
        """Compose the lines."""
        for number, blank in enumerate(self._blanks):
            yield Field(f"field-{number}", blank.hint, blank.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line; the last one sends what passes its checks."""
        event.stop()
        fields = list(self.query(Field))
        position = fields.index(event.input) if isinstance(event.input, Field) else 0
        wrong = self._blanks[position].wrong(event.value)
        if wrong:
            self.complain(wrong)
        elif position + 1 < len(fields):
            self.complain("")
            fields[position + 1].focus()
        else:
            self._send(fields)

    def _send(self, fields: list[Field]) -> None:
        for blank, field in zip(self._blanks, fields, strict=True):
            wrong = blank.wrong(field.value)
            if wrong:
                self.complain(wrong)
                field.focus()
                return
        self.dismiss(tuple(field.value.strip() for field in fields))
