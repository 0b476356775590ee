"""The pictures of the docs: `python tests/support/picture.py` flies the real demo, and paints its screens."""

import argparse
import asyncio
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

from cockpit.cli.commands.sessions import begin
from cockpit.demo.autopilot import next_request
from cockpit.demo.launch import World
from cockpit.demo.looking import looked
from cockpit.demo.settings_file import settings_text
from cockpit.engine.opening import opened
from cockpit.engine.watch import Watch
from cockpit.runtime.clock import Clock
from cockpit.settings.file.locate import NAME
from cockpit.settings.file.wiring import MONGO_VARIABLE, Wiring
from cockpit.tui.app import Cockpit
from sessions.gate.judgement import Judgement
from sessions.plan.loader import bundled, scaled
from sessions.state.reducer import Fuse
from sessions.storage.folders import prepare
from tests.support.svg import legible
from tests.support.trust.trusting import trusted

COLUMNS, ROWS = 160, 48
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
_LOOKS = 4.0
"""Seconds that a screen may take to have its sheet looked up."""


def main() -> None:
    """Fly until the moment that is wanted, and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="calm")
    parser.add_argument("--speed", type=float, default=72)
    parser.add_argument("--moment", choices=MOMENTS, default="deck", help="when, and with it which screens")
    asked = parser.parse_args()
    plan = scaled(bundled(), asked.speed)
    with TemporaryDirectory(prefix="cockpit-picture-") as place, World(plan, asked.scenario, 7) as address:
        folder = prepare(Path(place) / "flight")
        settings = folder / NAME
        trusted(settings, settings_text("scrape", plan, address, MONGO_VARIABLE, ""))
        begin(folder, "demo", plan, Wiring(settings=str(settings)))
        with opened(folder, Clock(), UTC, {MONGO_VARIABLE: address.mongo_uri}) as door:
            assert isinstance(door, Watch)
            pictures = asyncio.run(_flown(door, asked.moment))
            door.stop("pictures taken")
    for name, picture in pictures.items():
        print(_written(picture, name))


async def _flown(door: Watch, moment: str) -> dict[str, str]:
    """Fly with the autopilot and return the screens as SVG, by name, at the moment worth showing."""
    come, shown = MOMENTS[moment]
    screen, pictures = Cockpit(door, tz=UTC, clock=Clock().now, on_ready=door.start), dict[str, str]()
    async with screen.run_test(size=(COLUMNS, ROWS)) as pilot:
        while not come(door.latest()):
            request = next_request(door.latest())
            if request is not None:
                asked = await asyncio.to_thread(looked, door, door.latest(), request)
                await asyncio.wrap_future(door.ask(asked))
            await pilot.pause(0.2)
        for name, show in shown.items():
            screen.clear_notifications()
            show(screen)
            await pilot.pause(_LOOKS if name != "deck" else 0.1)
            screen.paint()
            await pilot.pause(0.1)
            pictures[name] = screen.export_screenshot(title="cockpit")
        return pictures


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


MOMENTS: dict[str, tuple[Callable[[Judgement], bool], dict[str, Callable[[Cockpit], None]]]] = {
    "deck": (
        _soaked,
        {
            "deck": lambda screen: screen.paint(),
            "report": lambda screen: screen.action_look("report"),
            "sheet": lambda screen: screen.open_sheet("p2.growth"),
        },
    ),
    "fuse": (_burns, {"fuse": lambda screen: screen.paint(), "risks": lambda screen: screen.action_look("risks")}),
    "week": (_third_day, {"week": lambda screen: screen.action_look("week")}),
}
"""When it is worth showing, and which screens then."""


def _written(picture: str, name: str) -> Path:
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.svg"
    path.write_text(legible(picture), "utf-8")
    return path


if __name__ == "__main__":
    main()
