"""The pictures of the docs: `python tests/tour/pictures.py` flies the real demo and paints its screens."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from cockpit.cli.commands.sessions import begin  # noqa: E402 - a program's own house comes first
from cockpit.demo.autopilot import next_request  # noqa: E402
from cockpit.demo.launch import World  # noqa: E402
from cockpit.demo.looking import looked  # noqa: E402
from cockpit.demo.settings_file import settings_text  # noqa: E402
from cockpit.engine.opening import opened  # noqa: E402
from cockpit.engine.watch import Watch  # noqa: E402
from cockpit.runtime.clock import DEMO_CLOCK, Clock, clock_of  # noqa: E402
from cockpit.settings.file.locate import NAME  # noqa: E402
from cockpit.settings.file.wiring import MONGO_VARIABLE, Wiring  # noqa: E402
from cockpit.tui.app import Cockpit  # noqa: E402
from sessions.gate.judgement import Judgement  # noqa: E402
from sessions.plan.loader import bundled, scaled  # noqa: E402
from sessions.state.model import Fuse  # noqa: E402
from sessions.storage.folders import prepare  # noqa: E402
from sessions.values.verdicts import Mark  # noqa: E402
from tests.support.trust.trusting import trusted  # noqa: E402
from tests.tour.svg import legible  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
WIDE, MIDDLE, SMALL = (160, 48), (120, 36), (80, 24)
_LOOKS = 4.0
"""Seconds that a screen may take to have its sheet looked up."""
Show = Callable[[Cockpit], None]


class Picture(Struct, frozen=True):
    """One screen at one size."""

    name: str
    show: Show = Cockpit.paint
    size: tuple[int, int] = WIDE


class Moment(Struct, frozen=True):
    """When it is worth showing, and what then."""

    come: Callable[[Judgement], bool]
    pictures: tuple[Picture, ...]


class Flight(Struct, frozen=True):
    """One flight of the demo with the autopilot, and its moments in their order."""

    scenario: str
    speed: float
    moments: tuple[Moment, ...]


def main() -> None:
    """Fly what is asked for and write its pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=FLIGHTS, help="one flight; without it all of them, a quarter of an hour")
    asked = parser.parse_args()
    for name in [asked.only] if asked.only else FLIGHTS:
        for picture, text in _flown(FLIGHTS[name]).items():
            path = PICTURES / f"{picture}.svg"
            path.write_text(legible(text), "utf-8")
            print(path)


def _flown(flight: Flight) -> dict[str, str]:
    """Fly, and return the pictures as SVG by name."""
    plan = scaled(bundled(), flight.speed)
    world = World(plan, flight.scenario, 7)
    with TemporaryDirectory(prefix="cockpit-picture-") as place, world as address:
        folder = prepare(Path(place) / "flight")
        world.keep_time(folder / DEMO_CLOCK)
        clock = clock_of(folder)
        settings = folder / NAME
        trusted(settings, settings_text("scrape", plan, address, MONGO_VARIABLE, ""))
        begin(folder, "demo", plan, Wiring(settings=str(settings)))
        with opened(folder, clock, UTC, {MONGO_VARIABLE: address.mongo_uri}) as door:
            assert isinstance(door, Watch)
            pictures = asyncio.run(_painted(door, flight.moments, clock))
            door.stop("pictures taken")
    return pictures


async def _painted(door: Watch, moments: tuple[Moment, ...], clock: Clock) -> dict[str, str]:
    """Fly with the autopilot from moment to moment."""
    screen, pictures = Cockpit(door, tz=UTC, clock=clock.now, on_ready=door.start), dict[str, str]()
    async with screen.run_test(size=WIDE) as pilot:
        for moment in moments:
            while not moment.come(door.latest()):
                request = next_request(door.latest())
                if request is not None and moment.come is not _answered:
                    asked = await asyncio.to_thread(looked, door, door.latest(), request)
                    await asyncio.wrap_future(door.ask(asked))
                await pilot.pause(0.2)
            for picture in moment.pictures:
                await pilot.resize_terminal(*picture.size)
                picture.show(screen)
                await pilot.pause(0.5 if picture.show is Cockpit.paint else _LOOKS)
                screen.paint()
                await pilot.pause(0.1)
                pictures[picture.name] = screen.export_screenshot(title="cockpit")
                screen.action_look("deck")
    return pictures


def _answered(judgement: Judgement) -> bool:
    """Every source has answered, and nothing was done yet."""
    gate = judgement.gate.conditions
    return bool(gate) and all(row.mark is not Mark.BLIND for row in gate)


def _soaked(judgement: Judgement) -> bool:
    """Two thirds of the soak at 25 % are done."""
    return judgement.state.phase == 25 and judgement.soak.done > 0.67 * judgement.soak.needed


def _third_day(judgement: Judgement) -> bool:
    """The midday of the third day of the week is due."""
    return any(chore.id == "d3.midday" and judgement.at >= chore.due_at for chore in judgement.week)


def _burns(judgement: Judgement) -> bool:
    """A third of a fuse has burned."""
    fuses: list[Fuse] = list(judgement.state.fuses.values())
    return any(judgement.at > fuse.lit_at + (fuse.deadline - fuse.lit_at) / 3 for fuse in fuses)


def _blind(judgement: Judgement) -> bool:
    """Latency is blind."""
    return judgement.verdicts["latency"].mark is Mark.BLIND


def _look(name: str) -> Show:
    return lambda screen: screen.action_look(name)


FLIGHTS = {
    "calm": Flight(
        "calm",
        72,
        (
            Moment(_answered, (Picture("begin"),)),
            Moment(
                _soaked,
                (
                    Picture("deck"),
                    Picture("deck-120x36", size=MIDDLE),
                    Picture("deck-80x24", size=SMALL),
                    Picture("report", _look("report")),
                    Picture("sheet", lambda screen: screen.open_sheet("p2.growth")),
                ),
            ),
        ),
    ),
    "fuse": Flight("latency-spike", 72, (Moment(_burns, (Picture("fuse"), Picture("risks", _look("risks")))),)),
    "blind": Flight("source-down", 72, (Moment(_blind, (Picture("blind"),)),)),
    "week": Flight("calm", 1000, (Moment(_third_day, (Picture("week", _look("week")),)),)),
}

if __name__ == "__main__":
    main()
