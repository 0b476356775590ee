"""Where a session stands, as far as a revert must know: read at once, without a lock, and from a damaged file too."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sessions.file_format.blocks import UnreadableError, entries_in
from sessions.file_format.checksums import HEADER_END, Place, follows, is_torn, pieces, walk
from sessions.file_format.document import Opened, head_of
from sessions.file_format.promises import CHANGED, in_force
from sessions.storage.disk import DISK, FileOps, read_all
from sessions.storage.folders import SESSION, FolderError, find, home
from sessions.storage.session_file import JournalError, opened_at, said, why
from sessions.storage.spool import CARD, Spool, place_of
from sessions.text.clean import clean
from sessions.values.percent import Percent, exact_percent

_CONCLUDED, _ENTERED = b'\nkind = "session.concluded"\n', b'\nkind = "phase.entered"\n'
_CHANGED = f'\nkind = "{CHANGED}"\n'.encode()
_PHASE = re.compile(rb"^phase = ([0-9]{1,3}(?:\.[0-9]{1,2})?)$", re.MULTILINE)


class Glance(Struct, frozen=True):
    """One session: its folder and header, the percentages it may stand at, and what the owner should know of the file.

    There are several percentages where damage leaves it open which is in force.
    """

    folder: Path
    head: Opened
    phases: tuple[Percent, ...]
    notes: tuple[str, ...] = ()

    @property
    def phase(self) -> Percent:
        """The lowest percentage it may stand at."""
        return min(self.phases)

    @property
    def before(self) -> Percent:
        """The percentage of the phase before: what a revert goes to."""
        return max((percent for percent in percents(self.head.plan) if percent < self.phase), default=0)

    @property
    def flag(self) -> str:
        """The name that the plan gives the flag."""
        return str(self.head.plan.get("flag", ""))


def is_concluded(folder: Path, files: FileOps = DISK) -> bool:
    """Whether its owner ended a session, and it was not opened again since; what cannot be read is not."""
    try:
        data = _bytes(folder / SESSION, files)
    except JournalError:
        return False
    return data.rfind(_CONCLUDED) > data.rfind(_ENTERED)


def percents(plan: Mapping[str, object]) -> tuple[Percent, ...]:
    """Return the percentages of a plan's table, also if other parts of it cannot be read."""
    phases = plan.get("phases")
    rows = [row.get("percent") for row in phases if isinstance(row, Mapping)] if isinstance(phases, list) else []
    return tuple(sorted({0, *(percent for row in rows if (percent := exact_percent(row)) is not None)}))


def phase_of(plan: Mapping[str, object], percent: Percent) -> Percent:
    """Return the phase that allows a flag at `percent`."""
    return next((each for each in percents(plan) if each >= percent), percent)


def glance(which: str | None, files: FileOps = DISK) -> Glance:
    """Look at a session by name or path, the newest without one; where its file cannot be read, at its card.

    Raises FolderError and JournalError where neither can be read.
    """
    try:
        folder = find(which)
    except FolderError:
        if which is None or (gone := _gone(which, files)) is None:
            raise
        return gone
    try:
        return _glance(folder, folder / SESSION, files)
    except JournalError as error:
        try:
            return _with_note(_glance(folder, place_of(folder) / CARD, files), str(error))
        except JournalError:
            raise error from None


def _gone(which: str, files: FileOps) -> Glance | None:
    """Return what is known of a session whose folder is gone."""
    for folder in (home() / which, Path(which).expanduser()):
        try:
            return _with_note(_glance(folder, place_of(folder) / CARD, files), f"{folder / SESSION}: is gone")
        except (JournalError, OSError, ValueError):
            continue
    return None


def _with_note(found: Glance, note: str) -> Glance:
    note = f"{note}; going by where it stood when it was last known"
    return Glance(found.folder, found.head, found.phases, (*found.notes, note))


def _glance(folder: Path, path: Path, files: FileOps) -> Glance:
    data = _bytes(path, files)
    try:
        head = head_of(data)
    except UnreadableError as error:
        raise JournalError(said(path, error.what, error.todo)) from error
    closing = HEADER_END.search(data)
    start = closing.end() if closing else 0
    proved = walk(data, Place(start, 0, int(closing[1], 16) if closing else 0))
    head = replace(head, plan=_promised(head, proved.raw))
    notes = (f"{clean(path)}: damaged or unfinished after entry {proved.end.seq}",) if proved.rest else ()
    phases = _owed(folder, head, data, files) or _phases(proved.raw, proved.rest)
    if len(phases) > 1 or is_torn(proved.rest):
        phases = _on_card(folder, path, head, files) or phases
    return Glance(folder, head, phases, notes)


def _promised(head: Opened, proved: bytes) -> Mapping[str, object]:
    """Return the plan in force: the newest that a proved block puts in place of the header's."""
    if _CHANGED not in proved:
        return head.plan
    blocks = [(block, crc) for block, crc in pieces(proved) if _CHANGED in block]
    try:
        return in_force(head.plan, (entry for block, crc in blocks for entry in entries_in(block, (crc,))))
    except UnreadableError:
        return head.plan


def _on_card(folder: Path, path: Path, head: Opened, files: FileOps) -> tuple[Percent, ...]:
    """Return the phase that was last known, where the card is of the same session; nothing where there is none."""
    card = place_of(folder) / CARD
    if path == card:
        return ()
    try:
        found = _glance(folder, card, files)
    except JournalError:
        return ()
    return found.phases if found.head.created == head.created else ()


def _phases(proved: bytes, rest: bytes) -> tuple[Percent, ...]:
    """Return the percentages that may be in force: that of the last block, where its own checksum holds.

    A block is chained to the closing line before it: one that was damaged earlier in the file takes no other along.
    """
    blocks = [block for block, _ in pieces(proved + rest)]
    if len(blocks) > 1 and follows(blocks[-2], blocks[-1]):
        return (_last_phase(blocks[-1]),)
    return tuple(sorted({_last_phase(proved), _last_phase(proved + rest)}))


def _owed(folder: Path, head: Opened, data: bytes, files: FileOps) -> tuple[Percent, ...]:
    """Return the phase that was entered last and is set aside, not in the file yet; nothing where there is none."""
    kept = [item for item in Spool(folder, head.created.isoformat(), files).read() if item.id.encode() not in data]
    entered = [item for item in kept if item.draft.kind == "phase.entered"]
    return tuple(item.phase if item.draft.phase is None else item.draft.phase for item in entered[-1:])


def _last_phase(blocks: bytes) -> Percent:
    found = _PHASE.findall(blocks)
    return (exact_percent(float(found[-1])) or 0) if found else 0


def _bytes(path: Path, files: FileOps) -> bytes:
    fd = opened_at(path, os.O_RDONLY, files)
    try:
        return read_all(fd, files)
    except OSError as error:
        raise JournalError(said(path, f"cannot be read ({why(error)})", "check the disk")) from error
    finally:
        files.close(fd)
