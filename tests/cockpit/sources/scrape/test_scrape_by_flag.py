"""Who had the flag, by a label of both metrics: the groups beside totals that stay what they were."""

import math
import random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.runtime.finding import Sight
from cockpit.settings.models.traffic import Metrics
from cockpit.settings.models.traffic import Scrape as Spec
from cockpit.settings.models.variant import Variant
from cockpit.sources.scrape.exposition import Exposition
from cockpit.sources.scrape.source import Scrape
from cockpit.sources.scrape.windows import Windows
from sessions.history.reading_codec import body_of, reading_from
from sessions.values.readings import Grain
from tests.support.build import PLAN, after
from tests.support.sources.ordering import problems, spec
from tests.support.sources.scrape_kit import SLOW, page

CAPSULES = "POST /capsules"
BY_FLAG = Variant(label="flag")
BOUNDS = ("0.25", "0.5", "1.0", "+Inf")


def lines(counts, endpoint=CAPSULES):
    """A page: `counts` maps what the flag's label says (None: no label) to (good, failed, slow of them) so far."""
    method, path = endpoint.split()
    for says, (good, bad, slow) in counts.items():
        labels = f'method="{method}",endpoint="{path}"' + (f',flag="{says}"' if says is not None else "")
        yield f'http_requests_total{{{labels},status="200"}} {good}'
        yield f'http_requests_total{{{labels},status="503"}} {bad}'
        for bound in BOUNDS:
            inside = good + bad - (slow if float(bound) <= 0.5 else 0)
            yield f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}} {inside}'


def text(counts):
    return "\n".join(["# a page", *lines(counts), ""])


class Reader:
    """Pages of one instance made into windows, with or without the label."""

    def __init__(self, variant=BY_FLAG):
        self.page = Exposition(PLAN.endpoints, Metrics(), variant)
        self.windows = Windows(PLAN.windows, 15, "scrape", 0.5)
        self.readings = {}

    def read(self, second, counts):
        self.windows.feed("a", after(second), self.page.read(text(counts)).values)
        for one in self.windows.readings(after(second)):
            self.readings[one.endpoint, one.grain, one.start] = one

    @property
    def window(self):
        return self.readings[CAPSULES, Grain.WINDOW, after(0)]


def flown(steps, variant=BY_FLAG):
    reader = Reader(variant)
    for number, counts in enumerate(steps):
        reader.read(15 * number, counts)
    return reader


def growing(until=20, **each):
    """Pages of totals that grow by so much each time."""
    names = {"none": None}
    return [
        {names.get(says, says): tuple(n * part for part in step) for says, step in each.items()}
        for n in range(until + 1)
    ]


def test_both_groups_and_those_that_are_in_neither():
    split = flown(growing(on=(8, 2, 9), off=(38, 2, 0), beta=(3, 0, 0), none=(2, 0, 0))).window.split
    assert (split.on.requests, split.on.errors, split.on.over) == (200, 40, 0.9)
    assert (split.off.requests, split.off.errors, split.off.over) == (800, 40, 0)
    assert split.neither == 100
    assert 500 < split.on.p95_ms < 1000
    assert split.off.p95_ms < 250


def test_a_group_that_nobody_came_in_has_no_figures():
    split = flown(growing(off=(40, 0, 0))).window.split
    assert (split.on.requests, split.on.p95_ms, split.on.over) == (0, None, None)
    assert split.off.requests == 800


@pytest.mark.parametrize("steps", [growing(none=(40, 0, 0)), growing(beta=(40, 0, 0))])
def test_without_the_label_there_is_nothing_to_compare(steps):
    assert flown(steps).window.split is None


def test_the_minute_is_not_parted():
    readings = flown(growing(on=(8, 2, 9), off=(38, 2, 0))).readings
    assert all(one.split is None for one in readings.values() if one.grain is Grain.MINUTE)


def test_the_groups_are_kept_and_restored():
    one = flown(growing(on=(8, 2, 9), off=(38, 2, 0))).window
    assert reading_from("window", body_of(one)) == one


def test_a_history_from_before_the_label_opens():
    one = replace(flown(growing(on=(8, 2, 9))).window, split=None)
    assert reading_from("window", body_of(one).replace(',"split":null', "")) == one


