"""One synthetic request: built, timed in all and in its connecting, and judged by what was expected of the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
from msgspec import Struct

from cockpit.http.client import FAILURES, body_of, reason, told_status
from cockpit.http.login import held_up
from cockpit.runtime.errors import AnswerError, UnsentError
from cockpit.settings.models.traffic import Probe, ProbeRequest
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.probe.certificates import refusal, validity
from cockpit.sources.probe.tally import Attempt, Outcome

Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]
_UNREACHED = (httpx.TimeoutException, httpx.ConnectError, TimeoutError)


class Shot(Struct, frozen=True):
    """What is asked for one endpoint, and the right answer to it."""

    endpoint: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, object]
    status: tuple[int, ...]
    contains: str


def shot_of(spec: Probe, request: ProbeRequest, secrets: Secrets) -> Shot:
    """Return the request for an endpoint; its host is that of the settings for any path. Raises SecretError."""
    method, _, path = request.endpoint.partition(" ")
    headers = {name: secrets.reveal(value) for name, value in request.headers.items()}
    url = f"{spec.url.rstrip('/')}/{(request.path or path).lstrip('/')}"
    return Shot(request.endpoint, method, url, headers, request.body, request.status, request.contains)


class Wire(Struct):
    """What requests showed of the way to the service: the last time connecting took in s, until when TLS is good."""

    connecting: float | None = None
    certificate: datetime | None = None

    def tracing(self, starts: Callable[[], None]) -> Trace:
        """Return what times the connecting of one request: name, TCP and TLS; `starts` is called when it sets out.

        A handshake that is given up leaves its connection to nobody, so it is closed here.
        """
        begun, connecting, stream = asyncio.get_running_loop().time(), False, list[Any]()

        async def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal begun, connecting
            match event:
                case "connection.connect_tcp.started":
                    begun, connecting = asyncio.get_running_loop().time(), True
                    starts()
                case "http11.send_request_headers.started":
                    if not connecting:
                        starts()
                    connecting = False
                case "connection.connect_tcp.complete" | "connection.start_tls.complete":
                    self.connecting = asyncio.get_running_loop().time() - begun
                    stream.append(info["return_value"])
                case "connection.start_tls.failed":
                    await stream[-1].aclose()

        return trace

    def look(self, response: httpx.Response) -> None:
        """Note the certificate behind an answer."""
        stream = response.extensions.get("network_stream")
        secure = stream.get_extra_info("ssl_object") if stream is not None else None
        if secure is not None:
            self.certificate = validity(secure.getpeercert(binary_form=True) or b"")[1]


class _Watch:
    """Times one shot from when its request sets out: fetching a secret before, or again, is no time of the service."""

    def __init__(self, clock: Callable[[], datetime], patience: float, limit: asyncio.Timeout) -> None:
        self._clock, self._patience, self._limit = clock, patience, limit
        self.begun, self._steady = clock().timestamp(), asyncio.get_running_loop().time()

    def start(self) -> None:
        self.begun, self._steady = self._clock().timestamp(), asyncio.get_running_loop().time()
        self._limit.reschedule(asyncio.get_running_loop().time() + self._patience)

    def took(self) -> float:
        return asyncio.get_running_loop().time() - self._steady


class Gun:
    """Fires shots over one client, each within `patience` s; `clock` is the wall's."""

    def __init__(self, client: httpx.AsyncClient, patience: float, clock: Callable[[], datetime]) -> None:
        self._client, self._patience, self._clock = client, patience, clock
        self.wire = Wire()

    async def fire(self, shot: Shot) -> Attempt:
        """Ask once. A redirect is an answer like any other, never followed. Raises UnsentError: that is no attempt."""
        limit = asyncio.timeout(self._patience)
        watch = _Watch(self._clock, self._patience, limit)
        try:
            async with limit:
                why, held = await self._ask(shot, watch)
        except UnsentError:
            raise
        except _UNREACHED as error:
            return self._failed(shot, watch.begun, watch.took(), error)
        except FAILURES as error:
            why = refusal(error) or reason(error, self._patience)
            return Attempt(shot.endpoint, watch.begun, watch.begun + watch.took(), Outcome.BAD, why=why)
        took = watch.took() - held
        outcome = Outcome.BAD if why else Outcome.GOOD
        return Attempt(shot.endpoint, watch.begun, watch.begun + took, outcome, took, answered=True, why=why)

    def _failed(self, shot: Shot, begun: float, took: float, error: Exception) -> Attempt:
        """Refused TLS is the service's fault; where nobody was reached that is open, and one given up was slow."""
        if tls := refusal(error):
            return Attempt(shot.endpoint, begun, begun + took, Outcome.BAD, why=tls)
        late = isinstance(error, (httpx.TimeoutException, TimeoutError))
        why = f"no answer in {self._patience:g} s" if late else reason(error, self._patience)
        return Attempt(shot.endpoint, begun, begun + took, Outcome.LOST, took if late else None, late, why=why)

    async def _ask(self, shot: Shot, watch: _Watch) -> tuple[str, float]:
        """Return what is wrong with the answer, empty if it is right, and how many s it was held up on our side."""
        request = self._client.build_request(
            shot.method,
            shot.url,
            headers={"accept-encoding": "gzip", **shot.headers},
            json=dict(shot.body) or None,
            extensions={"trace": self.wire.tracing(watch.start)},
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            self.wire.look(response)
            self._client.cookies.clear()
            return await _wrong(shot, response), held_up(response)
        finally:
            await response.aclose()


async def _wrong(shot: Shot, response: httpx.Response) -> str:
    try:
        body = await body_of(response)
    except AnswerError as error:
        return str(error)
    if response.status_code not in shot.status:
        return told_status(response)
    return f'lacks "{shot.contains}"' if shot.contains and shot.contains.encode() not in body else ""
