"""`cockpit check` as a script runs it, the whole process, beside a Python that does nothing, by turns."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.flight import session
from tools.installed import surroundings
from tools.row import Row, ratio

ENTRIES = 200
BLIND = 30
"""Nobody watches the session that is asked about."""


def measure(rounds: int) -> list[Row]:
    """Check and do nothing by turns, four times a round; the first of each fills the disk's caches."""
    ours, least = list[float](), list[float]()
    with TemporaryDirectory(prefix="cockpit-bench-") as place:
        folder = session(Path(place) / "flight", ENTRIES, datetime.now(UTC))
        for _ in range(4 * rounds + 1):
            least.append(_ran(Path(place), 0, "-c", "pass"))
            ours.append(_ran(Path(place), BLIND, "-m", "cockpit", "check", str(folder)))
    ours, least = ours[1:], least[1:]
    against = f"{1000 * median(least):.0f} ms `python -c pass`, {1000 * median(ours):.0f} ms cockpit"
    return [Row("Check in a script", ratio(ours, least), "x", "≤ 6x", against)]


def _ran(place: Path, code: int, *words: str) -> float:
    begun = time.perf_counter()
    environ = surroundings(place, {"COCKPIT_HOME": str(place), "COCKPIT_STATE": str(place / "state")})
    done = subprocess.run([sys.executable, *words], env=environ, stdout=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - begun
    assert done.returncode == code, "it was judged"
    return took
