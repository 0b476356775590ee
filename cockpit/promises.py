"""Answers still owed to whoever asked. At the end all of them are given, so that nobody waits for ever."""

import contextlib
from concurrent.futures import Future, InvalidStateError

from sessions.requests import Answer


class Promises:
    """Owed, kept and ended from any thread.

    An answer owed is noted before the end is looked at, and the end is noted before the rest is answered.
    """

    def __init__(self) -> None:
        self._owed: set[Future[Answer]] = set()
        self._last: Answer | None = None

    def owe(self) -> "Future[Answer]":
        """Return an answer to come."""
        answer: Future[Answer] = Future()
        self._owed.add(answer)
        if self._last is not None:
            self.keep(answer, self._last)
        return answer

    def keep(self, answer: "Future[Answer]", said: Answer) -> None:
        """Give an answer, once."""
        self._owed.discard(answer)
        with contextlib.suppress(InvalidStateError):
            answer.set_result(said)

    def end(self, said: Answer) -> None:
        """Answer everything that is still owed, and whatever will be asked."""
        self._last = said
        for answer in tuple(self._owed):
            self.keep(answer, said)
