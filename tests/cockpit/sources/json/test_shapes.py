"""JSON documents by the owner's shape: each topic read whole, each wrong part told with its expression."""

from dataclasses import field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.runtime.record import dataclass
from cockpit.settings.models.json_answers import SHAPES, Shape
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.rows import Asking
from cockpit.sources.json.shapes import ROWS_LIMIT, Reader
from sessions.values import readings as r
from tests.support.build import PLAN, T0, after
from tests.support.sources.ordering import problems

WINDOW = (after(-300), T0)
EPOCH = T0.timestamp()
ENDPOINT, OTHER = PLAN.endpoints[:2]
JOURNEY = PLAN.journeys[0].id
SIZE = PLAN.collections[0].name


@dataclass(frozen=True)
class Wanted(Shape):
    topic: str = "queue"
    rows: str = ""
    fields: dict = field(default_factory=dict)


def read(topic, document, rows="", window=WINDOW, **fields):
    return Reader(Wanted(topic=topic, rows=rows, fields=fields)).read(document, Asking("desk", T0, PLAN, window))


def one(topic, document, **facts):
    answer = read(topic, document, **facts)
    assert answer.doubt == ""
    return answer.readings[0]


def traffic(**facts):
    return {"endpoint": ENDPOINT, "requests": 40, "errors": 1, "p95_ms": 212.5, **facts}


@pytest.mark.parametrize(
    ("topic", "document", "wanted"),
    [
        (
            "queue",
            {"open": 7, "oldest": EPOCH - 60, "escalated": 2, "priorities": {"low": 1, "high": 6}, "titles": ["a\x1b"]},
            r.Tickets("desk", T0, 7, after(-60), (("high", 6), ("low", 1)), 2, ("a^[",)),
        ),
        ("queue", {"open": 0}, r.Tickets("desk", T0, 0, None, (), 0)),
        (
            "capsules",
            {"held": 3, "expiring": 1, "expired": 0, "next_expiry": "2026-11-23T12:00:00+01:00"},
            r.Capsules("desk", T0, 3, 1, 0, after(3600)),
        ),
        (
            "returns",
            {"statuses": {"open": 4}, "open": 4, "stuck": 0},
            r.Returns("desk", T0, (("open", 4),), 4, 0),
        ),
        ("csat", {"answers": 12.0, "low": 3}, r.Csat("desk", T0, 12, 3)),
        ("exposure", {"users": 812, "exposed": 203}, r.Exposure("desk", T0, WINDOW[0], 812, 203)),
        (
            "exposure",
            {"users": 9, "exposed": 0, "since": EPOCH - 7200, "newest": "2026-11-23T09:59:00Z"},
            r.Exposure("desk", T0, after(-7200), 9, 0, after(-60)),
        ),
        (
            "traffic",
            [traffic()],
            r.Traffic("desk", T0, ENDPOINT, r.Grain.WINDOW, *WINDOW, 40, 1, 212.5),
        ),
        (
            "traffic",
            [traffic(over=0.25)],
            r.Traffic("desk", T0, ENDPOINT, r.Grain.WINDOW, *WINDOW, 40, 1, 212.5, over=0.25),
        ),
        (
            "journeys",
            [{"journey": JOURNEY, "newest": (EPOCH - 5) * 1000, "count": 3}],
            r.Beat("desk", T0, JOURNEY, T0, after(-5), 3),
        ),
        (
            "collections",
            [{"collection": SIZE, "count": 10, "duplicates": 1, "examples": ["x"]}],
            r.Size("desk", T0, SIZE, 10, 1, ("x",)),
        ),
        (
            "triage",
            [{"id": 5, "at": "2026-11-23T09:59:00Z", "title": "down"}],
            r.Triage("desk", T0, (r.TriageLine("5", after(-60), "down", open=True),), 1),
        ),
    ],
)
def test_each_topic_is_read_by_our_own_names(topic, document, wanted):
    assert one(topic, document) == wanted


def test_an_owners_names_are_found_by_jmespath():
    document = {"data": {"n": 4, "rows": [{"c": "2026-11-23T09:00:00Z"}]}}
    assert one("queue", document, open="data.n", oldest="data.rows[0].c").oldest == after(-3600)


