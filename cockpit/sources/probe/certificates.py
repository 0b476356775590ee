"""What a certificate says of its time, and why one was refused: in words, with the date."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

from cockpit.http.client import causes_of

_SEQUENCE, _VERSION, _UTC_TIME, _GENERAL_TIME = 0x30, 0xA0, 0x17, 0x18
_ENDED, _NOT_YET = 10, 9
_WORDS = {
    _ENDED: "certificate has ended",
    _NOT_YET: "certificate is not valid yet",
    18: "certificate signed by itself",
    19: "certificate of an unknown issuer",
    20: "certificate of an unknown issuer",
    21: "certificate of an unknown issuer",
    62: "certificate is for another host",
    64: "certificate is for another host",
}


def validity(der: bytes) -> tuple[datetime, datetime]:
    """Return from when until when a certificate is valid (UTC). Raises ValueError if it cannot be read."""
    try:
        return _validity(der)
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("no certificate") from error


def refusal(error: BaseException | None) -> str:
    """Say why TLS failed, without the date; empty if something else failed."""
    found = [cause for cause in causes_of(error) if isinstance(cause, ssl.SSLError)]
    for cause in found:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _WORDS.get(cause.verify_code, "certificate refused")
    return "TLS refused" if found else ""


async def shown_by(host: str, port: int) -> tuple[datetime, datetime]:
    """Return the validity of the certificate that a server shows, valid or not; nothing is sent to it.

    Raises OSError and ValueError.
    """
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(host, port, ssl=trusting, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return validity(shown or b"")
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _validity(der: bytes) -> tuple[datetime, datetime]:
    """Walk to the fifth field of the signed part: serial number, algorithm, issuer, validity."""
    fields = list(_items(_items_of(_items_of(der, _SEQUENCE), _SEQUENCE)))
    times = fields[4 if fields[0][0] == _VERSION else 3]
    first, last = (_time(kind, body) for kind, body in _items(times[1]))
    return first, last


def _items_of(der: bytes, kind: int) -> bytes:
    found, body = next(_items(der), (0, b""))
    if found != kind:
        raise ValueError("no certificate")
    return body


def _items(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each piece of DER."""
    place = 0
    while place < len(der):
        kind, size = der[place], der[place + 1]
        place += 2
        if size & 0x80:
            digits = size & 0x7F
            size = int.from_bytes(der[place : place + digits], "big")
            place += digits
        if place + size > len(der):
            raise ValueError("certificate cut short")
        yield kind, der[place : place + size]
        place += size


def _time(kind: int, body: bytes) -> datetime:
    """Two digits of a year are of 1950 to 2049."""
    text = body.decode("ascii")
    if kind == _UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif kind != _GENERAL_TIME:
        raise ValueError("no time in the certificate")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
