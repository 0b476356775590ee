"""Back ends of flags for the tests: a scripted peer over real sockets that can fail at the worst moment."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

NEVER, DROP, LATE = "never", "drop", "late"


@dataclass
class Fault:
    """One request goes wrong: the connection ends (DROP), nothing comes (NEVER), or a status, document, headers.

    LATE is done and answered once the test sets `release`. `after` says that the deed is done all the same, `read` that
    it befalls a reading and not a change.
    """

    what: object
    after: bool = False
    read: bool = False


@dataclass
class Peer:
    """Answers by `handle(method, path, document)`, which returns a status and a JSON document; faults come first."""

    handle: object
    faults: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    url: str = ""
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def changes(self):
        """What was asked that is no reading: method, path, document, headers."""
        return [row for row in self.asked if row[0] != "GET"]

    async def serve(self, reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer(await _request(reader), writer):
                pass
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, request, writer):
        method, path, headers, body = request
        document = json.loads(body) if body else None
        self.asked.append((method, path, document, headers))
        fault = next((each for each in self.faults if each.read == (method == "GET")), None)
        if fault is not None and fault.what == LATE:
            await self.release.wait()
            self.faults.remove(fault)
            fault = None
        status, said = self.handle(method, path, document) if fault is None or fault.after else (0, None)
        if fault is None:
            return await _say(writer, status, said)
        self.faults.remove(fault)
        if fault.what == NEVER:
            await asyncio.Event().wait()
        if fault.what == DROP:
            writer.transport.abort()
            return False
        return await _say(writer, *fault.what)


@asynccontextmanager
async def flag_peer(handle, *faults, kind=Peer):
    """A peer on loopback while the block lasts."""
    peer, links = kind(handle, list(faults)), set()

    async def serve(reader, writer):
        links.add(asyncio.current_task())
        await peer.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield peer
    finally:
        server.close()
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)


async def _request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    method, path, _ = first.split(" ")
    return method, path, headers, (await reader.readexactly(int(headers.get("content-length", 0)))).decode()


async def _say(writer, status, document, *headers):
    body = b"" if status == 204 else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()
    return True
