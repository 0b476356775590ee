"""The load generator, a process of its own: an even stream of requests, and its own truth about each of them.

usage: python tests/evening/load.py URL RATE TRUTH_FILE ENDPOINT...

It asks RATE times a second, by turns of the endpoints, as one of 500 users each time, never waiting for an answer
before the next (an open loop). Each answer is one line of TRUTH_FILE: when it was there (epoch s), the endpoint, the
status (0 for none), what it took in ms, whether the user had the flag, and how many of the ms were none of the
service's own: sent late, or on the way.
"""

import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

USERS = 500
PATIENCE = 20.0
IDLE: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []


def _kept() -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """Return a connection that the service has not closed meanwhile; that is no answer of its."""
    while IDLE:
        reader, writer = IDLE.pop()
        if not reader.at_eof():
            return reader, writer
        writer.close()
    return None


async def ask(host: str, port: int, endpoint: str, user: str) -> tuple[int, str, float]:
    """Send one request over a kept connection; return its status, who had the flag, and the service's own ms."""
    reader, writer = _kept() or await asyncio.open_connection(host, port)
    method, path = endpoint.split(" ", 1)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nuser: {user}\r\nContent-Length: 0\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    await reader.readexactly(int(headers.get("content-length", 0)))
    if headers.get("connection") == "close":
        writer.close()
    else:
        IDLE.append((reader, writer))
    return int(head[0].split()[1]), headers.get("x-flag", "off"), float(headers.get("x-took", "nan"))


async def one(place: tuple[str, int], endpoint: str, user: str, late: float, out) -> None:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            status, flag, own = await ask(*place, endpoint, user)
    except (OSError, EOFError, ValueError, TimeoutError):
        status, flag, own = 0, "off", 0.0
    took = (time.perf_counter() - begun) * 1000
    delay = max(late * 1000, took - own)
    out.write(f"{time.time():.4f}\t{endpoint}\t{status}\t{took:.2f}\t{flag}\t{delay:.1f}\n")


async def main(url: str, rate: float, out, endpoints: list[str]) -> None:
    parts, number, running = urlsplit(url), 0, set()
    begun = time.perf_counter()
    while True:
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late = time.perf_counter() - due
        endpoint, user = endpoints[number % len(endpoints)], f"user-{number * 7919 % USERS}"
        task = asyncio.create_task(one((str(parts.hostname), int(parts.port or 80)), endpoint, user, late, out))
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1


if __name__ == "__main__":
    with Path(sys.argv[3]).open("a", encoding="utf-8", buffering=1) as truth:
        asyncio.run(main(sys.argv[1], float(sys.argv[2]), truth, sys.argv[4:]))
