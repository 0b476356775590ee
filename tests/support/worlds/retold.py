"""A made-up history flown and held against the plan's letter: where the gate lied, and where it held for naught."""

from collections.abc import Collection

from msgspec import Struct

from tests.support.worlds.flown import Flight, Moment
from tests.support.worlds.letter import unmet
from tests.support.worlds.world import imagined


class Retold(Struct, frozen=True):
    """What came of the history of one seed.

    `lies` are moments in which the gate was open and the plan's letter was not met, and why. `met`: it was, the last
    time that the gate was asked; `held` is what held then all the same.
    """

    seed: int
    told: tuple[str, ...]
    opened: bool
    lies: tuple[tuple[int, tuple[str, ...]], ...]
    met: bool
    held: tuple[str, ...]


def retold(seed: int, without: Collection[int] = ()) -> Retold:
    """Fly the history of a seed, without some of what goes wrong in it, and ask of both."""
    world = imagined(seed, without)
    moments = Flight(world).fly()
    opened = [moment for moment in moments if moment.open]
    asked = [(moment.at, tuple(unmet(world, moment.at))) for moment in _chosen(opened)]
    last = moments[-1]
    met = not unmet(world, last.at)
    lies = tuple(pair for pair in asked if pair[1])
    return Retold(seed, tuple(world["told"].values()), bool(opened), lies, met, last.held if met else ())


def _chosen(opened: list[Moment]) -> list[Moment]:
    """The first ones, the last, and every third between: an oracle is slow."""
    return [moment for number, moment in enumerate(opened) if number < 2 or number % 3 == 0 or moment is opened[-1]]


def smallest(seed: int) -> str:
    """Describe the history of a seed in which the gate lied, with no more going wrong in it than that takes."""
    without = set[int]()
    for number in imagined(seed)["told"]:
        if retold(seed, {*without, number}).lies:
            without.add(number)
    found = retold(seed, without)
    lines = [f"history {seed}: {'; '.join(found.told) or 'nothing goes wrong'}"]
    return "\n".join([*lines, *(f"  open at {at} s, but: {', '.join(why)}" for at, why in found.lies[:3])])
