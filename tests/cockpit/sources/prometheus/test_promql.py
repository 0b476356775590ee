"""PromQL as text: what is quoted, what is named, what an owner's own words replace."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources.prometheus.api import apart
from cockpit.sources.prometheus.promql import JOINT, NAMED, Span, Wording, ms, quoted, union
from tests.support.sources.ordering import problems, spec

SPAN = Span(300, 15)


def wording(text="", endpoints=("GET /concierge", "POST /capsules"), bound=500):
    return Wording(spec("prometheus", f'url = "http://prom.example"\n{text}'), endpoints, bound)


def parts(query):
    return re.findall(r'"cockpit_part", "w\.(\w+)"', query)


def test_all_parts_come_from_one_evaluation():
    asked = ["requests", "errors", "p95", "alive", "up", "top", "torn", "within", "refused", "resets"]
    assert parts(wording().traffic(SPAN, "w")) == asked
    assert parts(wording().traffic(SPAN, "w", brief=True)) == [*asked[:7], "refused"]
    assert parts(wording("native = true").traffic(SPAN, "w")) == [*asked[:5], "refused", "resets"]


def test_the_rate_comes_first_then_the_sum_then_the_quantile():
    query = wording().traffic(SPAN, "w")
    assert "histogram_quantile(0.95, sum by (le, method, endpoint) (" in query
    assert "(rate(http_request_duration_seconds_bucket{" in query
    assert re.search(r"rate\(\s*sum", query) is None


def test_a_native_histogram_has_neither_bucket_nor_le():
    query = wording("native = true").traffic(SPAN, "w")
    assert "_bucket" not in query
    assert "le," not in query
    assert "histogram_quantile(0.95, sum by (method, endpoint) ((rate(http_request_duration_seconds{" in query


def test_endpoints_are_named_to_the_server_and_nothing_in_them_is_a_pattern():
    query = wording(endpoints=('GET /a.b"c\\d', "PUT /x|y")).traffic(SPAN, "w")
    assert 'method=~"GET|PUT"' in query
    assert r'endpoint=~"/a\\.b\"c\\\\d|/x\\|y"' in query


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_no_endpoint_breaks_out_of_its_quotes(paths):
    query = wording('metrics = { method = "" }', endpoints=paths).edges()
    quoted = re.search(r'endpoint=~"((?:[^"\\\n]|\\.)*)"', query)
    assert quoted is not None
    assert query == f'count by (le, endpoint) (http_request_duration_seconds_bucket{{endpoint=~"{quoted[1]}"}})'
    pattern = re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), quoted[1])
    assert all(re.fullmatch(pattern, path) for path in paths)


def test_many_endpoints_are_not_named():
    many = tuple(f"GET /{number}" for number in range(NAMED + 1))
    assert "endpoint=~" not in wording(endpoints=many).traffic(SPAN, "w")
    assert "endpoint=~" in wording(endpoints=many[1:]).traffic(SPAN, "w")


def test_the_status_must_be_there():
    assert 'http_requests_total{status!="", ' in wording().traffic(SPAN, "w")
    assert 'hits{code=~"5.*", ' in wording('metrics = { requests = "hits", status = "code" }').traffic(SPAN, "w")


def test_the_owners_matchers_stand_in_every_selector():
    query = wording("selector = 'job=\"shop\",'").traffic(SPAN, "w")
    selectors = [found for found in re.findall(r"(\w+)\{([^}]*)\}", query) if found[0].startswith(("http_", "up"))]
    assert len(selectors) > 10
    assert all(found[1].endswith('job="shop"') for found in selectors)


def test_without_matchers_the_jobs_that_serve_us_count():
    assert "up[300000ms]) and on (job) group by (job) (last_over_time(http_requests_total{" in wording().traffic(
        SPAN, "w"
    )


def test_own_words_take_the_place_of_ours():
    text = '[queries]\nrequests = "r[$window]"\nerrors = "e[$window]"\np95 = "p[$window]"\nup = "u"'
    query = wording(text).traffic(SPAN, "w")
    assert "http_" not in query
    assert [f"({letter}[300000ms])" in query for letter in "rep"] == [True] * 3
    assert "sum(sum_over_time((u)[300000ms:15000ms])) / sum(count_over_time((u)[300000ms:15000ms]))" in query


def test_own_requests_must_say_whose_scrapes_count():
    url, own = 'url = "http://prom.example"\n', '[queries]\nrequests = "r[$window]"\n'
    (told,) = problems("prometheus", url + own)
    assert "ask for requests and name no instances" in told
    assert problems("prometheus", url + own + 'up = "u"') == []
    assert problems("prometheus", url + "selector = 'job=\"shop\"'\n" + own) == []


@pytest.mark.parametrize(
    ("bound", "unit", "right", "wrong"),
    [
        (500, "s", ["0.5", "0.50", "0.500000"], ["0.05", "0.55", "5", "0.5001", "00.5"]),
        (1000, "s", ["1", "1.0", "1."], ["10", "0.1", "1.01", "11"]),
        (250, "s", ["0.25", "0.2500"], ["0.2", "0.025", "0x25"]),
        (500, "ms", ["500", "500.0"], ["5000", "0.5", "500.5"]),
    ],
)
def test_a_bucket_is_matched_by_its_number(bound, unit, right, wrong):
    query = wording(f'metrics = {{ unit = "{unit}" }}', bound=bound).traffic(SPAN, "w")
    pattern = next(found for found in re.findall(r'le=~"([^"]*)"', query) if found != "[+]?Inf")
    assert [text for text in right + wrong if re.fullmatch(pattern, text)] == right


@pytest.mark.parametrize(("seconds", "text"), [(300, "300000ms"), (1.25, "1250ms"), (0.0001, "1ms")])
def test_durations_as_every_server_reads_them(seconds, text):
    assert ms(seconds) == text


@pytest.mark.parametrize(
    ("length", "scrape", "back", "step", "steps"),
    [
        (300, 15, 300, 15, 20),
        (60, 15, 60, 15, 4),
        (1.25, 0.5, 2, 0.3125, 4),
        (10, 15, 60, 2.5, 4),
        (300, 60, 300, 60, 5),
    ],
)
def test_how_a_span_is_looked_at(length, scrape, back, step, steps):
    span = Span(length, scrape)
    assert (span.back, span.step, span.steps) == (back, step, steps)


def test_a_union_names_its_parts():
    assert union({"a": "x", "b": "y"}) == (
        'label_replace(x, "cockpit_part", "a", "", "") or\rlabel_replace(y, "cockpit_part", "b", "", "")'
    )


OTEL = """metrics = { requests = "http.server.requests_total", durations = "http.server.request.duration_seconds",
method = "http.request.method", endpoint = "http.route", status = "http.response.status_code" }""".replace("\n", " ")


def test_names_of_opentelemetry_stand_in_quotes():
    query = wording(OTEL).traffic(SPAN, "w")
    labels = '"http.request.method"=~"GET|POST", "http.route"=~"/concierge|/capsules"'
    assert f'{{"http.server.requests_total", "http.response.status_code"!="", {labels}}}' in query
    assert f'{{"http.server.request.duration_seconds_bucket", le=~"[+]?Inf", {labels}}}' in query
    assert 'sum by (le, "http.request.method", "http.route") (' in query
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", query)
    assert "http" not in bare
    assert wording(OTEL).labelled() == 'topk(1, {"http.server.requests_total"})'


@given(st.text(min_size=1))
def test_no_name_breaks_out_of_its_quotes(name):
    written = quoted(name)
    if written != name:
        assert re.fullmatch(r'"(?:[^"\\\n]|\\.)*"', written)
        assert re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), written[1:-1]) == name
    else:
        assert re.fullmatch("[a-zA-Z_:][a-zA-Z0-9_:]*", name)


def test_plain_names_stay_bare():
    assert wording().labelled() == "topk(1, http_requests_total{})"
    assert '{"http' not in wording().traffic(SPAN, "w")


@pytest.mark.parametrize("endpoints", [1, 2, 6, 40, 400])
def test_no_question_is_longer_than_victoriametrics_takes(endpoints):
    words = Wording(spec("prometheus", 'url = "http://x"'), [f"POST /some/path/{n}" for n in range(endpoints)], 500.0)
    span = Span(300.0, 15.0)
    whole = " or ".join((words.moment(span), words.several(span), words.traffic(span, "minute", brief=True)))
    parts = apart(f"{whole} or {words.traffic(span, 'running')}")
    assert JOINT.join(parts) == f"{whole} or {words.traffic(span, 'running')}"
    assert max(len(part.encode()) for part in parts) < 16_384


def test_a_question_of_one_piece_is_sent_as_it_is():
    assert apart("x" * 50_000) == ["x" * 50_000]
    assert apart("") == [""]
