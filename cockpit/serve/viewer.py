"""One look through a browser: a process with the deck, and the socket between the two."""

import asyncio
import json
from collections.abc import Sequence

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

LARGEST = 64 * 1024
"""Bytes of one message of a browser: keys, a paste, a size."""
MOST_COLUMNS, MOST_ROWS = 500, 200
PATIENCE = 8.0
"""Seconds that a deck may take to end; it ends itself after fewer, see `cli/outside/served.py`."""


async def look(request: web.Request, command: str, sockets: set[web.WebSocketResponse]) -> web.WebSocketResponse:
    """Show the deck until either side ends."""
    socket = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST)
    await socket.prepare(request)
    sockets.add(socket)

    async def close() -> None:
        await socket.close()

    service = AppService(
        command,
        write_bytes=socket.send_bytes,
        write_str=_nothing,
        close=close,
        download_manager=DownloadManager(),
    )
    try:
        await service.start(*_size(request.query.get("width"), request.query.get("height")))
        await _messages(socket, service)
    except (ConnectionError, RuntimeError):
        pass  # one of the two is gone
    finally:
        await _end(service)
        sockets.discard(socket)
        await socket.close()
    return socket


async def _nothing(_text: str) -> None:
    """What the deck wants beyond its screen, a file or another page, it does not get."""


async def _end(service: AppService) -> None:
    """Let the deck end, and wait for it."""
    try:
        async with asyncio.timeout(PATIENCE):
            await service.stop()
    except (TimeoutError, ConnectionError, RuntimeError, AssertionError):
        return


async def _messages(socket: web.WebSocketResponse, service: AppService) -> None:
    """Pass on what a person types; what is no message of ours is passed over."""
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            said = json.loads(message.data)
        except ValueError:
            continue
        if isinstance(said, list) and said and isinstance(said[0], str):
            await _pass_on(said[0], said[1:], socket, service)


async def _pass_on(kind: str, rest: Sequence[object], socket: web.WebSocketResponse, service: AppService) -> None:
    what = rest[0] if rest else None
    if kind == "stdin" and isinstance(what, str):
        await service.send_bytes(what.encode("utf-8", "replace"))
    elif kind == "resize" and isinstance(what, dict):
        await service.set_terminal_size(*_size(what.get("width"), what.get("height")))
    elif kind == "ping":
        await socket.send_json(["pong", what])
    elif kind == "focus":
        await service.focus()
    elif kind == "blur":
        await service.blur()


def _size(width: object, height: object) -> tuple[int, int]:
    return _within(width, 80, MOST_COLUMNS), _within(height, 24, MOST_ROWS)


def _within(value: object, usual: int, most: int) -> int:
    try:
        number = int(value) if isinstance(value, (str, int)) else usual
    except ValueError:
        return usual
    return min(max(number, 10), most)
