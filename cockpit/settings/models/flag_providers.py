"""The kinds of place that a flag can live in without a service behind them: only recorded, or a file."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from cockpit.runtime.record import dataclass
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.proxy import NO_PROXY, PROXY, problems_of_hosts
from cockpit.settings.schema.secrets import Secret
from sessions.values.percent import DECIMALS

NAME = "Name of the flag; without it, the plan's"
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds that one act of a flag may be given."""


def timeout() -> Any:
    """How long one act may take."""
    return kit.patience(
        "Longest time for one move or reading, 1s to 60s; 0 uses the plan's deadline", SHORTEST, LONGEST
    )


Problems = Iterable[tuple[str, str, str]]
_HINTS = {
    "file": "name the flag file",
    "url": "write http://host:port",
    "read.url": "write http://host:port/path",
    "write.url": "write http://host:port/path",
    "token": 'write "${NAME}" of the environment',
    "project": "name it",
    "environment": "name it",
}


@dataclass(frozen=True, slots=True)
class Session:
    """`session`: only recorded; you move the flag yourself."""

    decimals: ClassVar[int] = DECIMALS

    name: str = kit.text(NAME, "")


@dataclass(frozen=True, slots=True)
class Flagd:
    """`flagd`: a flag file; with `serving` the cockpit checks what flagd serves."""

    decimals: ClassVar[int] = DECIMALS
    """Weights are whole numbers that need not add up to 100."""

    file: str = kit.text("The flag file; required", "", '"/etc/flagd/flags.json"')
    name: str = kit.text(NAME, "")
    timeout: float = timeout()
    serving: str = kit.url("Address of flagd's OFREP API, without /ofrep", "", '"http://127.0.0.1:8016"')
    context: Mapping[str, object] = kit.body("Context that is sent to `serving` with each key", '{ country = "DE" }')
    token: Secret = kit.secret("Bearer token of `serving`", '"${FLAGD_TOKEN}"')
    ca_file: str = kit.text(
        "PEM file with the certificates to trust instead of the system's", "", '"/etc/ssl/shop.pem"'
    )
    proxy: Secret = kit.proxy(PROXY, '"http://proxy.example.org:3128"')
    no_proxy: tuple[str, ...] = kit.texts(NO_PROXY, (), '["shop.internal"]')

    def problems(self) -> Problems:
        """Yield what is missing."""
        yield from missing(file=self.file)
        yield from problems_of_hosts(self.no_proxy)


def missing(**keys: object) -> Problems:
    """Yield which of these keys are empty."""
    for key, value in keys.items():
        if not value:
            yield key, "is missing", _HINTS.get(key, 'write ["program", "argument"]')
