"""The HTML report as a document: well formed, alone in the world, light and dark, foreign text forming nothing."""

import re
from datetime import UTC
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.gate.evaluate import judge
from sessions.reports.html.document import as_html
from sessions.reports.html.markup import tag
from sessions.reports.page import MOST_WORDS, drafted, shown
from sessions.reports.periods import of_flight
from sessions.reports.report import report_of
from tests.support.build import after, window
from tests.support.sessions.any_log import LOGS, written
from tests.support.sessions.flight import begun
from tests.support.worlds.reported import LASTED, entries, report

HOSTILE = (
    "</style><script>alert(1)</script>",
    "<img src=//out.example.org/a.png onerror=x>",
    '"><a href="javascript:x">y</a>',
    "&lt;b&gt; &amp; ]]> <!-- -- > <![CDATA[",
    "\x1b[2J\x00\u202egnp.exe\ufffe\ud800",
    "url(http://out.example.org) @import 'x'",
    "界" * 300,
)


def parsed(text):
    return ET.fromstring(text.removeprefix("<!DOCTYPE html>\n"))


def words(text):
    return " ".join("".join(parsed(text).itertext()).replace("\u00a0", " ").split())


@pytest.fixture
def told(tmp_path):
    return report(tmp_path, tz=UTC)


def test_it_is_one_well_formed_document_of_known_elements(told):
    root = parsed(told)
    assert root.tag == "html"
    names = {element.tag for element in root.iter()}
    assert names >= {"svg", "path", "figure", "table", "style", "use"}
    assert not names & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "audio",
        "video",
        "foreignObject",
    }
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_nothing_of_it_leads_outside(told):
    root = parsed(told)
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert name not in {"src", "srcset", "action", "data", "background", "xlink:href"}
            assert not name.startswith("on")
            assert name != "href" or (value[0] == "#" and value[1:] in ids), value
            assert "url(" not in value
    style = root.find("head/style").text
    assert not re.search(r"url\(|@import|https?:|//", style)
    (policy,) = [one.get("content") for one in root.iter("meta") if one.get("http-equiv")]
    assert policy.startswith("default-src 'none'")


def test_both_colour_schemes_and_paper_have_every_colour(told):
    style = parsed(told).find("head/style").text
    used = set(re.findall(r"var\((--[a-z]+)\)", style))
    assert len(used) > 8
    base, rest = style.split("@media (prefers-color-scheme:dark)", 1)
    dark, paper = rest.split("*{box-sizing", 1)
    for part in (base, dark, paper.split("@media print", 1)[1]):
        assert used <= set(re.findall(r"(--[a-z]+):", part))
    assert "color-scheme:light dark" in base


def test_the_page_says_what_markdown_says_and_stands_before_the_proof(tmp_path):
    pen = entries()
    judgement = judge(pen.state, after(LASTED), UTC)
    period = of_flight(judgement)
    markdown = report_of(judgement, period, UTC).split("\n## Proof", 1)[0]
    text = words(as_html(judgement, period, UTC))
    for one in shown(drafted(judgement, period, UTC)):
        assert one.lines or one.none in text
        for line in one.lines:
            assert f"{line.text} {line.numbers}" in text
            assert line.text in markdown
    assert text.index("Decisions") < text.index("Risks") < text.index("Course and charts") < text.index("Ops log")
    assert len(text[: text.index("Course and charts")].split()) < MOST_WORDS + 60


def test_a_source_leads_to_its_entry_in_the_log(told):
    root = parsed(told)
    rows = {element.get("id"): "".join(element.itertext()) for element in root.iter("tr")}
    (link,) = [one for one in root.iter("a") if one.text == "(#7-#12)"]
    assert "rollout.paused" in rows[link.get("href")[1:]]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_forms_nothing(tmp_path, text):
    pen = entries(text)
    pen.write(9200, "incident.opened", text, by=text, incident=text, severity=text)
    pen.write(9300, text, text)
    told = report(tmp_path, pen, [window("POST /capsules", after(0), p95_ms=9.0)])
    root = parsed(told)
    assert not {element.tag for element in root.iter()} & {"script", "img", "b1"}
    assert all(not name.startswith("on") for element in root.iter() for name in element.attrib)
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e\ufffe\ud800]", told)


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_itself_in_an_element_and_in_an_attribute(text, value):
    element = ET.fromstring(tag("p", text, title=value))
    assert list(element) == []
    assert set(element.attrib) == {"title"}


@given(LOGS)
def test_any_flight_is_well_formed(events):
    pen, last = written(events)
    judgement = judge(pen.state, after(last + 60), UTC)
    parsed(as_html(judgement, of_flight(judgement), UTC))


def test_a_flight_that_just_began_can_be_told(tmp_path):
    text = words(report(tmp_path, begun(), [], at=0))
    assert "None recorded." in text
    assert "Nothing to draw of Open tickets." in text


def test_a_long_flight_stays_small_and_says_what_it_leaves_out(tmp_path):
    pen = entries()
    for number in range(4_000):
        pen.write(14_100 + number, "note.written", f"note {number} " + "steady as she goes " * 12, by="owner")
    rows = [
        window(endpoint, after(start), p95_ms=200.0 + start % 97)
        for endpoint in pen.state.plan.endpoints
        for start in range(0, 6 * 86_400, 300)
    ]
    told = report(tmp_path, pen, rows, at=6 * 86_400)
    assert len(told.encode()) < 1_000_000
    assert re.search(r"[\d,]+ older ones are not here: the report in Markdown has all of them", words(told))
    assert "note 3999 " in told
    assert "A point is the highest of 36m" in words(told)
