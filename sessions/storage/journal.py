"""The session file on disk: appended, fsynced, then acknowledged; never rewritten.

The lock is the kernel's `flock` on the file itself: about a microsecond, nothing left lying about, freed by any death.
Nobody is waited for: who finds it taken hears so at once, and asks again.
"""

import contextlib
import os
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from sessions.file_format.anchor import Anchor, shortened
from sessions.file_format.blocks import UnreadableError, entries_in, rendered, settled
from sessions.file_format.checksums import Place, is_torn, walk
from sessions.file_format.document import Damage, Opened
from sessions.file_format.soundness import Known, known_after, known_in, sound_part
from sessions.storage.disk import DISK, FileOps, read_all, sync_folder, write_all, write_beside
from sessions.storage.session_file import (
    MOST_BYTES,
    JournalError,
    LockedError,
    create,
    damaged,
    load,
    opened_at,
    read_at,
    said,
    why,
)
from sessions.text.clean import clean
from sessions.values.entries import Draft, Entry
from sessions.values.percent import Percent

__all__ = ["Damage", "Journal", "JournalError", "LockedError", "Opened", "create", "load"]

Settled = tuple[Sequence[Draft], Percent]
"""What is to be written, and the percentage in force."""
Decide = Callable[[Sequence[Entry]], Settled]

_REOPEN = "no entry is saved any more, look at the file and open the session again"
_COPY = "no entry is saved any more, copy the session to a sound disk and open the copy"


