"""Secrets by reference: the settings name where a secret is, nobody keeps it, and what was revealed can be masked.

A secret is `${NAME}` of the environment inside a text, or what a command prints; only the latter can be renewed.
"""

import asyncio
import contextlib
import math
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from cockpit.runtime.clock import Clock
from cockpit.settings.schema.masking import LEAST, MASK, however_quoted, inside, masked, parts_of
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
    """Runs commands, each in a thread of its own; whoever asks in the meantime gets the same end to wait for.

    `run` returns the word or raises what is wrong in one line, `boot` is the boot clock in s.
    """

    def __init__(self, run: Callable[[Argv], str], boot: Callable[[], float]) -> None:
        self._run, self._boot = run, boot
        self._lock = threading.Lock()
        self._commands: dict[Argv, _Command] = {}

    def word(self, argv: Argv) -> str:
        """Return the newest word, empty if there is none yet."""
        return self._command(argv).word

    def trouble(self, argv: Argv) -> str:
        """Say why the newest run gave no new secret; empty if it did."""
        return self._command(argv).trouble

    def asked(self, argv: Argv) -> Future[None]:
        """Return the end of the first run; after a run without a secret another one follows, after a rest."""
        with self._lock:
            command = self._command(argv)
            if command.word or (command.running is None and self._rests(command.ran, command.rest)):
                return _done()
            return command.running or self._begun(argv, command)

    def refused(self, argv: Argv, word: str) -> Future[None]:
        """Run it again because `word` was refused: at once, then after a rest; return the end of that run."""
        with self._lock:
            command = self._command(argv)
            if command.word != word:
                return _done()
            self._note_refused(command)
            if command.running is None and self._rests(command.ran, command.rest):
                return _done()
            return command.running or self._begun(argv, command)

    def insisted(self, argv: Argv) -> Future[None]:
        """Run it again in any case, for an act that cannot wait; two of these keep the same rest."""
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
        """Run it in a separate thread: the loop has few threads, and waits for them at its end."""
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


COMMAND_SECONDS, COMMAND_BYTES = 10.0, 1_000_000
"""The longest run of a command, and the most that it may print."""
_REMEMBERED = 60
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SecretError(Exception):
    """A secret is not available; the text is one line that names where it should come from, never its value."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A text with `${NAME}` in it, or the `argv` of a command that prints it. Falsy where nothing is given."""

    template: str = ""
    argv: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.template or self.argv)

    def __repr__(self) -> str:
        return f"Secret({MASK})" if self else "Secret()"

    @property
    def names(self) -> tuple[str, ...]:
        """The variables of the environment that it needs."""
        return tuple(_NAME.findall(self.template))


