"""`cockpit revert` from a cold start to the written flag, against the least that it must do.

The least is a bare Python that edits the same JSON file, and the start of `cockpit --help`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.flight import session
from tools.row import Row, ratio

from cockpit.demo.world.flag_file import first_text
from sessions.plan.loader import bundled

ENTRIES = 200
PLAN = bundled()
EDIT = """
import json, sys
path, percent = sys.argv[1], int(sys.argv[2])
document = json.load(open(path))
share = next(iter(document["flags"].values()))["targeting"]["fractional"]
share[-2][1], share[-1][1] = percent, 100 - percent
open(path, "w").write(json.dumps(document))
"""


def measure(rounds: int) -> list[Row]:
    """Revert, edit and ask for help by turns."""
    ours, least = list[float](), list[float]()
    with TemporaryDirectory(prefix="cockpit-bench-") as place:
        home = Path(place)
        flags, settings = home / "flags.json", home / "cockpit.toml"
        settings.write_text(f'[flag]\nkind = "flagd"\nfile = "{flags}"\n', "utf-8")
        _ran("-m", "cockpit", "trust", str(settings), home=home)
        whole = session(home / "flight", ENTRIES, datetime.now(UTC))
        for number in range(rounds + 1):
            folder = home / str(number)
            shutil.copytree(whole, folder)
            flags.write_text(first_text(PLAN), "utf-8")
            least.append(_ran("-c", EDIT, str(flags), "25", home=home) + _ran("-m", "cockpit", "--help", home=home))
            ours.append(_reverted(folder, flags, settings, home))
    ours, least = ours[1:], least[1:]  # the first of each fills the disk's caches
    return [
        Row("Revert from a cold start", 1000 * median(ours), "ms", "", f"to the written flag, {ENTRIES} entries"),
        Row("The same, to the least", ratio(ours, least), "x", "<= 1.5x", "an edit in Python + `cockpit --help`"),
    ]


def _ran(*words: str, home: Path) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], env=_surroundings(home), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _reverted(folder: Path, flags: Path, settings: Path, home: Path) -> float:
    """Return the seconds until the file is another one."""
    before, begun = flags.stat().st_ino, time.perf_counter()
    words = [sys.executable, "-m", "cockpit", "revert", str(folder), "--config", str(settings)]
    with subprocess.Popen(words, env=_surroundings(home), stdout=subprocess.DEVNULL) as child:
        while flags.stat().st_ino == before and child.poll() is None:
            time.sleep(0.0005)
        took = time.perf_counter() - begun
    share = next(iter(json.loads(flags.read_text("utf-8"))["flags"].values()))["targeting"]["fractional"]
    assert (child.returncode, share[-2][1]) == (0, 10), "the revert was done"
    return took


def _surroundings(home: Path) -> dict[str, str]:
    return {**os.environ, "COCKPIT_STATE": str(home / "state"), "COCKPIT_HOME": str(home)}
