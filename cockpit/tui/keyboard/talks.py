"""The conversations under way: whether one of them is about to put a dialog, which then gets the keys that follow."""

from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager

from textual.screen import Screen


class Talks:
    """Counts conversations that have begun, dialogs that they wait for, and answers that the Watch owes.

    `asks` counts what the Watch was ever asked.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._dialogs: list[object] = []
        self._asked = 0
        self.asks = 0

    def held(self, conversation: Coroutine[object, object, object]) -> Coroutine[object, object, None]:
        """Return a conversation that counts from now on until it ends."""
        self._begun += 1

        async def counted() -> None:
            try:
                await conversation
            finally:
                self._begun -= 1

        return counted()

    @contextmanager
    def waiting(self, dialog: object) -> Iterator[None]:
        """Hold while the conversation waits for this dialog."""
        self._dialogs.append(dialog)
        try:
            yield
        finally:
            self._dialogs.remove(dialog)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Hold while the Watch has not answered."""
        self._asked += 1
        self.asks += 1
        try:
            yield
        finally:
            self._asked -= 1

    @property
    def begun(self) -> int:
        """Return how many conversations go on."""
        return self._begun

    @property
    def asked(self) -> bool:
        """Return whether the Watch owes an answer."""
        return self._asked > 0

    def opening(self, stack: Sequence[Screen[object]]) -> bool:
        """Return whether a conversation is on its way to its next dialog: a dialog that was left counts no more."""
        up = sum(dialog in stack for dialog in self._dialogs)
        return self._begun > up
