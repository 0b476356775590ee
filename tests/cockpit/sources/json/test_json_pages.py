"""Lists that go on, over real sockets: followed within bounds, else told and never taken for the whole."""

import json
from contextlib import asynccontextmanager

import pytest
from werkzeug import Response

from cockpit.runtime.finding import Sight
from cockpit.settings.models.json_answers import Command
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.command import open_source as open_command
from cockpit.sources.json.http import MOST_PAGES, open_source
from sessions.values.readings import Tickets, Triage
from tests.support.build import T0, after
from tests.support.sources.ordering import SLOW, order, spec

TRIAGE = """topic = "triage"
fields = { at = "firstSeen", open = "status == 'unresolved'" }
token = "${T}"
"""


def issues(count, status="resolved", first=0):
    return [
        {"id": str(n), "firstSeen": after(-60 * n).isoformat(), "title": "old", "status": status}
        for n in range(first, first + count)
    ]


class Pages:
    """A service that hands out its pages one by one, `last` says how it ends."""

    def __init__(self, httpserver, *pages, results=True):
        self.pages, self.asked, self.server, self.results = pages, [], httpserver, results
        httpserver.expect_request("/issues").respond_with_handler(self.answer)
        self.url = httpserver.url_for("/issues")

    def answer(self, request):
        number = int(request.args.get("cursor", 0))
        self.asked.append((number, request.headers.get("authorization"), request.args.get("team")))
        page, headers = self.pages[number], {}
        if callable(page):
            return page()
        if number + 1 < len(self.pages):
            headers["Link"] = f'<{self.url}?cursor={number + 1}>; rel="next"; results="true"'
        elif self.results:
            headers["Link"] = f'<{self.url}?cursor={number + 1}>; rel="next"; results="false"'
        return Response(json.dumps(page), content_type="application/json", headers=headers)


@asynccontextmanager
async def asking(url, text=TRIAGE):
    (source,) = open_source(order(SLOW, {"T": "sesame"}), spec("json", f'url = "{url}"\n{text}'))
    try:
        yield source
    finally:
        await source.aclose()


async def read(url, text=TRIAGE):
    async with asking(url, text) as source:
        found, pulse = await source.read(T0)
    return found, pulse


async def test_an_open_issue_on_the_second_page_is_found(httpserver):
    pages = Pages(httpserver, issues(100), issues(1, "unresolved", 999))
    found, pulse = await read(f"{pages.url}?team=shop", f'{TRIAGE}params = {{ team = "shop" }}')
    assert isinstance(found, Triage)
    assert ([line.id for line in found.critical if line.open], found.lines, found.doubt) == (["999"], 101, "")
    assert (pulse.ok, pulse.note) == (True, "")
    assert pages.asked == [(0, "Bearer sesame", "shop"), (1, "Bearer sesame", "shop")]


async def test_a_next_page_without_results_is_not_asked_for(httpserver):
    pages = Pages(httpserver, issues(3))
    found, pulse = await read(pages.url)
    assert (found.doubt, pulse.ok, len(pages.asked)) == ("", True, 1)


def elsewhere():
    return Response(
        "[]", content_type="application/json", headers={"Link": '<https://evil.example.net/?c=2>; rel="next"'}
    )


def loop(url):
    return lambda: Response("[]", content_type="application/json", headers={"Link": f'<{url}?cursor=1>; rel="next"'})


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (elsewhere, "first 2 pages only: the next one is at another host"),
        (lambda: Response("no", status=503), "first page only: 503"),
        (lambda: Response("<html>", content_type="text/html"), "first page only: not JSON but text/html"),
        (
            lambda: Response('{"detail": "expired"}', content_type="application/json"),
            "first page only: the next one has another form",
        ),
        (
            lambda: Response("", status=302, headers={"Location": "http://169.254.169.254/"}),
            "first page only: redirected to 169.254.169.254",
        ),
        ("loop", "first 2 pages only: the next one was read already"),
    ],
)
@pytest.mark.parametrize("status", ["resolved", "unresolved"])
async def test_what_cannot_be_followed_holds_and_what_was_seen_counts(httpserver, second, why, status):
    pages = Pages(httpserver, issues(2, status), second)
    if second == "loop":
        pages.pages = (pages.pages[0], loop(pages.url))
    found, pulse = await read(pages.url)
    assert (pulse.ok, pulse.reason, found.doubt) == (False, why, why)
    assert sum(line.open for line in found.critical) == (2 if status == "unresolved" else 0)
    async with asking(pages.url) as source:
        assert (Sight.PROBLEM, why) in [(one.sight, one.text) for one in await source.examine(T0)]


async def test_no_more_pages_are_read_than_are_allowed(httpserver):
    pages = Pages(httpserver, *(issues(1, first=n) for n in range(MOST_PAGES + 5)))
    found, pulse = await read(pages.url)
    assert (len(pages.asked), found.lines) == (MOST_PAGES, MOST_PAGES)
    assert pulse.reason == f"first {MOST_PAGES} pages only: there are more"


