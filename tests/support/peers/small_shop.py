"""A tiny HTTP server for tests that answers by rules and notes who asked, how many at once, and when."""

import asyncio
import time
from contextlib import asynccontextmanager


class SmallShop:
    """`answer` says status, body and delay in s for a request line; `times` are when each path was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked, self.heads, self.times = [], [], {}
        self.busy, self.busiest = {}, {}
        self.port = 0
        self.talks = set()

    def accept(self, reader, writer):
        talk = asyncio.create_task(self.talk(reader, writer))
        self.talks.add(talk)
        talk.add_done_callback(self.talks.discard)

    async def end(self):
        for talk in self.talks:
            talk.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)

    async def talk(self, reader, writer):
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                await self.reply(head, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def reply(self, head, reader, writer):
        line = head.partition(" HTTP/")[0]
        size = next((int(row[15:]) for row in head.split("\r\n") if row.lower().startswith("content-length:")), 0)
        body = (await reader.readexactly(size)).decode()
        self.asked.append((line, body))
        self.heads.append(head)
        self.times.setdefault(line, []).append(time.perf_counter())
        self.busy[line] = self.busy.get(line, 0) + 1
        self.busiest[line] = max(self.busiest.get(line, 0), self.busy[line])
        status, text, delay, *more = self.answer(line)
        await asyncio.sleep(delay)
        self.busy[line] -= 1
        data = text.encode()
        fields = [f"HTTP/1.1 {status} x", f"Content-Length: {len(data)}", *more]
        writer.write("\r\n".join(fields).encode() + b"\r\n\r\n" + data)
        await writer.drain()


@asynccontextmanager
async def small_shop(answer=lambda _line: (200, "looks", 0), tls=None):
    shop = SmallShop(answer)
    server = await asyncio.start_server(shop.accept, "127.0.0.1", 0, ssl=tls)
    shop.port = server.sockets[0].getsockname()[1]
    try:
        yield shop
    finally:
        server.close()
        await shop.end()
