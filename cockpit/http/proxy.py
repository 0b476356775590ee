"""The way out: through the owner's proxy, or directly where the host is one of those that are asked without it."""

import re
import ssl
from urllib.parse import urlsplit

import httpx

from cockpit.runtime.errors import AnswerError
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.proxy import DIRECT, goes_directly
from cockpit.settings.schema.secrets import Secrets
from sessions.text.clean import clean

_CODE = re.compile(r"[1-5][0-9][0-9]\b")


def wire_of(access: Reach, secrets: Secrets, trust: ssl.SSLContext | bool) -> httpx.AsyncBaseTransport:
    """Return what requests leave by; nothing of the environment is used. Raises SecretError, AnswerError."""
    direct = httpx.AsyncHTTPTransport(verify=trust, trust_env=False)
    address = secrets.keep(secrets.reveal(access.proxy), access.proxy) if _is_hidden(access) else access.proxy.template
    if address in {"", DIRECT}:
        return direct
    url = _url(address)
    context = trust if url.scheme == "https" and isinstance(trust, ssl.SSLContext) else None
    place = clean(url.host + (f":{url.port}" if url.port else ""), 60)
    proxy = httpx.Proxy(url, ssl_context=context)
    return Routed(httpx.AsyncHTTPTransport(verify=trust, trust_env=False, proxy=proxy), direct, access.no_proxy, place)


def _is_hidden(access: Reach) -> bool:
    return bool(access.proxy.argv or access.proxy.names)


def _url(address: str) -> httpx.URL:
    """Return where a proxy is. Raises AnswerError without showing what is none."""
    try:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return httpx.URL(address)
    except (ValueError, httpx.InvalidURL):
        pass
    raise AnswerError("proxy is not an http address")


class Routed(httpx.AsyncBaseTransport):
    """Sends through the proxy at `place`, or directly to `hosts`; a failure of the proxy says so."""

    def __init__(
        self, proxied: httpx.AsyncBaseTransport, direct: httpx.AsyncBaseTransport, hosts: tuple[str, ...], place: str
    ) -> None:
        self._proxied, self._direct, self._hosts, self._place = proxied, direct, hosts, place

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. Raises AnswerError if the proxy let it not through."""
        if goes_directly(request.url.host, self._hosts):
            return await self._direct.handle_async_request(request)
        try:
            response = await self._proxied.handle_async_request(request)
        except httpx.ProxyError as error:
            code = _CODE.match(str(error))
            raise AnswerError(f"proxy {self._place}: {told(int(code[0])) if code else 'no answer'}") from error
        except httpx.ConnectError as error:
            if _is_tls(error):  # of the server behind it
                raise
            raise AnswerError(f"proxy {self._place}: no connection") from error
        if response.status_code == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            await response.aclose()
            raise AnswerError(f"proxy {self._place}: {told(response.status_code)}")
        return response

    async def aclose(self) -> None:
        """Close the connections of both."""
        await self._proxied.aclose()
        await self._direct.aclose()


def told(code: int) -> str:
    """Say what a proxy answered in the place of a server."""
    return f"{code}, user and password?" if code == httpx.codes.PROXY_AUTHENTICATION_REQUIRED else f"{code}"


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
