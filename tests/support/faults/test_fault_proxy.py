"""The fault proxy itself: what passes, and that each fault is what it says."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.support.faults.fault_proxy import Fault, FaultProxy

WHOLE = bytes(range(65, 85))


@asynccontextmanager
async def echo():
    """A server that says back every line, behind a proxy; it yields the proxy."""

    async def speak(reader, writer):
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    try:
        async with FaultProxy(server.sockets[0].getsockname()[1]) as proxy:
            yield proxy
    finally:
        server.close()


async def ask(proxy, line=WHOLE + b"\n"):
    """Return what comes back to one line: all of it, or as much as there was before the connection ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(line)
    back = b""
    try:
        while len(back) < len(line) and (piece := await reader.read(65_536)):
            back += piece
    finally:
        writer.close()
    return back


async def test_without_a_fault_everything_passes():
    async with echo() as proxy:
        assert await ask(proxy) == WHOLE + b"\n"
        big = b"x" * 60_000 + b"\n"
        assert await ask(proxy, big) == big
        assert (proxy.accepted, proxy.sent) == (2, 21 + 60_001)
        await proxy.idle()
        assert proxy.open == 0


async def test_a_cut_ends_after_so_many_bytes():
    async with echo() as proxy:
        await proxy.spoil(Fault(cut=7))
        assert await ask(proxy) == WHOLE[:7]


async def test_garbage_comes_instead():
    async with echo() as proxy:
        await proxy.spoil(Fault(garbage=b"\x00\xff nothing you know"))
        assert await ask(proxy) == b"\x00\xff nothing you know"


async def test_a_trickle_and_a_delay_lose_nothing():
    async with echo() as proxy:
        await proxy.spoil(Fault(delay=0.01, trickle=0.001))
        assert await ask(proxy) == WHOLE + b"\n"


async def test_a_stall_accepts_and_holds_back_until_it_is_healed():
    async with echo() as proxy:
        await proxy.spoil(Fault(stall=True))
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"held\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.05)
        await proxy.heal()
        assert await reader.readline() == b"held\n"
        writer.close()


async def test_a_living_connection_stalls_too():
    async with echo() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"one\n")
        assert await reader.readline() == b"one\n"
        await proxy.spoil(Fault(stall=True))
        writer.write(b"two\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.05)
        writer.close()
        await proxy.idle()


async def test_nobody_listens_and_then_somebody_does_at_the_same_port():
    async with echo() as proxy:
        port = proxy.port
        await proxy.spoil(Fault(refuse=True))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await proxy.heal()
        assert (await ask(proxy), proxy.port) == (WHOLE + b"\n", port)


async def test_a_reset_ends_the_new_and_the_living():
    async with echo() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"one\n")
        assert await reader.readline() == b"one\n"
        await proxy.spoil(Fault(reset=True))
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        with pytest.raises(ConnectionResetError):
            await ask(proxy)
