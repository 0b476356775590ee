"""The pages that are looked at by hand: told as the settings list them; only `cockpit doctor` asks for them, once."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import httpx

from cockpit.http.client import FAILURES, open_client, place_of, reason, told_status
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.sheets import Dashboard
from cockpit.settings.schema.http_access import Reach
from cockpit.sources.interface.shows import Shows, exhibit
from cockpit.sources.interface.source import Order
from cockpit.sources.showing import Pages
from sessions.values.readings import Topic
from sessions.values.sheets import Exhibit, Row

_LOGIN = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_BY_HAND = "open it in your browser: what it reaches, this machine may not"


def open_shows(order: Order, spec: Pages, names: Sequence[str]) -> Shows:
    """Return what lists the pages."""
    return Dashboards(order, spec.pages, names, spec.reach)


class Dashboards:
    """Lists the pages, each with its address."""

    topics: Sequence[Topic] = ()

    def __init__(self, order: Order, pages: Sequence[Dashboard], shows: Sequence[str], reach: Reach) -> None:
        self.name, self.shows = order.name, shows
        self.deadline = order.plan.cadence.deadline
        self._secrets, self._pages, self._reach = order.secrets, pages, reach

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Return the pages in the owner's order."""
        return [exhibit(self.name, now, name, "Dashboards", [Row(page.title, page.url) for page in self._pages])]

    async def examine(self, _now: datetime) -> Sequence[Finding]:
        """Request each page once, without a login: whether there is something that a browser could show."""
        client = await asyncio.to_thread(open_client, self._reach, self._secrets, self.deadline)
        async with client:
            return await asyncio.gather(*(self._tried(client, page) for page in self._pages))

    async def aclose(self) -> None:
        """Nothing stays open."""

    async def _tried(self, client: httpx.AsyncClient, page: Dashboard) -> Finding:
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(self.deadline):
                response = await client.send(client.build_request("GET", page.url), stream=True)
                await response.aclose()
        except TimeoutError:
            return _unreached(page, f"no answer in {self.deadline:g} s")
        except FAILURES as error:
            return _unreached(page, reason(error, self.deadline))
        return _answered(page, response, 1000 * (time.perf_counter() - begun))


def _unreached(page: Dashboard, why: str) -> Finding:
    """It is looked at from where the browser runs: not to reach it from here is no proof that it is gone."""
    return Finding(Sight.WARNING, page.title, f"{why}, from this machine", _BY_HAND)


def _answered(page: Dashboard, response: httpx.Response, took: float) -> Finding:
    if response.is_redirect:
        leads = place_of(response.headers.get("location", ""))
        return Finding(Sight.GOOD, page.title, f"answered in {took:.0f} ms, leads on to {leads}")
    if response.status_code in _LOGIN:
        return Finding(Sight.GOOD, page.title, f"answered in {took:.0f} ms, asks for a login")
    if response.is_success:
        return Finding(Sight.GOOD, page.title, f"answered in {took:.0f} ms")
    return Finding(Sight.PROBLEM, page.title, f"answered {told_status(response)}", "correct its url, or take it out")