class Journal:
    """The writer of one session file; several processes may each hold one.

    `fault` is empty while the file takes entries; else the reason, in one line. While `final` is False (disk full, lock
    held too long) each append tries again and success clears it; once it is True only a new Journal helps. `away`: no
    longer this file stands at `path`; should it come back, a new Journal can go on.
    `anchor` is the entry up to which the file is known to have come: a shorter one is damaged.
    """

    def __init__(self, path: Path, files: FileOps = DISK, anchor: Anchor | None = None) -> None:
        self.path = path
        self.fault = ""
        self.final = self.away = False
        self._files = files
        self._anchor = anchor
        self._fd = -1
        self._place = Place()
        self._sum = 0
        self._stamp: tuple[int, ...] = ()
        self._owed: list[Draft] = []
        self._news: list[Entry] = []
        self._known = Known()

    def open(self, now: datetime) -> Opened:
        """Read the file and keep it open for appending; a torn end is set aside, and an entry says so.

        Nobody is waited for: while another process writes, its torn end is left to the first append.
        Raises JournalError where there is nothing to show or no right to write. Damage raises nothing, it is a `fault`.
        """
        self._fd = opened_at(self.path, os.O_RDWR | os.O_APPEND, self._files)
        try:
            opened, data = self._read()
            if not opened.torn and not opened.damage:
                return self._begun(opened, data, now)
            try:
                self._lock()
            except LockedError:
                return self._begun(opened, data, now)
            try:
                return self._begun(*self._read(), now, mend=True)
            finally:
                self._files.unlock(self._fd)
        except JournalError:
            self.close()
            raise

    def append(self, drafts: Sequence[Draft], *, phase: Percent, now: datetime) -> tuple[Entry, ...]:
        """Write `drafts` in one go and return them as entries once they are on the disk.

        Entries that other processes appended meanwhile come first in what is returned: apply all of it in order.
        `phase` is the percentage in force. Raises JournalError when nothing, or nothing for sure, was saved.
        """
        news: list[Entry] = []

        def settle_on(others: Sequence[Entry]) -> Settled:
            news.extend(others)
            return drafts, phase

        try:
            own = self.transact(settle_on, now)
        except JournalError:
            self._news[:0] = news
            raise
        return (*news, *own)

    def transact(self, decide: Decide, now: datetime) -> tuple[Entry, ...]:
        """Write what `decide` says under the lock, in one go; return it as entries once it is on the disk.

        `decide` is told what other processes appended meanwhile, in order, and nobody else writes until it has said.
        Raises JournalError when nothing, or nothing for sure, was saved; `decide` may have been told all the same.
        """
        if self.final or self._fd < 0:
            raise JournalError(self.fault or said(self.path, "is not open", "open it first"))
        self._lock()
        try:
            self._notice(mend=True)
            drafts, phase = decide(self._news_once())
            return self._store(drafts, phase, now)
        finally:
            self._files.unlock(self._fd)

    def catch_up(self) -> tuple[Entry, ...]:
        """Return what other processes appended since the last look; nothing while one of them is writing."""
        if self.final or self._fd < 0:
            return ()
        try:
            self._files.lock(self._fd)
        except OSError:
            return ()
        try:
            self._notice(mend=False)
        except JournalError:
            return ()
        finally:
            self._files.unlock(self._fd)
        return self._news_once()

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        if self._fd >= 0:
            self._files.close(self._fd)
            self._fd = -1

    def _read(self) -> tuple[Opened, bytes]:
        found, data = read_at(self.path, self._fd, self._files)
        return shortened(found, self._anchor), data

    def _begun(self, opened: Opened, data: bytes, now: datetime, *, mend: bool = False) -> Opened:
        """Begin after what was read; to `mend`, which sets a torn end aside, needs the lock."""
        self._place, self._sum = opened.end, zlib.crc32(data[: opened.end.offset])
        self._known = known_in(opened.plan)
        if opened.damage:
            self._final(damaged(self.path, opened.damage))
            return opened
        phase = opened.entries[-1].phase if opened.entries else 0
        try:
            if mend and opened.torn:
                self._set_aside(opened.torn)
            self._sync("what was read")
            own = self._store((), phase, now) if mend else ()
        except JournalError:
            return opened
        return replace(opened, entries=(*opened.entries, *own))

    def _lock(self) -> None:
        try:
            self._files.lock(self._fd)
        except BlockingIOError as error:
            todo = f"see who has it with `fuser {clean(self.path)}`, and try again"
            raise LockedError(said(self.path, "is locked by another process", todo)) from error
        except OSError as error:
            raise self._passing(f"cannot be locked ({why(error)})", "check the disk") from error

    def _passing(self, what: str, todo: str) -> JournalError:
        """Say why this entry was not saved; the next one is tried again."""
        self.fault = said(self.path, what, todo)
        return JournalError(self.fault)

    def _final(self, line: str) -> JournalError:
        """Say why no entry will be saved any more."""
        self.fault, self.final = line, True
        return JournalError(line)

    def _lost(self, what: str, todo: str = _REOPEN) -> JournalError:
        return self._final(said(self.path, what, todo))

    def _news_once(self) -> tuple[Entry, ...]:
        news = tuple(self._news)
        self._news.clear()
        return news

    def _look(self) -> tuple[int, ...]:
        """Return what tells one state of the file from another. Raises JournalError where it is no longer our file."""
        try:
            ours, there = self._files.status(self._fd), self._files.named(self.path)
        except FileNotFoundError as error:
            self.away = True
            raise self._lost("was deleted or moved away") from error
        except OSError as error:
            raise self._lost(f"cannot be looked at ({why(error)})") from error
        if (ours.st_dev, ours.st_ino) != (there.st_dev, there.st_ino):
            self.away = True
            raise self._lost("was replaced by another program")
        return ours.st_size, ours.st_mtime_ns

    def _notice(self, *, mend: bool) -> None:
        """Take in what others appended; `mend` also sets aside what one of them left unfinished. Needs the lock."""
        stamp = self._look()
        if stamp == self._stamp:
            return
        try:
            data = read_all(self._fd, self._files)
        except OSError as error:
            raise self._lost(f"cannot be read ({why(error)})") from error
        if len(data) < self._place.offset or zlib.crc32(data[: self._place.offset]) != self._sum:
            raise self._lost("was changed by another program")
        rest = self._take(data)
        if rest and mend:
            self._set_aside(rest)
        self._stamp = () if rest else stamp

    def _take(self, data: bytes) -> bytes:
        """Take in the whole entries after our place; return what is torn off after them."""
        found = walk(data, self._place)
        try:
            entries = entries_in(found.raw, found.crcs)
        except UnreadableError as error:
            raise self._lost(f"has a foreign entry that {error.what}") from error
        if [entry.seq for entry in entries] != list(range(self._place.seq + 1, found.end.seq + 1)):
            raise self._lost(f"has foreign entries out of order after entry {self._place.seq}")
        if wrong := sound_part(entries, self._known)[1]:
            raise self._lost(f"has a foreign entry: {wrong}")
        if found.rest and not is_torn(found.rest):
            raise self._lost(f"was damaged after entry {found.end.seq}")
        self._news.extend(entries)
        self._known = known_after(self._known, entries)
        self._place, self._sum = found.end, zlib.crc32(found.raw, self._sum)
        return found.rest

    def _set_aside(self, torn: bytes) -> None:
        """Copy an unfinished end to a file of its own, then cut it off; the entry about it goes with the next write."""
        try:
            aside = write_beside(self.path, f"torn-{self._place.seq + 1}", torn, self._files)
            sync_folder(self.path.parent, self._files)
            self._files.ftruncate(self._fd, self._place.offset)
        except OSError as error:
            raise self._lost(f"has an unfinished entry that cannot be set aside ({why(error)})") from error
        text = f"1 unfinished entry set aside ({len(torn):,} bytes in {aside.name})"
        self._owed.append(Draft("journal.recovered", "watch", text, {"bytes": len(torn), "file": aside.name}))

    def _store(self, drafts: Sequence[Draft], phase: Percent, now: datetime) -> tuple[Entry, ...]:
        """Write blocks after the proved end in one write and fsync them. Needs the lock."""
        place, raw, entries = self._place, b"", list[Entry]()
        for draft in (*self._owed, *drafts):
            entry = settled(draft, seq=place.seq + 1, phase=phase, now=now)
            block, crc = rendered(entry, place.crc)
            raw += block
            place = Place(place.offset + len(block), entry.seq, crc)
            entries.append(replace(entry, crc=f"{crc:08x}"))
        if place.offset > MOST_BYTES:
            raise self._passing("entry NOT saved (the file would exceed 64 MB)", "start a new session")
        if not raw:
            return ()
        self._write(raw)
        self._sync(f"entry {place.seq}")
        self._place, self._sum = place, zlib.crc32(raw, self._sum)
        self._known = known_after(self._known, entries)
        self._owed.clear()
        self.fault, self._stamp = "", ()
        with contextlib.suppress(JournalError):  # the entries are on the disk, whatever became of the file since
            self._stamp = self._look()
        return tuple(entries)

    def _write(self, raw: bytes) -> None:
        try:
            write_all(self._fd, raw, self._files)
        except OSError as error:
            self._take_back(error)
            raise self._passing(f"entry NOT saved ({why(error)})", "make room, or check the disk") from error

    def _take_back(self, cause: OSError) -> None:
        """Cut off what a failed write left."""
        self._stamp = ()
        try:
            if self._files.status(self._fd).st_size != self._place.offset:
                self._files.ftruncate(self._fd, self._place.offset)
        except OSError as error:
            what = f"entry NOT saved ({why(cause)}) and what was written of it cannot be removed ({why(error)})"
            raise self._lost(what) from error

    def _sync(self, what: str) -> None:
        """After a failed fsync the next one may say yes although the pages are lost: it is never asked again."""
        try:
            self._files.fsync(self._fd)
        except OSError as error:
            raise self._lost(f"{what} is not proved saved ({why(error)})", _COPY) from error
