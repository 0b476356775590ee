"""One program, run to its end without a shell: in a session of its own, bounded in time and output, never left behind.

A timeout, too much output or the end of the watch ends its whole process group. If we are killed, the leash does.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cockpit.runtime.leash import LEASH
from sessions.text.clean import clean

LINE_LIMIT = 400
_TAIL = 4096
_ABREAST = 100
_LATE = 0.5

Take = Callable[[bytes], None]


class Ended(Struct, frozen=True):
    """How a program ended: its exit `code`, or None if it never began or was ended by us; `reason` says why."""

    code: int | None
    reason: str = ""
    begun: bool = True


async def run_program(argv: Sequence[str], patience: float, take: Take, take_error: Take, limit: int) -> Ended:
    """Run `argv` for at most `patience` s; what it prints goes to `take` and `take_error` in pieces as it comes.

    `limit` bytes of both together end it. It reads nothing and keeps our environment. Raises nothing of its own.
    """
    loop, ear = asyncio.get_running_loop(), _Ear(take, take_error, limit)
    try:
        child, _ = await loop.subprocess_exec(
            lambda: ear, *argv, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
    except (OSError, ValueError) as error:
        return Ended(None, f"{clean(argv[0], 60)}: {clean(getattr(error, 'strerror', None) or error, 80)}", begun=False)
    except asyncio.CancelledError:
        ear.end()
        raise
    try:
        async with asyncio.timeout(patience):
            await ear.exited.wait()
    except TimeoutError:
        return Ended(None, f"no end in {patience:g} s")
    finally:
        ear.end()
        try:
            await _drained(ear)
        finally:  # also where whoever waits is cancelled once more
            child.close()
    return Ended(None, f"printed over {limit:,} bytes") if ear.left < 0 else Ended(child.get_returncode())


async def run_printing(argv: Sequence[str], patience: float, limit: int) -> tuple[Ended, bytes]:
    """Run `argv` and return what it printed; where it did not end with 0, `reason` has its last complaint.

    `patience` is in s, `limit` in bytes. Raises nothing of its own.
    """
    printed, complaint = bytearray(), _Tail()
    ended = await run_program(argv, patience, printed.extend, complaint.take, limit)
    if ended.code:
        how = f"exit {ended.code}" if ended.code > 0 else f"ended by signal {-ended.code}"
        ended = replace(ended, reason=f"{how}: {complaint.last}" if complaint.last else how)
    return ended, bytes(printed)


async def run_lines(argv: Sequence[str], patience: float, on_line: Callable[[str], None], limit: int) -> Ended:
    """Run `argv` and give each line of its output, cleaned, to `on_line` as it comes; of a flood only some.

    `patience` is in s, `limit` in bytes. Raises nothing of its own.
    """
    out, errors = _Lines(on_line), _Lines(on_line)
    ended = await run_program(argv, patience, out.take, errors.take, limit)
    out.finish()
    errors.finish()
    return ended


class _Ear(asyncio.SubprocessProtocol):
    """Hears what a program prints and when it ends; one that prints too much is ended."""

    def __init__(self, take: Take, take_error: Take, limit: int) -> None:
        self._sinks = {1: take, 2: take_error}
        self._pid = 0
        self.left = limit
        self.exited = asyncio.Event()
        self.drained = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)  # noqa: S101 (the loop makes no other for it)
        self._pid = transport.get_pid()
        LEASH.hold_group(self._pid)  # before a word of it is heard

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self.left >= 0:
            self.left -= len(data)
            if self.left >= 0:
                self._sinks[fd](data)
            else:
                _kill(self._pid)

    def end(self) -> None:
        """End everything that was started, with its children."""
        if self._pid:
            _kill(self._pid)
            LEASH.let_go_group(self._pid)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del exc
        self._sinks.pop(fd, None)
        if not self._sinks:
            self.drained.set()

    def process_exited(self) -> None:
        self.exited.set()


class _Begun:
    """Cuts pieces into lines, of each the first `most` bytes.

    A text is cut at its end alone: one that began in the middle of a secret could be masked by nobody.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = b""

    def lines(self, piece: bytes) -> list[bytes]:
        """Return the lines that a piece ends."""
        *lines, rest = (self._rest + piece).replace(b"\r", b"\n").split(b"\n")
        self._rest = rest[: self._most + 1]
        return [self._cut(line) for line in lines if line.strip()]

    def _cut(self, line: bytes) -> bytes:
        """Cut between two characters, and let it be seen: what masks looks for a beginning there."""
        if len(line) <= self._most:
            return line
        kept = line[: self._most]
        while kept and kept[-1] & 0xC0 == 0x80:
            kept = kept[:-1]
        return (kept[:-1] if kept and kept[-1] >= 0xC0 else kept) + "…".encode()


class _Tail:
    """The end of what a program complained about."""

    def __init__(self) -> None:
        self._begun = _Begun(_TAIL)
        self._last = b""

    def take(self, piece: bytes) -> None:
        self._last = ([self._last, *self._begun.lines(piece)])[-1]

    @property
    def last(self) -> str:
        """The last line, cleaned."""
        self.take(b"\n")
        lines = self._last.decode("utf-8", "replace").strip().splitlines()
        return clean(lines[-1].strip(), 80) if lines else ""


class _Lines:
    """Passes on lines. An overlong line is cut; of many lines at once only the last is passed on."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._begun = _Begun(4 * LINE_LIMIT)

    def take(self, piece: bytes) -> None:
        for line in self._begun.lines(piece)[-_ABREAST:]:
            self._on_line(clean(line.decode("utf-8", "replace"), LINE_LIMIT))

    def finish(self) -> None:
        self.take(b"\n")


async def _drained(ear: _Ear) -> None:
    """Wait for its end and its last output, but not for children that left its group and hold its pipes."""
    await ear.exited.wait()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LATE):
            await ear.drained.wait()


def _kill(pid: int) -> None:
    """End the whole group, also what the program left running."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
