"""A small HTTP proxy on loopback: tunnels by CONNECT, passes plain requests on, and remembers what it was asked."""

import asyncio
import contextlib
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class ConnectProxy:
    """`login` is what it insists on as Proxy-Authorization; `answer` is a status that it gives instead of serving."""

    def __init__(self, login="", answer=""):
        self.heads = []
        self.url = ""
        self.tasks = set()
        self._login, self._answer = login, answer

    @property
    def asked(self):
        """The first words of every request: method and place."""
        return [head.split(" HTTP/")[0] for head in self.heads]

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            if self._login and f"proxy-authorization: {self._login}".lower() not in head.lower():
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
            elif self._answer:
                writer.write(f"HTTP/1.1 {self._answer}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
            else:
                await self._pass(head, reader, writer)
        await _ended(writer)

    async def _pass(self, head, reader, writer):
        method, place, _ = head.split(" ", 2)
        if method == "CONNECT":
            port = place.rpartition(":")[2]
            first = b""
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            parts = urlsplit(place)
            port = parts.port or 80
            kept = [line for line in head.split("\r\n")[1:] if not line.lower().startswith("proxy-")]
            first = "\r\n".join([f"{method} {parts.path or '/'} HTTP/1.1", *kept]).encode("latin-1")
        # every name is this machine: what matters is that the name came here
        there, back = await asyncio.open_connection("127.0.0.1", int(port))
        try:
            back.write(first)
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        finally:
            await _ended(back)


async def _pour(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


async def _ended(writer):
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()


@asynccontextmanager
async def connect_proxy(login="", answer=""):
    """Run one."""
    proxy = ConnectProxy(login, answer)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy.url = f"http://127.0.0.1:{port}"
    try:
        yield proxy
    finally:
        server.close()
        for task in proxy.tasks:
            task.cancel()
        await asyncio.gather(*proxy.tasks, return_exceptions=True)
