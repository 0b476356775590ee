"""What commands print, put into each request as it leaves; one that is refused is sent once more with what is new."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Mapping

import httpx

from cockpit.runtime.errors import UnsentError
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.secrets import Renewal, Secret, SecretError, Secrets, still_runs

REFUSALS = frozenset((httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN))
_PATIENCE = 0.8
_WHY, _HELD = "cockpit.why", "cockpit.held"

Words = Mapping[Secret, str]


def printed_in(access: Reach) -> tuple[Secret, ...]:
    """Return the secrets that commands print."""
    secrets = (access.token, access.password, *access.headers.values())
    return tuple(dict.fromkeys(secret for secret in secrets if secret.argv))


def why_refused(response: httpx.Response) -> str:
    """Say why a refused request was not sent again with a new secret; empty if there is nothing to say."""
    return str(response.extensions.get(_WHY, ""))


def held_up(response: httpx.Response) -> float:
    """Return for how many seconds an answer was kept back to look for another word."""
    return float(response.extensions.get(_HELD, 0.0))


class Login(httpx.AsyncBaseTransport):
    """Sends over `inner`. A command gets most of `patience` s; what it prints later is for the next request."""

    def __init__(self, inner: httpx.AsyncBaseTransport, access: Reach, secrets: Secrets, patience: float) -> None:
        self._inner, self._access, self._secrets = inner, access, secrets
        self._patience = patience * _PATIENCE

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and where it is refused once more. Raises UnsentError if a word cannot be had."""
        own = frozenset(request.headers)  # a header of the request itself goes before ours
        words, response = await self._sent(request, own)
        if response.status_code not in REFUSALS:
            return response
        renewal = await self._renewed(words, response)
        if renewal.done:
            await response.aclose()
            words, response = await self._sent(request, own)
            if response.status_code in REFUSALS:  # told, so that the next run waits longer
                await self._renewed(words, response)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    async def _sent(self, request: httpx.Request, own: frozenset[str]) -> tuple[Words, httpx.Response]:
        words = await self._words()
        for name, value in self._headers(words):
            if not value.isascii() or not value.isprintable():
                raise UnsentError("a header or the token is not plain ASCII")
            if name.lower() not in own:
                request.headers[name] = value
        return words, await self._inner.handle_async_request(request)

    async def _words(self) -> Words:
        secrets = printed_in(self._access)
        try:
            async with asyncio.timeout(self._patience):
                return {secret: await self._secrets.word(secret) for secret in secrets}
        except TimeoutError:
            raise UnsentError(still_runs(secrets[0])) from None
        except SecretError as error:
            raise UnsentError(str(error)) from None

    async def _renewed(self, words: Words, response: httpx.Response) -> Renewal:
        """Ask for other words, and note on the answer what came of it. Who gives up leaves no connection open."""
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                found = [await self._secrets.renewed(secret, word) for secret, word in words.items()]
        except TimeoutError:
            found = [Renewal(False, still_runs(next(iter(words))))]
        except asyncio.CancelledError:
            await response.aclose()
            raise
        why = "; ".join(dict.fromkeys(renewal.why for renewal in found if renewal.why))
        response.extensions |= {_WHY: why, _HELD: time.perf_counter() - begun}
        return Renewal(any(renewal.done for renewal in found), why)

    def _headers(self, words: Words) -> list[tuple[str, str]]:
        """Return what is put in, the credentials last."""
        access = self._access
        headers = [(name, words[secret]) for name, secret in access.headers.items() if secret in words]
        if access.user and access.password in words:
            pair = b64encode(f"{access.user}:{words[access.password]}".encode()).decode()
            headers.append(("authorization", f"Basic {self._secrets.keep(pair, access.password)}"))
        elif access.token in words:
            headers.append(("authorization", f"Bearer {words[access.token]}"))
        return headers