def variable(name: str) -> Secret:
    """Return the secret that a variable of the environment holds."""
    return Secret(f"${{{name}}}")


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whether there is a new secret to try; `why` there is none, empty if no command prints it."""

    done: bool
    why: str = ""


def run_command(argv: Argv, patience: float = COMMAND_SECONDS) -> str:
    """Return the first line that a command prints within `patience` s; nothing outlives it. Raises SecretError.

    It is called in a thread of its own, with no loop in it.
    """
    from cockpit.runtime.subprocess import run_printing

    ended, printed = asyncio.run(run_printing(argv, patience, COMMAND_BYTES))
    if ended.code is None:
        raise SecretError(f"{named(argv)}: {ended.reason.removeprefix(f'{clean(argv[0], 60)}: ')}")
    try:
        line = printed.partition(b"\n")[0].decode().strip()
    except UnicodeDecodeError:
        raise SecretError(f"{named(argv)}: prints no UTF-8") from None
    if ended.code or not line:
        raise SecretError(f"{named(argv)}: exit {ended.code}, nothing printed")
    return line


class Secrets:
    """Reveals secrets from an environment and remembers them, so that every text that leaves can be scrubbed."""

    def __init__(
        self,
        environ: Mapping[str, str],
        run: Callable[[Argv], str] = run_command,
        boot: Callable[[], float] | None = None,
    ) -> None:
        self._environ = environ
        self._printed = Printed(self._kept(run), boot or Clock().boot)
        self._lock = threading.Lock()
        self._parts: dict[Argv, dict[str, re.Pattern[str]]] = {}
        self._known: Mapping[str, re.Pattern[str]] = {}
        self._foreseen: list[Argv] = []

    def __repr__(self) -> str:
        return f"Secrets({MASK})"

    def foreseeing(self, secrets: Iterable[Secret]) -> "Secrets":
        """Remember the values of variables before they are needed, so that they are masked in any output."""
        for secret in secrets:
            if secret.argv:
                self._foreseen.append(secret.argv)
            with contextlib.suppress(SecretError):
                self.reveal(Secret(secret.template))
        return self

    async def ready(self) -> None:
        """Wait until every command that is foreseen has run once, all at the same time. Raises nothing."""
        await asyncio.gather(*(_ended(self._printed.asked(argv)) for argv in self._foreseen))

    def reveal(self, secret: Secret) -> str:
        """Return the secret itself; empty if none is given. Waits for a command's first run. Raises SecretError."""
        if secret.argv:
            self._printed.asked(secret.argv).result()
            return self._word(secret.argv)
        if missing := [name for name in secret.names if not self._environ.get(name)]:
            raise SecretError(f"${missing[0]} is not set")
        text = _NAME.sub(lambda match: self.keep(self._environ[match[1]]), secret.template)
        for part in inside(text) if secret.names else ():
            self.keep(part)
        return text

    async def word(self, secret: Secret) -> str:
        """Return the secret as `reveal` does, without holding up the loop. Raises SecretError."""
        if not secret.argv:
            return self.reveal(secret)
        await _ended(self._printed.asked(secret.argv))
        return self._word(secret.argv)

    async def renewed(self, secret: Secret, refused: str) -> Renewal:
        """Run the command again that printed what was refused: once at once, then after a rest. Raises nothing."""
        if not secret.argv:
            return Renewal(False)
        await _ended(self._printed.refused(secret.argv, refused))
        return self._renewal(secret.argv, refused, "what it printed is refused too")

    async def insisted(self, secret: Secret) -> Renewal:
        """Run the command again in any case, for a last try. Raises nothing."""
        if not secret.argv:
            return Renewal(False)
        before = self._printed.word(secret.argv)
        await _ended(self._printed.insisted(secret.argv))
        return self._renewal(secret.argv, before, "was run just now")

    def keep(self, value: str, of: Secret | None = None) -> str:
        """Return a text that must never be shown, and remember it; of what a command prints, the newest only."""
        argv = of.argv if of else ()
        parts = [part for part in parts_of(value) if len(part) >= LEAST]
        if all(part in self._parts.get(argv, {}) for part in parts):
            return value
        found = {part: however_quoted(part) for part in parts}
        with self._lock:  # sources are opened in threads of their own; who scrubs meanwhile has the dictionary before
            older = [(part, form) for part, form in self._parts.get(argv, {}).items() if part not in found]
            self._parts[argv] = dict([*older[-_REMEMBERED:], *found.items()] if argv else [*older, *found.items()])
            self._known = {part: form for parts in self._parts.values() for part, form in parts.items()}
        return value

    def _kept(self, run: Callable[[Argv], str]) -> Callable[[Argv], str]:
        """A word is remembered before anybody can have it."""
        return lambda argv: self.keep(run(argv), Secret(argv=argv))

    def _word(self, argv: Argv) -> str:
        if word := self._printed.word(argv):
            return word
        raise SecretError(self._printed.trouble(argv))

    def _renewal(self, argv: Argv, before: str, why: str) -> Renewal:
        done = self._printed.word(argv) != before
        return Renewal(done, "" if done else self._printed.trouble(argv) or f"{named(argv)}: {why}")

    def scrub(self, text: str) -> str:
        """Return the text with every revealed secret masked, however it is quoted, also one that is cut at its end."""
        return masked(text, self._known)


def still_runs(secret: Secret) -> str:
    """Report that a secret's command still runs although nobody waits for it."""
    return f"{named(secret.argv)}: still running"


async def _ended(run: Future[None]) -> None:
    if not run.done():
        await asyncio.wrap_future(run)


def variables(text: str) -> set[str]:
    """Return the variables of the environment that a text names."""
    return set(_NAME.findall(text))
