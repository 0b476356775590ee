"""Who had the flag, by a label in PromQL: as text, from a server that says what the test wants, and on the real one."""

import math
import re
from datetime import UTC, datetime

import httpx
import pytest
from msgspec.structs import replace

from cockpit.runtime.finding import Sight
from cockpit.sources.prometheus.api import Api
from cockpit.sources.prometheus.cells import Cells, Frame, sorted_by_time, traffic
from cockpit.sources.prometheus.examine import examined
from cockpit.sources.prometheus.promql import Span, Wording
from sessions.values.readings import Grain, Side, Split
from tests.support.build import PLAN
from tests.support.peers.real_programs import prometheus
from tests.support.peers.written_history import BUCKETS, LENGTH, START, STEP, History, grew
from tests.support.sources.ordering import spec

pytestmark = pytest.mark.xdist_group("prometheus")

ENDPOINTS = ("GET /parted", "GET /beta", "GET /young", "GET /bare")
BY_FLAG = 'variant = { label = "flag" }\n'
SHOP = "selector = 'job=\"shop\"'\n"
OWN = '''
[queries]
requests = 'sum by (method, endpoint) (increase(http_requests_total{$variant}[$window]))'
errors = """
sum by (method, endpoint) (increase(http_requests_total{status=~"5..", $variant}[$window]))
or 0 * sum by (method, endpoint) (increase(http_requests_total{$variant}[$window]))"""
p95 = 'histogram_quantile(0.95, sum by (le, method, endpoint) (rate(http_request_duration_seconds_bucket[$window])))'
'''


def wording(text="", url="http://prom.example", endpoints=ENDPOINTS):
    return Wording(spec("prometheus", f'url = "{url}"\n{text}'), endpoints, 500)


def parts(text):
    return re.findall(r'"cockpit_part", "w\.([\w.]+)"', wording(text).traffic(Span(300, 15), "w"))


def test_the_groups_are_asked_for_beside_what_was_asked_before():
    plain, both = parts(""), parts(BY_FLAG)
    assert both == [
        *plain,
        *(f"{side}.{part}" for side in ("on", "off") for part in ("requests", "errors", "p95", "within")),
    ]
    assert "flag" not in wording().traffic(Span(300, 15), "w")
    query = wording(BY_FLAG).traffic(Span(300, 15), "w")
    assert query.startswith(wording().traffic(Span(300, 15), "w"))
    assert query.count('flag="on"') == query.count('flag="off"') > 10


def test_the_last_minute_costs_nothing_more():
    brief = [wording(text).traffic(Span(60, 15), "w", brief=True) for text in ("", BY_FLAG)]
    assert brief[0] == brief[1]


def test_names_and_values_are_quoted():
    text = """variant = { label = "feature.flag", on = 'a"b', off = "c" }\n"""
    query = wording(text).traffic(Span(300, 15), "w")
    assert r'"feature.flag"="a\"b"' in query


def test_own_words_are_asked_of_each_group_where_they_let_themselves():
    asked = parts(BY_FLAG + SHOP + OWN)
    assert [one for one in asked if "." in one] == ["on.requests", "on.errors", "off.requests", "off.errors"]
    query = wording(BY_FLAG + SHOP + OWN).traffic(Span(300, 15), "w")
    assert "http_requests_total{}[300000ms]" in query
    assert 'http_requests_total{status=~"5.."}[300000ms]' in query
    assert 'http_requests_total{flag="off"}[300000ms]' in query
    assert 'http_requests_total{status=~"5..", flag="on"}[300000ms]' in query
    assert "$variant" not in query


def test_own_requests_that_do_not_let_themselves_are_not_parted():
    own = '[queries]\nrequests = "r[$window]"\n'
    assert parts(BY_FLAG + SHOP + own) == parts(SHOP + own)


FINE = {"requests": 1000.0, "errors": 9.0, "p95": 0.3, "within": 0.9, "alive": 20.0}
GROUPS = {
    "on.requests": 100.0,
    "on.errors": 4.0,
    "on.p95": 0.812,
    "on.within": 0.1,
    "off.requests": 880.0,
    "off.errors": 5.0,
    "off.p95": 0.214,
    "off.within": 1.0,
}
WHOLE = Split(Side(100, 4, 812, 0.9), Side(880, 5, 214, 0), 20)


def told(text="", twice=(), **changed):
    """The reading made of these parts; a part of None is not there."""
    cells = {part: value for part, value in {**FINE, **GROUPS, **changed}.items() if value is not None}
    model = spec("prometheus", f'url = "http://prom.example"\n{BY_FLAG}{SHOP}{text}')
    frame = Frame("prom", datetime.now(UTC), Grain.WINDOW, datetime.now(UTC), datetime.now(UTC), 20)
    known = Cells({"GET /parted": cells, "": {"up": 1.0}}, [("GET /parted", part) for part in twice])
    [one], doubts = traffic(known, frame, ["GET /parted"], model)
    assert doubts == [] or "torn" in changed
    return one


@pytest.mark.parametrize(
    ("changed", "split"),
    [
        ({}, WHOLE),
        (dict.fromkeys(GROUPS), None),
        (
            {"on.requests": None, "on.errors": None, "on.p95": None, "on.within": None},
            replace(WHOLE, on=Side(0, 0), neither=120),
        ),
        ({"on.requests": math.nan}, None),
        ({"off.requests": -1.0}, None),
        ({"on.p95": math.nan}, replace(WHOLE, on=replace(WHOLE.on, p95_ms=None))),
        ({"on.within": math.nan}, replace(WHOLE, on=replace(WHOLE.on, over=None))),
        ({"on.errors": None}, replace(WHOLE, on=replace(WHOLE.on, errors=0))),
        ({"on.errors": math.inf}, replace(WHOLE, on=replace(WHOLE.on, errors=None))),
        ({"requests": 980.4}, replace(WHOLE, neither=0)),
        ({"torn": 1.0}, Split(Side(100, 4), Side(880, 5), 20)),
    ],
)
def test_what_is_no_number_is_no_group(changed, split):
    assert told(**changed).split == split


