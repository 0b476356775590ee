"""The metrics of one watch from its begin to its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from cockpit.metrics.address import address_of
from cockpit.metrics.rollout import rollout
from cockpit.metrics.server import MetricsServer
from cockpit.metrics.watching import About, Tally, sources, watching
from cockpit.session.interface import WatchInterface


class Judged(Collector):
    """Collects what the newest judgement says. It asks nobody, reads no file, and judges nothing again."""

    def __init__(self, door: WatchInterface, clock: Callable[[], datetime], about: About) -> None:
        self._door = door
        self._clock = clock
        self._about = about
        self._tally = Tally(door.latest())
        door.on_change(self._look)

    def collect(self) -> Iterator[Metric]:
        """Yield each family."""
        judgement, now = self._door.latest(), self._clock()
        yield from watching(judgement, follows=bool(self._door.follows), about=self._about)
        yield from sources(judgement, now, self._tally)
        yield from rollout(judgement, now)

    def describe(self) -> list[Metric]:
        """Nothing is collected while it is registered."""
        return []

    def _look(self) -> None:
        self._tally.look(self._door.latest())


class Publisher:
    """Listens at once, and answers from the first judgement on."""

    def __init__(self, server: MetricsServer) -> None:
        self._server = server
        self.url = server.url

    def begin(self, door: WatchInterface, clock: Callable[[], datetime], about: About) -> None:
        """Publish what `door` shows."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Judged(door, clock, about))
        ProcessCollector(registry=registry)

        def page(accepts: str) -> tuple[bytes, str]:
            encode, kind = choose_encoder(accepts)
            return encode(registry), kind

        self._server.start(page)


@contextmanager
def metrics_at(text: str, *, public: bool) -> Iterator[Publisher]:
    """Listen at an address until left. Raises BadInputError if that cannot be done."""
    server = MetricsServer(address_of(text, public=public))
    try:
        yield Publisher(server)
    finally:
        server.stop()
