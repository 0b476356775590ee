"""One place that notices are sent to: three tries within one deadline. It never raises and never shows its address.

The other side accepted the notice: that is all that can be known. Whether somebody read it is unknown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cockpit.notices.notice import Notice
from cockpit.notices.payloads import Body, body
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.notifications import Webhook
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.secrets import Secrets
from sessions.text.clean import clean

if TYPE_CHECKING:  # the client loads when something is sent, and not before the first paint
    import httpx

DEADLINE = 30.0
"""Seconds that all tries of one notice get together."""
RESTS = (1.0, 4.0)
"""Seconds of rest after the first and the second try."""
LONGEST_REST = 20.0
"""Seconds of rest that a place may ask for; more is as good as a refusal."""

_TOKEN = 16
_BUSY = 429
_BROKEN = 500
_GONE = (401, 403, 404, 410)


class Channel:
    """Sends to one webhook; its connection is opened when there is something to send.

    `rests` are the seconds between its tries: there is one try more than rests.
    """

    def __init__(
        self,
        hook: Webhook,
        secrets: Secrets,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rests: Sequence[float] = RESTS,
    ) -> None:
        self.name = hook.name
        self._hook = hook
        self._secrets = secrets
        self._sleep = sleep
        self._rests = rests
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def post(self, notice: Notice) -> str:
        """Return why a notice was not sent, empty if the other side took it. Raises nothing."""
        try:
            async with asyncio.timeout(DEADLINE):
                why = await self._tried(await self._opened(), body(self._hook.kind, notice))
        except TimeoutError:
            why = f"no answer in {DEADLINE:g} s"
        except Exception as error:  # noqa: BLE001 - a channel may fail in any way and disturbs nobody
            why = str(error) or type(error).__name__
        return clean(self._secrets.scrub(why), 160)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _opened(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._client is None:
                await self._address()
                self._client = await asyncio.to_thread(self._open)
        return self._client

    def _open(self) -> "httpx.AsyncClient":
        """Reveal the headers, and open a client. Raises SecretError, AnswerError."""
        from cockpit.http.client import open_client

        hook = self._hook
        access = Access(headers=hook.headers, proxy=hook.proxy, no_proxy=hook.no_proxy)
        return open_client(access, self._secrets, hook.timeout)

    async def _address(self) -> str:
        """Return the address as it is now. Raises SecretError, AnswerError."""
        from urllib.parse import urlsplit

        url = self._secrets.keep(await self._secrets.word(self._hook.url), self._hook.url)
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise AnswerError("url is not an http address")
        token = parts.path.rpartition("/")[2]
        self._secrets.keep(token if len(token) >= _TOKEN else "", self._hook.url)
        return url

    async def _tried(self, client: "httpx.AsyncClient", written: Body) -> str:
        """Try until it is taken, or no further try makes sense; return why it was not."""
        for rest in (*self._rests, None):
            why, asked = await self._once(client, written)
            if not why or asked is None or rest is None:
                return why
            await self._sleep(max(rest, asked))
        return ""

    async def _once(self, client: "httpx.AsyncClient", written: Body) -> tuple[str, float | None]:
        """Return why one try failed, and how long a rest it asks for: None if the next would fail alike."""
        import httpx

        from cockpit.http.client import FAILURES, reason

        try:
            response, why = await self._answer(client, written)
        except TimeoutError:
            return f"no answer in {self._hook.timeout:g} s", 0.0
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return "url is not an http address", None
        except FAILURES as error:
            return reason(error, self._hook.timeout), 0.0
        return _ended(response.status_code, response.headers, why)

    async def _answer(self, client: "httpx.AsyncClient", written: Body) -> "tuple[httpx.Response, str]":
        """Return the answer; where it is that the address is good no more, that of a new one, or why there is none."""
        address = await self._address()
        response = await self._sent(client, address, written)
        if response.status_code not in _GONE:
            return response, ""
        renewal = await self._secrets.renewed(self._hook.url, address)
        return (
            (await self._sent(client, await self._address(), written), "") if renewal.done else (response, renewal.why)
        )

    async def _sent(self, client: "httpx.AsyncClient", address: str, written: Body) -> "httpx.Response":
        async with asyncio.timeout(self._hook.timeout):
            request = client.build_request("POST", address, content=written.content, headers=written.headers)
            response = await client.send(request, stream=True, follow_redirects=False)
            await response.aclose()
            return response


def _ended(status: int, headers: Mapping[str, str], why: str) -> tuple[str, float | None]:
    """Say what a status means, and `why` nothing mended it: empty if the notice was taken."""
    from cockpit.http.client import place_of, status_of

    if status // 100 == 2:
        return "", None
    if status // 100 == 3:
        return f"redirected to {place_of(headers.get('location', ''))}", None
    if status != _BUSY and status < _BROKEN:
        return ", ".join(filter(None, (status_of(status), why))), None
    rest = _rest(headers.get("retry-after", ""), datetime.now(UTC))
    return (f"{status}, asks for {rest:.0f} s of rest", None) if rest > LONGEST_REST else (str(status), rest)


def _rest(said: str, now: datetime) -> float:
    """Read a Retry-After: seconds, or a date; 0 if it says nothing that can be read."""
    if said.strip().isdecimal():
        return float(said.strip()[:9])
    try:
        from email.utils import parsedate_to_datetime

        date = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())
