"""Which bytes of a session file are proved: checksums decide before anything is read as TOML.

Only an unfinished end is torn. Any other mismatch is damage, and damage is never repaired automatically.
"""

import re
import zlib

from msgspec import Struct

from sessions.file_format.blocks import OPENING

HEADER_END = re.compile(rb'^\[header\]\ncrc = "([0-9a-f]{8})"\n', re.MULTILINE)
_CLOSING = re.compile(rb'^crc = "([0-9a-f]{8})"\n', re.MULTILINE)
_CLOSING_SHAPE = b'\ncrc = "........"\n'
_HEX = b"0123456789abcdef"
_LOST_WRITE = bytes(16)


class Place(Struct, frozen=True):
    """Where the chain stands: `offset` bytes are proved, the last entry is `seq`, the next block chains to `crc`."""

    offset: int = 0
    seq: int = 0
    crc: int = 0


class Walk(Struct, frozen=True):
    """The blocks proved from a place on, as one run of `raw` bytes with a checksum each, and the `rest` after them."""

    raw: bytes
    crcs: tuple[str, ...]
    end: Place
    rest: bytes


def walk(data: bytes, start: Place) -> Walk:
    """Follow the chain through `data` (the whole file) from `start` to the first block that does not fit."""
    offset, crc, crcs = start.offset, start.crc, list[str]()
    for closing in _CLOSING.finditer(data, start.offset):
        found = zlib.crc32(data[offset : closing.start()], crc)
        if found != int(closing[1], 16) or not data.startswith(OPENING, offset):
            break
        crcs.append(closing[1].decode())
        offset, crc = closing.end(), found
    end = Place(offset, start.seq + len(crcs), crc)
    return Walk(data[start.offset : offset], tuple(crcs), end, data[offset:])


def is_torn(rest: bytes) -> bool:
    """Whether `rest` is what a killed or powered-off writer leaves: an end without its closing line.

    A lost write shows as a hole of zeros in the last block. A closing line with a wrong character is damage: the
    entry it closes was acknowledged.
    """
    closings = list(_CLOSING.finditer(rest))
    if not closings:
        return bool(rest) and not _nearly_closed(rest)
    return len(closings) == 1 and closings[0].end() == len(rest) and _LOST_WRITE in rest


def _nearly_closed(rest: bytes) -> bool:
    tail = rest[-len(_CLOSING_SHAPE) :]
    if len(tail) < len(_CLOSING_SHAPE):
        return False
    pairs = zip(tail, _CLOSING_SHAPE, strict=True)
    return sum(got == want or (want == 0x2E and got in _HEX) for got, want in pairs) >= len(tail) - 2


def follows(before: bytes, block: bytes) -> bool:
    """Whether a whole block is proved by the closing line of the whole block before it."""
    first, second = _CLOSING.search(before), _CLOSING.search(block)
    if first is None or second is None:
        return False
    return zlib.crc32(block[: second.start()], int(first[1], 16)) == int(second[1], 16)


def pieces(rest: bytes) -> list[tuple[bytes, str]]:
    """Cut unproved bytes at their closing lines: (block, its checksum), for showing only."""
    cut: list[tuple[bytes, str]] = []
    start = 0
    for closing in _CLOSING.finditer(rest):
        cut.append((rest[start : closing.end()], closing[1].decode()))
        start = closing.end()
    return cut
