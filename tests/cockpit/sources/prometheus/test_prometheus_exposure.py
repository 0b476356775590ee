"""Exposure by PromQL against a server that says what the test wants: counts, holes, doubts, old samples."""

import json
import re

import pytest

from cockpit.runtime.finding import Sight
from cockpit.settings.file.cross_checks import answers
from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.exposure import open_source
from sessions.values.readings import Exposure, Topic
from tests.cockpit.conftest import free_port
from tests.support.build import PLAN, T0, after
from tests.support.sources.ordering import order, problems, spec

OWN = """
[exposure]
users = 'sum(increase(met_total[$window]))'
exposed = 'sum(increase(met_total{variant="on"}[$window]))'
"""
CALM = {"users": [800, 610.4, 400, 160], "exposed": [200, 149.6, 101, 39]}


class Server:
    def __init__(self, httpserver):
        self.values, self.more, self.extra, self.age, self.forms = dict(CALM), {}, [], 5.0, []
        httpserver.expect_request(re.compile("/api/v1/query")).respond_with_handler(self.answer)
        self.url = httpserver.url_for("/")

    def answer(self, request):
        self.forms.append(request.form["query"])
        clock = T0.timestamp()
        rows = [("whole.clock", clock)] + ([] if self.age is None else [("whole.newest", clock - self.age)])
        rows += [(f"{part}.{place}", value) for part, row in self.values.items() for place, value in enumerate(row)]
        rows += self.extra
        told = [
            {"metric": {"cockpit_part": name}, "value": [clock, str(value)]}
            for name, value in rows
            if value is not None
        ]
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": told}, **self.more})


@pytest.fixture
def server(httpserver):
    return Server(httpserver)


@pytest.fixture
async def source(server):
    (made,) = open_source(order(PLAN), spec("prometheus", f'url = "{server.url}"\n{OWN}'))
    yield made
    await made.aclose()


async def test_every_part_of_the_span_is_asked_for_at_once(server, source):
    found, pulse = await source.read(T0)
    later = ((after(-2700), 610, 150), (after(-1800), 400, 101), (after(-900), 160, 39))
    assert found == Exposure("desk", T0, after(-3600), 800, 200, after(-5), later)
    assert (pulse.topic, pulse.ok, pulse.newest) == (Topic.EXPOSURE, True, after(-5))
    (query,) = server.forms
    for span in ("3600000ms", "2700000ms", "1800000ms", "900000ms"):
        assert f'label_replace((sum(increase(met_total[{span}]))), "cockpit_part", "users.' in query
        assert f'(sum(increase(met_total{{variant="on"}}[{span}])))' in query
    assert source.interval == PLAN.cadence.mongo


async def test_a_span_of_the_owners(server):
    own = OWN + 'span = "6h"'
    (made,) = open_source(order(PLAN), spec("prometheus", f'url = "{server.url}"\n{own}'))
    found, _ = await made.read(T0)
    await made.aclose()
    assert (found.since, found.later[-1][0]) == (after(-6 * 3600), after(-1.5 * 3600))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"exposed": [200, 150, 101, None]}, "exposed: no series"),
        ({"users": [None] * 4}, "users: no series"),
        ({"users": ["NaN", 1, 1, 1]}, "users: nan is no count"),
        ({"users": ["+Inf", 1, 1, 1]}, "users: inf is no count"),
        ({"exposed": [-3, 1, 1, 1]}, "exposed: -3 is no count"),
    ],
)
async def test_what_is_missing_or_no_number_is_no_zero(server, source, values, why):
    """Row 45."""
    server.values |= values
    with pytest.raises(SourceError, match=re.escape(why)):
        await source.read(T0)


async def test_more_than_one_series_is_told_with_what_to_do(server, source):
    server.extra = [("exposed.2", 7)]
    with pytest.raises(SourceError, match=re.escape("exposed: 2 series, wrap it in sum()")):
        await source.read(T0)


@pytest.mark.parametrize(("exposed", "read"), [(801, 800), (808, 800), (809, 809)])
async def test_a_part_extrapolated_over_the_whole_is_the_whole(server, source, exposed, read):
    """More than a rounding is left for the judge, who says that it makes no sense."""
    server.values["exposed"] = [exposed, *CALM["exposed"][1:]]
    found, _ = await source.read(T0)
    assert found.exposed == read


@pytest.mark.parametrize(
    ("age", "why"),
    [(PLAN.cadence.mongo_stale + 1, "no scrape for 3m01s"), (None, "no scrape of the service")],
)
async def test_row_51_old_samples_are_no_answer(server, source, age, why):
    server.age = age
    with pytest.raises(SourceError, match=why):
        await source.read(T0)


async def test_row_46_a_partial_answer_proves_nothing(server, source):
    server.more = {"warnings": ["store a is down"]}
    found, pulse = await source.read(T0)
    assert (found.users, pulse.ok, pulse.reason) == (800, False, "partial: store a is down")
    (finding,) = await source.examine(T0)
    assert (finding.sight, finding.text) == (Sight.PROBLEM, "partial: store a is down")


async def test_row_41_nobody_answers():
    url = f"http://127.0.0.1:{free_port()}"
    (made,) = open_source(order(PLAN), spec("prometheus", f'url = "{url}"\n{OWN}'))
    with pytest.raises(SourceError, match="refused"):
        await made.read(T0)
    await made.aclose()


async def test_an_examination_says_who_was_met(server, source):
    (finding,) = await source.examine(T0)
    assert (finding.sight, finding.text) == (Sight.GOOD, "200 of 800 users in 1h00m")


def test_without_promql_there_is_no_source_and_no_topic(server):
    bare, own = (spec("prometheus", f'url = "{server.url}"\n{text}') for text in ("", OWN))
    assert open_source(order(PLAN), bare) == []
    assert (Topic.EXPOSURE in answers(bare), Topic.EXPOSURE in answers(own)) == (False, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('exposure.users = "sum(x[$window])"', "exposure.exposed: is missing"),
        ('exposure.exposed = "sum(x[$window])"', "exposure.users: is missing"),
        (
            'exposure.users = "sum(x[1h])"\nexposure.exposed = "sum(y[$window])"',
            "exposure.users: names no $window",
        ),
    ],
)
def test_half_a_question_is_refused(text, problem):
    (told,) = problems("prometheus", f'url = "http://p.example.org"\n{text}')
    assert told.startswith(problem)


async def test_users_counted_by_several_processes_are_no_count(server, source):
    server.extra = [("whole.several", 3)]
    with pytest.raises(SourceError, match=r"^two processes answer at this address; \?$"):
        await source.read(T0)
