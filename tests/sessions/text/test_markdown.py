"""Foreign text in a report: a reader of Markdown shows it letter for letter, and nothing around it changes."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sessions.text.clean import clean
from sessions.text.markdown import bullets, plain, table

READERS = {
    "CommonMark": MarkdownIt("commonmark"),
    "GitHub": MarkdownIt("commonmark", {"linkify": True}).enable(["table", "strikethrough", "linkify"]),
}
PLACES = {
    "paragraph": lambda text: f"before\n\n{text}\n\nafter",
    "heading": lambda text: f"# {text}\n\nafter",
    "strong": lambda text: f"**A {text}.** after",
    "bullet": lambda text: bullets([text, "other"], "none"),
    "inner bullet": lambda text: f"- a\n  - {text}\n- b",
    "cell": lambda text: table(["one", "two>"], [[text, "1"], ["x", text]], "none"),
    "head": lambda text: table([f"{text} n", "two"], [["x", "y"]], "none"),
    "behind a line": lambda text: f"before\n{text}",
    "in a line": lambda text: f"{text}: now {text}, {text} (#1)",
}
NASTY = [
    "&amp;", "&#35;", "a&b", "_x_", "__x__", "a_b", "shortlist_items", "http://a.example/x_y_z", "https://a.b",
    "www.a.example", "me@a.example", "<me@a.example>", "<http://a.example>", "<b>x</b>", "<!-- x -->", "| a |", "a|b",
    "# x", "#", "x #", "## x ##", "- x", "-", "---", "- - -", "* x", "***", "+ x", "1. x", "12) x", "> x", ">", "`x`",
    "```x", "~~~", "~~x~~", "~x~", "[a](b)", "![a](b)", "[a]: /b", "[^1]", "\\", "x\\", "\\_", "x\ny", "x  \ny", "===",
    ":-", ":-:", "a: b", "    x", "\tx", "10 %", "p95 <= 500 ms", "< 1 %", "mailto:a@b.c", "ftp://x.y/z", "a__b", "a_",
    "_a", "(_a_)", "R&D;", "&copy", "&copy;", "<1@a.b>", "x:", "1", "1.", "http:", "*", "**x", "x**", "!", "![", "]",
]  # fmt: skip
SIGNS = st.text(st.sampled_from(" \n\\`*_{}[]()#+-.!|<>&;:/@~=1aé東w"), max_size=14)


def skeleton(reader, text):
    """What a reader makes of it: kinds of its parts, and the words in each."""
    found = []
    for token in READERS[reader].parse(text):
        found.append(token.type)
        if token.type == "inline":
            kinds = [child.type for child in token.children if child.type not in ("text", "text_special")]
            found.append((kinds, "".join(child.content for child in token.children)))
    return found


def put(parts, word, text):
    return [part if isinstance(part, str) else (part[0], part[1].replace(word, text)) for part in parts]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", NASTY)
def test_foreign_text_is_shown_as_it_is(text, place, reader):
    literal(text, place, reader)


@given(st.one_of(SIGNS, st.lists(st.sampled_from([*NASTY, " ", "x"]), max_size=4).map("".join), st.text(max_size=20)))
@example("&amp;")
def test_any_text_is_shown_as_it_is(text):
    for place in PLACES:
        for reader in READERS:
            literal(text, place, reader)


def literal(text, place, reader):
    shown = clean(text).strip()
    if not shown:
        return
    word = "Qwertz"
    wanted = put(skeleton(reader, PLACES[place](word)), word, shown)
    assert skeleton(reader, PLACES[place](plain(text))) == wanted, plain(text)


def test_what_is_harmless_stays_readable():
    for text in ("POST /capsules", "shortlist_items +41 %", "p95 <= 500 ms", "R & D", "a: b", "2026-11-23 #41"):
        assert plain(text) == text


def test_it_renders_as_the_same_letters():
    for text in NASTY:
        page = READERS["GitHub"].render(plain(text))
        assert html.unescape(re.sub(r"</?p>\n?", "", page)).strip() == clean(text).strip()
