"""Secrets by reference: the settings name where a secret is, nobody keeps it, and what was revealed can be masked.

A secret is `${NAME}` of the environment inside a text, or what a command prints.
"""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

MASK = "***"
COMMAND_SECONDS = 10.0
_LEAST = 4
_CUT = "…"
_HALF_QUOTED = re.compile("%[0-9A-Fa-f]?$")
_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*?:([^/?#]*)@", re.IGNORECASE)
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SecretError(Exception):
    """A secret cannot be had; the text is one line that names where it should come from, never what it is."""


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


def run_command(argv: Sequence[str]) -> str:
    """Return the first line that a command prints. Raises SecretError."""
    try:
        done = subprocess.run(  # noqa: S603 (the owner's own command, no shell)
            list(argv), stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False, text=True
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise SecretError(f"command {argv[0]} for a secret: {type(error).__name__}") from None
    line = done.stdout.partition("\n")[0].strip()
    if done.returncode or not line:
        raise SecretError(f"command {argv[0]} for a secret: exit {done.returncode}, nothing printed")
    return line


class Secrets:
    """Reveals secrets from an environment and remembers them, so that every text that leaves can be scrubbed."""

    def __init__(self, environ: Mapping[str, str], run: Callable[[Sequence[str]], str] = run_command) -> None:
        self._environ = environ
        self._run = run
        self._lock = threading.Lock()
        self._known: Mapping[str, re.Pattern[str]] = {}
        self._printed: dict[tuple[str, ...], str] = {}

    def __repr__(self) -> str:
        return f"Secrets({MASK})"

    def reveal(self, secret: Secret) -> str:
        """Return the secret itself; empty where none is given. A command runs once. Raises SecretError."""
        if secret.argv:
            if secret.argv not in self._printed:
                self._printed[secret.argv] = self.keep(self._run(secret.argv))
            return self._printed[secret.argv]
        if missing := [name for name in secret.names if not self._environ.get(name)]:
            raise SecretError(f"${missing[0]} is not set")
        return _NAME.sub(lambda match: self.keep(self._environ[match[1]]), secret.template)

    def keep(self, value: str) -> str:
        """Return a text that must never be shown, and remember it."""
        found = {part: _however_quoted(part) for part in _parts(value) if len(part) >= _LEAST}
        with self._lock:  # sources are opened in threads of their own; who scrubs meanwhile has the dictionary before
            self._known = {**self._known, **found}
        return value

    def scrub(self, text: str) -> str:
        """Return the text with every revealed secret masked, however it is quoted, also one that is cut at its end."""
        known = self._known
        for part in sorted(known, key=len, reverse=True):
            text = known[part].sub(MASK, text)
        return self._without_end(text) if text.endswith(_CUT) else text

    def _without_end(self, text: str) -> str:
        """Mask the last word where a secret begins in it: a text is cut before it comes here."""
        body = _HALF_QUOTED.sub("", text.removesuffix(_CUT))
        ends = (body, unquote(body))
        sizes = ((known, size) for known in self._known for size in range(_LEAST, len(known)))
        if any(end.endswith(known[:size]) for known, size in sizes for end in ends):
            return f"{body[: body.rfind(' ') + 1]}{MASK}{_CUT}"
        return text


def _parts(value: str) -> Iterator[str]:
    """Yield a secret whole and line by line, and the password inside a URI."""
    yield from (value.strip(), *(line.strip() for line in value.splitlines()))
    if password := _PASSWORD.match(value.strip()):
        yield from (password[1], unquote(password[1]))


def _however_quoted(value: str) -> re.Pattern[str]:
    """Return what finds a text as it is, and quoted for an address, in JSON or in a repr, also partly."""
    return re.compile("".join(char if char.isalnum() else _quoted(char) for char in value))


def _quoted(char: str) -> str:
    """Return what finds one character in any of its forms."""
    percent = "".join(f"%{byte:02X}" for byte in char.encode())
    escaped = char.encode("unicode_escape").decode()
    forms = {char, escaped, f"\\{char}", percent, percent.lower(), "+" if char == " " else char}
    return f"(?:{'|'.join(sorted(map(re.escape, forms), key=len, reverse=True))})"
