"""A TCP proxy on loopback in front of any server, with faults that a test switches while connections live.

async with FaultProxy(port) as proxy:          # ask 127.0.0.1:proxy.port instead
    await proxy.spoil(Fault(trickle=0.1))
    await proxy.heal()
"""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Fault:
    """What happens to the bytes that the server answers; several may be mixed.

    `delay`: s before each piece. `trickle`: s after each single byte. `cut`: the connection ends after so many bytes.
    `garbage`: said once per connection instead of any answer, then it ends. `stall`: connections are accepted and
    nothing comes. `refuse`: nobody listens, what was open ends. `reset`: every connection ends with RST.
    """

    delay: float = 0.0
    trickle: float = 0.0
    cut: int | None = None
    garbage: bytes = b""
    stall: bool = False
    refuse: bool = False
    reset: bool = False


class FaultProxy:
    """Stands at `port` in front of `host:upstream`; `accepted` counts connections, `sent` bytes to the clients."""

    def __init__(self, upstream: int, host: str = "127.0.0.1") -> None:
        self._upstream = (host, upstream)
        self._fault = Fault()
        self._changed = asyncio.Event()
        self._met = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.accepted = 0
        self.sent = 0

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._deafen()
        self._end()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def spoil(self, fault: Fault) -> None:
        """Switch to a fault, for living connections too."""
        self._fault = fault
        self._changed.set()
        self._changed = asyncio.Event()
        if fault.refuse:
            await self._deafen()
        elif self._server is None:
            await self._listen()
        if fault.refuse or fault.reset:
            self._end()

    async def heal(self) -> None:
        """Pass everything on again, what was held back first."""
        await self.spoil(Fault())

    async def idle(self, patience: float = 10.0) -> None:
        """Wait until no client is connected any more. Raises TimeoutError."""
        await asyncio.wait_for(asyncio.gather(*self._links, return_exceptions=True), patience)

    async def met(self, patience: float = 10.0) -> None:
        """Wait until a client has connected at all. Raises TimeoutError."""
        await asyncio.wait_for(self._met.wait(), patience)

    @property
    def open(self) -> int:
        """How many connections live now."""
        return len(self._links)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _deafen(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _end(self) -> None:
        for client in self._clients:
            _abort(client)
        for link in self._links:
            link.cancel()

    def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._met.set()
        link = asyncio.create_task(self._link(reader, client))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self._clients.add(client)
        ways: list[asyncio.Task[None]] = []
        server: asyncio.StreamWriter | None = None
        try:
            if self._fault.reset:
                return _abort(client)
            answers, server = await asyncio.open_connection(*self._upstream)
            ways = [
                asyncio.create_task(self._questions(reader, server)),
                asyncio.create_task(self._answers(answers, client)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass
        finally:
            for way in ways:
                way.cancel()
            self._clients.discard(client)
            for writer in filter(None, (client, server)):
                writer.close()  # before anything is waited for: a link may be cancelled while it ends
            await asyncio.gather(*ways, return_exceptions=True)

    async def _questions(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            server.write(piece)
            await server.drain()

    async def _answers(self, answers: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        told = 0
        while piece := await answers.read(65_536):
            while self._fault.stall:
                await self._changed.wait()
            fault = self._fault
            await asyncio.sleep(fault.delay)
            if fault.garbage:
                await self._say(client, fault.garbage)
                return
            kept = piece if fault.cut is None else piece[: max(0, fault.cut - told)]
            told += len(kept)
            for part in _bytes(kept) if fault.trickle else [kept]:
                await self._say(client, part)
                await asyncio.sleep(fault.trickle)
            if len(kept) < len(piece):
                return

    async def _say(self, client: asyncio.StreamWriter, piece: bytes) -> None:
        client.write(piece)
        await client.drain()
        self.sent += len(piece)


def _abort(client: asyncio.StreamWriter) -> None:
    """Leave at once: with nothing lingering the kernel says RST."""
    raw: socket.socket | None = client.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.transport.abort()


def _bytes(piece: bytes) -> list[bytes]:
    return [piece[index : index + 1] for index in range(len(piece))]
