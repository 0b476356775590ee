"""What an answer says of other pages: tables of how services say it, and what is made of several pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.settings.models.json_answers import Json
from cockpit.sources.json.pages import Hint, hinted, joined, of_one_form, row_free, short_of

HERE = "https://api.example.org/v1/issues?level=fatal"
ROWS = [{"id": 1}, {"id": 2}]
NEXT = "https://api.example.org/v1/issues?cursor=2"


@pytest.mark.parametrize(
    ("link", "hint"),
    [
        ("", Hint()),
        (f'<{NEXT}>; rel="next"', Hint(NEXT)),
        (f"<{NEXT}>; rel=next", Hint(NEXT)),
        (f'<{NEXT}>;title="a, b; c";rel="last Next"', Hint(NEXT)),
        (f'<{HERE}>; rel="previous"; results="true", <{NEXT}>; rel="next"; results="true"; cursor="0:1:0"', Hint(NEXT)),
        (f'<{HERE}>; rel="previous"; results="true", <{NEXT}>; rel="next"; results="false"', Hint(whole=True)),
        (f'<{HERE}>; rel="prev", <{HERE}>; rel="last"', Hint()),
        ('<?cursor=2>; rel="next"', Hint("https://api.example.org/v1/issues?cursor=2")),
        ('</v1/issues?cursor=2#x>; rel="next"', Hint(NEXT)),
        ('<https://api.example.org:443/v1/issues?cursor=2>; rel="next"', Hint(NEXT)),
        ('<http://api.example.org/v1/issues?cursor=2>; rel="next"', Hint(why="the next one is at another host")),
        ('<https://api.example.org:8443/v1?c=2>; rel="next"', Hint(why="the next one is at another host")),
        ('<https://evil.example.net/?c=2>; rel="next"', Hint(why="the next one is at another host")),
        ('<//evil.example.net/?c=2>; rel="next"', Hint(why="the next one is at another host")),
        ('<https://api.example.org@evil.example.net/>; rel="next"', Hint(why="the next one is at another host")),
        ('<https://u:p@api.example.org/v1>; rel="next"', Hint(why="the next one is at another host")),
        ('<file:///etc/passwd>; rel="next"', Hint(why="the next one is at another host")),
    ],
)
def test_a_link_is_followed_to_the_same_scheme_host_and_port_alone(link, hint):
    assert hinted(HERE, {"link": link}, ROWS) == hint


FOLLOWED = [
    {"next": NEXT, "results": ROWS},
    {"next_page": NEXT, "results": ROWS},
    {"nextPage": "/v1/issues?cursor=2", "results": ROWS},
    {"links": {"next": NEXT}, "meta": {"has_more": True}, "data": ROWS},
    {"_links": {"next": {"href": NEXT}}, "data": ROWS},
    {"paging": {"next": {"after": "2", "link": NEXT}}, "results": ROWS},
    {"@odata.nextLink": NEXT, "value": ROWS},
]
GO_ON = [
    {"next": "abc", "rows": ROWS},
    {"next": 2, "rows": ROWS},
    {"paging": {"next": {"after": "NTI1"}}, "results": ROWS},
    {"next_cursor": "dGVhbTpD", "rows": ROWS},
    {"response_metadata": {"next_cursor": "dGVhbTpD"}, "rows": ROWS},
    {"nextPageToken": "x", "items": ROWS},
    {"has_more": True, "data": ROWS},
    {"hasMore": True, "results": ROWS},
    {"data": {"issues": {"pageInfo": {"hasNextPage": True, "endCursor": "x"}, "nodes": ROWS}}},
    {"isLast": False, "values": ROWS},
    {"content": ROWS, "last": False, "totalPages": 3},
    {"incomplete_results": True, "items": ROWS},
]
ENDS = [
    {"next": None, "results": ROWS, "count": 900, "limit": 2},
    {"next_page": "", "results": ROWS},
    {"links": {"next": None}, "data": ROWS},
    {"links": {}, "meta": {"has_more": False}, "data": ROWS},
    {"response_metadata": {"next_cursor": ""}, "has_more": False, "rows": ROWS},
    {"isLast": True, "values": ROWS},
    {"data": {"issues": {"pageInfo": {"hasNextPage": False, "endCursor": "x"}, "nodes": ROWS}}},
]


@pytest.mark.parametrize("document", FOLLOWED, ids=str)
def test_an_address_in_the_answer_is_followed(document):
    assert hinted(HERE, {}, document) == Hint(NEXT)


@pytest.mark.parametrize("document", GO_ON, ids=str)
def test_what_names_no_address_is_no_end(document):
    hint = hinted(HERE, {}, document)
    assert not hint.next
    assert hint.why


@pytest.mark.parametrize("document", ENDS, ids=str)
def test_an_end_that_is_told_is_believed(document):
    assert hinted(HERE, {}, document) == Hint(whole=True)


@pytest.mark.parametrize(
    "document", [ROWS, {"results": ROWS}, {"results": [{"next": NEXT, "has_more": True}]}, 7, None]
)
def test_rows_say_nothing_of_pages(document):
    assert hinted(HERE, {}, document) == Hint()


@pytest.mark.parametrize(
    ("headers", "document", "pages", "told"),
    [
        ({}, ROWS, 1, ""),
        ({}, {"results": ROWS, "total": 2}, 1, ""),
        ({}, {"results": ROWS, "total": 3}, 1, "2 of 3 rows"),
        ({}, {"results": ROWS, "meta": {"totalCount": "250"}}, 1, "2 of 250 rows"),
        ({}, {"hits": {"total": {"value": 9, "relation": "eq"}, "hits": ROWS}}, 1, "2 of 9 rows"),
        ({}, {"results": ROWS, "count": 9}, 1, ""),
        ({}, {"results": ROWS, "count": 9, "limit": 2}, 1, "2 of 9 rows"),
        ({"x-total-count": "3"}, ROWS, 1, "2 of 3 rows"),
        ({"x-total-count": "2"}, ROWS, 1, ""),
        ({"content-range": "items 0-1/319"}, ROWS, 1, "2 of 319 rows"),
        ({"content-range": "items 0-1/*"}, ROWS, 1, ""),
        ({}, {"rows": ROWS, "totalPages": 3}, 1, "page 1 of 3"),
        ({}, {"rows": ROWS, "totalPages": 3}, 3, ""),
        ({"x-total-pages": "4"}, ROWS, 3, "page 3 of 4"),
        ({}, {"open": 7, "total": 99}, 1, ""),
    ],
)
def test_a_total_that_is_more_than_the_rows_is_told(headers, document, pages, told):
    assert short_of(headers, document, pages) == told


@pytest.mark.parametrize(
    ("topic", "fields", "free"),
    [
        ("queue", {}, True),
        ("queue", {"open": "count", "oldest": "results[0].created_at", "titles": "results[].subject"}, True),
        ("queue", {"open": "to_number(meta.total)"}, True),
        ("queue", {"open": "length(results)"}, False),
        ("queue", {"open": "length(results[?status=='open'])"}, False),
        ("queue", {"open": "count", "oldest": "min(results[].created)"}, False),
        ("queue", {"open": "count", "oldest": "results[-1].created"}, False),
        ("csat", {"answers": "n", "low": "sum(rows[?score<`3`].n)"}, False),
        ("triage", {}, False),
        ("traffic", {"endpoint": "[0]"}, False),
    ],
)
def test_figures_from_beside_the_rows_need_no_other_page(topic, fields, free):
    assert row_free(Json(topic=topic, fields=fields, url=HERE)) is free


def test_pages_are_joined_by_their_rows():
    first = {"data": {"rows": [1, 2], "page": 1}, "included": [7], "total": 3}
    second = {"data": {"rows": [3], "page": 2}, "included": [], "total": 3, "more": [4]}
    assert joined(first, second) == {"data": {"rows": [1, 2, 3], "page": 1}, "included": [7], "total": 3, "more": [4]}
    assert joined([1], [2]) == [1, 2]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ([1], [2], True),
        ([1], [], True),
        ([1], {"error": "x"}, False),
        ({"r": [1]}, {"r": []}, True),
        ({"r": [1]}, {"r": None}, False),
        ({"r": [1]}, {"error": []}, False),
        ({"r": [1]}, [], False),
        ({"n": 1}, {}, True),
    ],
)
def test_a_page_without_rows_where_rows_were_is_none(first, second, same):
    assert of_one_form(first, second) is same


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["next", "links", "meta", "total", "count", "has_more", "next_cursor", "last", "rows", "href"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(json_values, json_values, st.text(max_size=60))
def test_nothing_that_is_answered_breaks_it_or_leads_elsewhere(first, second, link):
    hint = hinted(HERE, {"link": link, "x-total-count": link, "content-range": link}, first)
    assert not hint.next or hint.next.startswith("https://api.example.org/")
    assert isinstance(short_of({}, joined(first, second), 1), str)
    of_one_form(first, second)
