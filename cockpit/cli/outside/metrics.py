"""`--metrics HOST:PORT` of `cockpit watch` and `cockpit open`."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.cli.parser import Parser
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError

if TYPE_CHECKING:
    from cockpit.session.interface import WatchInterface

Tell = Callable[["WatchInterface"], None]
"""Begins to tell of a door."""


def nobody(_door: "WatchInterface") -> None:
    """Publish nothing."""


class Told(Struct, frozen=True):
    """Where metrics are served; nowhere without an address. `public`: also to other machines."""

    address: str | None = None
    public: bool = False

    @contextmanager
    def begun(self, folder: Path, clock: Clock, say: Callable[[str], None]) -> Iterator[Tell]:
        """Listen until left, and say where; what is returned begins to tell.

        Raises BadInputError if nobody can listen there, before anything else is begun.
        """
        if self.address is None:
            yield nobody
            return
        from cockpit.cli.main import version_text
        from cockpit.metrics.publishing import metrics_at
        from cockpit.metrics.watching import About
        from sessions.storage.folders import SESSION
        from sessions.storage.session_file import load_head

        about = About(version_text().removeprefix("cockpit "), load_head(folder / SESSION).format)
        with metrics_at(self.address, public=self.public) as publisher:

            def tell(door: "WatchInterface") -> None:
                publisher.begin(door, clock.now, about)
                say(f"metrics at {publisher.url}")

            yield tell


NOWHERE = Told()


def add_metrics(command: Parser) -> None:
    """Add the options."""
    text = "serve metrics of the watch for Prometheus, for example on 127.0.0.1:9464 (default: none)"
    command.add_argument("--metrics", metavar="HOST:PORT", help=text)
    public = "with --metrics: allow an address that other machines can reach; all of them can read it"
    command.add_argument("--metrics-public", action="store_true", help=public)


def metrics_asked(asked: Namespace) -> Told:
    """Return what the command line asks for. Raises BadInputError."""
    if asked.metrics_public and asked.metrics is None:
        raise BadInputError("--metrics-public needs --metrics HOST:PORT")
    return Told(asked.metrics, asked.metrics_public)