def test_a_part_that_is_there_twice_is_no_group():
    one = told(twice=["on.requests"])
    assert (one.split, one.requests) == (None, 1000)


def test_own_errors_that_are_missing_are_no_zero():
    own = "[queries]\nerrors = 'e{$variant}[$window]'\n"
    assert told(own, **{"on.errors": None}).split.on.errors is None


def test_totals_are_what_they_were():
    assert replace(told(), split=None, at=None, start=None, end=None) == replace(
        told(**dict.fromkeys(GROUPS)), at=None, start=None, end=None
    )


def put(history, endpoint, flag, total, *, status=200, slow=0.0, since=-900):
    """Requests of one group: `slow` of them take 0.5 to 1 s, the others up to 0.1 s."""
    says = f',flag="{flag}"' if flag else ""
    for at in range(since, 601, STEP):
        labels = f'endpoint="/{endpoint}"{says},instance="a",job="shop",method="GET"'
        history.put("http_requests_total", f'{labels},status="{status}"', at, total(at))
        for bound in (*BUCKETS, math.inf):
            count = total(at) * (1 if bound > 0.5 else 1 - slow)
            history.put(
                "http_request_duration_seconds_bucket",
                f'{labels},le="{"+Inf" if bound == math.inf else bound}"',
                at,
                count,
            )


def past():
    history = History()
    history.up("a")
    put(history, "parted", "on", grew(6), slow=1.0)
    put(history, "parted", "on", grew(2, 500), status=500, slow=1.0)
    put(history, "parted", "off", grew(40))
    put(history, "beta", "beta", grew(5))
    put(history, "beta", "off", grew(15))
    put(history, "young", "on", lambda at: (at - 30) // STEP, since=30)
    put(history, "young", "off", grew(15))
    put(history, "bare", "", grew(15))
    return history.text()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with prometheus(tmp_path_factory.mktemp("prometheus"), history=past()) as url:
        yield url


async def window(url, text):
    words, span = wording(text, url), Span(LENGTH, STEP)
    async with httpx.AsyncClient(timeout=20) as client:
        end = START + LENGTH
        answer = await Api(client, url).over(words.traffic(span, "w"), end, end + 0.001, LENGTH)
    cells = sorted_by_time(answer.rows, words.spec, "w")[float(end)]
    start, until = (datetime.fromtimestamp(edge, UTC) for edge in (START, end))
    readings, doubts = traffic(
        cells, Frame("prom", until, Grain.WINDOW, start, until, span.steps), ENDPOINTS, words.spec
    )
    assert doubts == []
    return {one.endpoint.removeprefix("GET /"): one for one in readings}


async def test_the_groups_of_a_real_server(server):
    parted, plain = await window(server, SHOP + BY_FLAG), await window(server, SHOP)
    assert {name: replace(one, split=None) for name, one in parted.items()} == plain
    found = parted["parted"].split
    assert (found.on.requests, found.on.errors, found.on.over, found.neither) == (
        160,
        40,
        pytest.approx(1, abs=1e-6),
        0,
    )
    assert (found.off.requests, found.off.errors, found.off.over) == (800, 0, pytest.approx(0, abs=1e-6))
    assert 500 < found.on.p95_ms < 1000
    assert found.off.p95_ms < 100
    assert (parted["beta"].split.on, parted["beta"].split.neither) == (Side(0, 0), 100)
    assert parted["young"].split.on.requests == 18
    assert parted["bare"].split is None


async def test_own_words_of_a_real_server(server):
    found = (await window(server, BY_FLAG + SHOP + OWN))["parted"].split
    assert found.on.requests / found.off.requests == pytest.approx(8 / 40, rel=0.02)
    assert (found.on.p95_ms, found.on.over) == (None, None)


@pytest.mark.parametrize(
    ("text", "endpoints", "sight", "said"),
    [
        (BY_FLAG, ENDPOINTS[:1], Sight.GOOD, "by label flag"),
        (BY_FLAG, ENDPOINTS[1:2], Sight.WARNING, 'label flag says "beta": counted as neither "on" nor "off"'),
        (BY_FLAG, ENDPOINTS[3:], Sight.WARNING, "no line has label flag; labels there: "),
        (
            'variant = { label = "on" }\n',
            ENDPOINTS[:1],
            Sight.WARNING,
            "no line has label on; labels there: endpoint, ",
        ),
        (
            BY_FLAG + '[queries]\nrequests = "rate(http_requests_total[$window])"\n',
            ENDPOINTS[:1],
            Sight.WARNING,
            "queries.requests names no $variant",
        ),
    ],
)
async def test_the_doctor_says_whether_the_label_is_there(server, text, endpoints, sight, said):
    async with httpx.AsyncClient(timeout=20) as client:
        words = wording(SHOP + text, server, endpoints)
        at = datetime.fromtimestamp(START + LENGTH, UTC)
        found = [one for one in await examined(At(client, server, at), words, PLAN, at) if one.what == "flag"]
    assert [one.sight for one in found] == [sight]
    assert found[0].text.startswith(said)


class At(Api):
    """Asks as if it were another time."""

    def __init__(self, client, url, at):
        super().__init__(client, url)
        self.at = at

    async def now(self, query):
        return await self.over(query, self.at.timestamp(), self.at.timestamp() + 0.001, LENGTH)
