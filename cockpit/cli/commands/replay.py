"""`cockpit replay`: a recorded flight judged again. It acts on nothing and writes nothing."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from msgspec import Struct

from cockpit.cli.commands.open import announce, need_terminal, screen_settings
from cockpit.runtime.clock import clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.settings.models.settings import Settings
from cockpit.settings.trust.own_text import UntrustedError
from sessions.file_format.anchor import shortened
from sessions.file_format.document import Opened
from sessions.history.copied import kept
from sessions.plan.model import Plan
from sessions.plan.strict_table import TableError
from sessions.replay.changes import Change, changed
from sessions.replay.course import Course, Times, Visit, as_judged, as_recorded
from sessions.replay.flight import Moment, Replay
from sessions.replay.limits import consequences, limits
from sessions.replay.record import Record, recorded
from sessions.replay.side_by_side import GateRow, HappenedRow, TimesRow, side_by_side
from sessions.replay.told import Told, lines
from sessions.storage.folders import HISTORY, SESSION, find
from sessions.storage.replay import rebuilt
from sessions.storage.session_file import load
from sessions.text.clean import clean

_EVERY = 500
_COURSES = ("recorded", "anew", "changed")


def replay_session(which: str | None, sets: Sequence[str], *, as_json: bool) -> int:
    """Print how the flight was, how it is judged again, and how with a changed plan.

    Raises JournalError, FolderError, BadInputError.
    """
    told = _told(find(which), sets)
    if as_json:
        sys.stdout.write(json.dumps(as_table(told), indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(lines(told, None)) + "\n")
    return 0


def replay_on_screen(which: str | None, sets: Sequence[str], speed: float) -> int:
    """Show the flight on the deck, by the changed plan where there is one; it ends when the screen is left.

    Raises JournalError, FolderError, BadInputError.
    """
    folder = find(which)
    need_terminal()
    announce(f"replaying {folder.name}")
    flight = _flight(folder, sets)
    from cockpit.session.replayed import Course as Moments
    from cockpit.session.replayed import Replayed
    from cockpit.tui.keys import KeyClashError
    from cockpit.tui.replay import ReplayScreen

    try:
        door = Replayed(Moments(lambda: Replay(flight.other, flight.plan, flight.record).moments()), speed)
        screen = ReplayScreen(door, on_ready=door.start, settings=_looks(folder))
    except (ValueError, KeyClashError) as error:
        raise BadInputError(f"{clean(folder)}: {error}") from error
    try:
        return screen.run() or 0
    finally:
        door.stop("screen left")


def _looks(folder: Path) -> Settings:
    """Return theme and keys of the session's settings, the usual ones where nobody trusts those."""
    try:
        return screen_settings(folder, None)
    except UntrustedError:
        return Settings()


class _Flight(Struct, frozen=True):
    """A flight as it was found, the plan that it was flown by, and the one that it is judged by."""

    opened: Opened
    plan: Plan
    other: Plan
    changes: tuple[Change, ...]
    record: Record
    fault: str


def _flight(folder: Path, sets: Sequence[str]) -> _Flight:
    history = kept(folder / HISTORY)
    opened = shortened(load(folder / SESSION), history.anchor)
    if not opened.entries:
        raise BadInputError(f"{clean(folder / SESSION)}: holds no entry: there is nothing to replay")
    plan = rebuilt(opened).plan
    try:
        other, changes = changed(plan, sets)
    except TableError as error:
        problems = (f"--set {str(one).removeprefix('--set ')}" for one in error.problems)
        raise BadInputError("; ".join(problems)) from error
    record = recorded(plan, opened.entries, history.readings, clock_of(folder).now())
    return _Flight(opened, plan, other, changes, record, history.fault)


def _told(folder: Path, sets: Sequence[str]) -> Told:
    flight = _flight(folder, sets)
    opened, plan, other, changes, record = flight.opened, flight.plan, flight.other, flight.changes, flight.record
    log, anew = as_recorded(plan, record), _judged(Replay(plan, plan, record), record)
    with_changes = _judged(Replay(other, plan, record), record) if changes else None
    damage = f"{opened.damage.what}: everything after entry {len(opened.entries)} is ignored" if opened.damage else ""
    told = (
        damage,
        flight.fault,
        *limits(plan, record, other if changes else None, None),
        *consequences(record, with_changes or anew, None),
    )
    sides = side_by_side(plan, log, anew, with_changes)
    return Told(opened.name, plan, record, changes, sides, tuple(filter(None, told)), anew.judged)


def _judged(replay: Replay, record: Record) -> Course:
    return as_judged(replay.flown, record, counted(replay.moments(), record))


def counted(moments: Iterable[Moment], record: Record) -> Iterator[Moment]:
    """Print the progress to a terminal; a long flight takes minutes."""
    whole = max((record.until - record.since).total_seconds(), 1.0)
    seen, told = sys.stderr.isatty(), False
    for number, moment in enumerate(moments, 1):
        if seen and number % _EVERY == 0:
            done = 100 * (moment.at - record.since).total_seconds() / whole
            sys.stderr.write(f"\rcockpit: judging again … {done:.0f} %")
            sys.stderr.flush()
            told = True
        yield moment
    if told:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def as_table(told: Told) -> dict[str, object]:
    """Return all of it as plain values; the shape is documented in docs/replay.md and does not change."""
    record, sides = told.record, told.sides
    return {
        "session": told.name,
        "plan": told.plan.id,
        "since": record.since.isoformat(),
        "until": record.until.isoformat(),
        "readings": record.count,
        "entries": len(record.entries),
        "judged": told.judged,
        "grain_s": sides.grain,
        "changes": [_change(one) for one in told.changes],
        "limits": list(told.limits),
        "gates": [_gate_row(row) for row in sides.gates],
        "criteria": {row.criterion: _times_row(row) for row in sides.criteria},
        "happened": [_happened_row(row) for row in sides.happened],
    }


def _gate_row(row: GateRow) -> dict[str, object]:
    stay = row.recorded
    return {
        "phase": stay.phase,
        "goal": stay.goal,
        "since": stay.since.isoformat(),
        "until": stay.until.isoformat(),
        "left": stay.left,
        "anew": _gate(row.anew),
        "changed": _gate(row.changed),
        "differs": row.differs,
    }


def _times_row(row: TimesRow) -> dict[str, object]:
    courses = zip(_COURSES, (row.recorded, row.anew, row.changed), strict=True)
    return {**{name: _times(one) for name, one in courses}, "differs": row.differs}


def _happened_row(row: HappenedRow) -> dict[str, object]:
    moments = {name: _moment(at) for name, at in zip_longest(_COURSES, row.times)}
    return {"what": row.what, "about": row.about, "word": row.word, **moments, "differs": row.differs}


def _change(one: Change) -> dict[str, object]:
    return {"key": one.key, "was": one.was, "value": one.value}


def _gate(stay: Visit | None) -> dict[str, object] | None:
    if stay is None:
        return None
    return {"opened": _moment(stay.opened), "held_s": {name: round(held, 3) for name, held in stay.held.items()}}


def _times(times: Times | None) -> dict[str, float] | None:
    if times is None:
        return None
    return {"pass_s": times.passed, "breach_s": times.breached, "unknown_s": times.unknown}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
