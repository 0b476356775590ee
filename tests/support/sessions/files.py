"""What the tests of the session file share: a small plan, drafts, a session on disk, a disk that fails on order."""

import errno
import os
import zlib
from pathlib import Path

from sessions.file_format.blocks import OPENING
from sessions.storage.disk import FileOps
from sessions.storage.journal import Journal, Opened, create
from sessions.values.entries import Draft
from tests.support.build import T0, after

SMALL_PLAN = {"id": "small", "title": "Small plan", "phases": [{"percent": 10}, {"percent": 25}]}


def note(number: int, text: str = "") -> Draft:
    return Draft("note.written", "owner", text or f"note {number}", {"number": number})


def turned(number: int) -> Draft:
    facts = {"criterion": "growth", "verdict": "breach", "was": "pass", "since": T0, "value": 41.5, "unit": "%"}
    return Draft("verdict.turned", "watch", f"shortlists +{number} % (bound +25 %)", facts)


def decided(number: int) -> Draft:
    evidence = tuple(f"{name} pass {number} ms" for name in ("latency", "errors", "analytics"))
    return Draft("phase.entered", "owner", f"entered {number} %", {"previous": 10, "evidence": evidence}, 25)


def opened(path: Path, files: FileOps | None = None) -> tuple[Journal, Opened]:
    """Open a session file for appending, on `files` where a disk is to fail."""
    journal = Journal(path, files) if files else Journal(path)
    return journal, journal.open(after(1_000))


def words(entries) -> list[tuple[int, str]]:
    return [(entry.seq, entry.text) for entry in entries]


def flown(path: Path, count: int = 6) -> bytes:
    """Write a session of `count` entries and return the file."""
    create(path, "flight", SMALL_PLAN, T0)
    journal = Journal(path)
    journal.open(T0)
    for number in range(count):
        make = (note, turned, decided)[number % 3]
        journal.append([make(number)], phase=10, now=after(number))
    journal.close()
    return path.read_bytes()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def resealed(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace `old` and compute every checksum anew, as somebody with a script could."""
    head, mark, rest = data.replace(old, new, 1).partition(b"[header]\n")
    crc = zlib.crc32(head + mark)
    out = head + mark + b'crc = "%08x"\n' % crc
    for block in rest.split(OPENING)[1:]:
        body = OPENING + block[: block.rindex(b"crc = ")]
        crc = zlib.crc32(body, crc)
        out += body + b'crc = "%08x"\n' % crc
    return out


class FailingDisk(FileOps):
    """A disk whose `at`-th call of `op` fails with `code`; for a write, `keep` bytes get through first.

    Every later call of `op` fails too while `lasting`.
    """

    def __init__(self, op: str = "", at: int = 1, code: int = errno.EIO, keep: int = 0, lasting: bool = False) -> None:
        self.op, self.at, self.code, self.keep, self.lasting = op, at, code, keep, lasting
        self.calls: dict[str, int] = {}
        self.struck = False

    def _strikes(self, op: str) -> bool:
        self.calls[op] = self.calls.get(op, 0) + 1
        strikes = op == self.op and (self.calls[op] == self.at or (self.lasting and self.calls[op] > self.at))
        self.struck = self.struck or strikes
        return strikes

    def _check(self, op: str) -> None:
        if self._strikes(op):
            raise OSError(self.code, os.strerror(self.code))

    def open(self, path, flags, mode=0o600):
        self._check("open")
        return super().open(path, flags, mode)

    def chmod(self, fd, mode):
        self._check("chmod")
        super().chmod(fd, mode)

    def status(self, fd):
        self._check("status")
        return super().status(fd)

    def named(self, path):
        self._check("named")
        return super().named(path)

    def read(self, fd, size, offset):
        self._check("read")
        return super().read(fd, size, offset)

    def write(self, fd, data):
        if self._strikes("write"):
            if self.keep:
                os.write(fd, data[: self.keep])
            raise OSError(self.code, os.strerror(self.code))
        return super().write(fd, data)

    def fsync(self, fd):
        self._check("fsync")
        super().fsync(fd)

    def ftruncate(self, fd, size):
        self._check("ftruncate")
        super().ftruncate(fd, size)

    def link(self, source, target):
        self._check("link")
        super().link(source, target)

    def unlink(self, path):
        self._check("unlink")
        super().unlink(path)

    def lock(self, fd):
        self._check("lock")
        super().lock(fd)


class StingyDisk(FileOps):
    """A disk that takes `most` bytes a call and is interrupted before every second one."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.calls = 0

    def write(self, fd, data):
        self.calls += 1
        if self.calls % 2 == 0:
            raise InterruptedError
        return super().write(fd, data[: self.most])
