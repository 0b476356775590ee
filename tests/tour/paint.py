"""The tour in pictures: `python tests/tour/paint.py --out FOLDER` paints every stop at every size in every state.

Each picture is an SVG; `SIZE-STATE.html` shows all of one size and state side by side. `--only` takes parts of names.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from itertools import groupby, product
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.tour.states import STATES  # noqa: E402
from tests.tour.stops import SIZES, STOPS  # noqa: E402
from tests.tour.svg import legible  # noqa: E402 - a program's own house comes first
from tests.tour.walk import walked  # noqa: E402

Place = tuple[tuple[int, int], str, str]


def main() -> None:
    """Paint what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument(
        "--only", nargs="*", default=[], help="parts of names: 80x24, fuse, advance; each must be there"
    )
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for (size, state), places in groupby(_wanted(asked.only), key=lambda place: place[:2]):
        names = [asyncio.run(_painted(place, asked.out)) for place in places]
        print(_sheet(asked.out, f"{_by(size)}-{state}", names, size[0]))


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _wanted(only: list[str]) -> Iterator[Place]:
    for size, state, stop in product(SIZES, STATES, STOPS):
        if all(part in (_by(size), state, stop) for part in only):
            yield size, state, stop


async def _painted(place: Place, out: Path) -> str:
    """Paint one stop and return its file's name."""
    size, state, stop = place
    with TemporaryDirectory(prefix="cockpit-tour-") as folder:
        async with walked(state, stop, size, Path(folder)) as flown:
            picture = legible(flown.app.export_screenshot(title=f"{stop} · {state} · {_by(size)}"))
    name = f"{_by(size)}-{state}-{stop}.svg"
    (out / name).write_text(picture, "utf-8")
    return name


def _sheet(out: Path, title: str, names: list[str], columns: int) -> Path:
    """Write the page that shows pictures side by side."""
    width = max(columns * 7, 480)
    shown = "\n".join(f'<a href="{name}"><img src="{name}" width="{width}" alt="{name}"></a>' for name in names)
    path = out / f"{title}.html"
    path.write_text(f"<!doctype html><title>{title}</title><body>{shown}</body>\n", "utf-8")
    return path


if __name__ == "__main__":
    main()