def test_rows_and_their_parts_are_found_by_jmespath():
    document = {"results": [[JOURNEY, "2026-11-23T09:59:00Z", 4], ["elsewhere", None, 0]]}
    answer = read("journeys", document, rows="results", journey="[0]", newest="[1]", count="[2]")
    assert [(beat.journey, beat.newest) for beat in answer.readings] == [(JOURNEY, after(-60))]
    assert (answer.note, answer.newest) == ("1 row of nothing in the plan", after(-60))


@pytest.mark.parametrize(
    ("topic", "document", "said"),
    [
        ("queue", {}, "open is missing"),
        ("queue", [], "open is missing"),
        ("queue", None, "open is missing"),
        ("queue", {"open": "7"}, "open is no number but a text"),
        ("queue", {"open": True}, "open is no number but true"),
        ("queue", {"open": -1}, "open is no usable number but -1.0"),
        ("queue", {"open": 1.5}, "open is no whole number but 1.5"),
        ("queue", {"open": float("nan")}, "open is no usable number but nan"),
        ("queue", {"open": float("inf")}, "open is no usable number but inf"),
        ("queue", {"open": 10**400}, "open is no usable number but inf"),
        ("queue", {"open": 1, "oldest": "2026-11-23T10:00:00"}, "oldest is no date with a zone but a text"),
        ("queue", {"open": 1, "oldest": 12}, "oldest is no date with a zone but 12.0"),
        ("queue", {"open": 1, "oldest": EPOCH + 3600}, "oldest lies in the future"),
        ("queue", {"open": 1, "priorities": [1]}, "priorities is no object of numbers but a list"),
        ("queue", {"open": 1, "titles": [1]}, "titles is no list of texts but a list"),
        ("csat", {"answers": 3, "low": 5}, "low is 5 of 3 answers"),
        ("csat", {"answers": 3}, "low is missing"),
        ("exposure", {"users": 3, "exposed": 4}, "exposed is 4 of 3 users"),
        ("exposure", {"users": 3}, "exposed is missing"),
        ("exposure", {"users": 3.5, "exposed": 1}, "users is no whole number but 3.5"),
        ("exposure", {"users": 3, "exposed": 1, "newest": "soon"}, "newest is no date with a zone but a text"),
        ("exposure", {"users": 3, "exposed": 1, "since": EPOCH + 3600}, "since lies in the future"),
        ("returns", {"open": 1, "stuck": 0}, "statuses is missing"),
        ("traffic", {}, "the answer is no list"),
        ("traffic", None, "the answer is missing"),
        ("traffic", [traffic()] * (ROWS_LIMIT + 1), "10,001 rows, at most 10,000 are read"),
        ("traffic", [traffic(), traffic()], "is there twice"),
        ("collections", [{"collection": SIZE, "count": 1, "duplicates": 0}] * 2, f"{SIZE} is there twice"),
        ("traffic", [traffic(start=EPOCH - 310, end=EPOCH - 10)], "no row is of a window of 300 s"),
        ("traffic", [traffic(start=EPOCH - 600, end=EPOCH)], "no row is of a window of 300 s"),
    ],
)
def test_row_44_and_45_a_document_of_another_form_is_told(topic, document, said):
    with pytest.raises(SourceError, match=said.replace("(", r"\(")):
        read(topic, document)