async def test_pages_together_are_no_larger_than_one_answer(httpserver, monkeypatch):
    monkeypatch.setattr("cockpit.sources.json.http.BODY_LIMIT", 30_000)
    pages = Pages(httpserver, *(issues(150, first=150 * n) for n in range(4)))
    _, pulse = await read(pages.url)
    assert not pulse.ok
    assert pulse.reason.endswith("pages only: answer over 0 MB") or pulse.reason == "first page only: answer over 0 MB"


async def test_the_first_page_is_enough_where_the_owner_says_so(httpserver):
    pages = Pages(httpserver, issues(2), issues(1, "unresolved", 999))
    found, pulse = await read(pages.url, f'{TRIAGE}pages = "first"')
    assert (found.doubt, pulse.ok, len(pages.asked)) == ("", True, 1)
    assert pulse.note == "first page only, as the settings say"


QUEUE = 'topic = "queue"\n'
BODY = {"count": 212, "results": [{"at": "2026-11-22T10:00:00Z"}] * 2}


@pytest.mark.parametrize(
    ("body", "fields", "opened"),
    [
        (
            {**BODY, "next_page": "https://elsewhere.example.org/?page=2"},
            'open = "count", oldest = "results[0].at"',
            212,
        ),
        ({**BODY, "next_cursor": "x"}, 'open = "count"', 212),
        ({**BODY, "next": None}, 'open = "length(results)"', 2),
    ],
)
async def test_a_count_that_the_server_made_needs_no_other_page(httpserver, body, fields, opened):
    httpserver.expect_request("/count").respond_with_json(body)
    found, pulse = await read(httpserver.url_for("/count"), f"{QUEUE}fields = {{ {fields} }}")
    assert isinstance(found, Tickets)
    assert (found.open, pulse.ok) == (opened, True)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"next_cursor": "x"}, "first page only: next_cursor names no address"),
        ({"has_more": True}, "first page only: it says has_more"),
        ({"total": 250}, "first page only: 2 of 250 rows"),
        ({"next": "https://elsewhere.example.org/?page=2"}, "first page only: the next one is at another host"),
    ],
)
async def test_rows_that_we_count_are_counted_on_all_pages_or_not_at_all(httpserver, more, why):
    httpserver.expect_request("/count").respond_with_json(BODY | more)
    async with asking(httpserver.url_for("/count"), f'{QUEUE}fields = {{ open = "length(results)" }}') as source:
        with pytest.raises(SourceError) as told:
            await source.read(T0)
    assert str(told.value) == why


async def test_rows_that_we_count_are_followed(httpserver):
    next_page = {"results": BODY["results"][:1], "next": None}
    httpserver.expect_request("/tickets", query_string="page=2").respond_with_json(next_page)
    httpserver.expect_request("/tickets").respond_with_json(BODY | {"next": "?page=2"})
    found, pulse = await read(httpserver.url_for("/tickets"), f'{QUEUE}fields = {{ open = "length(results)" }}')
    assert (found.open, pulse.ok) == (3, True)


async def test_what_a_post_asks_for_is_not_followed(httpserver):
    httpserver.expect_request("/q", method="POST").respond_with_json({"results": issues(1), "next": "/q?page=2"})
    found, pulse = await read(
        httpserver.url_for("/q"), f'{TRIAGE}rows = "results"\nmethod = "POST"\nbody = {{ q = "x" }}'
    )
    assert pulse.reason == found.doubt == "first page only: what a POST asks for is not followed"


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        (
            {"rows": issues(1), "next": "https://api.example.org/?page=2"},
            "first page only: the next one is at another host",
        ),
        ({"rows": issues(1), "next": "/issues?page=2"}, "first page only: the program passes on what goes on"),
        ({"rows": issues(1), "has_more": True}, "first page only: it says has_more"),
        ({"rows": issues(1), "total": 9}, "first page only: 1 of 9 rows"),
        ({"rows": issues(1), "total": 1}, ""),
    ],
)
async def test_a_program_that_passes_on_one_page_is_not_taken_for_all(tmp_path, printed, why):
    (tmp_path / "page.json").write_text(json.dumps(printed))
    fields = {"at": "firstSeen", "open": "status == 'unresolved'"}
    argv = ("cat", str(tmp_path / "page.json"))
    (source,) = open_command(order(SLOW), Command(topic="triage", rows="rows", fields=fields, argv=argv))
    found, pulse = await source.read(T0)
    assert (found.doubt, pulse.reason, pulse.ok) == (why, why, not why)


async def test_of_two_lines_of_one_id_the_open_one_stays(httpserver):
    httpserver.expect_request("/issues").respond_with_json([*issues(1, "unresolved"), *issues(1)])
    found, _ = await read(httpserver.url_for("/issues"))
    assert [(line.id, line.open) for line in found.critical] == [("0", True)]


async def test_words_beyond_those_that_are_shown_are_summed(httpserver):
    statuses = {f"s{n}": 1 for n in range(150)}
    httpserver.expect_request("/r").respond_with_json({"statuses": statuses, "open": 7, "stuck": 1})
    found, _ = await read(httpserver.url_for("/r"), 'topic = "returns"')
    assert (len(found.statuses), sum(count for _, count in found.statuses)) == (101, 150)
    assert found.statuses[-1] == ("others", 50)
