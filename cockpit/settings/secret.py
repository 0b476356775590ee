"""Secrets by reference: the settings name where a secret is, nobody keeps it, and what was revealed can be masked.

A secret is `${NAME}` of the environment inside a text, or what a command prints.
"""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MASK = "***"
COMMAND_SECONDS = 10.0
_LEAST = 4
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
        self._known: set[str] = set()

    def __repr__(self) -> str:
        return f"Secrets({MASK})"

    def reveal(self, secret: Secret) -> str:
        """Return the secret itself; empty where none is given. Raises SecretError."""
        if secret.argv:
            return self._kept(self._run(secret.argv))
        if missing := [name for name in secret.names if not self._environ.get(name)]:
            raise SecretError(f"${missing[0]} is not set")
        return _NAME.sub(lambda match: self._kept(self._environ[match[1]]), secret.template)

    def scrub(self, text: str) -> str:
        """Return the text with every revealed secret masked."""
        for known in sorted(self._known, key=len, reverse=True):
            text = text.replace(known, MASK)
        return text

    def _kept(self, value: str) -> str:
        if len(value) >= _LEAST:
            self._known.add(value)
        return value
