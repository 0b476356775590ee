"""Whether the terminal is light: it is asked once (OSC 11), and its answer is kept from the keys."""

import re
from collections.abc import Callable, Iterable

from textual._xterm_parser import XTermParser
from textual.message import Message

ASK = "\x1b]11;?\x1b\\"
"""What is the colour of your ground?"""
_ANSWER = re.compile(r"\x1b\]1[01];([^\x07\x1b]*)(?:\x07|\x1b\\)")
_BEGUN = re.compile(r"\x1b\](?:1(?:[01](?:;[^\x07\x1b]{0,40}\x1b?)?)?)?\Z")
_COLOUR = re.compile(r"rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE | re.ASCII)
_LIGHT = 0.5


def light(answer: str) -> bool | None:
    """Say whether `rgb:ffff/fafa/f0f0` is a light background; None if it is no colour."""
    found = _COLOUR.match(answer)
    if found is None:
        return None
    red, green, blue = (int(part, 16) / float(16 ** len(part) - 1) for part in found.groups())
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT)


class Listening(XTermParser):
    """Reads the terminal's input as Textual does; answers about its background go to `told`."""

    def __init__(self, told: Callable[[bool], None], *, debug: bool = False) -> None:
        super().__init__(debug)
        self._told = told
        self._held = ""

    def feed(self, data: str) -> Iterable[Message]:
        """Return the messages of some input. An answer that has only begun waits for its end."""
        text, self._held = self._held + data, ""
        for found in _ANSWER.finditer(text):
            if (said := light(found[1])) is not None:
                self._told(said)
        text = _ANSWER.sub("", text)
        if data and (begun := _BEGUN.search(text)):
            text, self._held = text[: begun.start()], text[begun.start() :]
        if text or not data:
            yield from super().feed(text)
