"""Session files that no cockpit wrote, their checksums right: what somebody with a script, or a newer cockpit, leaves."""

from datetime import datetime
from pathlib import Path

import tomli_w

from sessions.blocks import OPENING, closed
from sessions.planfile import bundled
from tests.build import T0, after

PLAN_TABLE = dict(bundled().table)
LONG_AGO, FAR_AHEAD = (
    datetime.fromisoformat("0001-01-01T00:00:00+00:00"),
    datetime.fromisoformat("9999-12-31T23:59:59Z"),
)

Row = dict[str, object]


def row(kind: str, **facts: object) -> Row:
    """Return an entry's keys but for its number; any may be overridden, `None` leaves one out."""
    return {"at": T0, "kind": kind, "by": "watch", "phase": 0, "text": kind, **facts}


def course(percent: int = 25) -> list[Row]:
    """Return the entries of a sane session that stands in a phase."""
    moved = {"intent": "i1", "percent": percent, "previous": 0, "writer": "session"}
    return [
        row("session.started", by="owner", name="one", plan="cl7"),
        row("watch.started", pid=1, host="box", at=after(1)),
        row("flag.intended", **moved, at=after(2)),
        row("flag.confirmed", intent="i1", percent=percent, at=after(3)),
        row("phase.entered", phase=percent, previous=0, evidence=["pass"], at=after(4)),
    ]


def forged(path: Path, rows: list[Row], head: Row | None = None, number: int = 1) -> Path:
    """Write a session file of these entries; `head` replaces parts of the header, a part that is None is left out."""
    parts: Row = {
        "format": number,
        "session": {"name": "one", "created": T0},
        "wiring": {"database": "", "flag_file": ""},
        "plan": PLAN_TABLE,
        **(head or {}),
    }
    data, crc = closed((tomli_w.dumps(_given(parts)) + "\n[header]\n").encode(), 0)
    for seq, keys in enumerate(rows, 1):
        block, crc = closed(OPENING + tomli_w.dumps(_given({"seq": seq, **keys})).encode(), crc)
        data += block
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _given(keys: Row) -> Row:
    return {key: value for key, value in keys.items() if value is not None}
