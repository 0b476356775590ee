"""A long session read from the disk and folded into a state again, in seconds of processor time."""

import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.flight import PLAN, session
from tools.row import Row

from sessions.history.history import History
from sessions.state.reducer import replay
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import load

ENTRIES = 10_000


def measure(rounds: int) -> list[Row]:
    """Load and replay the same session `rounds` times."""
    read, folded, recalled = list[float](), list[float](), list[float]()
    with TemporaryDirectory(prefix="cockpit-bench-") as place:
        folder = session(Path(place) / "flight", ENTRIES, datetime.now(UTC))
        size = (folder / SESSION).stat().st_size
        for _ in range(rounds):
            begun = time.process_time()
            opened = load(folder / SESSION)
            read.append(time.process_time() - begun)
            begun = time.process_time()
            state = replay(PLAN, opened.entries)
            folded.append(time.process_time() - begun)
            begun = time.process_time()
            history = History.open_readonly(folder / HISTORY)
            count = len(history.recent())
            history.close()
            recalled.append(time.process_time() - begun)
    assert state.seq == ENTRIES
    return [
        Row("Load 10,000 entries", median(read), "s CPU", "≤ 0.4 s", f"{size / 1e6:.1f} MB"),
        Row("Replay 10,000 entries", 1000 * median(folded), "ms CPU", "", ""),
        Row("Recall the recent readings", 1000 * median(recalled), "ms CPU", "", f"{count:,} readings"),
    ]