@pytest.mark.parametrize(
    ("topic", "row", "why"),
    [
        ("traffic", traffic(requests=float("nan")), "requests is no usable number but nan"),
        ("traffic", traffic(errors=41), "errors are 41 of 40 requests"),
        ("traffic", traffic(p95_ms="fast"), "p95_ms is no number but a text"),
        ("traffic", traffic(over=1.01), "over is 1.01, and a share is at most 1"),
        ("traffic", traffic(requests=None), "requests is missing"),
        ("traffic", traffic(start=EPOCH), "end is missing"),
        ("traffic", traffic(start=EPOCH + 300, end=EPOCH + 600), "start lies in the future"),
        ("journeys", {"journey": JOURNEY}, "count is missing"),
        ("journeys", {"journey": JOURNEY, "count": 3}, "newest is missing, and count is 3"),
        ("journeys", {"journey": JOURNEY, "newest": EPOCH + 61}, "newest lies in the future"),
        ("collections", {"collection": SIZE, "count": 3}, "duplicates is missing"),
        ("collections", {"collection": SIZE, "count": 3, "duplicates": 4}, "duplicates are 4 of 3"),
        ("collections", "capsules", "collection is missing"),
        ("triage", {"id": "1", "at": EPOCH, "title": "x", "open": "yes"}, "open is neither true nor false but a text"),
    ],
)
def test_row_45_a_row_that_makes_no_sense_is_unreadable(topic, row, why):
    answer = read(topic, [row])
    assert (answer.unreadable, answer.total, answer.why) == (1, 1, why)
    assert answer.doubt == f"1 of 1 rows unreadable: {why}"


def test_one_bad_row_among_good_ones_is_forgiven_and_two_of_a_hundred_are_not():
    good = [{"id": str(place), "at": EPOCH, "title": "x"} for place in range(100)]
    assert read("triage", [*good, {}]).doubt == ""
    assert read("triage", [*good, {}, {}]).doubt.startswith("2 of 102 rows unreadable")


def test_a_triage_line_counts_whatever_is_wrong_with_it():
    found = read("triage", ["torn"]).readings[0]
    assert found.critical == (r.TriageLine("row 1", T0, "(no title)", open=True),)


def test_old_lines_that_are_resolved_are_left_out_and_open_ones_never():
    old = EPOCH - 8 * 86400
    rows = [{"id": "a", "at": old, "title": "x", "open": False}, {"id": "b", "at": old, "title": "x"}]
    found = one("triage", rows)
    assert ([line.id for line in found.critical], found.lines) == (["b"], 2)


def test_windows_are_the_rows_own_where_they_name_them():
    rows = [traffic(start=EPOCH - 600, end=EPOCH - 300), traffic(start=EPOCH, end=EPOCH + 300), traffic()]
    found = read("traffic", rows)
    assert [reading.start for reading in found.readings] == [after(-600), T0, after(-300)]
    assert found.newest == T0


def test_without_any_window_traffic_counts_for_none():
    assert "start and end are missing" in read("traffic", [traffic()], window=None).doubt


def test_a_question_that_does_not_fit_the_document_is_told_with_its_expression():
    with pytest.raises(SourceError, match=r'open \("length\(a\)"\) does not fit'):
        read("queue", {"a": 5}, open="length(a)")
    with pytest.raises(SourceError, match=r'rows \("results"\) is missing'):
        read("triage", {"error": "no"}, rows="results")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('topic = "queue"\nfields = { open = "a[" }', 'fields.open: "a[" is no JMESPath'),
        ('topic = "queue"\nfields = { opne = "a" }', "fields.opne: is no part of queue"),
        ('topic = "triage"\nrows = "a.."', 'rows: "a.." is no JMESPath'),
        ('topic = "queue"\nrows = "a"', "rows: means nothing for queue"),
        ('topic = "queue"\nbody = { a = 1 }', "body: cannot go with GET"),
        ('topic = "queue"\nfields = { open = "size(a)" }', 'fields.open: "size(a)" is no JMESPath'),
        ('topic = "queue"\nfields = { open = "length(a)" }', ""),
    ],
)
def test_a_broken_expression_is_told_at_load(text, said):
    found = problems("json", f'url = "http://h/"\n{text}')
    assert len(found) == bool(said)
    assert said in "".join(found)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SHAPES["traffic"], "open"]), inner),
    max_leaves=12,
)


@given(st.sampled_from(tuple(SHAPES)), json_like)
def test_no_document_is_ever_read_as_a_number_that_it_does_not_hold(topic, document):
    """Whatever comes: a reading with finite figures, a doubt, or a SourceError."""
    try:
        answer = read(topic, document)
    except SourceError:
        return
    for reading in answer.readings:
        if isinstance(reading, r.Traffic):
            assert 0 <= reading.errors <= reading.requests < float("inf")
        if isinstance(reading, r.Tickets):
            assert reading.open >= 0
    assert answer.unreadable <= answer.total
