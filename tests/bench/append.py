"""One entry into the session file, beside a bare write and fsync of as many bytes in the same folder."""

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.flight import entered, session, turned
from tools.row import Row

from sessions.storage.folders import SESSION
from sessions.storage.journal import Journal
from sessions.values.entries import Draft


def measure(rounds: int) -> list[Row]:
    """Append by turns, ours and bare, 60 pairs a round."""
    pairs = 60 * rounds
    with TemporaryDirectory(prefix="cockpit-bench-", dir=Path.cwd()) as place:
        folder = session(Path(place) / "flight", 200, datetime.now(UTC))
        return [
            _row("Append a turned verdict", folder, turned(1), pairs),
            _row("Append a decision with evidence", folder, entered(50, 25), pairs),
        ]


def _row(what: str, folder: Path, draft: Draft, pairs: int) -> Row:
    """Write `draft`, and as many bytes to a copy of the file, by turns; the first pair warms up and is not counted."""
    ours, bare = list[float](), list[float]()
    path, now = folder / SESSION, datetime.now(UTC)
    journal = Journal(path)
    journal.open(now)
    fd = os.open(shutil.copy(path, folder / "bare"), os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(pairs + 1):
            size = path.stat().st_size
            begun = time.perf_counter()
            journal.append([draft], phase=25, now=now)
            ours.append(time.perf_counter() - begun)
            block = b"x" * (path.stat().st_size - size)
            begun = time.perf_counter()
            os.write(fd, block)
            os.fsync(fd)
            bare.append(time.perf_counter() - begun)
    finally:
        os.close(fd)
        journal.close()
    took, alone = 1000 * median(ours[1:]), 1000 * median(bare[1:])
    return Row(
        what, took / alone, "x fsync", "≤ 1.3x", f"{alone:.2f} ms bare, {took:.2f} ms ours, {len(block):,} bytes"
    )
