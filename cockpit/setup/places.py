"""Where requests are counted: the pages or the Prometheus that are named, or what answers on this machine."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.settings.models.traffic import Prometheus, Scrape
from cockpit.settings.schema.secrets import Secret, Secrets, variable
from cockpit.setup.asking import NONE, Chooser, why_no_address, why_no_variable
from cockpit.setup.found import Counter, Traffic
from cockpit.setup.look.page import Asked, ask_pages
from cockpit.setup.look.prometheus import Seen, ask_prometheus
from cockpit.setup.outcome import Place, Wanted
from sessions.text.units import counted

HERE = "look on this machine"
_PORTS = (8000, 8080, 3000, 5000, 9464, 8001)
_PROMETHEUS = "http://127.0.0.1:9090"


class Numbers(Struct, frozen=True):
    """The source that counts requests, and a line for each thing that was not found."""

    place: Place = Place()
    traffic: Traffic | None = None
    events: tuple[Counter, ...] = ()
    notes: tuple[str, ...] = ()


def numbers(wanted: Wanted, chooser: Chooser, secrets: Secrets, now: datetime) -> Numbers:
    """Return where the numbers are; a person is asked until something counts requests, or says none."""
    token = wanted.token
    if wanted.prometheus:
        return _prometheus(wanted.prometheus, token, secrets, chooser)
    if wanted.metrics:
        return _pages(wanted.metrics, token, secrets, now, chooser)
    why = "A /metrics page (several with blanks between), or a Prometheus. Enter looks at usual ports of this machine."
    default = HERE if chooser.asks else NONE
    while chooser.asks:
        said = chooser.word("Where are its numbers?", default, why, _why_no_place)
        if said == NONE:
            break
        found = (
            _here(token, secrets, now, chooser) if said == HERE else _named(said.split(), token, secrets, now, chooser)
        )
        if found.traffic and found.traffic.endpoints:
            return found
        for note in found.notes or ("nothing on the usual ports",):
            chooser.say(secrets.scrub(f"not found: {note}"))
        if any("credentials" in note for note in found.notes):
            named = chooser.word("Which variable holds its token?", token or NONE, "A bearer token.", why_no_variable)
            token, default = ("", NONE) if named == NONE else (named, said)
        else:
            default = NONE
    return Numbers()


def _why_no_place(text: str) -> str:
    if text in (HERE, NONE):
        return ""
    return next((why for url in text.split() if (why := why_no_address(url))), "")


def _secret(token: str) -> Secret:
    return variable(token) if token else Secret()


def _prometheus(url: str, token: str, secrets: Secrets, chooser: Chooser) -> Numbers:
    seen = asyncio.run(ask_prometheus(Prometheus(url=url, token=_secret(token)), secrets))
    return _of_prometheus(url, token, seen, chooser)


def _of_prometheus(url: str, token: str, seen: Seen, chooser: Chooser) -> Numbers:
    if seen.traffic is None:
        return Numbers(notes=seen.notes, events=seen.events)
    place = Place(seen.traffic.metrics, prometheus=url, job=seen.job, interval=seen.interval, token=token)
    _tell(chooser, f"Prometheus {url}{f', job {seen.job}' if seen.job else ''}", seen.traffic)
    return Numbers(place, seen.traffic, seen.events, seen.notes)


def _pages(urls: Sequence[str], token: str, secrets: Secrets, now: datetime, chooser: Chooser) -> Numbers:
    return _of_pages(
        urls, token, asyncio.run(ask_pages(Scrape(urls=tuple(urls), token=_secret(token)), secrets, now)), chooser
    )


def _of_pages(urls: Sequence[str], token: str, asked: Asked, chooser: Chooser) -> Numbers:
    if asked.traffic is None:
        return Numbers(notes=asked.notes, events=asked.events)
    _tell(chooser, " ".join(urls), asked.traffic)
    return Numbers(Place(asked.traffic.metrics, tuple(urls), token=token), asked.traffic, asked.events, asked.notes)


def _named(urls: Sequence[str], token: str, secrets: Secrets, now: datetime, chooser: Chooser) -> Numbers:
    """An address alone may be that of a Prometheus, or of a service whose page is under /metrics."""
    if len(urls) > 1 or urlsplit(urls[0]).path.strip("/"):
        return _pages(urls, token, secrets, now, chooser)
    asked = _prometheus(urls[0], token, secrets, chooser)
    if asked.traffic:
        return asked
    page = _pages([f"{urls[0].rstrip('/')}/metrics"], token, secrets, now, chooser)
    return page if page.traffic else Numbers(notes=(*asked.notes, *page.notes))


def _here(token: str, secrets: Secrets, now: datetime, chooser: Chooser) -> Numbers:
    """Look at the usual ports, all at once; a Prometheus goes before a page, for it remembers."""

    async def look() -> tuple[Seen, list[tuple[str, Asked]]]:
        urls = [f"http://127.0.0.1:{port}/metrics" for port in _PORTS]
        pages = [ask_pages(Scrape(urls=(url,), token=_secret(token)), secrets, now) for url in urls]
        server = ask_prometheus(Prometheus(url=_PROMETHEUS, token=_secret(token)), secrets)
        seen, asked = await asyncio.gather(server, asyncio.gather(*pages))
        return seen, list(zip(urls, asked, strict=True))

    seen, pages = asyncio.run(look())
    if seen.traffic and seen.traffic.endpoints:
        return _of_prometheus(_PROMETHEUS, token, seen, chooser)
    good = [(url, asked) for url, asked in pages if asked.traffic and asked.traffic.endpoints]
    return _of_pages([good[0][0]], token, good[0][1], chooser) if good else Numbers()


def _tell(chooser: Chooser, where: str, found: Traffic) -> None:
    names = found.metrics
    labels = ", ".join(filter(None, (names.method, names.endpoint, names.status)))
    seen = f"{counted(len(found.endpoints), 'endpoints')} counted by {names.requests}, timed by {names.durations}"
    chooser.say(f"found: {where}: {seen}, labels {labels}")
    if names.requests.endswith("_count"):
        chooser.say(f"found: the count of the histogram is the counter of requests: no other has the labels {labels}")
