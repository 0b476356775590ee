"""What a session's log could not take, set aside in the state folder: a file an entry, until some cockpit enters it."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from sessions.file_format.blocks import UnreadableError, entries_in, header, rendered, settled
from sessions.file_format.checksums import Place, walk
from sessions.file_format.document import Opened
from sessions.storage.disk import DISK, FileOps, open_regular, read_all, sync_folder, write_new
from sessions.storage.folders import state_home
from sessions.text.clean import clean
from sessions.text.digest import sha256_of
from sessions.values.entries import KINDS, Draft, Entry, Unwritten
from sessions.values.percent import Percent, exact_percent

_END = ".toml"
_SESSION = "session"
_MOST = 2_000


CARD = "card.toml"
"""A session file cut down to its header and one entry: which flag, and the phase that was last known."""


class Spool:
    """The entries set aside for the session in `folder`; `session` tells it from another one at the same place."""

    def __init__(self, folder: Path, session: str, files: FileOps = DISK) -> None:
        self.place = place_of(folder) / "owed"
        self._session = session
        self.files = files

    def keep(self, items: Sequence[Unwritten]) -> str:
        """Set aside those that are not yet, each down to the disk. Say why that failed; empty where all are kept."""
        aside = {item.id for item in self.read()} if items else set()
        homeless = [item for item in items if item.id not in aside]
        if not homeless:
            return ""
        try:
            self.files.make_folder(self.place)
            for item in homeless:
                self._keep(item)
            sync_folder(self.place, self.files)
        except OSError as error:
            return f"{clean(self.place, 120)}: cannot be written to ({clean(error.strerror or error, 80)})"
        return ""

    def read(self) -> tuple[Unwritten, ...]:
        """Return what is set aside, the oldest first. What cannot be read is left where it is."""
        found: list[Unwritten] = []
        with contextlib.suppress(OSError):
            for name in sorted(self.files.names(self.place))[:_MOST]:
                if name.endswith(_END):
                    found.extend(self._read(name))
        return tuple(sorted(found, key=lambda item: (item.at, item.id)))

    def forget(self, items: Sequence[Unwritten]) -> None:
        """Drop what the log has now; a file that cannot be dropped is known by its name the next time."""
        for item in items:
            with contextlib.suppress(OSError):
                self.files.unlink(self.place / f"{item.id}{_END}")

    def leave_card(self, opened: Opened, phase: Percent) -> None:
        """Write down which session this is and where it stands; what cannot be written is left."""
        head = header(opened.name, opened.plan, opened.created, opened.wiring)
        entry = Entry(1, opened.created, "note.written", "watch", phase, "where the flag was last known to stand")
        data = head + rendered(entry, int(head[-10:-2], 16))[0]
        target = self.place.parent / CARD
        with contextlib.suppress(OSError):
            self.files.make_folder(target.parent)
            self._exchange(target, data)

    def _keep(self, item: Unwritten) -> None:
        """Write one entry's file; replace one that an earlier attempt left unfinished."""
        path, block = self.place / f"{item.id}{_END}", self._block(item)
        try:
            write_new(path, block, self.files)
        except FileExistsError:
            if not self._read(path.name):  # it may be whole all the same: it stands until the new one is
                self._exchange(path, block)

    def _exchange(self, path: Path, data: bytes) -> None:
        """Put a file in the place of another, or leave that as it is."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            self.files.unlink(draft)
        write_new(draft, data, self.files)
        self.files.rename(draft, path)

    def _block(self, item: Unwritten) -> bytes:
        entry = settled(item.draft, seq=1, phase=item.phase, now=item.at)
        facts = {**entry.facts, _SESSION: self._session, "in_force": item.phase}
        whole = Entry(entry.seq, entry.at, entry.kind, entry.by, entry.phase, entry.text, facts)
        return rendered(whole, 0)[0]

    def _read(self, name: str) -> list[Unwritten]:
        """Return the entry of one file; none where it is torn, strange, or of another session."""
        try:
            fd = open_regular(self.place / name, os.O_RDONLY, self.files)
        except OSError:
            return []
        try:
            proved = walk(read_all(fd, self.files), Place())
            entries = entries_in(proved.raw, proved.crcs)
        except (OSError, UnreadableError):
            return []
        finally:
            self.files.close(fd)
        with contextlib.suppress(ValueError):  # it lacks what its kind carries
            return [self._restored(name, entry) for entry in entries if self._ours(entry)]
        return []

    def _ours(self, entry: Entry) -> bool:
        return entry.said(_SESSION) == self._session and entry.kind in KINDS

    def _restored(self, name: str, entry: Entry) -> Unwritten:
        phase = exact_percent(entry.counted("in_force")) or 0
        facts = {key: value for key, value in entry.facts.items() if key not in (_SESSION, "in_force")}
        own = None if entry.phase == phase else entry.phase
        return Unwritten(name.removesuffix(_END), entry.at, Draft(entry.kind, entry.by, entry.text, facts, own), phase)


def place_of(folder: Path) -> Path:
    """Return where the state folder keeps what belongs to the session in `folder`."""
    digest = sha256_of(os.fsencode(os.path.realpath(folder)))[:16]
    return state_home() / "sessions" / f"{clean(folder.name, 40).replace('/', '_')}-{digest}"
