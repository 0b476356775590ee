"""What held the gate, and for how long: by the replay of the flight where its readings are kept, else by the log."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from sessions.replay.course import Course, Visit


class Held(Struct, frozen=True):
    """One condition: the seconds for which it held in all, and the stay in which it did longest.

    `longest` is None where only the log speaks: that knows criteria, and no stays.
    """

    name: str
    seconds: float
    longest: Visit | None = None
    longest_s: float = 0.0


def by_replay(course: Course) -> tuple[Held, ...]:
    """Return every condition that held, the one that did longest first; several may hold at once."""
    found: dict[str, list[tuple[float, Visit]]] = {}
    for stay in course.visits:
        for name, seconds in stay.held.items():
            found.setdefault(name, []).append((seconds, stay))
    rows = [_held(name, stays) for name, stays in found.items()]
    return tuple(sorted((row for row in rows if row.seconds > 0), key=lambda row: (-row.seconds, row.name)))


def _held(name: str, stays: Sequence[tuple[float, Visit]]) -> Held:
    seconds, stay = max(stays, key=lambda pair: pair[0])
    return Held(name, sum(lasted for lasted, _ in stays), stay, seconds)


def by_log(recorded: Course) -> tuple[Held, ...]:
    """Return how long each criterion was entered as anything but a pass, time that nobody watched with it."""
    lost: Mapping[str, float] = {name: one.breached + one.unknown for name, one in recorded.times.items()}
    rows = [Held(name, seconds) for name, seconds in lost.items() if seconds > 0]
    return tuple(sorted(rows, key=lambda row: (-row.seconds, row.name)))
