"""The json source: any HTTP answer in JSON, and the pages that follow it."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence

import httpx

from cockpit.http.client import BODY_LIMIT, FAILURES, Fetched, dated, fetch, open_client, reason
from cockpit.http.exchange import Moment, steady
from cockpit.runtime.clock import Clock
from cockpit.settings.models.json_answers import Json
from cockpit.settings.schema.placeholders import Value, filled, filled_tree
from cockpit.sources.interface.source import Order, Source, SourceError
from cockpit.sources.json.pages import Hint, hinted, joined, of_one_form, row_free, short_of
from cockpit.sources.json.source import AS_MEANT, PATIENCE, Documents, Manner, Reply, names_window, only, pace, parse
from sessions.text.clean import clean

MOST_PAGES = 20
"""So many pages of one answer are read at most; together they may be as large as one answer may be."""

_HEADERS = {"accept": "application/json", "accept-encoding": "gzip"}
_MAYBE = ("", "text/plain", "application/octet-stream")


def open_source(order: Order, spec: Json) -> Sequence[Source]:
    """Return the source that asks `spec.url`. Raises SecretError and SourceError."""
    deadline = spec.timeout or order.plan.cadence.deadline
    patience = deadline * PATIENCE
    client = open_client(spec, order.secrets, patience)

    async def ask(places: Mapping[str, Value]) -> Reply:
        pages, why = _Pages(client, spec, order.clock), ""
        try:
            async with asyncio.timeout(patience):
                await pages.read(_request(client, spec, places))
        except TimeoutError:
            why = f"no answer in {patience:g} s"
        except zlib.error:
            why = "answer packed wrongly"
        except SourceError as error:
            why = str(error)
        except FAILURES as error:
            why = reason(error, patience)
        return pages.reply(why)

    windowed = names_window(spec.url, spec.body)
    interval = spec.every or pace(spec, order.plan)
    return [Documents(order.name, spec, order.plan, Manner(ask, client.aclose, windowed, interval, deadline))]


class _Pages:
    """The pages of one answer, as they come: one after the other, within bounds, from the same place alone."""

    def __init__(self, client: httpx.AsyncClient, spec: Json, clock: Clock) -> None:
        self._client, self._spec, self._clock = client, spec, clock
        self._alone = row_free(spec)
        self._document: object = None
        self._pages = 0
        self._met = set[str]()
        self._size = 0
        self._ahead: float | None = None
        self._lack = ""

    async def read(self, request: httpx.Request) -> None:
        """Read the first page and those that follow it. Raises FAILURES, SourceError."""
        while True:
            moment = Moment(self._clock.now(), steady())
            self._met.add(str(request.url))  # before the owner's parameters come to it
            answer = await fetch(self._client, request, BODY_LIMIT - self._size)
            page = await asyncio.to_thread(parse, _json(answer))
            if not self._pages:
                self._ahead = dated(answer, moment)
            if self._pages and not of_one_form(self._document, page):
                raise SourceError("the next one has another form")
            self._size += len(answer.body)
            self._document = joined(self._document, page) if self._pages else page
            self._pages += 1
            self._met.add(str(request.url))
            hint = hinted(str(request.url), answer.headers, page)
            if not self._goes_on(hint, answer):
                return
            request = self._client.build_request("GET", hint.next, headers=_HEADERS)

    def reply(self, why: str) -> Reply:
        """Return what was read; `why` there is no more of it. Raises SourceError if there is nothing."""
        if not self._pages:
            raise SourceError(why)
        lack = why or self._lack
        if lack and self._spec.pages == "first":
            return Reply(self._document, self._ahead, note=AS_MEANT)
        return Reply(self._document, self._ahead, only(lack, self._pages) if lack else "")

    def _goes_on(self, hint: Hint, answer: Fetched) -> bool:
        """Whether another page is to be asked for; notes what is lacking where there is one that is not."""
        if self._alone:
            return False
        if not hint.next:
            self._lack = hint.why or ("" if hint.whole else short_of(answer.headers, self._document, self._pages))
        elif self._spec.method != "GET":
            self._lack = "what a POST asks for is not followed"
        elif self._spec.pages == "first":
            self._lack = AS_MEANT
        elif hint.next in self._met:
            self._lack = "the next one was read already"
        elif self._pages >= MOST_PAGES:
            self._lack = "there are more"
        else:
            return True
        return False


def _request(client: httpx.AsyncClient, spec: Json, places: Mapping[str, Value]) -> httpx.Request:
    body = filled_tree(spec.body, places) if spec.method == "POST" else None
    return client.build_request(spec.method, filled(spec.url, places), headers=_HEADERS, json=body)


def _json(answer: Fetched) -> bytes:
    """Return the body; one that says it is something else is not looked at."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "json" not in kind and kind not in _MAYBE:
        raise SourceError(f"not JSON but {clean(kind, 40)}")
    return answer.body
