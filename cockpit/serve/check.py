"""Who may look: everybody with the token, from a page that we served, at an address of this machine."""

import hmac
import ipaddress
import secrets
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from msgspec import Struct

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Check(Struct, frozen=True):
    """The check of one server. `token` is the first part of every path."""

    port: int
    token: str

    def refuses(self, request: web.BaseRequest) -> int:
        """Return the code of a refusal, 0 for none. A name that somebody turned to this machine is not ours."""
        host = request.headers.get("Host", "")
        if not self.names_us(host):
            return 403
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            return 403
        if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
            return 403
        given = request.path.split("/")[1].encode("utf-8", "replace")
        return 0 if hmac.compare_digest(given, self.token.encode()) else 404

    def names_us(self, host: str) -> bool:
        """Whether a `Host` header means this machine and our port."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port
            return port == self.port and (name == "localhost" or ipaddress.ip_address(name).is_loopback)
        except ValueError:
            return False


def checked(check: Check) -> Middleware:
    """Return what lets a request through, or refuses it without a word about why."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if code := check.refuses(request):
            return web.Response(status=code, text="", headers=HEADERS)
        return await handler(request)

    return middleware


def new_token() -> str:
    """Return a token that cannot be guessed."""
    return secrets.token_urlsafe(24)
