"""What commands print for secrets: each runs once, and again when its word is refused; never two at once, no storm."""

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from sessions.text.clean import clean

REST, LONGEST_REST = 5.0, 60.0
"""Seconds between two runs of a command; each that did not help doubles them: it may be what locks an account."""

Argv = tuple[str, ...]


@dataclass(slots=True)
class _Command:
    """What is known of a command: its newest word, what was wrong with its newest run, when it ran (boot clock)."""

    word: str = ""
    trouble: str = ""
    refused: bool = False
    ran: float = -math.inf
    insisted: float = -math.inf
    rest: float = REST
    running: Future[None] | None = None

    def rest_longer(self) -> None:
        self.rest = min(2 * self.rest, LONGEST_REST)


class Printed:
    """Runs commands, each in a thread of its own; whoever asks meanwhile gets the same end to wait for.

    `run` returns the word or raises what is wrong in one line, `boot` is the boot clock in s.
    """

    def __init__(self, run: Callable[[Argv], str], boot: Callable[[], float]) -> None:
        self._run, self._boot = run, boot
        self._lock = threading.Lock()
        self._commands: dict[Argv, _Command] = {}

    def word(self, argv: Argv) -> str:
        """Return the newest word, empty where there is none yet."""
        return self._command(argv).word

    def trouble(self, argv: Argv) -> str:
        """Say why the newest run brought no new word; empty where it did."""
        return self._command(argv).trouble

    def asked(self, argv: Argv) -> Future[None]:
        """Return the end of the first run; one that brought nothing is followed by another after a rest."""
        with self._lock:
            command = self._command(argv)
            if command.word or (command.running is None and self._rests(command.ran, command.rest)):
                return _done()
            return command.running or self._begun(argv, command)

    def refused(self, argv: Argv, word: str) -> Future[None]:
        """Run it again because `word` was refused: at once, then after a rest; return the end of that."""
        with self._lock:
            command = self._command(argv)
            if command.word != word:
                return _done()
            self._note_refused(command)
            if command.running is None and self._rests(command.ran, command.rest):
                return _done()
            return command.running or self._begun(argv, command)

    def insisted(self, argv: Argv) -> Future[None]:
        """Run it again whatever is known of it, for what cannot wait; the same rest lies between two of these."""
        with self._lock:
            command = self._command(argv)
            if command.running is None and self._rests(command.insisted, REST):
                return _done()
            command.insisted = self._boot()
            return command.running or self._begun(argv, command)

    def _command(self, argv: Argv) -> _Command:
        return self._commands.setdefault(argv, _Command())

    def _rests(self, since: float, rest: float) -> bool:
        return self._boot() - since < rest

    def _note_refused(self, command: _Command) -> None:
        """A word that was good for a while was worth its run: only one that is refused at once makes for long rests."""
        if not command.refused:
            command.refused = True
            if self._rests(command.ran, REST):
                command.rest_longer()
            else:
                command.rest = REST

    def _begun(self, argv: Argv, command: _Command) -> Future[None]:
        """Run it in a thread of its own: the loop's are few, and its end waits for them."""
        end = command.running = Future()
        end.set_running_or_notify_cancel()  # who gives up waiting ends nobody else's
        threading.Thread(target=self._carry_out, args=(argv, command, end), name="secret", daemon=True).start()
        return end

    def _carry_out(self, argv: Argv, command: _Command, end: Future[None]) -> None:
        word, trouble = "", ""
        try:
            word = self._run(argv)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            trouble = str(error)
        with self._lock:
            self._take(argv, command, word, trouble)
        end.set_result(None)

    def _take(self, argv: Argv, command: _Command, word: str, trouble: str) -> None:
        first, command.running = not command.word, None
        if word and word != command.word:
            command.word, command.trouble, command.refused = word, "", False
        else:
            command.trouble = trouble or f"{named(argv)} prints the same again"
            command.rest_longer()
        # The first word cost nothing that a second could repeat: where it is refused, the next run is at once.
        command.ran = -math.inf if first and word else self._boot()


def named(argv: Argv) -> str:
    """Return what a command is called where something is wrong with it: its arguments may be telling."""
    return f"command {clean(argv[0], 60)} for a secret"


def _done() -> Future[None]:
    end: Future[None] = Future()
    end.set_result(None)
    return end
