"""The server: one page, one socket for each look, a few looks at a time, and an end that takes all of them along."""

import asyncio
import logging
import socket as socket_module
from collections.abc import Awaitable, Callable
from pathlib import Path

import textual_serve
from aiohttp import WSCloseCode, web
from msgspec import Struct

from cockpit.runtime.errors import BadInputError
from cockpit.serve.check import HEADERS, Check, checked
from cockpit.serve.page import FULL, page, policy
from cockpit.serve.viewer import look
from sessions.text.clean import clean

HOST = "127.0.0.1"
STATIC = Path(textual_serve.__file__).parent / "static"
_CLOSING = 10.0


class Served(Struct, frozen=True):
    """What is served: the session's name, the command that shows it, how many may look, and the token."""

    name: str
    command: str
    most: int
    token: str


async def serve(served: Served, port: int, ready: Callable[[str], None], ended: Callable[[], Awaitable[None]]) -> None:
    """Serve until `ended` returns; `ready` gets the address. Raises BadInputError if it cannot listen there."""
    for name in ("aiohttp", "textual-serve"):  # an address holds the token: nothing of a request is logged
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    sockets: set[web.WebSocketResponse] = set()
    listening = _listening(port)
    taken = int(listening.getsockname()[1])
    app = web.Application(middlewares=[checked(Check(taken, served.token))])
    app.add_subapp(f"/{served.token}", _inside(served, sockets))
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_CLOSING)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        ready(f"http://{HOST}:{taken}/{served.token}/")
        await ended()
    finally:
        closing = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"ended") for socket in tuple(sockets)]
        await asyncio.gather(*closing, return_exceptions=True)
        await runner.cleanup()


def _listening(port: int) -> socket_module.socket:
    try:
        return socket_module.create_server((HOST, port))
    except OSError as error:
        why = error.strerror or error
        raise BadInputError(f"--port {port}: {clean(why)}: choose another port, or none for a free one") from error


def _inside(served: Served, sockets: set[web.WebSocketResponse]) -> web.Application:
    """Return what is behind the check."""
    taken = [0]

    async def index(request: web.Request) -> web.Response:
        full = taken[0] >= served.most
        text = FULL if full else page(served.name, request.host, served.token)
        headers = {**HEADERS, "Content-Security-Policy": policy(request.host)}
        return web.Response(status=503 if full else 200, text=text, content_type="text/html", headers=headers)

    async def socket(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(status=400, headers=HEADERS)
        if taken[0] >= served.most:
            return web.Response(status=503, headers=HEADERS)
        taken[0] += 1
        try:
            return await look(request, served.command, sockets)
        finally:
            taken[0] -= 1

    app = web.Application()
    app.add_routes([web.get("/", index), web.get("/ws", socket), web.static("/static", STATIC)])
    return app
