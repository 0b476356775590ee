"""The connection to a flag service over HTTP: each answer becomes done, refused or unknown."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
from msgspec import Struct, field

from cockpit.flags.interface.writer import ConflictError, FlagError, StatusError
from cockpit.http.client import FAILURES, Fetched, body_of, open_client, place_of, reason, status_of
from cockpit.http.login import REFUSALS, printed_in, why_refused
from cockpit.runtime.errors import AnswerError
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.secrets import SecretError, Secrets
from sessions.text.clean import clean

_TOO_OFTEN, _TOO_LATE = httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT
_CONFLICTS = (httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED)
_SOONEST = 0.5
_WORDS = ("message", "error", "detail", "title", "reason")


class Call(Struct, frozen=True):
    """One request. A `body` that is a text is sent as it is, None not at all, anything else as JSON.

    `status` are the statuses that mean done; without any it is each from 200 to 299.
    """

    method: str
    url: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: tuple[int, ...] = ()

    def done(self, code: int) -> bool:
        """Whether a status means that it was done."""
        return code in self.status if self.status else httpx.codes.is_success(code)


class Line:
    """Asks one back end with the owner's credentials; all of one act together takes at most `patience` s.

    Secrets are revealed and the client is opened when it is first asked, in a thread.
    """

    def __init__(self, reach: Reach, secrets: Secrets, patience: float) -> None:
        self.scrub = secrets.scrub
        self._reach, self._secrets, self._patience = reach, secrets, patience
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    def until(self) -> float:
        """Return when an act that begins now must have ended, in the loop's time."""
        return asyncio.get_running_loop().time() + self._patience

    async def read(self, call: Call, until: float) -> Any:
        """Return the JSON that is answered with 200. Raises FlagError, StatusError for any other status."""
        try:
            answer = await self._answer(call, until, _Wire())
        except TimeoutError:
            raise FlagError(f"no answer in {self._patience:g} s") from None
        except FAILURES as error:
            raise FlagError(reason(error, self._patience)) from None
        if answer.status != httpx.codes.OK:
            meaning = self._meaning(answer)
            raise meaning if isinstance(meaning, FlagError) else StatusError(answer.status, str(meaning))
        return _json(answer.body)

    async def write(self, call: Call, until: float) -> None:
        """Send what changes something. Raises FlagError if nothing was done, AnswerError if that is unknown."""
        wire = _Wire()
        try:
            answer = await self._answer(call, until, wire)
        except TimeoutError:
            raise wire.failed(f"no answer in {self._patience:g} s") from None
        except FAILURES as error:
            raise wire.failed(reason(error, self._patience)) from None
        if not call.done(answer.status):
            raise self._meaning(answer)

    async def renew(self) -> bool:
        """Run the commands again that print what it logs in with; say whether one of them printed something new."""
        renewals = [self._secrets.insisted(secret) for secret in printed_in(self._reach)]
        return any(renewal.done for renewal in await asyncio.gather(*renewals))

    async def aclose(self) -> None:
        """Close the client."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _answer(self, call: Call, until: float, wire: "_Wire") -> Fetched:
        """Return the answer; one that says when to come back is asked again then, if there is time for it."""
        client = await self._opened()
        async with asyncio.timeout_at(until):
            while True:
                answer = await _sent(client, call, wire)
                pause = _pause(answer) if answer.status == _TOO_OFTEN else None
                if pause is None or asyncio.get_running_loop().time() + pause >= until:
                    return answer
                await asyncio.sleep(pause)

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(open_client, self._reach, self._secrets, self._patience)
                except (SecretError, AnswerError) as error:
                    raise FlagError(str(error)) from None
            return self._client

    def _meaning(self, answer: Fetched) -> Exception:
        """Return what an answer means that is not done: refused where the back end says so, else unknown."""
        code, words = answer.status, clean(self.scrub(_words(answer.body)))
        said = ": ".join(filter(None, (status_of(code), words, answer.unmended)))
        if httpx.codes.is_redirect(code):
            return StatusError(code, f"redirected to {place_of(answer.headers.get('location', ''))}")
        if code in _CONFLICTS:
            return ConflictError(f"changed by another hand meanwhile, {said}")
        if code == _TOO_OFTEN:
            pause = _pause(answer)
            return StatusError(code, f"{said}, asked too often" + (f", come back in {pause:g} s" if pause else ""))
        if httpx.codes.is_client_error(code) and code != _TOO_LATE:
            return StatusError(code, said)
        return AnswerError(said)


class _Wire:
    """Knows whether a request may have been done: a failure before it leaves, or after a refusal, is a refusal."""

    def __init__(self) -> None:
        self._left = False
        self._refused = 0

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if getattr(info.get("request"), "method", b"") == b"CONNECT":
            return  # a word to the proxy alone: nothing of it has left yet
        if event.endswith("send_request_headers.started"):
            self._left = True
        elif event.endswith("receive_response_headers.complete") and info["return_value"][1] in REFUSALS:
            self._left, self._refused = False, info["return_value"][1]

    def failed(self, why: str) -> Exception:
        if self._left:
            return AnswerError(why)
        return FlagError(f"{status_of(self._refused)}: {why}" if self._refused else f"{why}, nothing was sent")


async def _sent(client: httpx.AsyncClient, call: Call, wire: _Wire) -> Fetched:
    """Return whatever is answered, at most 8 MB; an answer that refuses may break off."""
    text = call.body if isinstance(call.body, str) else None
    request = client.build_request(
        call.method,
        call.url,
        headers={"accept": "application/json", "accept-encoding": "gzip", **call.headers},
        content=text,
        json=None if text is not None else call.body,
        extensions={"trace": wire.trace},
    )
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        body = b""
        with suppress(*(FAILURES if response.is_error else ())):
            body = await body_of(response)
        return Fetched(response.status_code, body, dict(response.headers), why_refused(response))
    finally:
        client.cookies.clear()
        await response.aclose()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_foreign)
    except (ValueError, RecursionError):
        raise FlagError("not JSON" if body.strip() else "empty answer") from None


def _foreign(constant: str) -> NoReturn:
    raise ValueError(constant)


def _words(body: bytes) -> str:
    """Return what a refusal says in its JSON: the details where there are some, else its message."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    details = said.get("details")
    inner = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return next((each[key] for each in (inner, said) for key in _WORDS if isinstance(each.get(key), str)), "")


def _pause(answer: Fetched) -> float | None:
    """Return after how many seconds one may come back, by the server's own clock; None if it does not say."""
    told, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    if told.isdecimal():
        return max(_SOONEST, float(told[:9]))
    try:
        now = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        then = float(reset[:15]) / 1000 if reset.isdecimal() else parsedate_to_datetime(told).timestamp()
        return max(_SOONEST, then - now)
    except (ValueError, OverflowError):
        return None


@contextmanager
def told_of(name: str) -> Iterator[None]:
    """Name the flag in each refusal."""
    try:
        yield
    except FlagError as error:
        raise type(error)(f"{clean(name, 60)} {error}") from None


def part(text: str) -> str:
    """Return a text as one part of an address, quoted."""
    return quote(text, safe="")
