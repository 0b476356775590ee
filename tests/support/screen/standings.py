"""The states in which keys are pressed: those of the tour, who only looks, who follows, before and after."""

from collections.abc import Callable

from msgspec import Struct

from sessions.gate.judgement import Judgement
from tests.support.screen.sample import preflight
from tests.tour.begun import BEGUN
from tests.tour.states import STATES


class Standing(Struct, frozen=True):
    """A state, who else watches, and the size of the terminal."""

    judged: Callable[[], Judgement]
    viewer: str = ""
    follows: str = ""
    size: tuple[int, int] = (100, 30)


def concluded() -> Judgement:
    flight = STATES["week"]()
    flight.wrote(flight.judged().at, "session.concluded", "concluded", by="owner")
    return flight.judged()


def _judged(name: str) -> Callable[[], Judgement]:
    return lambda: {**STATES, **BEGUN}[name]().judged()


STANDINGS = {
    **{name: Standing(_judged(name)) for name in STATES},
    "asking": Standing(_judged("asking")),
    "read-only": Standing(_judged("calm"), viewer="watched by process 7"),
    "following": Standing(_judged("calm"), follows="process 7"),
    "preflight": Standing(preflight),
    "concluded": Standing(concluded),
    "too small": Standing(_judged("calm"), size=(50, 15)),
    "small": Standing(_judged("fuse"), size=(60, 20)),
}