SAYS = ("on", "off", "beta", None)


@st.composite
def histories(draw):
    """Pages with restarts, series that come and go, and whole pages that are missing."""
    rng, totals, pages = random.Random(draw(st.integers(0, 10**9))), {}, []
    for _ in range(draw(st.integers(5, 25))):
        if rng.random() < 0.05:
            totals = {}
        for says in SAYS:
            if rng.random() < 0.8:
                good, bad, slow = totals.get(says, (0, 0, 0))
                more = rng.randrange(30), rng.randrange(3)
                totals[says] = good + more[0], bad + more[1], slow + rng.randint(0, sum(more))
        pages.append({says: counts for says, counts in totals.items() if rng.random() < 0.95})
    return pages


@settings(deadline=None, max_examples=150)
@given(histories())
def test_what_is_judged_is_the_same_with_and_without_the_label(pages):
    """Restarts, vanished series and newborn ones included: totals, cover, quantile and reset of every reading."""
    parted, plain = flown(pages), flown(pages, Variant())
    assert {key: replace(one, split=None) for key, one in parted.readings.items()} == plain.readings
    assert all(one.split is None for one in plain.readings.values())
    for one in parted.readings.values():
        if one.split is not None:
            added = one.split.on.requests + one.split.off.requests + one.split.neither
            assert math.isclose(added, one.requests, abs_tol=1e-4)
            assert (
                math.isclose(one.split.on.errors + one.split.off.errors, one.errors, abs_tol=1e-4) or one.split.neither
            )


async def examined(httpserver, counts, variant=BY_FLAG):
    httpserver.expect_request("/metrics").respond_with_handler(lambda _: page(text(counts).encode()))
    wanted = Spec(urls=(httpserver.url_for("/metrics"),), variant=variant)
    source = Scrape(httpx.AsyncClient(), wanted, SLOW, apart=0.0)
    found = [one for one in await source.examine(after(0)) if one.what == "flag"]
    notes = [(await source.read(after(second)))[-1].note for second in (1, 16)]
    await source.aclose()
    return found, notes[-1]


HUNDRED = (100, 0, 0)


@pytest.mark.parametrize(
    ("counts", "sight", "said"),
    [
        ({"on": HUNDRED, "off": HUNDRED}, Sight.GOOD, "by label flag"),
        ({"off": HUNDRED}, Sight.GOOD, "by label flag"),
        ({None: HUNDRED}, Sight.WARNING, "no line has label flag; labels there: endpoint, method, status"),
        ({"a": HUNDRED}, Sight.WARNING, 'label flag says "a": counted as neither "on" nor "off"'),
        ({"on": HUNDRED, None: HUNDRED}, Sight.WARNING, 'label flag says nothing: counted as neither "on" nor "off"'),
    ],
)
async def test_the_doctor_and_the_note_say_it_once(httpserver, counts, sight, said):
    found, note = await examined(httpserver, counts)
    assert [(one.sight, one.text) for one in found] == [(sight, said)]
    assert note == ("" if sight is Sight.GOOD else said)


async def test_without_the_setting_nothing_is_said(httpserver):
    assert await examined(httpserver, {"on": HUNDRED, None: HUNDRED}, Variant()) == ([], "")


def test_a_label_in_quotes_is_asked_for_and_read():
    named = Exposition(PLAN.endpoints, Metrics(), Variant(label="feature.flag", on="1", off="0"))
    assert not named.names.plain
    said = text({"on": HUNDRED}).replace('flag="on"', '"feature.flag"="1"')
    assert {series.side for series, _ in named.read(said).values.values()} == {"on"}


URLS = 'urls = ["http://shop.example/metrics"]\n'


def test_the_settings_name_it():
    assert spec("scrape", f'{URLS}variant = {{ label = "flag", on = "1", off = "0" }}').variant == Variant(
        label="flag", on="1", off="0"
    )
    assert spec("scrape", URLS).variant == Variant()


@pytest.mark.parametrize(
    ("text", "said"),
    [('label = "flag", on = "off"', "says the same as on"), ('label = "flag", off = ""', "is empty")],
)
def test_two_groups_that_are_one_are_refused(text, said):
    assert any(said in one for one in problems("scrape", f"{URLS}variant = {{ {text} }}"))
