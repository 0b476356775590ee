"""What a read of the terminal holds: keys, pastes, and whether the terminal marks its pastes."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual._xterm_parser import XTermParser

ASK_PASTE = "\x1b[?2004$p"
"""Asks the terminal whether it knows bracketed paste."""
_ANSWER = re.compile(r"\x1b\[\?2004;([0-4])\$y")
_KNOWN = "123"
_MARK = re.compile(r"\x1b\[20[01]~")
_OPENS = "\x1b[200~"
_ESC = "\x1b"
_BEGINS = "[O]P_^X\\\x1b"
"""Characters that continue an escape sequence; any other is a separate key after escape."""
_LONGEST = 12


class Brackets(Message):
    """Whether the terminal is known to mark its pastes."""

    def __init__(self, *, known: bool) -> None:
        super().__init__()
        self.known = known


class Reading:
    """Feeds a parser; an escape and a key in one read are two keys, and not a key with alt."""

    def __init__(self, parser: "XTermParser") -> None:
        self._parser = parser
        self._tail = ""
        self._pasting = False

    def feed(self, text: str) -> Iterator[Message]:
        """Yield what these characters say, in order."""
        if self._answered(text):
            yield Brackets(known=True)
        for part in self._parts(text):
            if part:
                yield from self._parser.feed(part)
            else:
                yield from self._escape()

    @property
    def waits(self) -> bool:
        """Whether what follows decides what was read last."""
        return self._parser._timeout_time is not None  # noqa: SLF001 - Textual says it nowhere else

    def tick(self) -> Iterator[Message]:
        """Yield the escape key, once nothing followed it for a while."""
        yield from self._parser.tick()

    def _answered(self, text: str) -> bool:
        whole = self._tail + text
        answers = [one for one in _ANSWER.finditer(whole) if one.end() > len(self._tail)]
        return any(one[1] in _KNOWN for one in answers)

    def _parts(self, text: str) -> Iterator[str]:
        """Yield the text in parts, an empty one where an escape stands alone."""
        start, before = 0, self._tail[-1:]
        for place, char in enumerate(text):
            if before == _ESC and not self._pasting and self._is_key(char):
                yield from (text[start:place], "") if place > start else ("",)
                start = place
            before = char
            self._tail = (self._tail + char)[-_LONGEST:]
            if char == "~" and (mark := _MARK.search(self._tail)) and mark.end() == len(self._tail):
                self._pasting = mark[0] == _OPENS
        yield from (text[start:],) if start < len(text) else ()

    @staticmethod
    def _is_key(char: str) -> bool:
        return (char.isprintable() or char in "\r\t") and char not in _BEGINS

    def _escape(self) -> Iterator[Message]:
        """End the wait for what follows an escape, where it was not waited out already."""
        if self._parser._timeout_time is not None:  # noqa: SLF001 - Textual waits 0.1 s; here it is known
            self._parser._timeout_time = 0.0  # noqa: SLF001
            yield from self._parser.tick()
